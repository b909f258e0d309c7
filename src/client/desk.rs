//! The desk of those who wait on a client: the shell's Rust face.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortSignal, Headers};

use super::body;
use super::error::own_cause;
use super::listening::{Listening, is_offline};
use super::options::{AuthRequest, set_headers};
use crate::core::{
    Cause, Event, Outcome, Report, SendFailureKind, Snapshot, WaiterId,
    is_header_value,
};
use crate::wasm::driver::Driver;
use crate::wasm::face::Face;
use crate::wasm::settings::{AuthContext, Settings};

/// What a user's function comes to.
pub(super) type Given<T> = Pin<Box<dyn Future<Output = Result<T, Box<dyn Error>>>>>;
pub(super) type AskAuth = Rc<dyn Fn(AuthRequest) -> Given<Option<String>>>;
pub(super) type AskHeaders = Box<dyn Fn() -> Given<Vec<(String, String)>>>;
pub(super) type OnEvent = Rc<dyn Fn(&Report)>;

pub(super) struct Desk {
    /// Those whose wait is not over.
    waits: RefCell<BTreeMap<WaiterId, Rc<Seat>>>,
    last: Cell<WaiterId>,
    /// The driver holds the desk.
    driver: OnceCell<Weak<Driver<Desk>>>,
    listening: RefCell<Option<Listening>>,
    on_event: Option<OnEvent>,
}

/// What one who waits has yet to hear.
#[derive(Default)]
struct Seat {
    news: RefCell<VecDeque<News>>,
    waker: Cell<Option<Waker>>,
}

/// What one who waits is told.
pub(super) enum News {
    Progress(Rc<Snapshot>),
    /// The last that is told; with what is known of the job of a call that was accepted.
    End(Outcome, Option<Rc<Snapshot>>),
}

/// One who waits, and leaves when dropped.
pub(super) struct Waiter {
    driver: Rc<Driver<Desk>>,
    id: WaiterId,
    seat: Rc<Seat>,
}

/// Why nothing came of a request.
pub(super) enum Failure {
    /// Whatever JavaScript threw; it may quote what is secret, so it goes no further.
    Thrown,
    /// The user's own function failed.
    Own(Box<dyn Error>),
}

impl Desk {
    pub(super) fn open(settings: Settings<Self>, on_event: Option<OnEvent>) -> Rc<Driver<Self>> {
        let desk = Self {
            waits: RefCell::default(),
            last: Cell::new(0),
            driver: OnceCell::new(),
            listening: RefCell::default(),
            on_event,
        };
        let driver = Driver::new(settings, desk);
        // It has just been made, so nothing is in there yet.
        let _ = driver.face.driver.set(Rc::downgrade(&driver));
        driver
    }

    fn driver(&self) -> Option<Rc<Driver<Self>>> {
        self.driver.get()?.upgrade()
    }

    /// Listens to the page while somebody waits.
    fn attend(&self) {
        if self.waits.borrow().is_empty() {
            drop(self.listening.take());
        } else if self.listening.borrow().is_none()
            && let Some(driver) = self.driver()
        {
            let listening = Listening::begin(&driver);
            self.listening.replace(Some(listening));
        }
    }

    /// The engine may have more to say before it rests, and a listener may be what is running.
    fn attend_soon(&self) {
        if self.waits.borrow().is_empty()
            && let Some(driver) = self.driver()
        {
            spawn_local(async move { driver.face.attend() });
        }
    }
}

impl Seat {
    fn tell(&self, news: News) {
        self.news.borrow_mut().push_back(news);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Waiter {
    /// Waits for what `begin` asks of the driver under the number that it is given.
    pub(super) fn new(driver: &Rc<Driver<Desk>>, begin: impl FnOnce(WaiterId)) -> Self {
        let desk = &driver.face;
        let id = desk.last.get().wrapping_add(1);
        desk.last.set(id);
        let seat = Rc::new(Seat::default());
        desk.waits.borrow_mut().insert(id, Rc::clone(&seat));
        begin(id);
        desk.attend();
        Self {
            driver: Rc::clone(driver),
            id,
            seat,
        }
    }

    pub(super) fn poll_news(&self, context: &Context<'_>) -> Poll<News> {
        let next = self.seat.news.borrow_mut().pop_front();
        if next.is_none() {
            self.seat.waker.set(Some(context.waker().clone()));
        }
        next.map_or(Poll::Pending, Poll::Ready)
    }

    pub(super) async fn news(&self) -> News {
        std::future::poll_fn(|context| self.poll_news(context)).await
    }

    /// The end, with each change on the way told to `on_progress`.
    pub(super) async fn end(
        &self,
        mut on_progress: impl FnMut(&Rc<Snapshot>),
    ) -> (Outcome, Option<Rc<Snapshot>>) {
        loop {
            match self.news().await {
                News::Progress(snapshot) => on_progress(&snapshot),
                News::End(outcome, latest) => return (outcome, latest),
            }
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let is_waiting = self.driver.face.waits.borrow_mut().remove(&self.id);
        if is_waiting.is_some() {
            self.driver.handle(Event::Abort { waiter: self.id });
            self.driver.face.attend_soon();
        }
        // An accepted job that nobody took over is let go.
        for news in self.seat.news.take() {
            if let News::End(Outcome::Accepted { job: Some(job), .. }, _) = news {
                self.driver.handle(Event::Detach { job });
            }
        }
    }
}

impl Face for Desk {
    type Error = Failure;
    type AskAuth = AskAuth;
    type AskHeaders = AskHeaders;

    async fn ask_auth(
        ask: &AskAuth,
        context: AuthContext<'_>,
        kind: &Cell<SendFailureKind>,
    ) -> Result<Option<String>, Failure> {
        let given = ask(AuthRequest::of(context)).await.map_err(Failure::Own)?;
        kind.set(SendFailureKind::Unusable);
        match given {
            Some(value) if !is_header_value(&value) => Err(Failure::Thrown),
            given => Ok(given),
        }
    }

    async fn ask_headers(
        &self,
        ask: &AskHeaders,
        to: &Headers,
        kind: &Cell<SendFailureKind>,
    ) -> Result<(), Failure> {
        let given = ask().await.map_err(Failure::Own)?;
        kind.set(SendFailureKind::Unusable);
        Ok(set_headers(to, &given)?)
    }

    fn merge(&self, to: &Headers, from: &Headers) -> Result<(), JsValue> {
        for entry in js_sys::try_iter(from)?.into_iter().flatten() {
            let entry: js_sys::Array = entry?.into();
            let text = |at| entry.get(at).as_string().unwrap_or_default();
            to.set(&text(0), &text(1))?;
        }
        Ok(())
    }

    async fn read(
        &self,
        response: &JsValue,
        limit: f64,
        signal: &AbortSignal,
    ) -> Result<Option<Rc<[u8]>>, Failure> {
        Ok(body::read(response, limit, signal).await?)
    }

    fn failed(&self, error: Failure, _target: &str, _headers: &Headers) -> Option<Cause> {
        if is_offline()
            && let Some(driver) = self.driver()
        {
            driver.handle(Event::Offline);
        }
        match error {
            Failure::Thrown => None,
            Failure::Own(error) => Some(own_cause(error)),
        }
    }

    fn progress(&self, waiter: WaiterId, snapshot: &Rc<Snapshot>) {
        let seat = self.waits.borrow().get(&waiter).cloned();
        if let Some(seat) = seat {
            seat.tell(News::Progress(Rc::clone(snapshot)));
        }
    }

    /// In a microtask, so that no callback runs before the call that it belongs to has returned.
    fn report(&self, report: &Report) {
        if let Some(on_event) = self.on_event.clone() {
            let report = report.clone();
            spawn_local(async move { on_event(&report) });
        }
    }

    /// Tabs do not share a poller here.
    fn tell(&self, _message: &str) {}

    fn settle(&self, waiter: WaiterId, outcome: Outcome, latest: Option<Rc<Snapshot>>) {
        let seat = self.waits.borrow_mut().remove(&waiter);
        if let Some(seat) = seat {
            seat.tell(News::End(outcome, latest));
        }
        self.attend_soon();
    }
}

impl From<JsValue> for Failure {
    fn from(_: JsValue) -> Self {
        Self::Thrown
    }
}
