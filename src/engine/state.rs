//! Who waits for which job, whose answer this is, which timer is next.
//!
//! The engine's tables stand here; what happens to them, by subject, in the files beside.

use std::rc::Rc;

use crate::engine::batch::BatchSupport;
use crate::engine::call::Call;
use crate::engine::config::Config;
use crate::engine::order::{Order, Pair};
use crate::engine::policy::Jitter;
use crate::engine::poll::{Poll, ServerProfile};
use crate::engine::poller::{JobPoller, Terminal};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::record::Snapshot;
use crate::engine::protocol::response::Response;
use crate::engine::protocol::token::{JobEvidence, written};
use crate::engine::protocol::url::JobId;
use crate::engine::scheduler::Scheduler;
use crate::engine::table::Table;
use crate::engine::time::Time;

use super::io::{Credential, ExchangeId, InitialResponse, Input, Outcome, Output, Stats, WaiterId};
use super::peers::Role;
use super::trace::ClientEvent;

/// The whole of a client's decisions. See the [module](super) for how to run it.
#[derive(Debug)]
pub struct Engine {
    pub(super) config: Config,
    /// The time of the event that is being handled.
    pub(super) now: Time,
    pub(super) profile: ServerProfile,
    pub(super) jitter: Jitter,
    pub(super) scheduler: Scheduler,
    pub(super) batch_support: BatchSupport,
    /// By a hash of the id, and the order in which they came.
    pub(super) jobs: Table<Job>,
    pub(super) jobs_known: u64,
    pub(super) waiters: Table<Waiter>,
    /// Who waits for the end of which job: a job's number and a waiter's id.
    pub(super) waits: Order,
    pub(super) exchanges: Table<Exchange>,
    pub(super) timers: Order,
    /// When the queue for slots is looked at again.
    pub(super) slots_at: Option<Time>,
    pub(super) commands: Vec<Option<Output>>,
    /// How many of them were handed out.
    pub(super) handed_out: usize,
    pub(super) last_exchange: ExchangeId,
    /// How often a fresh credential was given: tells which requests carried an older one.
    pub(super) generation: u32,
    /// What waits for the `auth` function's second answer; `None` while it is not being asked.
    pub(super) refused: Option<Vec<(ExchangeId, Owner, Response)>>,
    /// Until when the second answer is waited for.
    pub(super) credential_until: Option<Time>,
    pub(super) stats: Stats,
    pub(super) role: Role,
    /// When the next message to the other tabs is due.
    pub(super) next_heartbeat: Option<Time>,
    /// The browser says that there is no network.
    pub(super) offline: bool,
    /// When all jobs were last polled anew.
    pub(super) polled_all_at: Time,
    pub(super) closed: bool,
}

/// A job's number, as long as it is known.
pub(super) type JobKey = u32;

#[derive(Debug)]
pub(super) struct Job {
    pub(super) name: Pair,
    pub(super) poller: JobPoller,
    pub(super) handle_count: u32,
    pub(super) activity: Activity,
    /// Its place among those who wait for a slot, while it is queued.
    pub(super) turn: Pair,
    /// With which credential it is polled then.
    pub(super) credential: Credential,
    /// The request that asks for it, while it is being polled.
    pub(super) exchange: ExchangeId,
    /// When another tab last said that it wants to hear of it.
    pub(super) remote_interest_at: Option<Time>,
    /// The leading tab could not say what became of it.
    pub(super) polled_locally: bool,
    /// It was not found among many, and is asked for by itself.
    pub(super) excluded_from_batch: bool,
    /// When its last poll ended: while one is held, the job is in sight.
    pub(super) seen_at: Option<Time>,
    /// A pause holds for the job, not for those who wait: leaving and coming back must not cut it.
    pub(super) not_before: Time,
    pub(super) terminal: Option<Terminal>,
    /// Answers taken in, so that a slow single poll cannot overwrite what is newer.
    pub(super) responses: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    Idle,
    /// It waits for a slot.
    Queued,
    Polling,
    /// A pause runs.
    Resting,
    /// A pause runs for so long that the others may have its share of the slots.
    Away,
    AwaitingCredential,
    /// Another tab polls it, and is listened to.
    Delegated,
}

#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) deadline: Option<Time>,
    /// The deadline passed while the machine slept; one look comes before it is declared.
    pub(super) overdue: bool,
    pub(super) progress: bool,
    /// The request that is made for this waiter alone.
    pub(super) exchange: Option<ExchangeId>,
    /// When its call is sent again, if it is to be.
    pub(super) backoff_until: Option<Time>,
    pub(super) goal: Goal,
}

#[derive(Debug)]
pub(super) enum Goal {
    /// The first answer to a call.
    Response(Box<Call>),
    /// A job's end; with the accepting answer if the wait began with a call.
    JobEnd {
        job: JobKey,
        accepted: Option<Rc<InitialResponse>>,
    },
    /// The answer to a single poll.
    Single { job: JobId, responses: u32 },
}

#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) owner: Owner,
    pub(super) sent_at: Time,
    pub(super) timeout_at: Option<Time>,
    pub(super) generation: u32,
    pub(super) fresh: bool,
    pub(super) poll: Option<Poll>,
    /// Its time to be cut passed in a sleep.
    pub(super) extended: bool,
    /// How its end is reported, if anybody listens.
    pub(super) report: Option<ClientEvent>,
}

/// Whom an exchange belongs to.
#[derive(Debug)]
pub(super) enum Owner {
    Call(WaiterId),
    Job(JobKey),
    Batch(Vec<JobKey>),
    Single(WaiterId),
}

impl Owner {
    /// Single polls go beside the others, and calls are not polls.
    pub(super) fn takes_slot(&self) -> bool {
        matches!(self, Self::Job(_) | Self::Batch(_))
    }
}

impl Engine {
    /// An engine that has seen nothing yet. One seed gives one history.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            now: Time::default(),
            profile: ServerProfile::new(config.poll_timeout),
            scheduler: Scheduler::new(config.max_open_polls.get()),
            role: if config.shared {
                Role::Follower {
                    heard_at: Time::default(),
                    silent: false,
                    leader_seen: false,
                }
            } else {
                Role::Standalone
            },
            next_heartbeat: None,
            batch_support: BatchSupport::new(),
            config,
            jitter: Jitter::new(seed),
            jobs: Table::new(),
            jobs_known: 0,
            waiters: Table::new(),
            waits: Order::default(),
            exchanges: Table::new(),
            timers: Order::default(),
            slots_at: None,
            commands: Vec::new(),
            handed_out: 0,
            last_exchange: 0,
            generation: 0,
            refused: None,
            credential_until: None,
            stats: Stats::default(),
            offline: false,
            polled_all_at: Time::default(),
            closed: false,
        }
    }

    /// Takes in what happened at `now`, which must not lie before an earlier `now`.
    pub fn handle(&mut self, now: Time, event: Input) {
        if self.closed {
            return self.refuse(&event);
        }
        self.now = now;
        self.detect_sleep();
        match event {
            Input::Call {
                waiter,
                spec,
                timeout,
                progress,
            } => self.issue(waiter, spec, timeout, progress),
            Input::Attach { job } => {
                self.attach(&job);
            }
            Input::Resume { token } => {
                let job = self.attach(&token.job);
                if let Some(job) = self.jobs.row_mut(job) {
                    job.poller.resume(&token);
                }
            }
            Input::Detach { job } => {
                let key = self.find(&job);
                if let Some(job) = self.jobs.row_mut(key) {
                    job.handle_count = job.handle_count.saturating_sub(1);
                }
                self.drop_if_unused(key);
            }
            Input::Wait {
                waiter,
                job,
                timeout,
                progress,
            } => {
                let job = self.job(&job);
                let goal = Goal::JobEnd {
                    job,
                    accepted: None,
                };
                self.add_waiter(waiter, timeout, progress, goal);
                self.add_waiter_to_job(waiter, job);
            }
            Input::PollOnce {
                waiter,
                job,
                timeout,
            } => self.poll_once(waiter, job, timeout),
            Input::Abort { waiter } => self.settle(waiter, Outcome::Aborted),
            Input::ResponseReceived { exchange, response } => self.answered(exchange, response),
            Input::RequestFailed { exchange, failure } => self.unanswered(exchange, &failure),
            Input::CredentialRefreshed { fresh } => self.credential(fresh),
            Input::Timer => self.fire_timers(),
            // While nobody waits nobody listens either, and would be told that it is back.
            Input::Offline => self.offline = self.waiters.len() > 0,
            Input::Resumed => self.awake(),
            Input::LeaderChanged { leads } => self.lead(leads),
            Input::PeerMessage { text } => self.on_message(&text),
            Input::Close => self.close(),
        }
        self.fill_slots();
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        let next = self.commands.get_mut(self.handed_out)?.take();
        self.handed_out = self.handed_out.wrapping_add(1);
        if self.handed_out == self.commands.len() {
            self.commands.clear();
            self.handed_out = 0;
        }
        next
    }

    /// When to call again with [`Input::Timer`], if nothing else happens before.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Time> {
        self.timers.first().map(|(at, _)| Time::from_millis(at))
    }

    /// What is known of a job that somebody holds on to or waits for.
    #[must_use]
    pub fn latest(&self, job: &JobId) -> Option<Rc<Snapshot>> {
        let job = self.jobs.row(self.find(job))?;
        job.poller.latest.clone()
    }

    /// The token with which a wait for the job goes on elsewhere.
    #[must_use]
    pub fn token(&self, job: &JobId) -> String {
        let (known, cursor) = match self.jobs.row(self.find(job)) {
            Some(known) => known.poller.known(),
            None => (JobEvidence::Unknown, ""),
        };
        written(&self.config.base, known, job, cursor)
    }

    /// Whether the waiter's own call may yet have to be sent.
    #[must_use]
    pub fn is_calling(&self, waiter: WaiterId) -> bool {
        self.waiter(waiter)
            .is_some_and(|it| matches!(it.goal, Goal::Response(_)))
    }

    /// Counts so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            waits: u32::try_from(self.waiters.len()).unwrap_or(u32::MAX),
            ..self.stats
        }
    }

    /// How many jobs, waiters, requests and timers are held: all zero when nothing is left over.
    #[must_use]
    pub fn held(&self) -> [usize; 4] {
        [
            self.jobs.len(),
            self.waiters.len(),
            self.exchanges.len(),
            self.timers.len(),
        ]
    }
}

/// Trouble with a job that a call started carries the id of the request that started it, unless a
/// later answer brought one of its own.
pub(super) fn with_request(
    mut error: Box<Error>,
    accepted: Option<&Rc<InitialResponse>>,
) -> Outcome {
    if let Some(accepted) = accepted.filter(|_| error.request_id.is_none()) {
        error.request_id.clone_from(&accepted.request_id);
    }
    Outcome::Failed(error)
}
