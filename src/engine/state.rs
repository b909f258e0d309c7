//! The engine: its state machines and the methods that the runtime calls.
//!
//! [`transitions`](super::transitions) connects the machines, one file per subject.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::auth_refresh::AuthRefresh;
use super::batch::BatchSupport;
use super::by_id::ById;
use super::call::CallSpec;
use super::config::Config;
use super::exchanges::{Exchange, OpenPolls};
use super::ids::{ExchangeId, WaiterId};
use super::io::{Input, Outcome, Output, Stats, Usage, WaitOptions};
use super::job::Job;
use super::peers::Peers;
use super::policy::Jitter;
use super::poll::ServerProfile;
use super::protocol::record::Snapshot;
use super::protocol::token::{JobEvidence, Token, written};
use super::protocol::url::JobId;
use super::scheduler::Scheduler;
use super::store::JobStore;
use super::time::Time;
use super::timers::Timers;
use super::waiters::{Goal, Waiter};
use super::wake::WakeDetector;

/// Makes all decisions of one client. The [module](super) describes how to run it.
#[derive(Debug)]
pub struct Engine {
    pub(super) config: Config,
    /// The time of the current command or input.
    pub(super) now: Time,
    pub(super) jobs: JobStore,
    pub(super) waiters: ById<WaiterId, Waiter>,
    pub(super) exchanges: ById<ExchangeId, Exchange>,
    pub(super) open_polls: OpenPolls,
    pub(super) timers: Timers,
    pub(super) scheduler: Scheduler,
    pub(super) profile: ServerProfile,
    pub(super) batch_support: BatchSupport,
    pub(super) auth_refresh: AuthRefresh,
    pub(super) peers: Peers,
    pub(super) wake: WakeDetector,
    pub(super) jitter: Jitter,
    pub(super) stats: Stats,
    pub(super) outputs: VecDeque<Output>,
    /// The environment reports that the network is offline.
    pub(super) offline: bool,
    pub(super) closed: bool,
}

impl Engine {
    /// An engine without jobs. The same seed and inputs give the same history.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            now: Time::default(),
            jobs: JobStore::new(),
            waiters: ById::new(),
            exchanges: ById::new(),
            open_polls: OpenPolls::new(),
            timers: Timers::new(),
            scheduler: Scheduler::new(config.max_open_polls.get()),
            profile: ServerProfile::new(config.poll_timeout),
            batch_support: BatchSupport::new(),
            auth_refresh: AuthRefresh::new(),
            peers: Peers::new(config.shared),
            wake: WakeDetector::new(),
            jitter: Jitter::new(seed),
            stats: Stats::default(),
            outputs: VecDeque::new(),
            offline: false,
            closed: false,
            config,
        }
    }
}

/// Getters.
impl Engine {
    /// The latest snapshot of a job with a handle or a waiter.
    #[must_use]
    pub fn latest(&self, job: &JobId) -> Option<Rc<Snapshot>> {
        self.find(job)?.poller.latest.clone()
    }

    /// A token that resumes the wait for a job in another client.
    #[must_use]
    pub fn token(&self, job: &JobId) -> String {
        let (known, cursor) = match self.find(job) {
            Some(known) => known.poller.known(),
            None => (JobEvidence::Unknown, ""),
        };
        written(&self.config.base, known, job, cursor)
    }

    /// Whether the waiter's call may be sent again, so that its body is needed.
    #[must_use]
    pub fn is_calling(&self, waiter: WaiterId) -> bool {
        let waiter = self.waiters.get(waiter);
        waiter.is_some_and(|it| matches!(it.goal, Goal::Response(_)))
    }

    /// The counts so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            waits: u32::try_from(self.waiters.len()).unwrap_or(u32::MAX),
            open_polls: u32::try_from(self.exchanges.open_polls()).unwrap_or(u32::MAX),
            ..self.stats
        }
    }

    /// What the engine stores now.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage {
            jobs: self.jobs.len(),
            waiters: self.waiters.len(),
            exchanges: self.exchanges.len(),
            timers: self.timers.len(),
        }
    }

    fn find(&self, job: &JobId) -> Option<&Job> {
        self.jobs.get(self.jobs.find(job)?)
    }
}

/// Commands of the user. `now` must not decrease.
impl Engine {
    /// Issues a call. Its [`goal`](CallSpec::goal) is what the waiter waits for.
    pub fn call(&mut self, now: Time, spec: CallSpec, options: WaitOptions) -> WaiterId {
        let waiter = self.waiters.new_id();
        if self.closed {
            self.settle_closed_call(waiter);
        } else {
            self.begin(now);
            self.issue(waiter, spec, options);
            self.fill_slots();
        }
        waiter
    }

    /// Waits for the end of a job.
    pub fn wait(&mut self, now: Time, job: &JobId, options: WaitOptions) -> WaiterId {
        let waiter = self.waiters.new_id();
        if self.closed {
            self.settle_closed_wait(waiter, job);
        } else {
            self.begin(now);
            self.wait_for_job(waiter, job, options);
            self.fill_slots();
        }
        waiter
    }

    /// Sends one standard poll now, independent of the job's shared poll.
    pub fn poll_once(&mut self, now: Time, job: &JobId, timeout: Option<Duration>) -> WaiterId {
        let waiter = self.waiters.new_id();
        if self.closed {
            self.settle_closed_poll(waiter, job);
        } else {
            self.begin(now);
            self.start_single(waiter, job, timeout);
            self.fill_slots();
        }
        waiter
    }

    /// Ends a wait with [`Outcome::Aborted`].
    pub fn abort(&mut self, now: Time, waiter: WaiterId) {
        if !self.closed {
            self.begin(now);
            self.settle(waiter, Outcome::Aborted);
            self.fill_slots();
        }
    }

    /// Adds a handle to a job. The engine keeps the job's state until [`detach`](Self::detach).
    pub fn attach(&mut self, now: Time, job: &JobId) {
        if !self.closed {
            self.begin(now);
            self.add_handle(job);
            self.fill_slots();
        }
    }

    /// Adds a handle to the token's job and applies the token.
    pub fn resume(&mut self, now: Time, token: &Token) {
        if !self.closed {
            self.begin(now);
            let key = self.add_handle(&token.job);
            if let Some(job) = self.jobs.get_mut(key) {
                job.poller.resume(token);
            }
            self.fill_slots();
        }
    }

    /// Removes a handle that [`attach`](Self::attach), [`resume`](Self::resume) or [`Outcome::Accepted`]
    /// added.
    pub fn detach(&mut self, now: Time, job: &JobId) {
        if !self.closed {
            self.begin(now);
            self.remove_handle(job);
            self.fill_slots();
        }
    }

    /// Cancels all requests and ends all waits with a [`Closed`](super::ErrorCode::Closed) error. Later waits
    /// fail the same way, unless the engine knows how their job ended.
    pub fn close(&mut self, now: Time) {
        if !self.closed {
            self.begin(now);
            self.end_everything();
            self.fill_slots();
        }
    }
}

/// Inputs.
impl Engine {
    /// Handles an external event at `now`, which must not decrease.
    pub fn handle(&mut self, now: Time, input: Input) {
        if self.closed {
            return;
        }
        self.begin(now);
        match input {
            Input::RequestSent { exchange } => self.on_request_sent(exchange),
            Input::ResponseReceived { exchange, response } => {
                self.on_response(exchange, response);
            }
            Input::RequestFailed { exchange, failure } => {
                self.on_transport_error(exchange, &failure);
            }
            Input::RecordChecked { waiter, is_met } => self.on_record_checked(waiter, is_met),
            Input::CredentialRefreshed { fresh } => self.finish_refresh(fresh),
            Input::Timeout => self.fire_timers(),
            // While nothing waits, the runtime watches no network events and would not report that the
            // network is back.
            Input::Offline => self.offline = !self.waiters.is_empty(),
            Input::Resumed => self.on_resumed(),
            Input::LeaderChanged { leads } => self.on_leader_changed(leads),
            Input::NotShared => self.on_not_shared(),
            Input::Multiplexed { yes } => self.on_multiplexed(yes),
            Input::PeerMessage { text } => self.on_peer_message(&text),
        }
        self.fill_slots();
    }

    fn begin(&mut self, now: Time) {
        self.now = now;
        self.detect_gap();
    }
}

/// Outputs.
impl Engine {
    /// The next output; `None` when there is none left.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to give [`Input::Timeout`], if nothing else happens before.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Time> {
        self.timers.next()
    }
}
