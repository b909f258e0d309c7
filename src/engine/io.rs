//! What goes into the engine and what comes out of it.

use std::borrow::Cow;
use std::rc::Rc;
use std::time::Duration;

use super::trace::ClientEvent;
use crate::engine::protocol::error::Error;
use crate::engine::protocol::record::Snapshot;
use crate::engine::protocol::response::{Response, TransportError, body_text};
use crate::engine::protocol::token::Token;
use crate::engine::protocol::url::JobId;

pub use crate::engine::call::CallSpec;

/// Names one who waits; chosen by the caller, never used twice.
pub type WaiterId = u32;

/// Names one request from its sending to its end; never used twice.
pub type ExchangeId = u32;

/// Something happened.
#[derive(Debug)]
pub enum Input {
    /// A user issues a call.
    Call {
        /// Who waits for it.
        waiter: WaiterId,
        /// What the engine needs to know of it.
        spec: CallSpec,
        /// The longest this waiter waits, if there is a limit.
        timeout: Option<Duration>,
        /// Whether the waiter wants to hear of each change.
        progress: bool,
    },
    /// Somebody holds on to a job: what is learned of it is kept until [`Input::Detach`].
    Attach {
        /// The job.
        job: JobId,
    },
    /// Somebody holds on to a job as a token names it. The counterpart is [`Input::Detach`].
    Resume {
        /// What [`Engine::token`](super::Engine::token) gave.
        token: Token,
    },
    /// The counterpart of [`Input::Attach`], and of an attachment from [`Outcome::Accepted`].
    Detach {
        /// The job.
        job: JobId,
    },
    /// A user waits for a job's end.
    Wait {
        /// Who waits.
        waiter: WaiterId,
        /// The job.
        job: JobId,
        /// The longest this waiter waits, if there is a limit.
        timeout: Option<Duration>,
        /// Whether the waiter wants to hear of each change.
        progress: bool,
    },
    /// A user wants one standard poll, now, beside whatever else goes on.
    PollOnce {
        /// Who waits.
        waiter: WaiterId,
        /// The job.
        job: JobId,
        /// The longest this waiter waits, if there is a limit.
        timeout: Option<Duration>,
    },
    /// A user no longer waits.
    Abort {
        /// Who waited.
        waiter: WaiterId,
    },
    /// A request was answered.
    ResponseReceived {
        /// Which request.
        exchange: ExchangeId,
        /// The answer.
        response: Response,
    },
    /// A request ended without an answer.
    RequestFailed {
        /// Which request.
        exchange: ExchangeId,
        /// Why.
        failure: TransportError,
    },
    /// The `auth` function was asked again after a 401: true if it gave a credential.
    CredentialRefreshed {
        /// Whether there is one.
        fresh: bool,
    },
    /// The time of [`Engine::wake_at`](super::Engine::wake_at) came.
    Timer,
    /// There is no network, as far as the surroundings know.
    Offline,
    /// The network is back, or the page is: what is open may be dead.
    Resumed,
    /// The lock that all tabs of the origin ask for is ours, or no longer.
    LeaderChanged {
        /// Whether we have it.
        leads: bool,
    },
    /// Another tab said something, by [`Command::Tell`].
    PeerMessage {
        /// Its message.
        text: String,
    },
    /// The client is closed.
    Close,
}

/// Something is to be done.
#[derive(Debug)]
pub enum Output {
    /// Send the call that this waiter issued.
    SendCall {
        /// The request's name.
        exchange: ExchangeId,
        /// Whose call it is.
        waiter: WaiterId,
        /// Which credential goes with it.
        credential: Credential,
    },
    /// Send a GET for a job.
    SendPoll {
        /// The request's name.
        exchange: ExchangeId,
        /// Path and query below the base.
        target: String,
        /// Which credential goes with it.
        credential: Credential,
    },
    /// Abort a request; its end is not to be reported. It may have ended just now: then there is nothing
    /// to do.
    Cancel {
        /// The request's name.
        exchange: ExchangeId,
    },
    /// Ask the `auth` function for a fresh credential; answer with [`Input::CredentialRefreshed`].
    RefreshCredential {
        /// The method of the request that was refused.
        method: String,
        /// Its path, without the query.
        path: String,
    },
    /// Tell a waiter of a job's change.
    Progress {
        /// Who waits.
        waiter: WaiterId,
        /// What is known now.
        snapshot: Rc<Snapshot>,
    },
    /// Tell the user's own trace; comes only if [`Config::reports`](crate::core::Config::reports) is set.
    Event(ClientEvent),
    /// Say this to the other tabs of the origin; comes only if [`Config::shared`](crate::core::Config::shared) is set.
    Broadcast {
        /// The message.
        message: String,
    },
    /// A waiter's wait is over. Comes exactly once for each waiter.
    Settle {
        /// Who waited.
        waiter: WaiterId,
        /// How it ended.
        outcome: Outcome,
    },
}

/// Which credential goes with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// The usual one: the `auth` option, a function being asked.
    Usual,
    /// The one that the `auth` function gave when it was last told of a 401.
    Fresh,
}

/// How a wait ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A call is over: answered at once, or its job succeeded.
    Done {
        /// The first answer.
        accepted: Rc<InitialResponse>,
        /// The job, if there was one.
        job: Option<Rc<Snapshot>>,
    },
    /// A call that was not to be followed was answered.
    Accepted {
        /// The first answer.
        accepted: Rc<InitialResponse>,
        /// The job, if there is one: the receiver now holds on to it, as after [`Input::Attach`].
        job: Option<JobId>,
    },
    /// A job succeeded, or a single poll was answered.
    Job(Rc<Snapshot>),
    /// It went wrong.
    Failed(Box<Error>),
    /// The waiter left by itself.
    Aborted,
}

/// The answer that accepted a call.
#[derive(Debug)]
pub struct InitialResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Rc<[u8]>,
    /// The created object's address.
    pub location: Option<String>,
    /// The server's `request-id`.
    pub request_id: Option<String>,
}

/// Counts over an engine's life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Polls sent.
    pub polls: u32,
    /// Polls whose answer brought no change.
    pub empty_polls: u32,
    /// Requests sent again after a failure.
    pub retries: u32,
    /// Polls open now.
    pub open_polls: u32,
    /// Waits under way now.
    pub waits: u32,
}

impl InitialResponse {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        body_text(&self.body)
    }

    pub(super) fn of(response: &Response) -> Self {
        Self {
            status: response.status,
            body: Rc::clone(&response.body),
            location: response.location.clone(),
            request_id: response.request_id.clone(),
        }
    }
}
