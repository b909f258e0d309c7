//! The loop: passes events to the engine and executes its outputs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use super::callbacks::JsCallbacks;
use super::clock::{self, Clock};
use super::fetch::{Fetcher, Request};
use super::values;
use crate::engine::{
    CallSpec, Config, CredentialChoice, Engine, ExchangeId, Input, JobId, OrderedMap, Outcome,
    Output, Snapshot, Stats, Time, TransportError, TransportErrorKind, WaitOptions, WaiterId,
};

/// One client's engine, with its open requests and timer.
///
/// A user's command only queues outputs and returns the waiter's number. JavaScript stores the promise under
/// this number and then calls [`run`](Self::run), so that no waiter settles before its promise is stored.
pub(super) struct Driver {
    pub(super) callbacks: JsCallbacks,
    engine: RefCell<Engine>,
    fetcher: Fetcher,
    /// The requests of callers that may be sent again.
    calls: RefCell<OrderedMap<WaiterId, Rc<Request>>>,
    open: RefCell<OrderedMap<ExchangeId, AbortController>>,
    clock: Clock,
    timer: RefCell<Option<Timer>>,
    running: Cell<bool>,
}

struct Timer {
    at: Time,
    _timeout: Timeout,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Driver")
    }
}

impl Driver {
    pub(super) fn new(config: Config, fetcher: Fetcher, callbacks: JsCallbacks) -> Rc<Self> {
        Rc::new(Self {
            callbacks,
            engine: RefCell::new(Engine::new(config, seed())),
            fetcher,
            calls: RefCell::new(OrderedMap::new()),
            open: RefCell::new(OrderedMap::new()),
            clock: Clock::default(),
            timer: RefCell::default(),
            running: Cell::new(false),
        })
    }

    pub(super) fn base(&self) -> &str {
        self.fetcher.base()
    }

    pub(super) fn latest(&self, job: &JobId) -> Option<Rc<Snapshot>> {
        self.engine.borrow().latest(job)
    }

    pub(super) fn token(&self, job: &JobId) -> String {
        self.engine.borrow().token(job)
    }

    pub(super) fn stats(&self) -> Stats {
        self.engine.borrow().stats()
    }

    /// Issues a call; [`run`](Self::run) sends it.
    pub(super) fn call(&self, spec: CallSpec, request: Request, options: WaitOptions) -> WaiterId {
        let waiter = self.queue(|engine, now| engine.call(now, spec, options));
        self.calls.borrow_mut().insert(waiter, Rc::new(request));
        waiter
    }

    /// Passes a command to the engine; the next [`run`](Self::run) executes its outputs.
    pub(super) fn queue<R>(&self, command: impl FnOnce(&mut Engine, Time) -> R) -> R {
        // Read before the engine is borrowed, because a test's clock may call back.
        let now = self.now();
        command(&mut self.engine.borrow_mut(), now)
    }

    /// Passes a command to the engine and executes its outputs.
    pub(super) fn command(self: &Rc<Self>, command: impl FnOnce(&mut Engine, Time)) {
        self.queue(command);
        self.run();
    }

    /// Passes an input to the engine and executes its outputs.
    pub(super) fn handle(self: &Rc<Self>, input: Input) {
        self.command(|engine, now| engine.handle(now, input));
    }

    /// Executes all queued outputs and sets the timer.
    pub(super) fn run(self: &Rc<Self>) {
        if self.running.replace(true) {
            // JavaScript called back from the loop below, which continues.
            return;
        }
        loop {
            while let Some(output) = self.next_output() {
                self.dispatch(output);
            }
            let next = self.engine.borrow().next_timeout();
            if self.is_timer_set_for(next) {
                break;
            }
            self.set_timer(next);
        }
        self.running.set(false);
    }

    /// A separate function, so that nothing is borrowed while the output is executed.
    fn next_output(&self) -> Option<Output> {
        self.engine.borrow_mut().poll_output()
    }

    fn dispatch(self: &Rc<Self>, output: Output) {
        match output {
            Output::SendCall {
                exchange,
                waiter,
                credential,
            } => {
                let request = self.calls.borrow().get(waiter).cloned();
                if let Some(request) = request {
                    let context = self.context(Some(waiter));
                    self.send(exchange, request, credential, context, Some(waiter));
                }
            }
            Output::SendPoll {
                exchange,
                waiter,
                target,
                credential,
            } => {
                let context = self.context(waiter);
                let request = Rc::new(Request::poll(target));
                self.send(exchange, request, credential, context, None);
            }
            Output::Cancel { exchange } => {
                let abort = self.open.borrow_mut().remove(exchange);
                if let Some(abort) = abort {
                    abort.abort();
                }
            }
            Output::RefreshCredential {
                waiter,
                method,
                path,
            } => {
                let driver = Rc::clone(self);
                let context = self.context(waiter);
                spawn_local(async move {
                    let fetcher = &driver.fetcher;
                    let asked = fetcher.refresh_credential(&context, &method, &path).await;
                    if let Some(fresh) = asked {
                        driver.handle(Input::CredentialRefreshed { fresh });
                    }
                });
            }
            Output::Progress { waiter, snapshot } => {
                let snapshot = values::snapshot(&self.callbacks, &snapshot, Some(waiter));
                self.callbacks.progress(waiter.get(), &snapshot);
            }
            Output::CheckRecord { waiter, response } => {
                let result = values::result(&self.callbacks, &response, None, waiter);
                self.callbacks.check_record(waiter.get(), &result);
            }
            Output::Broadcast { message } => self.callbacks.broadcast(&message),
            Output::Event(event) => {
                let context = self.context(event.waiter);
                self.callbacks.event(&values::event(&event), &context);
            }
            Output::Settle { waiter, outcome } => self.settle(waiter, outcome),
        }
    }

    /// The async context for the user's functions. It is read at once, because the waiter may leave.
    fn context(&self, waiter: Option<WaiterId>) -> JsValue {
        self.callbacks.context(waiter.map(WaiterId::get))
    }

    /// Sends a request: a call of `waiter`, or a poll.
    fn send(
        self: &Rc<Self>,
        exchange: ExchangeId,
        request: Rc<Request>,
        credential: CredentialChoice,
        context: JsValue,
        waiter: Option<WaiterId>,
    ) {
        let abort = match AbortController::new() {
            Ok(abort) => abort,
            Err(cause) => {
                let failure = TransportError {
                    kind: TransportErrorKind::Network,
                    cause: Some(values::wrap(cause)),
                };
                return self.handle(Input::RequestFailed { exchange, failure });
            }
        };
        self.open.borrow_mut().insert(exchange, abort.clone());
        let driver = Rc::clone(self);
        spawn_local(async move {
            let on_sent = || driver.handle(Input::RequestSent { exchange });
            let fetcher = &driver.fetcher;
            let sending = fetcher.execute(&request, credential, &context, abort, on_sent);
            let result = sending.await;
            driver.open.borrow_mut().remove(exchange);
            // Dropping a user's error may run their code, which must not happen inside the engine.
            let _cause = result.as_ref().err().and_then(|it| it.cause.clone());
            driver.handle(match result {
                Ok(response) => Input::ResponseReceived { exchange, response },
                Err(failure) => Input::RequestFailed { exchange, failure },
            });
            // Drop the body early: it may be large, and the wait for the job long.
            if let Some(waiter) = waiter.filter(|it| !driver.engine.borrow().is_calling(*it)) {
                driver.calls.borrow_mut().remove(waiter);
                driver.callbacks.forget(waiter.get());
            }
        });
    }

    fn settle(&self, waiter: WaiterId, outcome: Outcome) {
        self.calls.borrow_mut().remove(waiter);
        let callbacks = &self.callbacks;
        let value = match outcome {
            Outcome::Done { accepted, job } => {
                values::result(callbacks, &accepted, job.as_ref(), waiter)
            }
            Outcome::Accepted { accepted, job } => {
                let latest = job.as_ref().and_then(|job| self.latest(job));
                values::result(callbacks, &accepted, latest.as_ref(), waiter)
            }
            Outcome::Job(job) => values::snapshot(callbacks, &job, Some(waiter)),
            Outcome::Failed(error) => {
                return callbacks.reject(
                    waiter.get(),
                    &values::error(callbacks, &error, Some(waiter)),
                );
            }
            // The promise is already rejected with the signal's reason.
            Outcome::Aborted => return,
        };
        callbacks.resolve(waiter.get(), &value);
    }

    fn is_timer_set_for(&self, next: Option<Time>) -> bool {
        match (&*self.timer.borrow(), next) {
            // An early timer only sets a new one, which is cheaper than a timer per poll.
            (Some(timer), Some(next)) => timer.at <= next,
            (None, None) => true,
            _ => false,
        }
    }

    /// Nothing is borrowed here during calls to JavaScript, which may call back.
    fn set_timer(self: &Rc<Self>, next: Option<Time>) {
        drop(self.timer.take());
        let Some(at) = next else {
            return;
        };
        // A timer is set only while something waits. During a pause it alone keeps the client alive after the
        // user has dropped it.
        let driver = Rc::clone(self);
        let timeout = clock::timer(at.since(self.now()), move || {
            drop(driver.timer.take());
            driver.handle(Input::Timeout);
        });
        *self.timer.borrow_mut() = Some(Timer {
            at,
            _timeout: timeout,
        });
    }

    fn now(&self) -> Time {
        self.clock.at(self.callbacks.now())
    }
}

/// A random seed, so that clients that fail together do not retry together.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn seed() -> u64 {
    (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64
}
