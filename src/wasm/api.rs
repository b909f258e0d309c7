//! The exports: what the JavaScript face calls.

use std::rc::Rc;

use js_sys::{Promise, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use super::driver::Driver;
use super::exchange::Request;
use super::host::Host;
use super::options::{
    Settings, WaitSettings, address_error, checked_headers, member, wants_sharing, wrong_type,
};
use super::outcome;
use crate::core::{CallPath, CallSpec, Event, JobId, Token, Trouble, method};

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
        if let Some(listener) = &settings.on_event
            && settings.shared_as.is_none()
            && wants_sharing(options)?
        {
            host.report(listener, outcome::not_shared());
        }
        Ok(Self {
            driver: Driver::new(settings, host),
        })
    }

    /// Issues a call. With `follow` the promise gives a call's result when it is really over;
    /// without, the answer that accepted it and the id of its job, if there is one.
    pub fn call(
        &self,
        method: &JsValue,
        path: &JsValue,
        options: &JsValue,
        follow: bool,
    ) -> Promise {
        let driver = Rc::clone(&self.driver);
        match prepare(&driver, method, path, options, follow) {
            Ok((spec, request, wait)) => driver.call(spec, request, wait),
            Err(error) => Promise::reject(&error),
        }
    }

    /// Holds on to a job.
    ///
    /// # Errors
    /// A `TypeError` for an id that is none.
    pub fn job(&self, id: &JsValue) -> Result<Job, JsValue> {
        let id = id
            .as_string()
            .ok_or_else(|| wrong_type("id", "a job's id, as a string"))?;
        let id = JobId::new(&id).map_err(address_error)?;
        self.driver.handle(Event::Attach { job: id.clone() });
        Ok(Job {
            driver: Rc::clone(&self.driver),
            id,
        })
    }

    /// Holds on to a job as a token names it.
    ///
    /// # Errors
    /// A `TypeError` for what is no string, a `BadTokenError` for a token that cannot be used.
    pub fn resume(&self, token: &JsValue) -> Result<Job, JsValue> {
        let driver = &self.driver;
        let token = token
            .as_string()
            .ok_or_else(|| wrong_type("token", "a token, as a string"))?;
        let token = Token::parse(&token, &driver.settings.config.base)
            .map_err(|error| outcome::error(&driver.host, &Trouble::bad_token(error)))?;
        let id = token.job.clone();
        driver.handle(Event::Resume { token });
        Ok(Job {
            driver: Rc::clone(driver),
            id,
        })
    }

    /// The hold that an accepted call already has on its job.
    ///
    /// # Errors
    /// A `TypeError` for an id that is none.
    #[wasm_bindgen(js_name = acceptedJob)]
    pub fn accepted_job(&self, id: &str) -> Result<Job, JsValue> {
        let id = JobId::new(id).map_err(address_error)?;
        Ok(Job {
            driver: Rc::clone(&self.driver),
            id,
        })
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
        self.driver.stats()
    }

    /// Ends every wait and every request.
    pub fn close(&self) {
        let driver = Rc::clone(&self.driver);
        driver.handle(Event::Close);
    }
}

#[wasm_bindgen]
impl Job {
    /// The job's id.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> String {
        self.id.text().to_string()
    }

    /// The token with which a wait goes on elsewhere.
    pub fn serialize(&self) -> String {
        self.driver.token(&self.id)
    }

    /// What the server last said of the job, as far as is known here.
    #[wasm_bindgen(getter)]
    pub fn latest(&self) -> JsValue {
        self.driver.latest(&self.id)
    }

    /// Waits for the job's end.
    pub fn result(&self, options: &JsValue) -> Promise {
        let driver = Rc::clone(&self.driver);
        match WaitSettings::read(options, driver.settings.timeout) {
            Ok(wait) => driver.wait_for_end(self.id.clone(), wait),
            Err(error) => Promise::reject(&error),
        }
    }

    /// One standard poll, now.
    pub fn poll(&self, options: &JsValue) -> Promise {
        let driver = Rc::clone(&self.driver);
        match WaitSettings::read(options, driver.settings.timeout) {
            Ok(wait) => driver.poll_once(self.id.clone(), wait),
            Err(error) => Promise::reject(&error),
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.driver.handle(Event::Detach {
            job: self.id.clone(),
        });
    }
}

fn prepare(
    driver: &Driver,
    given_method: &JsValue,
    path: &JsValue,
    options: &JsValue,
    follow: bool,
) -> Result<(CallSpec, Request, WaitSettings), JsValue> {
    let method = given_method
        .as_string()
        .and_then(|name| method(&name))
        .ok_or_else(|| wrong_type("method", "an HTTP method that fetch can send"))?;
    let path = path
        .as_string()
        .ok_or_else(|| wrong_type("path", "a string"))?;
    let mut path = CallPath::parse(&path).map_err(address_error)?;
    let wait = WaitSettings::read(options, driver.settings.timeout)?;
    add_query(&mut path, &member(options, "query")?)?;
    let headers = member(options, "headers")?;
    let headers = if headers.is_undefined() {
        None
    } else {
        Some(checked_headers(&headers, &driver.host)?)
    };
    let spec = CallSpec {
        method: method.clone(),
        path: path.without_query().to_owned(),
        follow,
    };
    let body = driver.host.body(&member(options, "body")?)?;
    if spec.is_safe() && !body.content().is_undefined() {
        return Err(wrong_type("body", "none: a GET or HEAD carries no body"));
    }
    let request = Request {
        method,
        target: path.as_str().to_owned(),
        body: body.content(),
        json: body.json(),
        headers,
    };
    Ok((spec, request, wait))
}

fn add_query(path: &mut CallPath, query: &JsValue) -> Result<(), JsValue> {
    if query.is_undefined() {
        return Ok(());
    }
    let is_list = Reflect::get(query, &Symbol::iterator()).is_ok_and(|it| !it.is_undefined());
    if !query.is_object() || query.is_function() || is_list {
        return Err(wrong_type("query", "a plain object of names and values"));
    }
    let query: &js_sys::Object = query.unchecked_ref();
    for name in js_sys::Object::keys(query)
        .iter()
        .filter_map(|name| name.as_string())
    {
        let value = member(query, &name)?;
        let finite = value.as_f64().is_none_or(f64::is_finite);
        if value.is_undefined() {
            continue;
        }
        let is_plain = value.is_string() || value.as_bool().is_some() || value.as_f64().is_some();
        if !is_plain || !finite {
            return Err(wrong_type(
                &["query.", &name].concat(),
                "a string, a finite number, a boolean or undefined",
            ));
        }
        // JavaScript's own spelling of a number, so that 1.5 and 1e21 look as the user expects.
        let text = js_sys::Object::from(value).to_string();
        path.add_query(&name, &String::from(text));
    }
    Ok(())
}
