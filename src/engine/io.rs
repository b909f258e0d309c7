//! What goes into the engine and what comes out of it.

use std::rc::Rc;
use std::time::Duration;

use super::ids::{ExchangeId, WaiterId};
use super::protocol::error::Error;
use super::protocol::location::ObjectPath;
use super::protocol::record::Snapshot;
use super::protocol::response::{Response, TransportError};
use super::protocol::url::JobId;
use super::trace::ClientEvent;

/// How a waiter waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitOptions {
    /// The longest it waits, if there is a limit.
    pub timeout: Option<Duration>,
    /// Whether it gets [`Output::Progress`] for each change of the job.
    pub progress: bool,
}

/// Something that happened outside of the engine.
#[derive(Debug)]
pub enum Input {
    /// A request is on its way, after the user's functions gave what goes with it. Comes only if
    /// [`Config::asks_before_sending`](super::Config::asks_before_sending) is set.
    RequestSent {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// A response to a request came.
    ResponseReceived {
        /// The exchange.
        exchange: ExchangeId,
        /// The response.
        response: Response,
    },
    /// A request ended without a response.
    RequestFailed {
        /// The exchange.
        exchange: ExchangeId,
        /// What went wrong.
        failure: TransportError,
    },
    /// The caller has checked the record of the latest [`Output::CheckRecord`].
    RecordChecked {
        /// The waiter.
        waiter: WaiterId,
        /// Whether it meets the condition, so that the wait is over.
        is_met: bool,
    },
    /// The `auth` function has returned after the latest [`Output::RefreshCredential`]. What it gives for an
    /// earlier one, which nobody waits for any more, is no input.
    CredentialRefreshed {
        /// Whether it gave a new credential.
        fresh: bool,
    },
    /// The time of [`Engine::next_timeout`](super::Engine::next_timeout) has come.
    Timeout,
    /// The environment reports that there is no network.
    Offline,
    /// The network is back, or the page is; open connections may be dead.
    Resumed,
    /// The environment reports whether requests to the server share one connection, as over HTTP/2, or take
    /// one each, as over HTTP/1.1.
    Multiplexed {
        /// Whether they share one.
        yes: bool,
    },
    /// The lock that all tabs of the origin request was acquired or lost.
    LeaderChanged {
        /// Whether this tab holds the lock now.
        leads: bool,
    },
    /// The environment refuses the lock or the channel: the tab is alone from now on.
    NotShared,
    /// Another tab sent a message, by [`Output::Broadcast`].
    PeerMessage {
        /// The message.
        text: String,
    },
}

/// Something to do outside of the engine.
#[derive(Debug)]
pub enum Output {
    /// Send the call of this waiter.
    SendCall {
        /// The exchange.
        exchange: ExchangeId,
        /// The waiter that [`Engine::call`](super::Engine::call) returned.
        waiter: WaiterId,
        /// The credential to send.
        credential: CredentialChoice,
    },
    /// Send a GET request.
    SendPoll {
        /// The exchange.
        exchange: ExchangeId,
        /// A waiter that it is sent for, in whose context functions of the user are called; none if it is
        /// sent for other tabs alone.
        waiter: Option<WaiterId>,
        /// Path and query below the base.
        target: String,
        /// The credential to send.
        credential: CredentialChoice,
    },
    /// Abort a request, and give no input for it any more. If it has just ended, there is nothing to do.
    Cancel {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// Ask the `auth` function for a new credential, then give [`Input::CredentialRefreshed`].
    RefreshCredential {
        /// A waiter of that request, as of [`SendPoll`](Self::SendPoll).
        waiter: Option<WaiterId>,
        /// The method of the request that was rejected.
        method: String,
        /// Its path, without the query.
        path: String,
    },
    /// Ask the caller whether the record meets the condition, then give [`Input::RecordChecked`].
    CheckRecord {
        /// The waiter, of a call with [`CallGoal::Condition`](super::CallGoal::Condition).
        waiter: WaiterId,
        /// The response with the record.
        response: Rc<InitialResponse>,
    },
    /// The job of a waiter has changed.
    Progress {
        /// The waiter.
        waiter: WaiterId,
        /// The latest snapshot.
        snapshot: Rc<Snapshot>,
    },
    /// An event for the user's trace, if [`Config::trace`](super::Config::trace) is set.
    Event(Box<ClientEvent>),
    /// Send this to the other tabs of the origin. Comes only if [`Config::shared`](super::Config::shared) is
    /// set.
    Broadcast {
        /// The message.
        message: String,
    },
    /// A wait has ended. Comes exactly once for each waiter.
    Settle {
        /// The waiter.
        waiter: WaiterId,
        /// How the wait ended.
        outcome: Outcome,
    },
}

/// The credential of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialChoice {
    /// The `auth` option; a function is called.
    Usual,
    /// What the `auth` function returned for the last [`Output::RefreshCredential`].
    Fresh,
}

/// How a wait ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A call succeeded: at once, or its job did.
    Done {
        /// The first response.
        accepted: Rc<InitialResponse>,
        /// The job, if there was one.
        job: Option<Rc<Snapshot>>,
    },
    /// A call with [`CallGoal::Response`](super::CallGoal::Response) got its response.
    Accepted {
        /// The first response.
        accepted: Rc<InitialResponse>,
        /// The job, if there is one. It has a handle now, as after
        /// [`Engine::attach`](super::Engine::attach).
        job: Option<JobId>,
    },
    /// A job succeeded, or a single poll got a response.
    Job(Rc<Snapshot>),
    /// The wait failed.
    Failed(Box<Error>),
    /// The wait was aborted by [`Engine::abort`](super::Engine::abort).
    Aborted,
}

/// The first response to a call.
#[derive(Debug)]
pub struct InitialResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Rc<str>,
    /// The `location` header: the URL of a created object.
    pub location: Option<String>,
    /// Where that object is below the base, if it is.
    pub object: Option<ObjectPath>,
    /// The `request-id` header.
    pub request_id: Option<String>,
}

/// Counts over the life of an engine.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Polls sent.
    pub polls: u32,
    /// Polls that brought no change, those that failed included.
    pub empty_polls: u32,
    /// Requests sent again after a failure.
    pub retries: u32,
    /// Polls that are open now.
    pub open_polls: u32,
    /// Waits that have not ended.
    pub waits: u32,
}

/// What an engine holds at the moment. Everything but jobs with a handle is zero when nothing waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Jobs with a handle or a waiter.
    pub jobs: usize,
    /// Waiters that have not settled.
    pub waiters: usize,
    /// Open exchanges.
    pub exchanges: usize,
    /// Timers that are set.
    pub timers: usize,
}

impl InitialResponse {
    /// The response to a call with this path, of a client with this base.
    pub(super) fn of(response: &Response, call: &str, base: &str) -> Self {
        let location = response.location.as_deref();
        Self {
            object: location.and_then(|location| ObjectPath::of(location, call, base)),
            status: response.status,
            body: Rc::clone(&response.body),
            location: response.location.clone(),
            request_id: response.request_id.clone(),
        }
    }
}
