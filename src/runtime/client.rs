//! The exported client.

use std::rc::Rc;
use std::time::Duration;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::Headers;

use super::callbacks::{JsCallbacks, JsSettings};
use super::driver::Driver;
use super::fetch::{Call, Fetcher, Request};
use super::job::Job;
use super::settings::{Settings, wait_timeout};
use super::values::{self, address_error, option_error};
use crate::engine::{
    CallGoal, CallPath, CallSpec, Engine, Error, Input, JobId, OptionError, Token, WaitOptions,
    WaiterId, encode_segment, method as checked_method,
};

/// A client.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Client {
    driver: Rc<Driver>,
    timeout: Option<Duration>,
}

#[wasm_bindgen]
impl Client {
    /// Checks the settings against their limits; does no I/O.
    ///
    /// # Errors
    /// A `TypeError` or `RangeError` that names the option.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &JsSettings, callbacks: JsCallbacks) -> Result<Client, JsValue> {
        let settings = Settings::check(settings, &callbacks)?;
        let fetcher = Fetcher::new(settings.http, callbacks.clone())?;
        Ok(Self {
            driver: Driver::new(settings.config, fetcher, callbacks),
            timeout: settings.timeout,
        })
    }

    /// Issues a call and returns its waiter's number; [`run`](Self::run) sends it.
    ///
    /// `path` is a string, followed by the name, the value and the following string of each parameter.
    /// `query` alternates names and values. `body` is a `fetch` body or `undefined`; `content_type` is its
    /// type, unless the caller's headers set one. `goal` is a [`CallGoal`] or `file`: JavaScript reads the
    /// body of a file, and its URL may be outside of the base.
    ///
    /// # Errors
    /// A `TypeError` or `RangeError` that names the argument. Then there is no waiter.
    // Separate arguments cross the boundary in one call; reading an object's members takes one call each.
    #[allow(clippy::too_many_arguments)]
    pub fn call(
        &self,
        method: &str,
        path: &Array,
        query: &Array,
        headers: Option<Headers>,
        body: JsValue,
        content_type: &JsValue,
        timeout: Option<f64>,
        progress: bool,
        #[wasm_bindgen(unchecked_param_type = "Goal")] goal: &str,
    ) -> Result<u32, JsValue> {
        let wrong_type = |name, expected| option_error(OptionError::wrong_type(name, expected));
        let method = checked_method(method)
            .ok_or_else(|| wrong_type("method", "an HTTP method that fetch can send"))?;
        let mut parts = path.iter().filter_map(|it| it.as_string());
        let mut path = parts.next().unwrap_or_default();
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            path += &encode_segment(&name, &value).map_err(address_error)?;
            path += &parts.next().unwrap_or_default();
        }
        let base = self.driver.base();
        let (root, mut path) =
            CallPath::of_address(base, &path, goal == "file").map_err(address_error)?;
        let mut query = query.iter().filter_map(|it| it.as_string());
        while let (Some(name), Some(value)) = (query.next(), query.next()) {
            path.add_query(&name, &value);
        }
        let spec = CallSpec {
            method: method.clone(),
            path: path.without_query().to_owned(),
            goal: match goal {
                "response" => CallGoal::Response,
                "record" => CallGoal::Record,
                "records" => CallGoal::Records,
                "condition" => CallGoal::Condition,
                _ => CallGoal::JobEnd,
            },
        };
        if spec.is_safe() && !body.is_undefined() {
            return Err(wrong_type("body", "no body for a GET or HEAD request"));
        }
        let options = WaitOptions {
            timeout: wait_timeout(timeout, self.timeout)?,
            progress,
        };
        let request = Request {
            target: path.as_str().to_owned(),
            call: Some(Call {
                root,
                method,
                body,
                content_type: content_type.as_string(),
                headers,
            }),
        };
        Ok(self.driver.call(spec, request, options).get())
    }

    /// Creates a handle on a job. The engine keeps the job's state until the handle is dropped. `is_accepted`
    /// marks the job of an accepted call, whose handle the engine counts already.
    ///
    /// # Errors
    /// A `TypeError` for a bad id.
    pub fn job(&self, id: &str, is_accepted: bool) -> Result<Job, JsValue> {
        let id = JobId::new(id).map_err(address_error)?;
        if !is_accepted {
            self.driver.command(|engine, now| engine.attach(now, &id));
        }
        Ok(self.handle(id))
    }

    /// Creates a handle on the token's job.
    ///
    /// # Errors
    /// A `BadTokenError` for an invalid token.
    pub fn resume(&self, token: &str) -> Result<Job, JsValue> {
        let driver = &self.driver;
        let token = Token::parse(token, driver.base())
            .map_err(|error| values::error(&driver.callbacks, &Error::bad_token(error), None))?;
        driver.command(|engine, now| engine.resume(now, &token));
        Ok(self.handle(token.job))
    }

    /// Checks the timeout of a wait that begins later.
    ///
    /// # Errors
    /// A `RangeError` that names the option.
    #[wasm_bindgen(js_name = checkTimeout)]
    pub fn check_timeout(&self, timeout: Option<f64>) -> Result<(), JsValue> {
        wait_timeout(timeout, self.timeout).map(drop)
    }

    /// Executes the queued outputs of the last calls and waits, after JavaScript has registered their
    /// promises.
    pub fn run(&self) {
        self.driver.run();
    }

    /// The client's counts.
    #[wasm_bindgen(getter)]
    pub fn stats(&self) -> JsValue {
        values::stats(self.driver.stats())
    }

    /// The caller checked the record of the latest `checkRecord`.
    #[wasm_bindgen(js_name = recordChecked)]
    pub fn record_checked(&self, waiter: u32, is_met: bool) {
        if let Ok(waiter) = WaiterId::try_from(waiter) {
            self.driver.handle(Input::RecordChecked { waiter, is_met });
        }
    }

    /// A waiter's signal was aborted and its promise is rejected.
    pub fn abort(&self, waiter: u32) {
        if let Ok(waiter) = WaiterId::try_from(waiter) {
            self.driver.command(|engine, now| engine.abort(now, waiter));
        }
    }

    /// The browser reports that it is offline.
    pub fn offline(&self) {
        self.driver.handle(Input::Offline);
    }

    /// The network or the page is back.
    pub fn resumed(&self) {
        self.driver.handle(Input::Resumed);
    }

    /// Whether requests share one connection.
    pub fn multiplexed(&self, yes: bool) {
        self.driver.handle(Input::Multiplexed { yes });
    }

    /// Another tab sent a message.
    #[wasm_bindgen(js_name = peerMessage)]
    pub fn peer_message(&self, text: String) {
        self.driver.handle(Input::PeerMessage { text });
    }

    /// Whether this tab holds the lock that the tabs share.
    #[wasm_bindgen(js_name = leaderChanged)]
    pub fn leader_changed(&self, leads: bool) {
        self.driver.handle(Input::LeaderChanged { leads });
    }

    /// Sharing with other tabs turned out to be impossible.
    #[wasm_bindgen(js_name = notShared)]
    pub fn not_shared(&self) {
        self.driver.handle(Input::NotShared);
    }

    /// Ends every wait and every request.
    pub fn close(&self) {
        self.driver.command(Engine::close);
    }

    fn handle(&self, id: JobId) -> Job {
        Job::new(Rc::clone(&self.driver), id, self.timeout)
    }
}
