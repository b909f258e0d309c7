//! A page that deploys a cluster and shows how far it is: log-in, live progress, its end, and leaving.

mod deploying;
mod jobs;
mod session;

use ontap_select_deploy::DeployClient;
use wasm_bindgen::prelude::wasm_bindgen;
use yew::prelude::*;

use deploying::Deploying;
use session::{LogIn, Session};

#[wasm_bindgen(start)]
fn start() {
    yew::Renderer::<Page>::new().render();
}

#[component]
fn Page() -> Html {
    let client = use_state(|| None::<DeployClient>);
    let session = use_state(|| None::<Session>);
    // Whether the password has to be given once more.
    let refused = use_state(|| false);
    let log_in = {
        let (client, session, refused) = (client.clone(), session.clone(), refused.clone());
        Callback::from(move |(username, password)| {
            if let Some(session) = &*session {
                session.again(username, password);
                return refused.set(false);
            }
            let ask = {
                let refused = refused.clone();
                Callback::from(move |()| refused.set(true))
            };
            let begun = Session::new(username, password, ask);
            // The page's own origin, behind which Deploy stands.
            let built = DeployClient::builder("/api")
                .auth_with(begun.credentials())
                .build();
            client.set(built.ok());
            session.set(Some(begun));
        })
    };
    html! {
        <main>
            <h1>{ "Deploy a cluster" }</h1>
            if client.is_none() || *refused {
                <LogIn {log_in} refused={*refused} />
            }
            if let Some(client) = &*client {
                <Deploying client={client.clone()} refused={*refused} />
            }
        </main>
    }
}
