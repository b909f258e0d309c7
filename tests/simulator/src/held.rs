//! Requests without a response yet, by ticket, by time and by job.

use std::collections::{BTreeMap, BTreeSet};

use crate::deploy::jobs::JobKey;
use crate::deploy::polls::Poll;
use crate::http::{Response, Ticket};
use crate::rules::Rule;

#[derive(Debug, Default)]
pub(crate) struct HeldRequests {
    held: BTreeMap<Ticket, Held>,
    due: BTreeSet<(u64, Ticket)>,
    polls: BTreeMap<JobKey, BTreeSet<Ticket>>,
    made: u64,
}

#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) who: Who,
    /// None: until the client disconnects.
    pub(crate) due: Option<u64>,
    pub(crate) waits: Waits,
}

/// The request's number in the log, and the job that it polls.
#[derive(Debug)]
pub(crate) struct Who {
    pub(crate) number: u64,
    pub(crate) asks: Option<String>,
}

#[derive(Debug)]
pub(crate) enum Waits {
    /// Waits for a change of the job; a rule applies.
    Poll(Poll, Option<Box<Rule>>),
    /// Waits for a change of the job or for a proxy's timeout.
    Cut(Poll, Box<Response>),
    /// Waits for a delayed response.
    Late(Box<Response>),
    /// Hangs.
    Forever,
}

impl HeldRequests {
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(crate) fn next_due(&self) -> Option<u64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Holds a request under a new ticket, or under its previous one.
    pub(crate) fn keep(&mut self, ticket: Option<Ticket>, held: Held) -> Ticket {
        let ticket = ticket.unwrap_or_else(|| {
            self.made = self.made.saturating_add(1);
            Ticket(self.made)
        });
        if let Some(due) = held.due {
            self.due.insert((due, ticket));
        }
        if let Some(poll) = held.waits.poll() {
            self.polls.entry(poll.job).or_default().insert(ticket);
        }
        self.held.insert(ticket, held);
        ticket
    }

    pub(crate) fn release(&mut self, ticket: Ticket) -> Option<Held> {
        let held = self.held.remove(&ticket)?;
        if let Some(due) = held.due {
            self.due.remove(&(due, ticket));
        }
        if let Some(poll) = held.waits.poll()
            && let Some(tickets) = self.polls.get_mut(&poll.job)
        {
            tickets.remove(&ticket);
            if tickets.is_empty() {
                self.polls.remove(&poll.job);
            }
        }
        Some(held)
    }

    /// Removes the request that is due first.
    pub(crate) fn release_due(&mut self) -> Option<(Ticket, Held)> {
        let (_, ticket) = *self.due.first()?;
        Some((ticket, self.release(ticket)?))
    }

    /// Removes all requests.
    pub(crate) fn release_all(&mut self) -> Vec<(Ticket, Held)> {
        let tickets: Vec<Ticket> = self.held.keys().copied().collect();
        tickets
            .into_iter()
            .filter_map(|ticket| Some((ticket, self.release(ticket)?)))
            .collect()
    }

    /// The polls that wait for a job.
    pub(crate) fn polls_of(&self, job: JobKey) -> Vec<(Ticket, Poll)> {
        let tickets = self.polls.get(&job).into_iter().flatten();
        let polls = tickets
            .filter_map(|ticket| Some((*ticket, self.held.get(ticket)?.waits.poll()?.clone())));
        polls.collect()
    }
}

impl Waits {
    fn poll(&self) -> Option<&Poll> {
        match self {
            Self::Poll(poll, _) | Self::Cut(poll, _) => Some(poll),
            Self::Late(_) | Self::Forever => None,
        }
    }
}
