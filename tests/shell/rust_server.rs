//! A scripted `fetch` behind a client of the Rust face.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use js_sys::{Array, Function, Reflect};
use ontap_select_deploy::{ClientBuilder, DeployClient};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::bench::{SCOPE, field, text};

pub(crate) struct Server(JsValue);

impl Server {
    /// It gives these answers, one after the other.
    pub(crate) fn new(answers: &[&str]) -> Self {
        let source = format!(
            "const answers = [{}]; {SCOPE} return {{ requests, fetch, sent }};",
            answers.join(",")
        );
        let scope = Function::new_no_args(&source).call0(&JsValue::UNDEFINED);
        Self(scope.unwrap())
    }

    /// Options for a client of it, without a credential.
    pub(crate) fn builder(&self) -> ClientBuilder {
        DeployClient::builder("https://vm.example/api/")
            .fetch(field(&self.0, "fetch").unchecked_into())
            .max_response_bytes(100_000)
    }

    pub(crate) fn client(&self) -> DeployClient {
        self.builder().basic("admin", "pä").build().unwrap()
    }

    pub(crate) fn request(&self, at: u32) -> JsValue {
        field(&self.0, "requests").unchecked_into::<Array>().get(at)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        let requests: Array = field(&self.0, "requests").unchecked_into();
        requests.iter().map(|it| text(&it, "line")).collect()
    }

    pub(crate) fn was_aborted(&self, at: u32) -> bool {
        field(&field(&self.request(at), "signal"), "aborted").is_truthy()
    }

    /// Waits until so many requests have come, and a turn more.
    pub(crate) async fn sent(&self, count: u32) {
        let sent: Function = field(&self.0, "sent").unchecked_into();
        let sent = sent.call1(&JsValue::UNDEFINED, &count.into()).unwrap();
        JsFuture::from(js_sys::Promise::from(sent)).await.unwrap();
    }
}

/// Polls a future once, as an executor does that has other things to do afterwards.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Lets everything run that is ready to.
pub(crate) async fn turn() {
    let global = js_sys::global();
    let set_timeout: Function = Reflect::get(&global, &"setTimeout".into()).unwrap().into();
    let turn = js_sys::Promise::new(&mut |resolve, _| {
        set_timeout.call1(&global, &resolve).unwrap();
    });
    JsFuture::from(turn).await.unwrap();
}
