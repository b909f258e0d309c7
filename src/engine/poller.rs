//! One job, from its first poll to its end.
//!
//! Every answer is a snapshot of the job's state; states and messages between two answers may be
//! missed. What ends a job is a state that the server spelled out, or its being known no longer.

use std::rc::Rc;

use crate::engine::policy::{Jitter, Retry, hot_loop_pause, interval, unseen_delay};
use crate::engine::poll::{Fields, Poll, PollStyle};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::record::{Phase, Snapshot};
use crate::engine::protocol::response::{
    NamedJob, Rejection, Response, TransportError, TransportErrorKind, read_poll,
};
use crate::engine::protocol::text::joined;
use crate::engine::protocol::token::{Known, Token};
use crate::engine::protocol::url::JobId;
use crate::engine::time::{Millis, Time};

/// Bodiless answers in a row after which a standard poll finds out where the job stands.
const BODILESS_BEFORE_RESYNC: u32 = 2;
/// Early answers in a row with nothing but a new stamp, after which the job counts as unchanged: a
/// server that stamps each answer anew would otherwise be polled without a pause.
const STAMP_ONLY_BEFORE_PAUSE: u32 = 6;
/// Without a network a failure counts for nothing. It is looked for all the same now and then: what
/// the surroundings know of it may be wrong.
pub(super) const OFFLINE_PAUSE: Millis = 15_000;
/// Early answers in a row that each brought something new, after which a job is looked at ten times a
/// second and no more: a message with a running clock in it changes as often as it is asked for.
const LIVELY_BEFORE_PAUSE: u32 = 64;
const LIVELY_PAUSE: Millis = 100;
/// The time kept before a deadline for one more poll.
pub(super) const LAST_LOOK: Millis = 1_000;

/// What is known of one job, and what its next poll will be.
#[derive(Debug)]
pub(super) struct Follow {
    pub(super) id: JobId,
    pub(super) latest: Option<Rc<Snapshot>>,
    cursor: Option<Rc<str>>,
    /// An accepting answer named this job, so a server that does not know it has forgotten it.
    named: bool,
    /// A poll has shown this job.
    seen: bool,
    /// The next poll is a standard poll, whatever else is known.
    resync: bool,
    /// A long poll of so many seconds got a 400; the standard poll after it tells what that meant.
    refused_hold: Option<u32>,
    /// A simpler form of the query that is being tried out.
    fields: Option<Fields>,
    failures: u32,
    unseen_tries: u32,
    bodiless: u32,
    early: u32,
    stamp_only: u32,
    lively: u32,
    /// Pauses of interval polling in a row without a change.
    rests: u32,
}

/// What the engine lends to a job while it judges an answer.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) now: Time,
    /// The nearest deadline of those who wait for the job.
    pub(super) deadline: Time,
    pub(super) style: &'a mut PollStyle,
    pub(super) retry: &'a Retry,
    pub(super) jitter: &'a mut Jitter,
    /// There is no network, as far as is known.
    pub(super) offline: bool,
}

/// What an answer led to.
#[derive(Debug)]
pub(super) struct Verdict {
    /// The snapshot is news: state, message or stamp differ from what was known.
    pub(super) news: bool,
    /// The answer showed the job as it is now.
    pub(super) looked: bool,
    pub(super) next: Next,
}

/// What comes next for a job.
#[derive(Debug)]
pub(super) enum Next {
    /// Poll at once.
    Poll,
    /// Poll after a pause, since the server holds no poll for it.
    Rest(Millis),
    /// Poll after a pause, since the server answers at once and nothing changes.
    Cool(Millis),
    /// Poll after a pause, since something failed.
    Retry(Millis),
    /// It is over, and settles the same way however often it is asked.
    End(Ending),
    /// Those who wait now are told of this; a later wait tries again.
    GiveUp(Box<Error>),
}

/// How a job ended.
#[derive(Debug, Clone)]
pub(super) enum Ending {
    /// In a terminal state.
    Over(Rc<Snapshot>),
    /// Known no longer: its outcome will never be learned.
    Gone(Box<Error>),
}

/// What was learned of a job.
#[derive(Debug)]
pub(super) enum Learned<'a> {
    /// The answer to a poll, which took so long.
    Response(&'a Poll, Millis, &'a Response),
    /// The end of a poll without an answer, after so long.
    NoAnswer(&'a Poll, Millis, &'a TransportError),
    /// A record that came with those of other jobs.
    Record(Rc<Snapshot>),
}

impl Verdict {
    /// The job was not shown.
    fn unseen(next: Next) -> Self {
        Self {
            news: false,
            looked: false,
            next,
        }
    }
}

impl Follow {
    /// A job of which no more than its id is known.
    pub(super) fn new(id: JobId) -> Self {
        Self {
            id,
            latest: None,
            cursor: None,
            named: false,
            seen: false,
            resync: false,
            refused_hold: None,
            fields: None,
            failures: 0,
            unseen_tries: 0,
            bodiless: 0,
            early: 0,
            stamp_only: 0,
            lively: 0,
            rests: 0,
        }
    }

    /// Takes in what an accepting answer said. What polls have shown since is newer, and stays.
    pub(super) fn accepted(&mut self, job: &NamedJob) -> Option<Ending> {
        self.named = true;
        let ending = job.snapshot.as_ref().and_then(over);
        if self.latest.is_none() || ending.is_some() {
            self.latest.clone_from(&job.snapshot);
            self.cursor.clone_from(&job.cursor);
        }
        ending
    }

    /// Takes in what a token says. What is known here is newer, and stays.
    pub(super) fn resume(&mut self, token: &Token) {
        if self.latest.is_none() && self.cursor.is_none() {
            self.cursor = token.cursor.as_deref().map(Into::into);
        }
        self.named |= token.known >= Known::Named;
        self.seen |= token.known >= Known::Seen;
    }

    /// How far the server's knowledge of the job is known, and the cursor, for another client to go on.
    pub(super) fn known(&self) -> (Known, &str) {
        let known = match (self.seen, self.named) {
            (true, _) => Known::Seen,
            (false, true) => Known::Named,
            (false, false) => Known::Unknown,
        };
        // A job that is over changes no more: a long poll with its stamp would only be held.
        let over = self.latest.as_ref().is_some_and(|it| over(it).is_some());
        let cursor = self.cursor.as_deref().filter(|_| !over);
        (known, cursor.unwrap_or_default())
    }

    /// The line is another one now, and what was before says nothing of it.
    pub(super) fn begins_anew(&mut self) {
        self.failures = 0;
        self.lively = 0;
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures.max(self.unseen_tries)
    }

    /// What error texts call a poll of this job.
    fn name(&self) -> String {
        joined(&["GET ", &self.id.path()])
    }

    /// What is wrong with an answer, as it is told.
    fn flawed(&self, rejection: Rejection, response: &Response) -> Box<Error> {
        match rejection {
            Rejection::NotFound if self.seen => self.gone(response),
            rejection => rejection.error(&self.name(), response),
        }
    }

    fn silent(&self, failure: &TransportError) -> Box<Error> {
        Error::unanswered(&self.name(), failure, false)
    }

    /// The poll to send now.
    pub(super) fn next_poll(&self, now: Time, deadline: Time, style: &PollStyle) -> Poll {
        let hold = if self.resync || self.cursor.is_none() {
            None
        } else {
            style.hold(now, deadline)
        };
        Poll {
            hold,
            fields: self.fields.unwrap_or(style.fields),
            cursor: self.cursor.clone(),
        }
    }

    /// Judges what was learned of the job.
    pub(super) fn judge(&mut self, learned: Learned<'_>, context: &mut Context<'_>) -> Verdict {
        match learned {
            Learned::Response(poll, waited, response) => {
                self.answered(poll, waited, response, context)
            }
            Learned::NoAnswer(poll, waited, failure) => {
                self.unanswered(poll, waited, failure, context)
            }
            Learned::Record(snapshot) => self.listed(snapshot, context),
        }
    }

    fn answered(
        &mut self,
        poll: &Poll,
        waited: Millis,
        response: &Response,
        context: &mut Context<'_>,
    ) -> Verdict {
        let rejection = match read_poll(self.id.text(), response) {
            Ok(snapshot) => return self.shown(poll, waited, snapshot, context),
            Err(Rejection::NoRecord) if poll.is_long() => {
                return self.no_record(poll, waited, context);
            }
            Err(Rejection::BadRequest) if self.asks_in_another_way(poll) => {
                return Verdict::unseen(Next::Poll);
            }
            Err(Rejection::NotFound) => return self.not_found(response, context.retry),
            Err(rejection) => rejection,
        };
        let error = self.flawed(rejection, response);
        let retry_after = response.retry_after_if(rejection);
        if !rejection.is_retryable() {
            self.give_up(error)
        } else if rejection == Rejection::Transient && matches!(response.status, 408 | 504) {
            self.cut(poll, waited, retry_after, error, context)
        } else {
            self.failed(retry_after, error, context)
        }
    }

    fn unanswered(
        &mut self,
        poll: &Poll,
        waited: Millis,
        failure: &TransportError,
        context: &mut Context<'_>,
    ) -> Verdict {
        let error = self.silent(failure);
        match failure.kind {
            TransportErrorKind::BodyTooLarge | TransportErrorKind::InvalidHeader => {
                self.give_up(error)
            }
            // A job under way is worth the hope that the certificate is set right meanwhile.
            TransportErrorKind::CertificateRejected if !self.seen && !self.named => {
                self.give_up(error)
            }
            TransportErrorKind::CallbackFailed | TransportErrorKind::CertificateRejected => {
                self.failed(None, error, context)
            }
            TransportErrorKind::Network | TransportErrorKind::TimedOut => {
                self.cut(poll, waited, None, error, context)
            }
        }
    }

    /// Takes in a record that another poll than the shared one has brought.
    pub(super) fn observe(
        &mut self,
        snapshot: Rc<Snapshot>,
        fields: Fields,
    ) -> (bool, Option<Ending>) {
        let (news, _) = self.take_in(snapshot, fields);
        (news, self.latest.as_ref().and_then(over))
    }

    /// Judges the answer to a single poll, or the lack of one: no second try, whatever it was.
    pub(super) fn judge_single(
        &self,
        result: Result<&Response, &TransportError>,
    ) -> Result<Rc<Snapshot>, Box<Error>> {
        let error = match result {
            Err(failure) => self.silent(failure),
            Ok(response) => match read_poll(self.id.text(), response) {
                Ok(snapshot) => return Ok(snapshot),
                Err(rejection) => self.flawed(rejection, response),
            },
        };
        Err(error.of_job(self.latest.as_ref()))
    }

    fn shown(
        &mut self,
        poll: &Poll,
        waited: Millis,
        snapshot: Rc<Snapshot>,
        context: &mut Context<'_>,
    ) -> Verdict {
        self.learn(poll, waited, context.style);
        self.bodiless = 0;
        let (news, visible) = self.take_in(snapshot, poll.fields);
        self.count(poll, waited, news, visible);
        let next = match self.latest.as_ref().and_then(over) {
            Some(ending) => Next::End(ending),
            None => self.pace(poll, waited, context),
        };
        Verdict {
            news,
            looked: true,
            next,
        }
    }

    fn listed(&mut self, snapshot: Rc<Snapshot>, context: &mut Context<'_>) -> Verdict {
        self.failures = 0;
        self.unseen_tries = 0;
        self.bodiless = 0;
        self.resync = false;
        let (news, visible) = self.take_in(snapshot, context.style.fields);
        let poll = Poll::standard(context.style.fields);
        self.count(&poll, 0, news, visible);
        let next = match self.latest.as_ref().and_then(over) {
            Some(ending) => Next::End(ending),
            None => self.pace(
                &self.next_poll(context.now, context.deadline, context.style),
                0,
                context,
            ),
        };
        Verdict {
            news,
            looked: true,
            next,
        }
    }

    fn no_record(&mut self, poll: &Poll, waited: Millis, context: &mut Context<'_>) -> Verdict {
        self.learn(poll, waited, context.style);
        self.bodiless = self.bodiless.saturating_add(1);
        if self.bodiless >= BODILESS_BEFORE_RESYNC {
            self.bodiless = 0;
            self.resync = true;
        }
        self.count(poll, waited, false, false);
        Verdict::unseen(self.pace(poll, waited, context))
    }

    /// Stores a record; says whether it is news, and whether a user would see a difference.
    fn take_in(&mut self, snapshot: Rc<Snapshot>, asked: Fields) -> (bool, bool) {
        self.seen = true;
        let known = self.latest.as_ref();
        let visible = known.is_none_or(|known| !known.reads_like(&snapshot));
        // Against the cursor, not the last record: one without a stamp in between is no change.
        let stamped = snapshot.last_modified.is_some() && self.cursor != snapshot.last_modified;
        if snapshot.last_modified.is_some() {
            self.cursor.clone_from(&snapshot.last_modified);
        } else if visible && known.is_some() && asked == Fields::Full {
            // The stamp in hand is older than this change: a poll with it would return at once. A server
            // that was not asked for the stamp may not have it in mind.
            self.cursor = None;
        }
        if known.is_none_or(|known| known.raw() != snapshot.raw()) {
            self.latest = Some(snapshot);
        }
        (visible || stamped, visible)
    }

    /// A poll was answered in good order: the line works, and so does this way of asking.
    fn learn(&mut self, poll: &Poll, waited: Millis, style: &mut PollStyle) {
        self.failures = 0;
        self.unseen_tries = 0;
        if poll.is_long() {
            if let Some(hold) = poll.hold.filter(|_| !poll.is_early(waited)) {
                style.held(hold);
            }
            return;
        }
        self.resync = false;
        match (self.fields.take(), self.refused_hold.take()) {
            // The fields were what the server did not like; its long polls may be fine.
            (Some(fields), _) => style.fields = fields,
            (None, Some(hold)) => style.refuse_long(hold),
            (None, None) => {}
        }
    }

    /// Counts what came too soon in a row. A standard poll is always answered at once, so that it ends
    /// no such row, unless it brings news.
    fn count(&mut self, poll: &Poll, waited: Millis, news: bool, visible: bool) {
        let early = poll.is_long() && poll.is_early(waited);
        let held = poll.is_long() && !early;
        let counted = |count: u32, ends: bool, goes_on: bool| match (ends, goes_on) {
            (true, _) => 0,
            (false, true) => count.saturating_add(1),
            (false, false) => count,
        };
        self.early = counted(self.early, news || held, early);
        self.stamp_only = counted(self.stamp_only, visible || held, early && news);
        self.lively = counted(self.lively, held, early);
        self.rests = counted(self.rests, news, false);
    }

    /// When to poll next after an answer that did not end the job.
    fn pace(&mut self, poll: &Poll, waited: Millis, context: &Context<'_>) -> Next {
        let early = poll.is_early(waited);
        let stamped = self.stamp_only.saturating_sub(STAMP_ONLY_BEFORE_PAUSE);
        if let Some(pause) = hot_loop_pause(self.early.max(stamped)) {
            return Next::Cool(before_deadline(pause, context.now, context.deadline));
        }
        if poll.is_long() && self.lively >= LIVELY_BEFORE_PAUSE {
            return Next::Rest(LIVELY_PAUSE);
        }
        let long_next = self
            .next_poll(context.now, context.deadline, context.style)
            .is_long();
        // Too near a deadline to be held again: the last look before it.
        let left = context.deadline.since(context.now);
        let last_look = poll.is_long() && !early && left > 0 && left < LAST_LOOK;
        if long_next || last_look || (poll.is_long() && self.resync) {
            Next::Poll
        } else {
            let pause = interval(self.rests);
            self.rests = self.rests.saturating_add(1);
            Next::Rest(before_deadline(pause, context.now, context.deadline))
        }
    }

    /// A poll as such was refused: the next one leaves out what may have been the reason. False if there
    /// is nothing left to leave out.
    fn asks_in_another_way(&mut self, poll: &Poll) -> bool {
        if poll.is_long() {
            self.refused_hold = poll.hold;
            self.resync = true;
            return true;
        }
        self.fields = poll.fields.simpler();
        self.fields.is_some()
    }

    fn not_found(&mut self, response: &Response, retry: &Retry) -> Verdict {
        let next = if self.seen {
            Next::End(Ending::Gone(self.gone(response)))
        } else {
            self.unseen_tries = self.unseen_tries.saturating_add(1);
            match unseen_delay(self.unseen_tries).filter(|_| !retry.is_never()) {
                Some(delay) => Next::Retry(delay),
                None if self.named => Next::End(Ending::Gone(self.gone(response))),
                None => return self.give_up(self.flawed(Rejection::NotFound, response)),
            }
        };
        Verdict::unseen(next)
    }

    fn gone(&self, response: &Response) -> Box<Error> {
        Error::job_gone(self.id.text(), response, self.latest.as_ref())
    }

    /// A poll ended by a time-out somewhere, or by a lost connection. After a long wait it is the
    /// wait that something on the way does not bear: a shorter one is asked for, and nothing failed.
    fn cut(
        &mut self,
        poll: &Poll,
        waited: Millis,
        retry_after: Option<Millis>,
        error: Box<Error>,
        context: &mut Context<'_>,
    ) -> Verdict {
        if poll.was_held(waited) {
            if poll.hold.is_some_and(|hold| context.style.shrink(hold)) {
                return Verdict::unseen(Next::Poll);
            }
            self.resync = true;
        }
        self.failed(retry_after, error, context)
    }

    fn failed(
        &mut self,
        retry_after: Option<Millis>,
        error: Box<Error>,
        context: &mut Context<'_>,
    ) -> Verdict {
        if context.offline && !context.retry.is_never() {
            return Verdict::unseen(Next::Retry(before_deadline(
                OFFLINE_PAUSE,
                context.now,
                context.deadline,
            )));
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= context.retry.max_attempts {
            return self.give_up(error);
        }
        let delay = context
            .retry
            .delay(self.failures, retry_after, context.jitter);
        Verdict::unseen(Next::Retry(before_deadline(
            delay,
            context.now,
            context.deadline,
        )))
    }

    fn give_up(&mut self, error: Box<Error>) -> Verdict {
        self.failures = 0;
        self.unseen_tries = 0;
        Verdict::unseen(Next::GiveUp(error.of_job(self.latest.as_ref())))
    }
}

/// Cuts a pause that would outlast the deadline short, so that one more poll comes before it.
pub(super) fn before_deadline(delay: Millis, now: Time, deadline: Time) -> Millis {
    let left = deadline.since(now);
    // Close to the deadline there is no room for another look, only for a burst of them.
    if delay < left || left <= LAST_LOOK + LAST_LOOK {
        delay
    } else {
        left.saturating_sub(LAST_LOOK)
    }
}

/// The ending that a snapshot spells out, if it does.
fn over(snapshot: &Rc<Snapshot>) -> Option<Ending> {
    (snapshot.state.phase() != Phase::Open).then(|| Ending::Over(Rc::clone(snapshot)))
}
