//! Servers with a limited capacity: a poll's result depends on earlier polls.

use std::collections::VecDeque;

use crate::pair::Millis;

/// How a server behaves under load.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Load {
    /// This many workers take this long per request; other requests wait in a queue.
    Queue { workers: usize, service: Millis },
    /// Above this many requests a second it responds with this status and a `Retry-After` in seconds.
    Refusing {
        in_a_second: usize,
        status: u16,
        retry_after: Option<u64>,
    },
    /// Above this many requests a second it breaks: every request gets a 503 for this long.
    Breaking { in_a_second: usize, down: Millis },
    /// Each request takes a random time in this range, independent of load.
    Noisy { least: Millis, most: Millis },
    /// Above this many open requests it stops responding.
    Hanging { at_once: usize, service: Millis },
}

/// The result of a poll.
#[derive(Debug)]
pub(crate) enum Fate {
    /// The server responds after this time.
    After(Millis),
    Status(u16, Option<u64>),
    Nothing,
}

/// A server under load, and its statistics.
#[derive(Debug)]
pub(crate) struct Loaded {
    load: Load,
    /// When each worker is free, or when requests arrived.
    times: VecDeque<Millis>,
    down_until: Millis,
    /// When each poll arrived, and how long it waited in the queue; `None` if it was rejected.
    pub(crate) polls: Vec<(Millis, Option<Millis>)>,
}

impl Loaded {
    pub(crate) fn new(load: Load) -> Self {
        let workers = match load {
            Load::Queue { workers, .. } => workers,
            _ => 0,
        };
        Self {
            load,
            times: vec![0; workers].into(),
            down_until: 0,
            polls: Vec::new(),
        }
    }

    pub(crate) fn take(&mut self, now: Millis) -> Fate {
        let fate = self.fate(now);
        let queued = match (&fate, self.load) {
            (Fate::After(time), Load::Queue { service, .. }) => Some(time - service),
            (Fate::After(_), _) => Some(0),
            _ => None,
        };
        self.polls.push((now, queued));
        fate
    }

    fn fate(&mut self, now: Millis) -> Fate {
        match self.load {
            Load::Queue { service, .. } => {
                let first = self.times.iter_mut().min().unwrap();
                *first = now.max(*first) + service;
                Fate::After(*first - now)
            }
            Load::Refusing {
                in_a_second,
                status,
                retry_after,
            } => {
                if self.came_within(now, 1_000) <= in_a_second {
                    Fate::After(5)
                } else {
                    Fate::Status(status, retry_after)
                }
            }
            Load::Breaking { in_a_second, down } => {
                if self.came_within(now, 1_000) > in_a_second && now >= self.down_until {
                    self.down_until = now + down;
                }
                if now < self.down_until {
                    Fate::Status(503, None)
                } else {
                    Fate::After(5)
                }
            }
            Load::Noisy { least, most } => {
                let number = u64::try_from(self.polls.len()).unwrap();
                Fate::After(least + number * 7_919 % (most - least))
            }
            Load::Hanging { at_once, service } => {
                if self.came_within(now, service) <= at_once {
                    Fate::After(service)
                } else {
                    Fate::Nothing
                }
            }
        }
    }

    fn came_within(&mut self, now: Millis, span: Millis) -> usize {
        self.times.push_back(now);
        while self.times.front().is_some_and(|at| at + span <= now) {
            self.times.pop_front();
        }
        self.times.len()
    }

    /// The number of polls in a time span, how many were rejected, and the longest queue.
    pub(crate) fn between(&self, from: Millis, to: Millis) -> (usize, usize, Millis) {
        let within = || self.polls.iter().filter(|(at, _)| (from..to).contains(at));
        let refused = within().filter(|(_, queued)| queued.is_none()).count();
        let longest = within().filter_map(|(_, queued)| *queued).max();
        (within().count(), refused, longest.unwrap_or(0))
    }
}
