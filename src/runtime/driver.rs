//! Carries out the engine's outputs by `fetch`, timers and promises, and feeds the results back to it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Headers};

use super::callbacks::Host;
use super::callbacks::ask_auth;
use super::clock;
use super::fetch::{Request, perform};
use super::settings::{AuthContext, AuthOption, Settings};
use crate::engine::{
    CallSpec, Credential, Engine, ExchangeId, Input, JobId, Outcome, Output, Snapshot, Stats, Time,
    TransportErrorKind, WaitOptions, WaiterId,
};

/// One client's engine and all that is open around it.
pub(crate) struct Driver {
    pub(crate) settings: Settings,
    pub(crate) host: Host,
    engine: RefCell<Engine>,
    /// What those who issued a call may yet have to send.
    calls: RefCell<Vec<(WaiterId, Rc<Request>)>>,
    /// The numbers by which JavaScript knows the waiters.
    waiters: RefCell<Vec<(WaiterId, u32)>>,
    open: RefCell<Vec<(ExchangeId, AbortController)>>,
    timer: RefCell<Option<(Time, Timeout)>>,
    /// What the `auth` function gave when it was last told of a 401.
    fresh: RefCell<Option<String>>,
    draining: Cell<bool>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Driver")
    }
}

impl Driver {
    pub(crate) fn new(settings: Settings, host: Host) -> Rc<Self> {
        let engine = RefCell::new(Engine::new(settings.config.clone(), seed()));
        Rc::new(Self {
            settings,
            host,
            engine,
            calls: RefCell::default(),
            waiters: RefCell::default(),
            open: RefCell::default(),
            timer: RefCell::default(),
            fresh: RefCell::default(),
            draining: Cell::new(false),
        })
    }

    pub(crate) fn call(
        self: &Rc<Self>,
        number: u32,
        spec: CallSpec,
        request: Request,
        options: WaitOptions,
    ) {
        let waiter = self.engine.borrow_mut().call(clock::now(), spec, options);
        self.calls.borrow_mut().push((waiter, Rc::new(request)));
        self.begin(waiter, number);
    }

    pub(crate) fn wait(self: &Rc<Self>, number: u32, job: &JobId, options: WaitOptions) {
        let waiter = self.engine.borrow_mut().wait(clock::now(), job, options);
        self.begin(waiter, number);
    }

    pub(crate) fn poll_once(self: &Rc<Self>, number: u32, job: &JobId, options: WaitOptions) {
        let timeout = options.timeout;
        let waiter = self
            .engine
            .borrow_mut()
            .poll_once(clock::now(), job, timeout);
        self.begin(waiter, number);
    }

    fn begin(self: &Rc<Self>, waiter: WaiterId, number: u32) {
        self.waiters.borrow_mut().push((waiter, number));
        self.run();
    }

    pub(crate) fn abort(self: &Rc<Self>, number: u32) {
        let waiter = {
            let waiters = self.waiters.borrow();
            waiters.iter().find(|it| it.1 == number).map(|it| it.0)
        };
        if let Some(waiter) = waiter {
            self.command(|engine, now| engine.abort(now, waiter));
        }
    }

    /// Gives the engine a command, and carries out what comes of it.
    pub(crate) fn command(self: &Rc<Self>, command: impl FnOnce(&mut Engine, Time)) {
        command(&mut self.engine.borrow_mut(), clock::now());
        self.run();
    }

    pub(crate) fn latest(&self, job: &JobId) -> Option<Rc<Snapshot>> {
        self.engine.borrow().latest(job)
    }

    pub(crate) fn token(&self, job: &JobId) -> String {
        self.engine.borrow().token(job)
    }

    pub(crate) fn stats(&self) -> Stats {
        self.engine.borrow().stats()
    }

    pub(crate) fn handle(self: &Rc<Self>, input: Input) {
        self.engine.borrow_mut().handle(clock::now(), input);
        self.run();
    }

    /// Carries out the engine's outputs, and sets the timer anew.
    fn run(self: &Rc<Self>) {
        if self.draining.replace(true) {
            // A user's code called back in from within an output; the loop below goes on with it.
            return;
        }
        loop {
            let output = self.engine.borrow_mut().poll_output();
            match output {
                Some(output) => self.carry_out(output),
                None => break,
            }
        }
        self.draining.set(false);
        self.set_timer();
    }

    fn carry_out(self: &Rc<Self>, output: Output) {
        match output {
            Output::SendCall {
                exchange,
                waiter,
                credential,
            } => {
                let request = find(&self.calls.borrow(), waiter).cloned();
                if let Some(request) = request {
                    self.send(exchange, request, credential, Some(waiter));
                }
            }
            Output::SendPoll {
                exchange,
                target,
                credential,
            } => self.send(exchange, Rc::new(Request::get(target)), credential, None),
            Output::Cancel { exchange } => {
                if let Some(abort) = take(&self.open, exchange) {
                    abort.abort();
                }
            }
            Output::RefreshCredential { method, path } => self.ask_fresh(method, path),
            Output::Progress { waiter, snapshot } => {
                let number = find(&self.waiters.borrow(), waiter).copied();
                if let Some(number) = number {
                    self.host.tell_progress(number, &snapshot);
                }
            }
            Output::Broadcast { message } => self.host.tell(&message),
            Output::Event(report) => self.host.tell_report(&report),
            Output::Settle { waiter, outcome } => self.settle(waiter, outcome),
        }
    }

    /// Sends a request, a call for `waiter` or a poll.
    fn send(
        self: &Rc<Self>,
        exchange: ExchangeId,
        request: Rc<Request>,
        credential: Credential,
        waiter: Option<WaiterId>,
    ) {
        let (Ok(abort), Ok(headers)) = (AbortController::new(), Headers::new()) else {
            return;
        };
        self.open.borrow_mut().push((exchange, abort.clone()));
        let driver = Rc::clone(self);
        spawn_local(async move {
            let fresh = driver.fresh.borrow().clone();
            let result = perform(
                &driver.settings,
                &driver.host,
                &request,
                credential,
                fresh,
                &headers,
                &abort,
            )
            .await;
            take(&driver.open, exchange);
            // Dropping a user's own error may run code of theirs, which must not be within the engine.
            let _cause = result.as_ref().err().and_then(|it| it.cause.clone());
            driver.handle(match result {
                Ok(response) => Input::ResponseReceived { exchange, response },
                Err(failure) => Input::RequestFailed { exchange, failure },
            });
            // Its body may be large, and the wait for the job long.
            if let Some(waiter) = waiter.filter(|it| !driver.engine.borrow().is_calling(*it)) {
                take(&driver.calls, waiter);
            }
        });
    }

    fn ask_fresh(self: &Rc<Self>, method: String, path: String) {
        let AuthOption::Ask(ask) = &self.settings.auth else {
            return;
        };
        let (driver, ask) = (Rc::clone(self), ask.clone());
        spawn_local(async move {
            let context = AuthContext {
                method: &method,
                path: &path,
                status: Some(401),
            };
            // A function that fails has no better credential; the 401 is what the user is told.
            let kind = Cell::new(TransportErrorKind::CallbackFailed);
            let given = ask_auth(&ask, context, &kind).await.ok().flatten();
            let fresh = given.is_some();
            *driver.fresh.borrow_mut() = given;
            driver.handle(Input::CredentialRefreshed { fresh });
        });
    }

    fn settle(&self, waiter: WaiterId, outcome: Outcome) {
        take(&self.calls, waiter);
        let Some(number) = take(&self.waiters, waiter) else {
            return;
        };
        let latest = match &outcome {
            Outcome::Accepted { job: Some(job), .. } => self.latest(job),
            _ => None,
        };
        self.host.tell_end(number, outcome, latest);
    }

    fn set_timer(self: &Rc<Self>) {
        let next_timeout = self.engine.borrow().next_timeout();
        let mut timer = self.timer.borrow_mut();
        if timer.as_ref().map(|(at, _)| *at) == next_timeout {
            return;
        }
        *timer = next_timeout.map(|at| {
            // A timer is set only while somebody waits, and holds the client for them: in a pause
            // nothing else may, once the user has let go of it.
            let driver = Rc::clone(self);
            let timeout = clock::timer(at.since(clock::now()), move || {
                // It has fired, so there is nothing to clear, and the next one is set anew.
                let fired = driver.timer.borrow_mut().take();
                if let Some((_, timeout)) = fired {
                    timeout.forget();
                }
                driver.handle(Input::Timeout);
            });
            (at, timeout)
        });
    }
}

// Few things are open at a time: a sorted list does for a map.

fn find<K: Ord + Copy, T>(list: &[(K, T)], key: K) -> Option<&T> {
    let at = list.binary_search_by_key(&key, |it| it.0).ok()?;
    list.get(at).map(|it| &it.1)
}

fn take<K: Ord + Copy, T>(list: &RefCell<Vec<(K, T)>>, key: K) -> Option<T> {
    let mut list = list.borrow_mut();
    let at = list.binary_search_by_key(&key, |it| it.0).ok()?;
    Some(list.remove(at).1)
}

/// A seed for the jitter, so that clients that fail together do not come back together.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn seed() -> u64 {
    (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64
}
