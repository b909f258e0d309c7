//! A client of the shell with a scripted `fetch` in its back.

use std::future::Future;
use std::rc::Rc;

use js_sys::{Array, Function, Reflect};
use ontap_select_deploy::runtime::{Client, Host, Job};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// One client, and all that its scripted server has seen.
pub(crate) struct Bench {
    pub(crate) client: Rc<Client>,
    host: Host,
    scope: JsValue,
}

/// Makes the scope that scripts see: the answers to give, and what was seen.
pub(crate) const SCOPE: &str = r#"
  const requests = [], asked = [], waiting = [];
  const controller = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = controller.signal;
  controller.signal.addEventListener = function (...args) { listeners++; return addEventListener.apply(this, args); };
  controller.signal.removeEventListener = function (...args) { listeners--; return removeEventListener.apply(this, args); };
  const stream = (chunk, endless, signal) => new ReadableStream({
    start(it) { signal.addEventListener("abort", () => { try { it.error(new Error("aborted")); } catch {} }); },
    pull(it) { it.enqueue(chunk); if (!endless) return new Promise(() => {}); },
  });
  const answer = (script, signal) => {
    if ("raw" in script) return script.raw;
    if (script.error) throw new TypeError("connection reset");
    if (script.opaque) return { type: "opaqueredirect", status: 0, headers: new Headers(), body: null };
    if (script.hang) return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    if (script.endless) return new Response(stream(new Uint8Array(1 << 16), true, signal));
    if (script.drip) return new Response(stream(new Uint8Array(1), false, signal));
    return new Response(script.body ?? null, { status: script.status ?? 200, headers: script.headers ?? {} });
  };
  const fetch = async (url, init) => {
    const headers = new Headers(init.headers);
    requests.push({
      line: init.method + " " + url, signal: init.signal, body: init.body, cache: init.cache,
      redirect: init.redirect, credentials: init.credentials, authorization: headers.get("authorization"),
      accept: headers.get("accept"), contentType: headers.get("content-type"), own: headers.get("x-own"),
    });
    for (const wake of waiting.splice(0)) wake();
    if (answers.length === 0) throw new Error("no more answers");
    return answer(answers.shift(), init.signal);
  };
  const sent = async (count) => {
    while (requests.length < count) await new Promise((resolve) => waiting.push(resolve));
    // One turn more, so that what follows the sending has begun.
    await new Promise((resolve) => setTimeout(resolve));
  };
"#;

/// A stand-in for the JavaScript face.
const HOST: &str = r#"(() => {
  const waits = [];
  let abort;
  return {
    expect: (options) => {
      const waiter = waits.length;
      const { signal } = options ?? {};
      const promise = new Promise((resolve, reject) => {
        const left = () => { reject(signal.reason); abort(waiter); };
        signal?.addEventListener("abort", left);
        const unlisten = () => signal?.removeEventListener("abort", left);
        waits.push({ resolve, reject, unlisten, options });
      });
      return { waiter, promise };
    },
    hold: (it) => { abort = it; },
    settle: (waiter, value, failed) => {
      const { resolve, reject, unlisten } = waits[waiter];
      unlisten?.();
      if (failed) reject(value); else resolve(value);
    },
    progress: (waiter, job) => { Promise.resolve(job).then(waits[waiter].options.onProgress).catch(() => {}); },
    report: () => {},
    error: (data, job, cause) => Object.assign(new Error(data.message), data, { job, cause }),
    snapshot: (data, raw) => Object.freeze({ ...data, raw: JSON.parse(raw) }),
    result: (data, body, job) => ({ ...data, body: body === "" ? undefined : JSON.parse(body), job }),
    failed: (cause) => cause,
    merge: (to, from) => new Headers(from).forEach((value, name) => to.set(name, value)),
    body: (value) => value === undefined ? undefined : JSON.stringify(value),
    read: async (response, limit, signal) => {
      if (!response.body) return new Uint8Array();
      const reader = response.body.getReader();
      const chunks = [];
      for (let length = 0; ; ) {
        const { done, value } = await reader.read();
        if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
        if ((length += value.length) > limit) return;
        chunks.push(value);
      }
    },
    share: () => false,
  };
})()"#;

impl Bench {
    /// A client whose `fetch` gives these answers, one after the other.
    pub(crate) fn new(responses: &[&str]) -> Self {
        Self::with_options(responses, "auth: { username: 'admin', password: 'pä' }")
    }

    pub(crate) fn with_options(responses: &[&str], options: &str) -> Self {
        let source = format!(
            "const answers = [{}]; {SCOPE}
             let closer;
             const close = () => closer();
             return {{
               requests, asked, controller, sent, listeners: () => listeners, close,
               hold: (it) => {{ closer = it; }},
               options: {{ baseUrl: 'https://vm.example/api/', fetch, maxResponseBytes: 100000, {options} }},
               evaluate: (text) => eval('(' + text + ')'),
             }};",
            responses.join(",")
        );
        let scope = Function::new_no_args(&source)
            .call0(&JsValue::UNDEFINED)
            .unwrap();
        let host = host();
        let client = Client::new(&field(&scope, "options"), host.clone()).unwrap();
        let client = Rc::new(client);
        let held = Rc::clone(&client);
        let abort = Closure::<dyn FnMut(u32)>::new(move |waiter| held.abort(waiter));
        call(&host, "hold", &[abort.into_js_value()]);
        let held = Rc::clone(&client);
        let close = Closure::<dyn FnMut()>::new(move || held.close()).into_js_value();
        call(&scope, "hold", &[close]);
        Self {
            client,
            host,
            scope,
        }
    }

    /// Issues a POST, its options being a script that sees the scope.
    pub(crate) fn post(
        &self,
        path: &str,
        options: &str,
    ) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
        let options = call(&self.scope, "evaluate", &[options.into()]);
        self.wait(&options, &|waiter| {
            self.client
                .call(waiter, &"POST".into(), &path.into(), &options, true)
        })
    }

    /// Waits for a job's end.
    pub(crate) fn result(
        &self,
        job: &Job,
    ) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
        let options = JsValue::UNDEFINED;
        self.wait(&options, &|waiter| job.wait(waiter, &options, false))
    }

    fn wait(
        &self,
        options: &JsValue,
        begin: &dyn Fn(u32) -> Result<(), JsValue>,
    ) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
        let expected = call(&self.host, "expect", std::slice::from_ref(options));
        let begun = begin(field(&expected, "waiter").as_f64().unwrap() as u32);
        let promise = field(&expected, "promise").unchecked_into::<js_sys::Promise>();
        async move {
            begun?;
            JsFuture::from(promise).await
        }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        let requests: Array = field(&self.scope, "requests").unchecked_into();
        requests
            .iter()
            .map(|request| text(&request, "line"))
            .collect()
    }

    pub(crate) fn request(&self, at: u32) -> JsValue {
        field(&self.scope, "requests")
            .unchecked_into::<Array>()
            .get(at)
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        let asked: Array = field(&self.scope, "asked").unchecked_into();
        asked.iter().map(|it| it.as_string().unwrap()).collect()
    }

    /// Waits until so many requests were sent.
    pub(crate) async fn sent(&self, count: u32) {
        let promise = call(&self.scope, "sent", &[count.into()]);
        JsFuture::from(promise.unchecked_into::<js_sys::Promise>())
            .await
            .unwrap();
    }

    pub(crate) fn abort(&self, reason: &str) {
        let controller = field(&self.scope, "controller");
        call(&controller, "abort", &[reason.into()]);
    }

    pub(crate) fn was_aborted(&self, at: u32) -> bool {
        field(&field(&self.request(at), "signal"), "aborted").is_truthy()
    }

    pub(crate) fn listeners(&self) -> f64 {
        call(&self.scope, "listeners", &[]).as_f64().unwrap()
    }
}

pub(crate) fn host() -> Host {
    evaluate(HOST).unchecked_into()
}

pub(crate) fn evaluate(source: &str) -> JsValue {
    Function::new_no_args(&format!("return {source}"))
        .call0(&JsValue::UNDEFINED)
        .unwrap()
}

pub(crate) fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

pub(crate) fn text(object: &JsValue, name: &str) -> String {
    field(object, name)
        .as_string()
        .unwrap_or_else(|| panic!("{name} is no string"))
}

fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> JsValue {
    let method: Function = field(object, name).unchecked_into();
    method
        .apply(object, &arguments.iter().collect::<Array>())
        .unwrap()
}
