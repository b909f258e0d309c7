//! Who waits for which job, whose answer this is, which timer is next.
//!
//! The engine's tables stand here; what happens to them, by subject, in the files beside.

mod calls;
mod credentials;
mod event;
mod exchanges;
mod jobs;
mod lists;
mod reports;
mod single;
mod sleep;
mod slots;
mod tabs;
mod waiters;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::address::JobId;
use super::call::Call;
use super::error::Trouble;
use super::follow::{Ending, Follow};
use super::job::Snapshot;
use super::list::Listing;
use super::options::Config;
use super::policy::Jitter;
use super::poll::{Poll, PollStyle};
use super::response::Answer;
use super::scheduler::{Scheduler, Turn};
use super::time::Time;
use super::token::{Known, Token};

pub use event::{
    Accepted, CallSpec, Command, Credential, Event, ExchangeId, Outcome, Stats, WaiterId,
};
pub use reports::{Report, ReportKind};
use tabs::Role;

/// The whole of a client's decisions. See the [module](super) for how to run it.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    /// The time of the event that is being handled.
    now: Time,
    style: PollStyle,
    jitter: Jitter,
    scheduler: Scheduler,
    listing: Listing,
    jobs: BTreeMap<Rc<str>, Job>,
    waiters: BTreeMap<WaiterId, Waiter>,
    exchanges: BTreeMap<ExchangeId, Exchange>,
    timers: BTreeSet<(Time, Timer)>,
    /// When the queue for slots is looked at again.
    slots_at: Option<Time>,
    commands: VecDeque<Command>,
    last_exchange: ExchangeId,
    /// How often a fresh credential was given: tells which requests carried an older one.
    generation: u32,
    /// What waits for the `auth` function's second answer; `None` while it is not being asked.
    refused: Option<Vec<(Owner, Answer)>>,
    /// Until when the second answer is waited for.
    credential_until: Time,
    stats: Stats,
    role: Role,
    /// When the next message to the other tabs is due.
    beats_at: Option<Time>,
    /// The browser says that there is no network.
    offline: bool,
    /// When all jobs were last polled anew.
    looked_at: Time,
    closed: bool,
}

#[derive(Debug)]
struct Job {
    follow: Follow,
    waiters: BTreeSet<WaiterId>,
    attached: u32,
    activity: Activity,
    /// When another tab last said that it wants to hear of it.
    wanted_at: Option<Time>,
    /// The leading tab could not say what became of it.
    own: bool,
    /// It was not found among many, and is asked for by itself.
    alone: bool,
    /// When its last poll ended: while one is held, the job is in sight.
    seen_at: Option<Time>,
    /// A pause holds for the job, not for those who wait: leaving and coming back must not cut it.
    rest_until: Time,
    ending: Option<Ending>,
    /// Answers taken in, so that a slow single poll cannot overwrite what is newer.
    answers: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Activity {
    Idle,
    /// It waits for a slot, to be polled with this credential.
    Queued(Turn, Credential),
    Polling(ExchangeId),
    /// A pause runs. `away`: for so long that the others may have its share of the slots.
    Resting {
        away: bool,
    },
    AwaitingCredential,
    /// Another tab polls it, and is listened to.
    Listening,
}

#[derive(Debug)]
struct Waiter {
    deadline: Time,
    /// The deadline passed while the machine slept; one look comes before it is declared.
    overdue: bool,
    progress: bool,
    goal: Goal,
}

#[derive(Debug)]
enum Goal {
    /// The first answer to a call.
    Answer {
        call: Call,
        backoff_until: Option<Time>,
        exchange: Option<ExchangeId>,
    },
    /// A job's end; with the accepting answer if the wait began with a call.
    JobEnd {
        job: Rc<str>,
        accepted: Option<Rc<Accepted>>,
    },
    /// The answer to a single poll.
    Single {
        job: JobId,
        exchange: Option<ExchangeId>,
        answers: u32,
    },
}

#[derive(Debug)]
struct Exchange {
    owner: Owner,
    sent_at: Time,
    cut_at: Time,
    generation: u32,
    fresh: bool,
    poll: Option<Poll>,
    /// Its time to be cut passed in a sleep.
    put_off: bool,
    /// What it is called in reports, if anybody listens.
    about: Option<Report>,
}

/// Whom an exchange belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Owner {
    Call(WaiterId),
    Job(Rc<str>),
    List(Vec<Rc<str>>),
    Single(WaiterId),
}

impl Owner {
    /// Single polls go beside the others, and calls are not polls.
    fn takes_slot(&self) -> bool {
        matches!(self, Self::Job(_) | Self::List(_))
    }
}

/// At one moment the ends of requests come before the deadlines of those who wait for them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Cut(ExchangeId),
    Slots,
    Beat,
    Credential,
    Rest(Rc<str>),
    Backoff(WaiterId),
    Deadline(WaiterId),
}

impl Engine {
    /// An engine that has seen nothing yet. One seed gives one history.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            now: Time::default(),
            style: PollStyle::new(config.poll_timeout),
            scheduler: Scheduler::new(config.max_open_polls),
            role: if config.shared {
                Role::Follows {
                    heard_at: Time::default(),
                    silent: false,
                    met: false,
                }
            } else {
                Role::Alone
            },
            beats_at: None,
            listing: Listing::Untried { failures: 0 },
            config,
            jitter: Jitter::new(seed),
            jobs: BTreeMap::new(),
            waiters: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            timers: BTreeSet::new(),
            slots_at: None,
            commands: VecDeque::new(),
            last_exchange: 0,
            generation: 0,
            refused: None,
            credential_until: Time::default(),
            stats: Stats::default(),
            offline: false,
            looked_at: Time::default(),
            closed: false,
        }
    }

    /// Takes in what happened at `now`, which must not lie before an earlier `now`.
    pub fn handle(&mut self, now: Time, event: Event) {
        if self.closed {
            return self.refuse(event);
        }
        self.now = now;
        self.notice_sleep(now);
        match event {
            Event::Call {
                waiter,
                spec,
                timeout,
                progress,
            } => {
                self.issue(now, waiter, spec, now.after(timeout), progress);
            }
            Event::Attach { job } => {
                let job = self.job(&job);
                job.attached = job.attached.saturating_add(1);
            }
            Event::Resume { token } => {
                let job = self.job(&token.job);
                job.attached = job.attached.saturating_add(1);
                job.follow.resume(&token);
            }
            Event::Detach { job } => {
                if let Some(known) = self.jobs.get_mut(job.text()) {
                    known.attached = known.attached.saturating_sub(1);
                }
                self.forget_if_unused(job.text());
            }
            Event::Wait {
                waiter,
                job,
                timeout,
                progress,
            } => {
                let deadline = now.after(timeout);
                self.job(&job);
                let goal = Goal::JobEnd {
                    job: Rc::clone(job.text()),
                    accepted: None,
                };
                self.add_waiter(
                    waiter,
                    Waiter {
                        deadline,
                        overdue: false,
                        progress,
                        goal,
                    },
                );
                self.join(now, waiter, job.text());
            }
            Event::PollOnce {
                waiter,
                job,
                timeout,
            } => {
                self.poll_once(now, waiter, job, now.after(timeout));
            }
            Event::Abort { waiter } => self.settle(waiter, Outcome::Aborted),
            Event::Answered { exchange, answer } => self.answered(now, exchange, answer),
            Event::Unanswered { exchange, failure } => self.unanswered(now, exchange, &failure),
            Event::Credential { fresh } => self.credential(now, fresh),
            Event::Timer => self.fire(now),
            Event::Offline => self.offline = true,
            Event::Awake => self.awake(now),
            Event::Lead { leads } => self.lead(now, leads),
            Event::Heard { text } => self.heard(now, &text),
            Event::Close => self.close(),
        }
        self.fill_slots(now);
    }

    /// The next thing to do, until there is none.
    pub fn next_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// When to call again with [`Event::Timer`], if nothing else happens before.
    #[must_use]
    pub fn wake_at(&self) -> Option<Time> {
        self.timers.first().map(|(time, _)| *time)
    }

    /// What is known of a job that somebody holds on to or waits for.
    #[must_use]
    pub fn latest(&self, job: &JobId) -> Option<Rc<Snapshot>> {
        self.jobs.get(job.text())?.follow.latest.clone()
    }

    /// The token with which a wait for the job goes on elsewhere.
    #[must_use]
    pub fn token(&self, job: &JobId) -> String {
        let known = self.jobs.get(job.text());
        let token = known.map_or_else(
            || Token {
                job: job.clone(),
                known: Known::Unknown,
                cursor: None,
            },
            |known| known.follow.token(),
        );
        token.write(&self.config.base)
    }

    /// Counts so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Stats {
            open_polls: count(
                self.exchanges
                    .values()
                    .filter(|it| it.poll.is_some())
                    .count(),
            ),
            waits: count(self.waiters.len()),
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
fn with_request(mut trouble: Trouble, accepted: &Accepted) -> Trouble {
    if trouble.request_id.is_none() {
        trouble.request_id.clone_from(&accepted.request_id);
    }
    trouble
}
