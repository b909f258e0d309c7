//! The engine's inputs and outputs.

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
    /// The waiter's timeout; `None` for no limit.
    pub timeout: Option<Duration>,
    /// Whether the waiter gets [`Output::Progress`] for each change of the job.
    pub progress: bool,
}

/// An event from outside the engine.
#[derive(Debug)]
pub enum Input {
    /// The runtime sent a request, after the `auth` and `headers` functions returned. Needed only if
    /// [`Config::asks_before_sending`](super::Config::asks_before_sending) is set.
    RequestSent {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// A response arrived.
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
    /// The caller checked the record of the latest [`Output::CheckRecord`].
    RecordChecked {
        /// The waiter.
        waiter: WaiterId,
        /// Whether the record meets the condition, which ends the wait.
        is_met: bool,
    },
    /// The `auth` function returned for the latest [`Output::RefreshCredential`]. Give no input for an
    /// earlier one.
    CredentialRefreshed {
        /// Whether it returned a new credential.
        fresh: bool,
    },
    /// The time of [`Engine::next_timeout`](super::Engine::next_timeout) was reached.
    Timeout,
    /// The environment reports that the network is offline.
    Offline,
    /// The network or the page is back. Open connections may be dead.
    Resumed,
    /// The environment reports whether requests share one connection (HTTP/2) or use one each (HTTP/1.1).
    Multiplexed {
        /// Whether they share one.
        yes: bool,
    },
    /// This tab acquired or lost the lock that all tabs of the origin request.
    LeaderChanged {
        /// Whether this tab holds the lock now.
        leads: bool,
    },
    /// The environment has no lock or channel. From now on the tab polls alone.
    NotShared,
    /// Another tab sent this message by [`Output::Broadcast`].
    PeerMessage {
        /// The message.
        text: String,
    },
}

/// An action for the runtime.
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
        /// A waiter of this poll, whose context the user's functions run in; `None` if only other tabs wait.
        waiter: Option<WaiterId>,
        /// Path and query below the base.
        target: String,
        /// The credential to send.
        credential: CredentialChoice,
    },
    /// Abort a request and give no further input for it. If it has just ended, do nothing.
    Cancel {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// Call the `auth` function for a new credential, then give [`Input::CredentialRefreshed`].
    RefreshCredential {
        /// A waiter of that request, as for [`SendPoll`](Self::SendPoll).
        waiter: Option<WaiterId>,
        /// The method of the refused request.
        method: String,
        /// Its path, without the query.
        path: String,
    },
    /// Let the caller check whether the record meets the condition, then give [`Input::RecordChecked`].
    CheckRecord {
        /// The waiter, of a call with [`CallGoal::Condition`](super::CallGoal::Condition).
        waiter: WaiterId,
        /// The response with the record.
        response: Rc<InitialResponse>,
    },
    /// The job of a waiter changed.
    Progress {
        /// The waiter.
        waiter: WaiterId,
        /// The latest snapshot.
        snapshot: Rc<Snapshot>,
    },
    /// An event for the user's trace, if [`Config::trace`](super::Config::trace) is set.
    Event(Box<ClientEvent>),
    /// Send this message to the other tabs of the origin. Comes only if
    /// [`Config::shared`](super::Config::shared) is set.
    Broadcast {
        /// The message.
        message: String,
    },
    /// A wait ended. Comes exactly once for each waiter.
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
    /// The `auth` option. If it is a function, call it.
    Usual,
    /// What the `auth` function returned for the last [`Output::RefreshCredential`].
    Fresh,
}

/// How a wait ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A call or its job succeeded.
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
        /// The job, if there is one. The engine has added a handle, as
        /// [`Engine::attach`](super::Engine::attach) does.
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
    /// The object's path below the base; `None` if it is elsewhere.
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
    /// Polls without a change, including failed ones.
    pub empty_polls: u32,
    /// Requests sent again after a failure.
    pub retries: u32,
    /// Polls that are open now.
    pub open_polls: u32,
    /// Waits that have not ended.
    pub waits: u32,
}

/// What an engine stores now. When nothing waits, everything is zero except jobs with a handle.
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
