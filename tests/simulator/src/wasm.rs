//! The machine for JavaScript: plain objects in and out, times as numbers.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_bytes::Bytes;
use serde_json::Value;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::http::{Reply, Request, Response, Ticket, Transport};

/// Tests use it through `host/machine.mjs`.
#[wasm_bindgen(js_name = Simulator)]
#[derive(Debug)]
pub struct WasmSimulator(crate::Simulator);

#[wasm_bindgen(js_class = Simulator)]
impl WasmSimulator {
    /// Takes the configuration as a JSON string, because serde-wasm-bindgen would ignore unknown members.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str) -> Result<WasmSimulator, JsError> {
        Ok(Self(crate::Simulator::new(read(config, "config")?)?))
    }

    /// `{ ticket }` or `{ ticket: 0, status, headers, body, transport }`.
    pub fn request(
        &mut self,
        now_ms: f64,
        method: String,
        target: String,
        headers: JsValue,
        body: Vec<u8>,
        origin: Option<String>,
    ) -> Result<JsValue, JsError> {
        let request = Request {
            method,
            target,
            headers: serde_wasm_bindgen::from_value(headers)?,
            body,
            origin,
        };
        match self.0.request(time(now_ms), request) {
            Reply::Now(answer) => write(&Answer::new(Ticket(0), &answer)),
            Reply::Held(ticket) => write(&Wait {
                ticket: number(ticket),
            }),
        }
    }

    /// Milliseconds, or undefined.
    #[wasm_bindgen(js_name = nextEvent)]
    pub fn next_event(&self) -> Option<f64> {
        self.0.next_event().map(|at| at as f64)
    }

    /// Whether a request is waiting for its response.
    #[wasm_bindgen(js_name = isWaiting)]
    pub fn is_waiting(&self) -> bool {
        self.0.is_waiting()
    }

    /// The responses that are ready.
    pub fn advance(&mut self, now_ms: f64) -> Result<JsValue, JsError> {
        let ready = self.0.advance(time(now_ms));
        write(
            &ready
                .iter()
                .map(|(ticket, answer)| Answer::new(*ticket, answer))
                .collect::<Vec<_>>(),
        )
    }

    /// The client has disconnected.
    pub fn forget(&mut self, ticket: f64) {
        self.0.forget(Ticket(ticket as u64));
    }

    /// Adds a rule, given as a JSON string.
    #[wasm_bindgen(js_name = addRule)]
    pub fn add_rule(&mut self, rule: &str) -> Result<(), JsError> {
        Ok(self.0.add_rule(read(rule, "rule")?)?)
    }

    /// Removes all rules.
    #[wasm_bindgen(js_name = clearRules)]
    pub fn clear_rules(&mut self) {
        self.0.clear_rules();
    }

    /// Replaces the account and the bearer token.
    #[wasm_bindgen(js_name = setCredentials)]
    pub fn set_credentials(&mut self, username: &str, password: &str, bearer: Option<String>) {
        self.0
            .set_credentials(username, password, bearer.as_deref());
    }

    /// The requests so far.
    pub fn log(&self) -> Result<JsValue, JsError> {
        write(&self.0.log().collect::<Vec<_>>())
    }

    /// Totals.
    pub fn counters(&self) -> Result<JsValue, JsError> {
        write(self.0.counters())
    }
}

#[derive(Serialize)]
struct Wait {
    ticket: f64,
}

#[derive(Serialize)]
struct Answer<'a> {
    ticket: f64,
    status: u16,
    headers: &'a [(String, String)],
    body: &'a Bytes,
    transport: Transport,
}

impl<'a> Answer<'a> {
    fn new(ticket: Ticket, answer: &'a Response) -> Self {
        let Response {
            status,
            headers,
            body,
            transport,
        } = answer;
        Self {
            ticket: number(ticket),
            status: *status,
            headers,
            body: Bytes::new(body),
            transport: *transport,
        }
    }
}

fn read<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, JsError> {
    // Parses to a value first, so that errors do not mention lines and columns.
    let value: Value = serde_json::from_str(text)?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let member = if path == "." {
            name.to_owned()
        } else {
            format!("{name}.{path}")
        };
        JsError::new(&format!("{member}: {}", error.into_inner()))
    })
}

fn write<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsError> {
    Ok(value.serialize(&Serializer::json_compatible().serialize_bytes_as_arrays(false))?)
}

fn time(ms: f64) -> u64 {
    ms.max(0.0) as u64
}

fn number(ticket: Ticket) -> f64 {
    ticket.0 as f64
}
