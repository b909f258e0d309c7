//! What differs between the faces on the shell: where what is sent comes from, and who is told.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, Headers};

use super::settings::AuthContext;
use crate::core::{Cause, Outcome, Report, SendFailureKind, Snapshot, WaiterId};

/// The side of the shell that a language's users meet. Each binary has one, so nothing is looked up.
pub(crate) trait Face: Sized + 'static {
    /// Why nothing came of a request, before it is cleaned of secrets.
    type Error: From<JsValue>;
    /// The user's function that gives a credential.
    type AskAuth: Clone;
    /// The user's function that gives headers.
    type AskHeaders;

    /// What the function gives, if a header can carry it; `kind` tells on the way what a failure means.
    async fn ask_auth(
        ask: &Self::AskAuth,
        context: AuthContext<'_>,
        kind: &Cell<SendFailureKind>,
    ) -> Result<Option<String>, Self::Error>;

    /// Sets the headers that the function gives.
    async fn ask_headers(
        &self,
        ask: &Self::AskHeaders,
        to: &Headers,
        kind: &Cell<SendFailureKind>,
    ) -> Result<(), Self::Error>;

    /// Sets every one of these headers.
    fn merge(&self, to: &Headers, from: &Headers) -> Result<(), JsValue>;

    /// The whole body, or `None` if it is larger than the limit.
    async fn read(
        &self,
        response: &JsValue,
        limit: f64,
        signal: &AbortSignal,
    ) -> Result<Option<Rc<[u8]>>, Self::Error>;

    /// A request failed: with what, without what was secret in it. Looks whether there is a network
    /// still, since the page may be told of it only later.
    fn failed(&self, error: Self::Error, target: &str, headers: &Headers) -> Option<Cause>;

    /// A job changed for one who waits.
    fn progress(&self, waiter: WaiterId, snapshot: &Rc<Snapshot>);

    /// A step for the user's own trace.
    fn report(&self, report: &Report);

    /// Says something to the other tabs.
    fn tell(&self, message: &str);

    /// A wait is over; `latest` is what is known of the job that an accepted call has.
    fn settle(&self, waiter: WaiterId, outcome: Outcome, latest: Option<Rc<Snapshot>>);
}
