//! Who is logged in. Where the server refuses the password, whoever sits there is asked again, and what
//! was refused goes on with the new one.

use std::cell::RefCell;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use futures::channel::oneshot;
use ontap_select_deploy::{AuthRequest, basic};
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Clone)]
pub struct Session(Rc<Inner>);

struct Inner {
    credential: RefCell<(String, String)>,
    /// Shows the form.
    ask: Callback<()>,
    /// Who waits for what is typed into it.
    asked: RefCell<Vec<oneshot::Sender<()>>>,
}

type Given = Pin<Box<dyn Future<Output = Result<Option<String>, Box<dyn Error>>>>>;

impl Session {
    pub fn new(username: String, password: String, ask: Callback<()>) -> Self {
        Self(Rc::new(Inner {
            credential: RefCell::new((username, password)),
            ask,
            asked: RefCell::default(),
        }))
    }

    /// The credential was typed in once more.
    pub fn again(&self, username: String, password: String) {
        self.0.credential.replace((username, password));
        for asked in self.0.asked.take() {
            let _ = asked.send(());
        }
    }

    /// The function that the client asks before each request, and after a 401. Whoever types for longer
    /// than a request may take is too late for those who wait, and in time for whatever comes next.
    pub fn credentials(&self) -> impl Fn(AuthRequest) -> Given + 'static {
        let inner = Rc::clone(&self.0);
        move |request| {
            let inner = Rc::clone(&inner);
            Box::pin(async move {
                if request.status == Some(401) {
                    let (typed, is_typed) = oneshot::channel();
                    inner.asked.borrow_mut().push(typed);
                    inner.ask.emit(());
                    is_typed.await?;
                }
                let (username, password) = &*inner.credential.borrow();
                Ok(Some(basic(username, password)?))
            })
        }
    }
}

#[derive(PartialEq, Properties)]
pub struct LogInProps {
    pub log_in: Callback<(String, String)>,
    pub refused: bool,
}

#[component]
pub fn LogIn(props: &LogInProps) -> Html {
    let (username, password) = (use_node_ref(), use_node_ref());
    let onsubmit = {
        let (username, password) = (username.clone(), password.clone());
        let log_in = props.log_in.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            log_in.emit((text_of(&username), text_of(&password)));
        })
    };
    html! {
        <form {onsubmit} aria-label="Log in">
            if props.refused {
                <p role="alert">{ "The password was refused." }</p>
            }
            <label>{ "User name" }<input ref={username} value="admin" autocomplete="username" /></label>
            <label>
                { "Password" }
                <input ref={password} type="password" autocomplete="current-password" />
            </label>
            <button>{ "Log in" }</button>
        </form>
    }
}

pub fn text_of(input: &NodeRef) -> String {
    input
        .cast::<HtmlInputElement>()
        .map(|it| it.value())
        .unwrap_or_default()
}
