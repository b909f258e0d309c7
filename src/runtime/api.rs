//! The exports: what the JavaScript face calls.

use std::rc::Rc;

use js_sys::{Reflect, Symbol};
use wasm_bindgen::prelude::*;

use super::callbacks::Host;
use super::driver::Driver;
use super::fetch::{METHOD, NO_BODY, Request};
use super::options::{Reader, WaitSettings, address_error, checked_headers, wrong_type};
use super::outcome;
use super::settings::Settings;
use crate::engine::{CallPath, CallSpec, Engine, Error, Input, JobId, Token, method};

/// A client.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Client {
    driver: Rc<Driver>,
}

/// Somebody's hold on a job; what is learned of the job is kept as long as one of these lives.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Job {
    driver: Rc<Driver>,
    id: JobId,
}

#[wasm_bindgen]
impl Client {
    /// Checks the options; does no I/O.
    ///
    /// # Errors
    /// A `TypeError` or `RangeError` that names the option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, host: Host) -> Result<Client, JsValue> {
        let settings = Settings::read(options, &host)?;
        Ok(Self {
            driver: Driver::new(settings, host),
        })
    }

    /// Issues a call for one who waits. With `follow` the wait ends with a call's result, when it is
    /// really over; without, with the answer that accepted it and the id of its job, if there is one.
    ///
    /// # Errors
    /// What is wrong with the arguments; nobody waits then.
    pub fn call(
        &self,
        waiter: u32,
        method: &JsValue,
        path: &JsValue,
        options: &JsValue,
        follow: bool,
    ) -> Result<(), JsValue> {
        let driver = &self.driver;
        let (spec, request) = prepare(&driver.host, method, path, options, follow)?;
        let wait = WaitSettings::begin(options, driver.settings.timeout)?;
        driver.call(waiter, spec, request, wait.options());
        Ok(())
    }

    /// Holds on to a job.
    ///
    /// # Errors
    /// A `TypeError` for an id that is none.
    pub fn job(&self, id: &JsValue) -> Result<Job, JsValue> {
        let job = self.accepted_job(id)?;
        self.driver
            .command(|engine, now| engine.attach(now, &job.id));
        Ok(job)
    }

    /// Holds on to a job as a token names it.
    ///
    /// # Errors
    /// A `TypeError` for what is no string, a `BadTokenError` for a token that cannot be used.
    pub fn resume(&self, token: &JsValue) -> Result<Job, JsValue> {
        let driver = &self.driver;
        let token = text(token, "token", "a token, as a string")?;
        let token = Token::parse(&token, &driver.settings.config.base)
            .map_err(|error| outcome::error(&driver.host, &Error::bad_token(error)))?;
        driver.command(|engine, now| engine.resume(now, &token));
        Ok(self.hold(token.job))
    }

    /// The hold that an accepted call already has on its job.
    ///
    /// # Errors
    /// A `TypeError` for an id that is none.
    #[wasm_bindgen(js_name = acceptedJob)]
    pub fn accepted_job(&self, id: &JsValue) -> Result<Job, JsValue> {
        let id = text(id, "id", "a job's id, as a string")?;
        Ok(self.hold(JobId::new(&id).map_err(address_error)?))
    }

    /// Checks the options of a wait that has yet to begin.
    ///
    /// # Errors
    /// A `TypeError` or `RangeError` that names the option.
    pub fn check(&self, options: &JsValue) -> Result<(), JsValue> {
        WaitSettings::read(options, self.driver.settings.timeout).map(drop)
    }

    /// Counts so far.
    #[wasm_bindgen(getter)]
    pub fn stats(&self) -> JsValue {
        outcome::stats(self.driver.stats())
    }

    /// One who waited has left.
    pub fn abort(&self, waiter: u32) {
        self.driver.abort(waiter);
    }

    /// There is no network, as far as the browser knows.
    pub fn offline(&self) {
        self.driver.handle(Input::Offline);
    }

    /// The network is back, or the page is.
    pub fn awake(&self) {
        self.driver.handle(Input::Resumed);
    }

    /// Another tab said something.
    pub fn heard(&self, text: String) {
        self.driver.handle(Input::PeerMessage { text });
    }

    /// The lock that the tabs share is ours, or no longer.
    pub fn lead(&self, leads: bool) {
        self.driver.handle(Input::LeaderChanged { leads });
    }

    /// Ends every wait and every request.
    pub fn close(&self) {
        self.driver.command(Engine::close);
    }

    fn hold(&self, id: JobId) -> Job {
        Job {
            driver: Rc::clone(&self.driver),
            id,
        }
    }
}

#[wasm_bindgen]
impl Job {
    /// The job's id.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> JsValue {
        JsValue::from_str(self.id.as_str())
    }

    /// The token with which a wait goes on elsewhere.
    pub fn serialize(&self) -> JsValue {
        JsValue::from_str(&self.driver.token(&self.id))
    }

    /// What the server last said of the job, as far as is known here.
    #[wasm_bindgen(getter)]
    pub fn latest(&self) -> JsValue {
        let (host, latest) = (&self.driver.host, self.driver.latest(&self.id));
        latest.map_or(JsValue::UNDEFINED, |job| outcome::snapshot(host, &job))
    }

    /// Waits for the job's end, or with `once` for the answer to one standard poll, now.
    ///
    /// # Errors
    /// What is wrong with the options; nobody waits then.
    pub fn wait(&self, waiter: u32, options: &JsValue, once: bool) -> Result<(), JsValue> {
        let wait = WaitSettings::begin(options, self.driver.settings.timeout)?;
        if once {
            self.driver.poll_once(waiter, &self.id, wait.options());
        } else {
            self.driver.wait(waiter, &self.id, wait.options());
        }
        Ok(())
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.driver
            .command(|engine, now| engine.detach(now, &self.id));
    }
}

fn prepare(
    host: &Host,
    given_method: &JsValue,
    path: &JsValue,
    options: &JsValue,
    follow: bool,
) -> Result<(CallSpec, Request), JsValue> {
    let method = method(&text(given_method, "method", METHOD)?)
        .ok_or_else(|| wrong_type("method", METHOD))?;
    let mut path = CallPath::parse(&text(path, "path", "a string")?).map_err(address_error)?;
    let options = Reader::new(options);
    add_query(&mut path, &options);
    let headers = checked_headers(&options.member("headers"), host)?;
    let given = options.member("body");
    let body = host.body(&given)?;
    let spec = CallSpec {
        method: method.clone(),
        path: path.without_query().to_owned(),
        follow,
    };
    if spec.is_safe() && !body.is_undefined() {
        options.refuse("body", NO_BODY);
    }
    options.finish()?;
    let request = Request {
        method,
        target: path.as_str().to_owned(),
        json: body.is_string() && !given.is_string(),
        body,
        headers: Some(headers),
    };
    Ok((spec, request))
}

#[wasm_bindgen]
extern "C" {
    // A proxy may throw.
    #[wasm_bindgen(js_namespace = Object, catch)]
    fn keys(object: &JsValue) -> Result<js_sys::Array, JsValue>;
}

fn add_query(path: &mut CallPath, options: &Reader) {
    let query = options.member("query");
    if query.is_undefined() {
        return;
    }
    let is_list = Reflect::get(&query, &Symbol::iterator()).is_ok_and(|it| !it.is_undefined());
    if !query.is_object() || is_list {
        return options.refuse("query", "a plain object of names and values");
    }
    let names = keys(&query).unwrap_or_else(|error| {
        options.fail(error);
        js_sys::Array::new()
    });
    for name in names {
        let name = name.as_string().unwrap_or_default();
        let value = options.member_of(&query, &name);
        if value.is_undefined() {
            continue;
        }
        let finite = value.as_f64().map(f64::is_finite);
        if !(finite == Some(true) || value.is_string() || value.as_bool().is_some()) {
            options.refuse(
                &format!("query.{name}"),
                "a string, a finite number, a boolean or undefined",
            );
            continue;
        }
        // JavaScript's own spelling of a number, so that 1.5 and 1e21 look as the user expects.
        let text = js_sys::Object::from(value).to_string();
        path.add_query(&name, &String::from(text));
    }
}

fn text(value: &JsValue, name: &str, expected: &str) -> Result<String, JsValue> {
    value.as_string().ok_or_else(|| wrong_type(name, expected))
}
