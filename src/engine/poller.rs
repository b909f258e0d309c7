//! One job, from its first poll to its end.
//!
//! Every answer is a snapshot of the job's state; states and messages between two answers may be
//! missed. What ends a job is a state that the server spelled out, or its being known no longer.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::policy::{Jitter, Retry, hot_loop_pause, interval, unseen_delay};
use crate::engine::poll::{Fields, Poll, ServerProfile};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::record::{Phase, Snapshot};
use crate::engine::protocol::response::{
    NamedJob, Rejection, Response, TransportError, TransportErrorKind, read_poll,
};
use crate::engine::protocol::text::joined;
use crate::engine::protocol::token::{JobEvidence, Token};
use crate::engine::protocol::url::JobId;
use crate::engine::time::Time;

/// Bodiless answers in a row after which a standard poll finds out where the job stands.
const EMPTY_BEFORE_RESYNC: u32 = 2;
/// Early answers in a row with nothing but a new stamp, after which the job counts as unchanged: a
/// server that stamps each answer anew would otherwise be polled without a pause.
const CURSOR_ONLY_BEFORE_PAUSE: u32 = 6;
/// Without a network a failure counts for nothing. It is observed for all the same now and then: what
/// the surroundings know of it may be wrong.
pub(super) const OFFLINE_PAUSE: Duration = Duration::from_secs(15);
/// Early answers in a row that each brought something new, after which a job is observed at ten times a
/// second and no more: a message with a running clock in it changes as often as it is asked for.
const BUSY_BEFORE_PAUSE: u32 = 64;
const BUSY_PAUSE: Duration = Duration::from_millis(100);
/// The time kept before a deadline for one more poll.
pub(super) const LAST_LOOK: Duration = Duration::from_secs(1);

/// What is known of one job, and what its next poll will be.
#[derive(Debug)]
pub(super) struct JobPoller {
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
    rejected_poll_timeout: Option<u32>,
    /// A simpler form of the query that is being tried out.
    fields: Option<Fields>,
    failures: u32,
    not_found_attempts: u32,
    empty_streak: u32,
    early_streak: u32,
    cursor_only_streak: u32,
    busy_streak: u32,
    /// Pauses of interval polling in a row without a change.
    interval_streak: u32,
}

/// What the engine lends to a job while it judges an answer.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) now: Time,
    /// The nearest deadline of those who wait for the job.
    pub(super) deadline: Option<Time>,
    pub(super) profile: &'a mut ServerProfile,
    pub(super) retry: &'a Retry,
    pub(super) jitter: &'a mut Jitter,
    /// There is no network, as far as is known.
    pub(super) offline: bool,
}

/// What an answer led to.
#[derive(Debug)]
pub(super) struct Decision {
    /// The snapshot is changed: state, message or stamp differ from what was known.
    pub(super) changed: bool,
    /// The answer showed the job as it is now.
    pub(super) observed: bool,
    pub(super) next: NextStep,
}

/// What comes next for a job.
#[derive(Debug)]
pub(super) enum NextStep {
    /// Poll at once.
    Poll,
    /// Poll after a pause, since the server holds no poll for it.
    Wait(Duration),
    /// Poll after a pause, since the server answers at once and nothing changes.
    Throttle(Duration),
    /// Poll after a pause, since something failed.
    Retry(Duration),
    /// It is over, and settles the same way however often it is asked.
    End(Terminal),
    /// Those who wait now are told of this; a later wait tries again.
    Fail(Box<Error>),
}

/// How a job ended.
#[derive(Debug, Clone)]
pub(super) enum Terminal {
    /// In a terminal state.
    Finished(Rc<Snapshot>),
    /// Known no longer: its outcome will never be learned.
    Gone(Box<Error>),
}

/// What was learned of a job.
#[derive(Debug)]
pub(super) enum Observation<'a> {
    /// The answer to a poll, which took so long.
    Response(&'a Poll, Duration, &'a Response),
    /// The end of a poll without an answer, after so long.
    NoAnswer(&'a Poll, Duration, &'a TransportError),
    /// A record that came with those of other jobs.
    Record(Rc<Snapshot>),
}

impl Decision {
    /// The job was not shown.
    fn unseen(next: NextStep) -> Self {
        Self {
            changed: false,
            observed: false,
            next,
        }
    }
}

impl JobPoller {
    /// A job of which no more than its id is known.
    pub(super) fn new(id: JobId) -> Self {
        Self {
            id,
            latest: None,
            cursor: None,
            named: false,
            seen: false,
            resync: false,
            rejected_poll_timeout: None,
            fields: None,
            failures: 0,
            not_found_attempts: 0,
            empty_streak: 0,
            early_streak: 0,
            cursor_only_streak: 0,
            busy_streak: 0,
            interval_streak: 0,
        }
    }

    /// Takes in what an accepting answer said. What polls have shown since is newer, and stays.
    pub(super) fn accepted(&mut self, job: &NamedJob) -> Option<Terminal> {
        self.named = true;
        let terminal = job.snapshot.as_ref().and_then(terminal);
        if self.latest.is_none() || terminal.is_some() {
            self.latest.clone_from(&job.snapshot);
            self.cursor.clone_from(&job.cursor);
        }
        terminal
    }

    /// Takes in what a token says. What is known here is newer, and stays.
    pub(super) fn resume(&mut self, token: &Token) {
        if self.latest.is_none() && self.cursor.is_none() {
            self.cursor = token.cursor.as_deref().map(Into::into);
        }
        self.named |= token.known >= JobEvidence::Named;
        self.seen |= token.known >= JobEvidence::Seen;
    }

    /// How far the server's knowledge of the job is known, and the cursor, for another client to go on.
    pub(super) fn known(&self) -> (JobEvidence, &str) {
        let known = match (self.seen, self.named) {
            (true, _) => JobEvidence::Seen,
            (false, true) => JobEvidence::Named,
            (false, false) => JobEvidence::Unknown,
        };
        // A job that is over changes no more: a long poll with its stamp would only be held.
        let over = self
            .latest
            .as_ref()
            .is_some_and(|it| terminal(it).is_some());
        let cursor = self.cursor.as_deref().filter(|_| !over);
        (known, cursor.unwrap_or_default())
    }

    /// The line is another one now, and what was before says nothing of it.
    pub(super) fn reset_failures(&mut self) {
        self.failures = 0;
        self.busy_streak = 0;
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures.max(self.not_found_attempts)
    }

    /// What error texts call a poll of this job.
    fn name(&self) -> String {
        joined(&["GET ", &self.id.path()])
    }

    /// What is wrong with an answer, as it is told.
    fn rejection_error(&self, rejection: Rejection, response: &Response) -> Box<Error> {
        match rejection {
            Rejection::NotFound if self.seen => self.gone_error(response),
            rejection => rejection.error(&self.name(), response),
        }
    }

    fn transport_error(&self, failure: &TransportError) -> Box<Error> {
        Error::unanswered(&self.name(), failure, false)
    }

    /// The poll to send now.
    pub(super) fn next_poll(
        &self,
        now: Time,
        deadline: Option<Time>,
        profile: &ServerProfile,
    ) -> Poll {
        let hold = if self.resync || self.cursor.is_none() {
            None
        } else {
            profile.hold(now, deadline)
        };
        Poll {
            hold,
            fields: self.fields.unwrap_or(profile.fields),
            cursor: self.cursor.clone(),
        }
    }

    /// Judges what was learned of the job.
    pub(super) fn on_observation(
        &mut self,
        observation: Observation<'_>,
        context: &mut Context<'_>,
    ) -> Decision {
        match observation {
            Observation::Response(poll, waited, response) => {
                self.answered(poll, waited, response, context)
            }
            Observation::NoAnswer(poll, waited, failure) => {
                self.unanswered(poll, waited, failure, context)
            }
            Observation::Record(snapshot) => self.listed(snapshot, context),
        }
    }

    fn answered(
        &mut self,
        poll: &Poll,
        waited: Duration,
        response: &Response,
        context: &mut Context<'_>,
    ) -> Decision {
        let rejection = match read_poll(self.id.text(), response) {
            Ok(snapshot) => return self.shown(poll, waited, snapshot, context),
            Err(Rejection::NoRecord) if poll.is_long() => {
                return self.no_record(poll, waited, context);
            }
            Err(Rejection::BadRequest) if self.asks_in_another_way(poll) => {
                return Decision::unseen(NextStep::Poll);
            }
            Err(Rejection::NotFound) => return self.not_found(response, context.retry),
            Err(rejection) => rejection,
        };
        let error = self.rejection_error(rejection, response);
        let retry_after = response.retry_after_if(rejection);
        if !rejection.is_retryable() {
            self.give_up(error)
        } else if rejection == Rejection::Transient && matches!(response.status, 408 | 504) {
            self.on_cut(poll, waited, retry_after, error, context)
        } else {
            self.failed(retry_after, error, context)
        }
    }

    fn unanswered(
        &mut self,
        poll: &Poll,
        waited: Duration,
        failure: &TransportError,
        context: &mut Context<'_>,
    ) -> Decision {
        let error = self.transport_error(failure);
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
                self.on_cut(poll, waited, None, error, context)
            }
        }
    }

    /// Takes in a record that another poll than the shared one has brought.
    pub(super) fn apply_single_poll(
        &mut self,
        snapshot: Rc<Snapshot>,
        fields: Fields,
    ) -> (bool, Option<Terminal>) {
        let (changed, _) = self.apply_snapshot(snapshot, fields);
        (changed, self.latest.as_ref().and_then(terminal))
    }

    /// Judges the answer to a single poll, or the lack of one: no second try, whatever it was.
    pub(super) fn on_single_response(
        &self,
        result: Result<&Response, &TransportError>,
    ) -> Result<Rc<Snapshot>, Box<Error>> {
        let error = match result {
            Err(failure) => self.transport_error(failure),
            Ok(response) => match read_poll(self.id.text(), response) {
                Ok(snapshot) => return Ok(snapshot),
                Err(rejection) => self.rejection_error(rejection, response),
            },
        };
        Err(error.of_job(self.latest.as_ref()))
    }

    fn shown(
        &mut self,
        poll: &Poll,
        waited: Duration,
        snapshot: Rc<Snapshot>,
        context: &mut Context<'_>,
    ) -> Decision {
        self.update_server_profile(poll, waited, context.profile);
        self.empty_streak = 0;
        let (changed, visible) = self.apply_snapshot(snapshot, poll.fields);
        self.update_streaks(poll, waited, changed, visible);
        let next = match self.latest.as_ref().and_then(terminal) {
            Some(terminal) => NextStep::End(terminal),
            None => self.pace(poll, waited, context),
        };
        Decision {
            changed,
            observed: true,
            next,
        }
    }

    fn listed(&mut self, snapshot: Rc<Snapshot>, context: &mut Context<'_>) -> Decision {
        self.failures = 0;
        self.not_found_attempts = 0;
        self.empty_streak = 0;
        self.resync = false;
        let (changed, visible) = self.apply_snapshot(snapshot, context.profile.fields);
        let poll = Poll::standard(context.profile.fields);
        self.update_streaks(&poll, Duration::ZERO, changed, visible);
        let next = match self.latest.as_ref().and_then(terminal) {
            Some(terminal) => NextStep::End(terminal),
            None => self.pace(
                &self.next_poll(context.now, context.deadline, context.profile),
                Duration::ZERO,
                context,
            ),
        };
        Decision {
            changed,
            observed: true,
            next,
        }
    }

    fn no_record(&mut self, poll: &Poll, waited: Duration, context: &mut Context<'_>) -> Decision {
        self.update_server_profile(poll, waited, context.profile);
        self.empty_streak = self.empty_streak.saturating_add(1);
        if self.empty_streak >= EMPTY_BEFORE_RESYNC {
            self.empty_streak = 0;
            self.resync = true;
        }
        self.update_streaks(poll, waited, false, false);
        Decision::unseen(self.pace(poll, waited, context))
    }

    /// Stores a record; says whether it is changed, and whether a user would see a difference.
    fn apply_snapshot(&mut self, snapshot: Rc<Snapshot>, asked: Fields) -> (bool, bool) {
        self.seen = true;
        let known = self.latest.as_ref();
        let visible = known.is_none_or(|known| !known.same_status(&snapshot));
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
    fn update_server_profile(
        &mut self,
        poll: &Poll,
        waited: Duration,
        profile: &mut ServerProfile,
    ) {
        self.failures = 0;
        self.not_found_attempts = 0;
        if poll.is_long() {
            if let Some(hold) = poll.hold.filter(|_| !poll.is_early(waited)) {
                profile.held(hold);
            }
            return;
        }
        self.resync = false;
        match (self.fields.take(), self.rejected_poll_timeout.take()) {
            // The fields were what the server did not like; its long polls may be fine.
            (Some(fields), _) => profile.fields = fields,
            (None, Some(hold)) => profile.refuse_long(hold),
            (None, None) => {}
        }
    }

    /// Counts what came too soon in a row. A standard poll is always answered at once, so that it ends
    /// no such row, unless it brings changed.
    fn update_streaks(&mut self, poll: &Poll, waited: Duration, changed: bool, visible: bool) {
        let early = poll.is_long() && poll.is_early(waited);
        let held = poll.is_long() && !early;
        let counted = |count: u32, ends: bool, goes_on: bool| match (ends, goes_on) {
            (true, _) => 0,
            (false, true) => count.saturating_add(1),
            (false, false) => count,
        };
        self.early_streak = counted(self.early_streak, changed || held, early);
        self.cursor_only_streak =
            counted(self.cursor_only_streak, visible || held, early && changed);
        self.busy_streak = counted(self.busy_streak, held, early);
        self.interval_streak = counted(self.interval_streak, changed, false);
    }

    /// When to poll next after an answer that did not end the job.
    fn pace(&mut self, poll: &Poll, waited: Duration, context: &Context<'_>) -> NextStep {
        let early = poll.is_early(waited);
        let stamped = self
            .cursor_only_streak
            .saturating_sub(CURSOR_ONLY_BEFORE_PAUSE);
        if let Some(pause) = hot_loop_pause(self.early_streak.max(stamped)) {
            return NextStep::Throttle(before_deadline(pause, context.now, context.deadline));
        }
        if poll.is_long() && self.busy_streak >= BUSY_BEFORE_PAUSE {
            return NextStep::Wait(BUSY_PAUSE);
        }
        let long_next = self
            .next_poll(context.now, context.deadline, context.profile)
            .is_long();
        // Too near a deadline to be held again: the last look before it.
        let near_deadline = context.deadline.is_some_and(|deadline| {
            let left = deadline.since(context.now);
            left > Duration::ZERO && left < LAST_LOOK
        });
        let last_look = poll.is_long() && !early && near_deadline;
        if long_next || last_look || (poll.is_long() && self.resync) {
            NextStep::Poll
        } else {
            let pause = interval(self.interval_streak);
            self.interval_streak = self.interval_streak.saturating_add(1);
            NextStep::Wait(before_deadline(pause, context.now, context.deadline))
        }
    }

    /// A poll as such was refused: the next one leaves out what may have been the reason. False if there
    /// is nothing left to leave out.
    fn asks_in_another_way(&mut self, poll: &Poll) -> bool {
        if poll.is_long() {
            self.rejected_poll_timeout = poll.hold;
            self.resync = true;
            return true;
        }
        self.fields = poll.fields.fallback();
        self.fields.is_some()
    }

    fn not_found(&mut self, response: &Response, retry: &Retry) -> Decision {
        let next = if self.seen {
            NextStep::End(Terminal::Gone(self.gone_error(response)))
        } else {
            self.not_found_attempts = self.not_found_attempts.saturating_add(1);
            match unseen_delay(self.not_found_attempts).filter(|_| !retry.is_never()) {
                Some(delay) => NextStep::Retry(delay),
                None if self.named => NextStep::End(Terminal::Gone(self.gone_error(response))),
                None => return self.give_up(self.rejection_error(Rejection::NotFound, response)),
            }
        };
        Decision::unseen(next)
    }

    fn gone_error(&self, response: &Response) -> Box<Error> {
        Error::job_gone(self.id.text(), response, self.latest.as_ref())
    }

    /// A poll ended by a time-out somewhere, or by a lost connection. After a long wait it is the
    /// wait that something on the way does not bear: a shorter one is asked for, and nothing failed.
    fn on_cut(
        &mut self,
        poll: &Poll,
        waited: Duration,
        retry_after: Option<Duration>,
        error: Box<Error>,
        context: &mut Context<'_>,
    ) -> Decision {
        if poll.was_held(waited) {
            if poll.hold.is_some_and(|hold| context.profile.shrink(hold)) {
                return Decision::unseen(NextStep::Poll);
            }
            self.resync = true;
        }
        self.failed(retry_after, error, context)
    }

    fn failed(
        &mut self,
        retry_after: Option<Duration>,
        error: Box<Error>,
        context: &mut Context<'_>,
    ) -> Decision {
        if context.offline && !context.retry.is_never() {
            return Decision::unseen(NextStep::Retry(before_deadline(
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
        Decision::unseen(NextStep::Retry(before_deadline(
            delay,
            context.now,
            context.deadline,
        )))
    }

    fn give_up(&mut self, error: Box<Error>) -> Decision {
        self.failures = 0;
        self.not_found_attempts = 0;
        Decision::unseen(NextStep::Fail(error.of_job(self.latest.as_ref())))
    }
}

/// Cuts a pause that would outlast the deadline short, so that one more poll comes before it.
pub(super) fn before_deadline(delay: Duration, now: Time, deadline: Option<Time>) -> Duration {
    let Some(left) = deadline.map(|deadline| deadline.since(now)) else {
        return delay;
    };
    // Close to the deadline there is no room for another look, only for a burst of them.
    if delay < left || left <= LAST_LOOK.saturating_mul(2) {
        delay
    } else {
        left.saturating_sub(LAST_LOOK)
    }
}

/// The ending that a snapshot spells out, if it does.
fn terminal(snapshot: &Rc<Snapshot>) -> Option<Terminal> {
    (snapshot.state.phase() != Phase::Pending).then(|| Terminal::Finished(Rc::clone(snapshot)))
}
