//! One request for many jobs, where jobs outnumber the slots by far.

use std::rc::Rc;

use super::event::{Command, Credential, ExchangeId};
use super::{Activity, Engine, Owner};
use crate::core::follow::before_deadline;
use crate::core::list::{ListReading, ListTarget, is_listable, read_list};
use crate::core::poll::Poll;
use crate::core::response::{Answer, SendFailure};
use crate::core::scheduler::Haste;
use crate::core::time::{Millis, Time};

impl Engine {
    /// Asks for this job and for others whose turn is near, in one request. False if that cannot be.
    pub(super) fn send_list(&mut self, now: Time, first: &Rc<str>) -> bool {
        if !self.scheduler.wants_lists() || !self.listing.may_ask() || !self.can_be_listed(first) {
            return false;
        }
        let mut target = ListTarget::new(&self.config.base, self.style.fields);
        if !target.add(first) {
            return false;
        }
        let mut jobs = vec![Rc::clone(first)];
        while let Some(next) = self.scheduler.peek_soon(now).cloned() {
            if !self.can_be_listed(&next.job) || !target.add(&next.job) {
                break;
            }
            self.scheduler.leave(&next);
            jobs.push(next.job);
        }
        if jobs.len() < 2 {
            return false;
        }
        let exchange = self.last_exchange.wrapping_add(1);
        for id in &jobs {
            self.becomes(id, Activity::Polling(exchange));
        }
        self.listing.asks();
        let poll = Poll {
            hold: None,
            fields: self.style.fields,
            cursor: None,
        };
        let cut_at = now.after(poll.cut_after());
        let credential = Credential::Usual;
        let exchange = self.open(now, Owner::List(jobs), cut_at, credential, Some(poll));
        self.commands.push_back(Command::SendPoll {
            exchange,
            target: target.into_text(),
            credential,
        });
        true
    }

    fn can_be_listed(&self, id: &Rc<str>) -> bool {
        is_listable(id)
            && self.jobs.get(id).is_some_and(|job| {
                !job.alone && !matches!(job.activity, Activity::Queued(_, Credential::Fresh))
            })
    }

    pub(super) fn list_result(
        &mut self,
        now: Time,
        asked: Vec<Rc<str>>,
        result: Result<&Answer, &SendFailure>,
    ) {
        let mut found = match result.map(|answer| read_list(&asked, answer)) {
            Ok(ListReading::Jobs(found)) => {
                self.listing.works();
                self.scheduler.listed(asked.len());
                found
            }
            Ok(ListReading::Odd) => {
                self.listing.refused();
                self.scheduler.unlisted();
                Default::default()
            }
            Ok(ListReading::Transient) | Err(_) => {
                self.listing.failed();
                self.scheduler.unlisted();
                let retry_after = result.ok().and_then(Answer::retry_after);
                return self.rest_all(now, &asked, retry_after);
            }
        };
        let mut brought_news = false;
        for id in asked {
            self.becomes(&id, Activity::Idle);
            let Some(job) = self.jobs.get_mut(&id) else {
                continue;
            };
            job.seen_at = Some(now);
            let Some(snapshot) = found.remove(&id) else {
                // What is not in the list is asked for by itself, which tells why.
                job.alone = true;
                self.want_poll(now, &id, Credential::Usual, Haste::News);
                continue;
            };
            job.answers = job.answers.wrapping_add(1);
            let verdict = self.judge(now, &id, |follow, context| follow.listed(snapshot, context));
            if let Some(verdict) = verdict {
                brought_news |= verdict.news;
                self.go_on(now, &id, verdict);
            }
        }
        self.count_poll(brought_news);
    }

    /// The server cannot answer now: each job is asked for by itself, after a pause.
    fn rest_all(&mut self, now: Time, asked: &[Rc<str>], retry_after: Option<Millis>) {
        for id in asked {
            let deadline = self.nearest_deadline(id);
            let delay = self.config.retry.delay(1, retry_after, &mut self.jitter);
            let delay = before_deadline(delay, now, deadline);
            self.becomes(id, Activity::Idle);
            let Some(job) = self.jobs.get_mut(id) else {
                continue;
            };
            job.seen_at = Some(now);
            job.alone = true;
            self.retry(now, id, delay, 1);
        }
        self.count_poll(false);
    }

    /// The job leaves a request for many; the last one ends it.
    pub(super) fn leave_exchange(&mut self, id: &Rc<str>, exchange: ExchangeId) {
        if let Some(Owner::List(jobs)) = self.exchanges.get_mut(&exchange).map(|it| &mut it.owner) {
            jobs.retain(|job| job != id);
            if !jobs.is_empty() {
                return;
            }
            self.listing.gives_up();
        }
        self.cancel(exchange);
    }

    /// A request for many was refused for its credential: each job is asked for by itself.
    pub(super) fn list_unauthorized(&mut self, now: Time, jobs: &[Rc<str>], answer: &Answer) {
        self.listing.gives_up();
        for id in jobs {
            self.job_unauthorized(now, id, answer);
        }
    }
}
