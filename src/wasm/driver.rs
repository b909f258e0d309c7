//! Pumps the engine's commands into `fetch`, timers and promises, and what they bring back into the
//! engine.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, AbortSignal};

use super::clock;
use super::exchange::{Request, ask_credential, perform};
use super::host::Host;
use super::options::{AuthOption, Settings, WaitSettings};
use super::outcome;
use super::surroundings::{Surroundings, is_offline};
use super::tabs::Tabs;
use crate::core::{
    CallSpec, Command, Credential, Engine, Event, ExchangeId, JobId, Outcome, Time, WaiterId,
};

/// One client's engine and all that is open around it.
pub(super) struct Driver {
    pub(super) settings: Settings,
    pub(super) host: Host,
    engine: RefCell<Engine>,
    waiters: RefCell<BTreeMap<WaiterId, Waiter>>,
    open: RefCell<BTreeMap<ExchangeId, Rc<AbortController>>>,
    timer: RefCell<Option<(Time, Timeout)>>,
    /// Listened to while somebody waits.
    surroundings: RefCell<Option<Surroundings>>,
    /// Joined while somebody waits, if tabs share one poller.
    tabs: RefCell<Option<Tabs>>,
    /// What the `auth` function gave when it was last told of a 401.
    fresh: RefCell<Option<String>>,
    last_waiter: Cell<WaiterId>,
    draining: Cell<bool>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Driver")
    }
}

/// A promise that is not settled yet.
struct Waiter {
    resolve: Function,
    reject: Function,
    progress: Option<Function>,
    abort: Option<AbortListener>,
    /// The call to send, for those who issued one.
    call: Option<Request>,
}

/// Listens to a user's signal for as long as it lives.
struct AbortListener {
    signal: AbortSignal,
    unhear: Function,
    _heard: Closure<dyn FnMut(JsValue)>,
}

impl Drop for AbortListener {
    fn drop(&mut self) {
        let _ = self.unhear.call0(&JsValue::UNDEFINED);
    }
}

impl Driver {
    pub(super) fn new(settings: Settings, host: Host) -> Rc<Self> {
        let engine = RefCell::new(Engine::new(settings.config.clone(), seed()));
        Rc::new(Self {
            settings,
            host,
            engine,
            waiters: RefCell::default(),
            open: RefCell::default(),
            timer: RefCell::default(),
            surroundings: RefCell::default(),
            tabs: RefCell::default(),
            fresh: RefCell::default(),
            last_waiter: Cell::new(0),
            draining: Cell::new(false),
        })
    }

    pub(super) fn call(
        self: &Rc<Self>,
        spec: CallSpec,
        request: Request,
        wait: WaitSettings,
    ) -> Promise {
        self.wait(wait, Some(request), |waiter, timeout, progress| {
            Event::Call {
                waiter,
                spec,
                timeout,
                progress,
            }
        })
    }

    pub(super) fn wait_for_end(self: &Rc<Self>, job: JobId, wait: WaitSettings) -> Promise {
        self.wait(wait, None, |waiter, timeout, progress| Event::Wait {
            waiter,
            job,
            timeout,
            progress,
        })
    }

    pub(super) fn poll_once(self: &Rc<Self>, job: JobId, wait: WaitSettings) -> Promise {
        self.wait(wait, None, |waiter, timeout, _| Event::PollOnce {
            waiter,
            job,
            timeout,
        })
    }

    pub(super) fn latest(&self, job: &JobId) -> JsValue {
        let latest = self.engine.borrow().latest(job);
        latest.map_or(JsValue::UNDEFINED, |job| {
            outcome::snapshot(&self.host, &job)
        })
    }

    pub(super) fn token(&self, job: &JobId) -> String {
        self.engine.borrow().token(job)
    }

    pub(super) fn stats(&self) -> JsValue {
        let stats = self.engine.borrow().stats();
        outcome::stats(stats)
    }

    /// Feeds one event in, carries out what comes of it, and sets the timer anew.
    pub(super) fn handle(self: &Rc<Self>, event: Event) {
        self.engine.borrow_mut().handle(clock::now(), event);
        if self.draining.replace(true) {
            // A user's code called back in from within a command; the loop below goes on with it.
            return;
        }
        loop {
            let command = self.engine.borrow_mut().next_command();
            match command {
                Some(command) => self.carry_out(command),
                None => break,
            }
        }
        self.draining.set(false);
        self.set_timer();
        self.listen_around();
    }

    fn listen_around(self: &Rc<Self>) {
        let waited_for = !self.waiters.borrow().is_empty();
        let mut surroundings = self.surroundings.borrow_mut();
        let begins = waited_for && surroundings.is_none();
        if waited_for != surroundings.is_some() {
            *surroundings = waited_for.then(|| Surroundings::of(self));
        }
        drop(surroundings);
        if begins && is_offline() {
            self.handle(Event::Offline);
        }
        if waited_for {
            self.join_tabs();
        } else if let Some(tabs) = self.tabs.take() {
            // What is open for others ends before one of them goes on with it.
            self.handle(Event::Lead { leads: false });
            drop(tabs);
        }
    }

    fn join_tabs(self: &Rc<Self>) {
        if let Some(name) = &self.settings.shared_as
            && self.tabs.borrow().is_none()
        {
            *self.tabs.borrow_mut() = Some(Tabs::join(self, name));
        }
    }

    fn wait(
        self: &Rc<Self>,
        wait: WaitSettings,
        call: Option<Request>,
        event: impl FnOnce(WaiterId, u64, bool) -> Event,
    ) -> Promise {
        if let Some(signal) = wait.signal.as_ref().filter(|signal| signal.aborted()) {
            return Promise::reject(&signal.reason());
        }
        let id = self.last_waiter.get().wrapping_add(1);
        self.last_waiter.set(id);
        let progress = wait.progress.is_some();
        let promise = Promise::new(&mut |resolve, reject| {
            let waiter = Waiter {
                resolve,
                reject,
                progress: wait.progress.clone(),
                abort: wait.signal.clone().map(|signal| self.listen(signal, id)),
                call: call.clone(),
            };
            self.waiters.borrow_mut().insert(id, waiter);
        });
        self.handle(event(id, wait.timeout, progress));
        promise
    }

    fn listen(self: &Rc<Self>, signal: AbortSignal, waiter: WaiterId) -> AbortListener {
        let driver = Rc::downgrade(self);
        let heard = Closure::<dyn FnMut(JsValue)>::new(move |_| {
            if let Some(driver) = driver.upgrade() {
                driver.handle(Event::Abort { waiter });
            }
        });
        AbortListener {
            unhear: self.host.on_abort(&signal, &heard),
            signal,
            _heard: heard,
        }
    }

    fn carry_out(self: &Rc<Self>, command: Command) {
        match command {
            Command::SendCall {
                exchange,
                waiter,
                credential,
            } => {
                let call = self
                    .waiters
                    .borrow()
                    .get(&waiter)
                    .and_then(|it| it.call.clone());
                if let Some(request) = call {
                    self.send(exchange, request, credential);
                }
            }
            Command::SendPoll {
                exchange,
                target,
                credential,
            } => {
                self.send(exchange, Request::get(target), credential);
            }
            Command::Cancel { exchange } => {
                let open = self.open.borrow_mut().remove(&exchange);
                if let Some(abort) = open {
                    abort.abort();
                }
            }
            Command::AskCredential { method, path } => self.ask_fresh(method, path),
            Command::Progress { waiter, snapshot } => {
                let progress = self
                    .waiters
                    .borrow()
                    .get(&waiter)
                    .and_then(|it| it.progress.clone());
                if let Some(progress) = progress {
                    let snapshot = outcome::snapshot(&self.host, &snapshot);
                    let listener = self.settings.on_event.as_ref();
                    self.host.notify(&progress, &snapshot, listener);
                }
            }
            Command::Tell { message } => {
                if !self.waiters.borrow().is_empty() {
                    self.join_tabs();
                }
                if let Some(tabs) = &*self.tabs.borrow() {
                    tabs.post(&message);
                }
            }
            Command::Report(report) => {
                if let Some(listener) = &self.settings.on_event {
                    self.host.report(listener, outcome::report(&report));
                }
            }
            Command::Settle { waiter, outcome } => self.settle(waiter, outcome),
        }
    }

    fn send(self: &Rc<Self>, exchange: ExchangeId, request: Request, credential: Credential) {
        let Ok(abort) = AbortController::new().map(Rc::new) else {
            return;
        };
        self.open.borrow_mut().insert(exchange, Rc::clone(&abort));
        let driver = Rc::clone(self);
        spawn_local(async move {
            let fresh = driver.fresh.borrow().clone();
            let result = perform(
                &driver.settings,
                &driver.host,
                request,
                credential,
                fresh,
                &abort,
            )
            .await;
            driver.open.borrow_mut().remove(&exchange);
            if result.is_err() && is_offline() {
                // The request may learn of it before the page is told.
                driver.handle(Event::Offline);
            }
            driver.handle(match result {
                Ok(answer) => Event::Answered { exchange, answer },
                Err(failure) => Event::Unanswered { exchange, failure },
            });
        });
    }

    fn ask_fresh(self: &Rc<Self>, method: String, path: String) {
        let AuthOption::Ask(ask) = &self.settings.auth else {
            return;
        };
        let (driver, ask) = (Rc::clone(self), ask.clone());
        spawn_local(async move {
            // A function that fails has no better credential; the 401 is what the user is told.
            let given = ask_credential(&ask, &method, &path, Some(401))
                .await
                .ok()
                .flatten();
            let fresh = given.is_some();
            *driver.fresh.borrow_mut() = given;
            driver.handle(Event::Credential { fresh });
        });
    }

    fn settle(&self, waiter: WaiterId, outcome: Outcome) {
        let Some(waiter) = self.waiters.borrow_mut().remove(&waiter) else {
            return;
        };
        let Waiter {
            resolve,
            reject,
            abort,
            ..
        } = waiter;
        let host = &self.host;
        let settled = match outcome {
            Outcome::Done { accepted, job } => Ok(outcome::result(host, &accepted, job.as_ref())),
            Outcome::Accepted { accepted, job } => {
                let latest = job
                    .as_ref()
                    .and_then(|job| self.engine.borrow().latest(job));
                let response = outcome::result(host, &accepted, latest.as_ref());
                let id = job
                    .as_ref()
                    .map_or(JsValue::UNDEFINED, |job| JsValue::from_str(job.text()));
                Ok(js_sys::Array::of2(&response, &id).into())
            }
            Outcome::Job(job) => Ok(outcome::snapshot(host, &job)),
            Outcome::Failed(trouble) => Err(outcome::error(host, &trouble)),
            Outcome::Aborted => Err(abort
                .as_ref()
                .map_or(JsValue::UNDEFINED, |abort| abort.signal.reason())),
        };
        // The two are the promise's own functions, which do not throw.
        let _ = match settled {
            Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value),
            Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
        };
    }

    fn set_timer(self: &Rc<Self>) {
        let wake_at = self.engine.borrow().wake_at();
        let mut timer = self.timer.borrow_mut();
        if timer.as_ref().map(|(at, _)| *at) == wake_at {
            return;
        }
        *timer = wake_at.map(|at| {
            // A timer is set only while somebody waits, and holds the client for them: in a pause
            // nothing else may, once the user has let go of it.
            let driver = Rc::clone(self);
            let timeout = clock::timer(at.since(clock::now()), move || {
                // It has fired, so there is nothing to clear, and the next one is set anew.
                let fired = driver.timer.borrow_mut().take();
                if let Some((_, timeout)) = fired {
                    timeout.forget();
                }
                driver.handle(Event::Timer);
            });
            (at, timeout)
        });
    }
}

/// A seed for the jitter, so that clients that fail together do not come back together.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn seed() -> u64 {
    (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64
}
