//! A client of the runtime with a scripted `fetch`.

use std::future::Future;
use std::rc::Rc;

use js_sys::{Array, Function, Reflect};
use ontap_select_deploy::runtime::{Client, Job, JsCallbacks};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Headers;

/// One client, and what its scripted server received.
pub(crate) struct Bench {
    pub(crate) client: Rc<Client>,
    callbacks: JsCallbacks,
    scope: JsValue,
}

/// Creates the scope of the scripts: the responses to give, and what was received.
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
      line: init.method + " " + url, signal: init.signal, body: init.body,
      authorization: headers.get("authorization"),
      accept: headers.get("accept"), contentType: headers.get("content-type"), own: headers.get("x-own"),
    });
    for (const wake of waiting.splice(0)) wake();
    if (answers.length === 0) throw new Error("no more answers");
    return answer(answers.shift(), init.signal);
  };
  const sent = async (count) => {
    while (requests.length < count) await new Promise((resolve) => waiting.push(resolve));
    // One more turn, so that the work after sending has begun.
    await new Promise((resolve) => setTimeout(resolve));
  };
"#;

/// A substitute for `Waiters` of src/js. A test registers a waiter with `add`, as src/js does.
const CALLBACKS: &str = r#"(user) => {
  const waiters = new Map();
  let abort;
  const take = (waiter) => {
    const it = waiters.get(waiter);
    waiters.delete(waiter);
    it?.unlisten?.();
    return it;
  };
  const bodyOf = async (response, limit) => {
    if (!response.body) return "";
    const reader = response.body.getReader();
    const chunks = [];
    for (let length = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) return new Blob(chunks).text();
      if ((length += value.length) > limit) return;
      chunks.push(value);
    }
  };
  return {
    hold: (it) => { abort = it; },
    add: (waiter, options) => {
      const { signal, onProgress } = options ?? {};
      return new Promise((resolve, reject) => {
        const left = () => { take(waiter)?.reject(signal.reason); abort(waiter); };
        signal?.addEventListener("abort", left);
        const unlisten = () => signal?.removeEventListener("abort", left);
        waiters.set(waiter, { resolve, reject, unlisten, onProgress });
      });
    },
    resolve: (waiter, value) => take(waiter)?.resolve(value),
    reject: (waiter, error) => take(waiter)?.reject(error),
    now: () => performance.now(),
    context: () => undefined,
    progress: (waiter, job) => { Promise.resolve(job).then(waiters.get(waiter)?.onProgress).catch(() => {}); },
    event: () => {},
    error: (data, job, cause) => Object.assign(new Error(data.message), data, { job, cause }),
    snapshot: (id, state, message, lastModified, raw) =>
      Object.freeze({ id, state, message, lastModified, raw: JSON.parse(raw) }),
    result: (data, body, job) => ({ ...data, body: body === "" ? undefined : JSON.parse(body), job }),
    requestFailed: (cause) => cause,
    askAuthorization: async (_, method, path, status) => user.auth({ method, path, status }),
    askHeaders: async () => user.headersFor(),
    fetch: async (_, url, headers, signal, limit, method, body) => {
      const init = { method: "GET", headers: headers ?? user.headers, signal, ...(method && { method, body }) };
      const response = await user.fetch(url, init);
      if (response?.type === "opaqueredirect") return ["redirect"];
      if (typeof response?.status !== "number")
        return ["no response", new TypeError("fetch: expected it to return a Response")];
      const [requestId, retryAfter, location] =
        ["request-id", "retry-after", "location"].map((name) => response.headers.get(name));
      try {
        const body = await bodyOf(response, limit);
        return body === undefined ? ["too large"] : [response.status, body, requestId, retryAfter, location];
      } catch (error) {
        return ["body", error];
      }
    },
    mergeHeaders: (to, from) => new Headers(from).forEach((value, name) => to.set(name, value)),
    forget: () => {},
    share: () => false,
  };
}"#;

/// What src/js passes for default options.
const SETTINGS: &str = r#"({ baseUrl, ...others }) => ({
  baseUrl: new URL(baseUrl),
  headers: new Headers({ accept: "application/json" }),
  maxOpenPolls: 4,
  retry: {},
  ...others,
})"#;

impl Bench {
    /// A client whose `fetch` returns these responses in order.
    pub(crate) fn new(responses: &[&str]) -> Self {
        Self::with_options(responses, "username: 'admin', password: 'pä'")
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
        let options = field(&scope, "options");
        let settings = settings(&options);
        let callbacks = callbacks(&settings);
        let client = Client::new(settings.unchecked_ref(), callbacks.clone()).unwrap();
        let client = Rc::new(client);
        let held = Rc::clone(&client);
        let abort = Closure::<dyn FnMut(u32)>::new(move |waiter| held.abort(waiter));
        call(&callbacks, "hold", &[abort.into_js_value()]);
        let held = Rc::clone(&client);
        let close = Closure::<dyn FnMut()>::new(move || held.close()).into_js_value();
        call(&scope, "hold", &[close]);
        Self {
            client,
            callbacks,
            scope,
        }
    }

    /// Issues a POST. Its options are a script with access to the scope.
    pub(crate) fn post(
        &self,
        path: &str,
        options: &str,
    ) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
        let options = call(&self.scope, "evaluate", &[options.into()]);
        let headers = field(&options, "headers");
        let headers = (!headers.is_undefined())
            .then(|| Headers::new_with_record_from_str_to_str(headers.unchecked_ref()).unwrap());
        let body = field(&options, "body");
        let has_body = !body.is_undefined();
        let body = if has_body {
            js_sys::JSON::stringify(&body).unwrap().into()
        } else {
            body
        };
        let timeout = field(&options, "timeout").as_f64();
        let progress = field(&options, "onProgress").is_function();
        let waiter = self.client.call(
            "POST",
            &Array::of1(&path.into()),
            &Array::new(),
            headers,
            body,
            &JsValue::from(has_body.then_some("application/json")),
            timeout,
            progress,
            "jobEnd",
        );
        self.wait(&options, waiter)
    }

    /// Waits for a job's end.
    pub(crate) fn result(
        &self,
        job: &Job,
    ) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
        self.wait(&JsValue::UNDEFINED, job.wait(None, false))
    }

    fn wait(
        &self,
        options: &JsValue,
        waiter: Result<u32, JsValue>,
    ) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
        let promise = waiter.map(|waiter| {
            let promise = call(&self.callbacks, "add", &[waiter.into(), options.clone()]);
            self.client.run();
            promise.unchecked_into::<js_sys::Promise>()
        });
        async move { JsFuture::from(promise?).await }
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

    /// Waits until this many requests were sent.
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

pub(crate) fn callbacks(user: &JsValue) -> JsCallbacks {
    let make: Function = evaluate(&format!("({CALLBACKS})")).unchecked_into();
    let made = make.call1(&JsValue::UNDEFINED, user).unwrap();
    made.unchecked_into()
}

/// A client's settings from options that src/js has read.
pub(crate) fn settings(options: &JsValue) -> JsValue {
    let make: Function = evaluate(&format!("({SETTINGS})")).unchecked_into();
    make.call1(&JsValue::UNDEFINED, options).unwrap()
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
        .unwrap_or_else(|| panic!("{name} is not a string"))
}

fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> JsValue {
    let method: Function = field(object, name).unchecked_into();
    method
        .apply(object, &arguments.iter().collect::<Array>())
        .unwrap()
}
