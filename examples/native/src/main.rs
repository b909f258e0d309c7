//! Sends one call to a Deploy VM and follows its job, without WebAssembly. The engine decides, reqwest sends,
//! tokio waits.
//!
//! `native <base> <method> <path> <json>`, with the credential in `DEPLOY_USERNAME` and `DEPLOY_PASSWORD`.
//! Exit codes: 0 done, 1 the job failed, 2 the call was refused or the outcome is unknown.

use std::collections::HashMap;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use ontap_select_deploy::engine::{
    CallGoal, CallPath, CallSpec, Config, Engine, ErrorCode, ExchangeId, Input, Outcome, Output, Response,
    Time, TransportError, TransportErrorKind, WaitOptions, body_text, method as upper_case_method,
    retry_after,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, LocalSet, spawn_local};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base, method, path, body] = arguments.as_slice() else {
        eprintln!("usage: native <base> <method> <path> <json>");
        return ExitCode::from(2);
    };
    // The engine runs on one thread.
    let followed = Follower::new(base).follow(method, path, body);
    match LocalSet::new().run_until(followed).await {
        Ok(Outcome::Done { job, .. }) => {
            println!("done: {}", job.map_or("no job".into(), |job| job.state.to_string()));
            ExitCode::SUCCESS
        }
        Ok(Outcome::Failed(error)) => {
            eprintln!("{}: {}", error.code, error.message);
            ExitCode::from(if error.code == ErrorCode::JobFailed { 1 } else { 2 })
        }
        Ok(other) => unreachable!("a call with `follow` does not end as {other:?}"),
        Err(bad_argument) => {
            eprintln!("{bad_argument}");
            ExitCode::from(2)
        }
    }
}

/// An engine and the code that executes its outputs.
struct Follower {
    base: String,
    engine: Engine,
    http: Client,
    started: Instant,
    /// Open requests, so that the engine can cancel them.
    open: HashMap<ExchangeId, AbortHandle>,
    inputs: (UnboundedSender<Input>, UnboundedReceiver<Input>),
}

impl Follower {
    fn new(base: &str) -> Self {
        let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seed = seed.map_or(0, |since| since.as_secs() ^ u64::from(since.subsec_nanos()));
        Self {
            base: base.to_owned(),
            engine: Engine::new(Config { base: base.to_owned(), ..Config::default() }, seed),
            http: Client::builder().redirect(Policy::none()).build().expect("no TLS to set up"),
            started: Instant::now(),
            open: HashMap::new(),
            inputs: unbounded_channel(),
        }
    }

    /// Sends the call and follows its job to the end.
    async fn follow(mut self, method: &str, path: &str, body: &str) -> Result<Outcome, String> {
        let path = CallPath::parse(path).map_err(|error| error.to_string())?;
        let method = upper_case_method(method).ok_or("not an HTTP method")?;
        let verb = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
        let call = self.request(verb, path.as_str()).body(body.to_owned());
        let call = call.header("content-type", "application/json");
        let spec = CallSpec { method, path: path.without_query().into(), goal: CallGoal::JobEnd };
        let options = WaitOptions { progress: true, ..WaitOptions::default() };
        self.engine.call(self.now(), spec, options);
        loop {
            while let Some(output) = self.engine.poll_output() {
                match output {
                    Output::SendCall { exchange, .. } => {
                        self.send(exchange, call.try_clone().expect("the body is text"));
                    }
                    Output::SendPoll { exchange, target, .. } => {
                        self.send(exchange, self.request(Method::GET, &target));
                    }
                    Output::Cancel { exchange } => {
                        self.open.remove(&exchange).inspect(|request| request.abort());
                    }
                    Output::Progress { snapshot, .. } => {
                        println!("{}: {}", snapshot.state, snapshot.message.as_deref().unwrap_or(""));
                    }
                    Output::Settle { outcome, .. } => return Ok(outcome),
                    // Only with an `auth` function, a condition, other tabs or `trace`.
                    Output::RefreshCredential { .. }
                    | Output::CheckRecord { .. }
                    | Output::Broadcast { .. }
                    | Output::Event(_) => {}
                }
            }
            let wake = self.engine.next_timeout().map(|at| at.since(self.now()));
            let input = tokio::select! {
                Some(input) = self.inputs.1.recv() => input,
                () = tokio::time::sleep(wake.unwrap_or(Duration::MAX)) => Input::Timeout,
            };
            self.engine.handle(self.now(), input);
        }
    }

    fn now(&self) -> Time {
        Time::default() + self.started.elapsed()
    }

    fn request(&self, method: Method, target: &str) -> RequestBuilder {
        let credential = |name| std::env::var(name).unwrap_or_default();
        let request = self.http.request(method, format!("{}{target}", self.base));
        request.basic_auth(credential("DEPLOY_USERNAME"), Some(credential("DEPLOY_PASSWORD")))
    }

    fn send(&mut self, exchange: ExchangeId, request: RequestBuilder) {
        let inputs = self.inputs.0.clone();
        self.open.retain(|_, request| !request.is_finished());
        let task = spawn_local(async move {
            let input = match receive(request).await {
                Ok(response) => Input::ResponseReceived { exchange, response },
                Err(error) => {
                    // Without a connection nothing was sent, so the outcome is known.
                    let kind = if error.is_connect() {
                        TransportErrorKind::NotConnected
                    } else {
                        TransportErrorKind::Network
                    };
                    Input::RequestFailed { exchange, failure: TransportError { kind, cause: None } }
                }
            };
            // Fails if the call has already ended.
            let _ = inputs.send(input);
        });
        self.open.insert(exchange, task.abort_handle());
    }
}

async fn receive(request: RequestBuilder) -> Result<Response, reqwest::Error> {
    let response = request.send().await?;
    let header = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let until = |date: &str| {
        let date = httpdate::parse_http_date(date).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    };
    Ok(Response {
        status: response.status().as_u16(),
        location: header("location"),
        request_id: header("request-id"),
        retry_after: header("retry-after").and_then(|value| retry_after(&value, until)),
        body: body_text(&response.bytes().await?),
    })
}
