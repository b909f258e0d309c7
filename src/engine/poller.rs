//! One job, from its first poll to its end.
//!
//! Every response is a snapshot of the job; states and messages between two responses may be missed. A
//! job ends with a state that the server spelled out, or when the server no longer knows it.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::policy::{
    Answered, Failures, MOST_NOT_FOUND, Pacing, RetryContext, before_deadline, is_last_look,
    not_found_delay,
};
use crate::engine::poll::{Fields, Operator, Poll, ServerProfile};
use crate::engine::protocol::classify::{Rejection, TransportErrorKind, may_be_cut};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::record::{JobState, Phase, Snapshot};
use crate::engine::protocol::response::{NamedJob, Response, TransportError, read_poll};
use crate::engine::protocol::token::{JobEvidence, Token};
use crate::engine::protocol::url::JobId;
use crate::engine::time::Time;

/// After so many long polls in a row that were cut or failed, a standard poll looks at the job.
const CUT_BEFORE_STANDARD: u32 = 2;
/// After so many long polls that failed, and that a shorter `poll_timeout` would not have saved, standard polls
/// in between having succeeded, there are no long polls for a while.
const STUCK_BEFORE_REST: u32 = 4;
/// What is known of one job, and what its next poll will be.
#[derive(Debug)]
pub(super) struct JobPoller {
    pub(super) id: JobId,
    pub(super) latest: Option<Rc<Snapshot>>,
    cursor: Option<Rc<str>>,
    /// An initial response named this job, so a server that does not know it has forgotten it.
    named: bool,
    /// A poll has shown this job.
    seen: bool,
    /// The next poll is a standard poll, whatever else is known.
    resync: bool,
    /// A long poll of so many seconds got a 400; the standard poll after it shows what that meant.
    rejected_poll_timeout: Option<u32>,
    /// A long poll with this operator got a 403; what shows the job then shows what that meant.
    rejected_operator: Option<Operator>,
    /// Records seen, and answers that a cache may have kept. They vary the address of polls, and may wrap.
    seen_records: u32,
    stale_answers: u32,
    /// A simpler form of the query that is being tried out.
    fields: Option<Fields>,
    failures: Failures,
    not_found_attempts: u32,
    /// Long polls in a row that were cut or failed.
    cut_streak: u32,
    /// Long polls since the last good one that failed and that a shorter `poll_timeout` would not have saved.
    stuck: u32,
    /// The credential, by its number, with which the server last showed the job.
    shown_with: Option<u32>,
    /// There was a 401 or 403 since then, which may pass.
    pub(super) is_doubted: bool,
    pacing: Pacing,
}

/// What the engine lends to a job for a decision.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) retry: RetryContext<'a>,
    pub(super) profile: &'a mut ServerProfile,
    /// The number of the credential that goes with polls.
    pub(super) credential: u32,
}

/// What follows from an observation.
#[derive(Debug)]
pub(super) struct Decision {
    /// The snapshot has changed: state, message or cursor differ from what was known.
    pub(super) changed: bool,
    /// The response showed the job as it is now.
    pub(super) observed: bool,
    pub(super) next: NextStep,
}

/// What comes next for a job.
#[derive(Debug)]
pub(super) enum NextStep {
    /// Poll at once.
    Poll,
    /// Poll after a pause, because the server holds no poll for it.
    Wait(Duration),
    /// Poll after a pause, because the server answers at once and nothing changes.
    Throttle(Duration),
    /// Poll after a pause, because something failed.
    Retry(Duration),
    /// The job has ended; every wait for it, now or later, settles with this.
    End(Terminal),
    /// The waits of now fail with this; a later wait tries again.
    Fail(Box<Error>),
}

/// How a job ended.
#[derive(Debug, Clone)]
pub(super) enum Terminal {
    /// In a terminal state.
    Finished(Rc<Snapshot>),
    /// The server no longer knows the job: its outcome stays unknown.
    Gone(Box<Error>),
}

/// Something that says what became of a job.
#[derive(Debug)]
pub(super) enum Observation<'a> {
    /// The response to a poll, and how long it took.
    Response(&'a Poll, Duration, &'a Response),
    /// A poll without a response, and how long that took.
    NoResponse(&'a Poll, Duration, &'a TransportError),
    /// A record from a batch or from another tab.
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
    /// A job of which only the id is known.
    pub(super) fn new(id: JobId) -> Self {
        Self {
            id,
            latest: None,
            cursor: None,
            named: false,
            seen: false,
            resync: false,
            rejected_poll_timeout: None,
            rejected_operator: None,
            seen_records: 0,
            stale_answers: 0,
            fields: None,
            failures: Failures::default(),
            not_found_attempts: 0,
            cut_streak: 0,
            stuck: 0,
            shown_with: None,
            is_doubted: false,
            pacing: Pacing::default(),
        }
    }

    /// Applies what an initial response says. What polls have shown since is newer, and stays.
    pub(super) fn accepted(&mut self, job: &NamedJob, credential: u32) -> Option<Terminal> {
        self.named = true;
        self.shown(credential);
        let terminal = terminal(&job.snapshot);
        if self.latest.is_none() || terminal.is_some() {
            self.latest = Some(Rc::clone(&job.snapshot));
            self.cursor.clone_from(&job.snapshot.last_modified);
        }
        terminal
    }

    /// Applies what a token says. What is known here is newer, and stays.
    pub(super) fn resume(&mut self, token: &Token) {
        if self.latest.is_none() && self.cursor.is_none() {
            self.cursor = token.cursor.as_deref().map(Into::into);
        }
        self.named |= token.known >= JobEvidence::Named;
        self.seen |= token.known >= JobEvidence::Seen;
    }

    /// What shows that the server knows the job, and the cursor, for another client to continue.
    pub(super) fn known(&self) -> (JobEvidence, &str) {
        let known = match (self.seen, self.named) {
            (true, _) => JobEvidence::Seen,
            (false, true) => JobEvidence::Named,
            (false, false) => JobEvidence::Unknown,
        };
        // A job that has ended changes no more: a long poll with its cursor would only be held.
        let has_ended = self.terminal().is_some();
        let cursor = self.cursor.as_deref().filter(|_| !has_ended);
        (known, cursor.unwrap_or_default())
    }

    /// The connection may be a different one; earlier failures no longer count.
    pub(super) fn reset_failures(&mut self) {
        self.failures = Failures::default();
        self.cut_streak = 0;
        self.pacing.not_busy();
    }

    /// The server did not know the job any more, and somebody wants to know again: one poll finds out.
    pub(super) fn ask_once_more(&mut self) {
        self.not_found_attempts = MOST_NOT_FOUND;
        self.resync = true;
    }

    /// The server showed the job to this credential.
    fn shown(&mut self, credential: u32) {
        self.shown_with = Some(credential);
        self.is_doubted = false;
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        let doubted = u32::from(self.is_doubted);
        self.failures
            .get()
            .max(self.not_found_attempts)
            .max(doubted)
    }

    /// What error texts call a poll of this job.
    fn name(&self) -> String {
        format!("GET {}", self.id.path())
    }

    /// The error for a rejected poll.
    fn rejection_error(&self, rejection: Rejection, response: &Response) -> Box<Error> {
        match rejection {
            Rejection::NotFound if self.seen => self.gone_error(response),
            rejection => Error::from_rejection(&self.name(), rejection, response),
        }
    }

    fn transport_error(&self, error: &TransportError) -> Box<Error> {
        Error::from_transport(&self.name(), error, false)
    }

    /// How the job has ended, if it has.
    fn terminal(&self) -> Option<Terminal> {
        self.latest.as_ref().and_then(terminal)
    }

    /// The poll to send now.
    pub(super) fn next_poll(
        &self,
        now: Time,
        deadline: Option<Time>,
        profile: &ServerProfile,
    ) -> Poll {
        let is_cut = self.cut_streak >= CUT_BEFORE_STANDARD;
        let poll_timeout_secs = if self.resync || is_cut || self.cursor.is_none() {
            None
        } else {
            profile.poll_timeout_secs(now, deadline)
        };
        let fields = self.fields.unwrap_or(profile.fields);
        match (poll_timeout_secs, &self.cursor) {
            (Some(_), Some(cursor)) => Poll {
                poll_timeout_secs,
                fields,
                cursor: Some(Rc::clone(cursor)),
                operator: profile.operator,
                spelling: self.stale_answers,
            },
            _ => self.standard_poll(fields),
        }
    }

    /// A standard poll, whose address differs from those that have shown the job before.
    pub(super) fn standard_poll(&self, fields: Fields) -> Poll {
        Poll {
            spelling: self.stale_answers.wrapping_add(self.seen_records),
            ..Poll::standard(fields)
        }
    }

    /// Decides what follows from an observation.
    pub(super) fn on_observation(
        &mut self,
        observation: Observation<'_>,
        context: &mut Context<'_>,
    ) -> Decision {
        match observation {
            Observation::Response(poll, waited, response) => {
                self.on_response(poll, waited, response, context)
            }
            Observation::NoResponse(poll, waited, error) => {
                self.on_transport_error(poll, waited, error, context)
            }
            Observation::Record(snapshot) => self.on_record(snapshot, context),
        }
    }

    fn on_response(
        &mut self,
        poll: &Poll,
        waited: Duration,
        response: &Response,
        context: &mut Context<'_>,
    ) -> Decision {
        let rejection = match read_poll(&self.id, response) {
            Ok(snapshot) => return self.on_snapshot(poll, waited, snapshot, context),
            Err(Rejection::NoRecord) if poll.is_long() => {
                return self.on_no_record(poll, waited, context);
            }
            Err(Rejection::BadRequest) if self.simplify_poll(poll) => {
                return Decision::unseen(NextStep::Poll);
            }
            Err(Rejection::NotFound) => return self.not_found(poll, response, context),
            // The first poll may outrun the job store, and an empty body does not say whose answer it is.
            Err(_) if !self.seen && response.is_bare_not_found() => {
                return self.not_found(poll, response, context);
            }
            Err(Rejection::Unauthorized) => return self.unauthorized(poll, response, context),
            Err(rejection) => rejection,
        };
        let error = self.rejection_error(rejection, response);
        let retry_after = response.retry_after_if(rejection);
        // It is no cut, because the server itself says so.
        let is_away = response.status == 503 && retry_after.is_some();
        if !rejection.is_retryable() {
            self.give_up(error)
        } else if rejection == Rejection::Transient && may_be_cut(response.status) && !is_away {
            self.on_cut_off(poll, waited, retry_after, error, context)
        } else {
            self.poll_failed(poll, retry_after, error, context)
        }
    }

    fn on_transport_error(
        &mut self,
        poll: &Poll,
        waited: Duration,
        failure: &TransportError,
        context: &mut Context<'_>,
    ) -> Decision {
        let error = self.transport_error(failure);
        // A job that runs may outlast a certificate that is being replaced.
        let may_recover =
            failure.kind == TransportErrorKind::CertificateRejected && (self.seen || self.named);
        if failure.kind.is_permanent() && !may_recover {
            return self.give_up(error);
        }
        match failure.kind {
            TransportErrorKind::Network
            | TransportErrorKind::TimedOut
            | TransportErrorKind::RuntimeLimit => {
                self.on_cut_off(poll, waited, None, error, context)
            }
            _ => self.failed(None, error, context),
        }
    }

    /// Applies a snapshot that a single poll has brought.
    pub(super) fn apply_single_poll(
        &mut self,
        snapshot: Rc<Snapshot>,
        fields: Fields,
        credential: u32,
    ) -> (bool, Option<Terminal>) {
        self.shown(credential);
        let (changed, _) = self.apply_snapshot(snapshot, fields);
        (changed, self.terminal())
    }

    /// What a single poll has brought; it is never retried.
    pub(super) fn on_single_response(
        &self,
        result: Result<&Response, &TransportError>,
    ) -> Result<Rc<Snapshot>, Box<Error>> {
        let error = match result {
            Err(failure) => self.transport_error(failure),
            Ok(response) => match read_poll(&self.id, response) {
                Ok(snapshot) => return Ok(snapshot),
                Err(rejection) => self.rejection_error(rejection, response),
            },
        };
        Err(error)
    }

    fn on_snapshot(
        &mut self,
        poll: &Poll,
        waited: Duration,
        snapshot: Rc<Snapshot>,
        context: &mut Context<'_>,
    ) -> Decision {
        self.update_server_profile(poll, waited, context);
        self.shown(context.credential);
        self.pacing.not_empty();
        let (changed, visible) = self.apply_snapshot(snapshot, poll.fields);
        self.update_streaks(poll, waited, changed, visible);
        let next = match self.terminal() {
            Some(terminal) => NextStep::End(terminal),
            None => self.pace(poll, waited, context),
        };
        Decision {
            changed,
            observed: true,
            next,
        }
    }

    fn on_record(&mut self, snapshot: Rc<Snapshot>, context: &mut Context<'_>) -> Decision {
        self.clear_failures();
        self.cut_streak = 0;
        self.judge_operator(context.profile);
        self.shown(context.credential);
        self.pacing.not_empty();
        self.resync = false;
        let fields = context.profile.fields;
        let (changed, visible) = self.apply_snapshot(snapshot, fields);
        self.update_streaks(&Poll::standard(fields), Duration::ZERO, changed, visible);
        let next = match self.terminal() {
            Some(terminal) => NextStep::End(terminal),
            None => {
                let retry = &context.retry;
                let poll = self.next_poll(retry.now, retry.deadline, context.profile);
                self.pace(&poll, Duration::ZERO, context)
            }
        };
        Decision {
            changed,
            observed: true,
            next,
        }
    }

    fn on_no_record(
        &mut self,
        poll: &Poll,
        waited: Duration,
        context: &mut Context<'_>,
    ) -> Decision {
        self.update_server_profile(poll, waited, context);
        self.resync |= self.pacing.count_empty();
        self.update_streaks(poll, waited, false, false);
        Decision::unseen(self.pace(poll, waited, context))
    }

    /// Stores a snapshot; says whether it has changed, and whether a user would see a difference.
    fn apply_snapshot(&mut self, snapshot: Rc<Snapshot>, asked: Fields) -> (bool, bool) {
        self.seen = true;
        self.seen_records = self.seen_records.wrapping_add(1);
        let known = self.latest.as_ref();
        let visible = known.is_none_or(|known| !known.same_status(&snapshot));
        // A response without a state is no change to compare this one with.
        let had_state = known.is_some_and(|known| known.state != JobState::Accepted);
        // Compared with the cursor, because a record without one may have come in between.
        let moved = snapshot.last_modified.is_some() && self.cursor != snapshot.last_modified;
        if snapshot.last_modified.is_some() {
            self.cursor.clone_from(&snapshot.last_modified);
        } else if visible && had_state && asked == Fields::Full {
            // The known cursor is older than this change: a poll with it would return at once. A server
            // that was not asked for the cursor may have left it out.
            self.cursor = None;
        }
        if known.is_none_or(|known| known.raw() != snapshot.raw()) {
            self.latest = Some(snapshot);
        }
        (visible || moved, visible)
    }

    /// A poll succeeded: the connection works, and so does this form of the query.
    fn update_server_profile(&mut self, poll: &Poll, waited: Duration, context: &mut Context<'_>) {
        let profile = &mut *context.profile;
        self.clear_failures();
        let long_polls_failed = std::mem::take(&mut self.cut_streak) > 0;
        if poll.is_long() {
            self.stuck = 0;
            self.rejected_operator = None;
            profile.accept_operator(poll.operator);
            if let Some(seconds) = poll.poll_timeout_secs.filter(|_| !poll.is_early(waited)) {
                profile.held(seconds);
            }
            return;
        }
        self.resync = false;
        self.judge_operator(profile);
        if long_polls_failed && self.stuck >= STUCK_BEFORE_REST {
            profile.rest(context.retry.now);
        }
        match (self.fields.take(), self.rejected_poll_timeout.take()) {
            // The server refused the fields; it may accept long polls.
            (Some(fields), _) => profile.fields = fields,
            (None, Some(seconds)) => profile.refuse_long(seconds),
            (None, None) => {}
        }
    }

    /// The job is shown: a 403 before, to a long poll, was not about the credential.
    fn judge_operator(&mut self, profile: &mut ServerProfile) {
        if let Some(operator) = self.rejected_operator.take() {
            profile.refuse_operator(operator);
        }
    }

    fn clear_failures(&mut self) {
        self.failures = Failures::default();
        self.not_found_attempts = 0;
    }

    fn update_streaks(&mut self, poll: &Poll, waited: Duration, changed: bool, visible: bool) {
        self.pacing.count(Answered {
            long: poll.is_long(),
            early: poll.is_early(waited),
            changed,
            visible,
        });
    }

    /// When to poll next after a response that did not end the job.
    fn pace(&mut self, poll: &Poll, waited: Duration, context: &Context<'_>) -> NextStep {
        let (now, deadline) = (context.retry.now, context.retry.deadline);
        if let Some(mut pause) = self.pacing.hot_loop_pause() {
            self.stale_answers = self.stale_answers.wrapping_add(1);
            if !poll.is_long() {
                // It does not count as early, so that its pauses have to grow by themselves.
                pause = pause.max(self.pacing.next_interval());
            }
            return NextStep::Throttle(before_deadline(pause, now, deadline));
        }
        let long = poll.is_long();
        if long && let Some(pause) = self.pacing.busy_pause() {
            return NextStep::Wait(pause);
        }
        let long_next = self.next_poll(now, deadline, context.profile).is_long();
        let last_look = long && !poll.is_early(waited) && is_last_look(now, deadline);
        if long_next || last_look || (long && self.resync) {
            NextStep::Poll
        } else {
            let pause = self.pacing.next_interval();
            NextStep::Wait(before_deadline(pause, now, deadline))
        }
    }

    /// The poll as such was refused: the next one leaves out what may have been the reason. False if
    /// there is nothing left to leave out.
    fn simplify_poll(&mut self, poll: &Poll) -> bool {
        if poll.is_long() {
            self.rejected_poll_timeout = poll.poll_timeout_secs;
            self.resync = true;
            return true;
        }
        self.fields = poll.fields.fallback();
        self.fields.is_some()
    }

    fn not_found(&mut self, poll: &Poll, response: &Response, context: &Context<'_>) -> Decision {
        let retries = !context.retry.policy.is_never();
        if poll.is_long() {
            self.long_poll_failed(false);
        }
        self.resync |= self.seen;
        self.stale_answers = self.stale_answers.wrapping_add(1);
        self.not_found_attempts = self.not_found_attempts.saturating_add(1);
        Decision::unseen(
            match not_found_delay(self.not_found_attempts, self.seen).filter(|_| retries) {
                Some(delay) => NextStep::Retry(delay),
                None if self.seen || self.named => {
                    NextStep::End(Terminal::Gone(self.gone_error(response)))
                }
                None => return self.give_up(self.rejection_error(Rejection::NotFound, response)),
            },
        )
    }

    /// The credential was refused. The server may have started before its user store, so that where this very
    /// credential has shown the job, one more poll asks. There is never more than one, because accounts are
    /// locked by repetition. A firewall may refuse the address of a long poll with a 403, whatever the
    /// credential; the same standard poll shows that.
    fn unauthorized(
        &mut self,
        poll: &Poll,
        response: &Response,
        context: &mut Context<'_>,
    ) -> Decision {
        let RetryContext {
            now,
            deadline,
            policy,
            ..
        } = context.retry;
        let was_good = self.shown_with == Some(context.credential);
        let is_filtered = poll.is_long() && response.status == 403;
        if !(was_good || is_filtered) || self.is_doubted || policy.is_never() {
            return self.give_up(self.rejection_error(Rejection::Unauthorized, response));
        }
        self.is_doubted = true;
        if poll.is_long() {
            self.long_poll_failed(false);
        }
        self.rejected_operator = is_filtered.then_some(poll.operator);
        self.resync = true;
        let pause = context.profile.doubt_pause(now);
        Decision::unseen(NextStep::Retry(before_deadline(pause, now, deadline)))
    }

    fn gone_error(&self, response: &Response) -> Box<Error> {
        Error::job_gone(self.id.as_str(), response, self.latest.as_ref())
    }

    /// A timeout somewhere, a gateway or a lost connection ended the poll. If it was held for long before,
    /// something on the way limits how long a request may take: ask for half at once, and count no failure.
    /// A `Retry-After` counts only if the poll was too short to be cut.
    fn on_cut_off(
        &mut self,
        poll: &Poll,
        waited: Duration,
        retry_after: Option<Duration>,
        error: Box<Error>,
        context: &mut Context<'_>,
    ) -> Decision {
        if poll.was_held(waited) {
            let halved = |seconds| context.profile.halve(seconds);
            let halved = poll.poll_timeout_secs.is_some_and(halved);
            self.long_poll_failed(halved);
            return Decision::unseen(NextStep::Poll);
        }
        self.poll_failed(poll, retry_after, error, context)
    }

    /// A long poll was cut or failed; `halved` if the next one is shorter because of that.
    fn long_poll_failed(&mut self, halved: bool) {
        self.cut_streak = self.cut_streak.saturating_add(1);
        self.stuck = if halved {
            0
        } else {
            self.stuck.saturating_add(1)
        };
        if self.stuck > STUCK_BEFORE_REST {
            self.look_next();
        }
    }

    /// The next poll is a standard poll, which nothing on the way cuts.
    fn look_next(&mut self) {
        self.cut_streak = self.cut_streak.max(CUT_BEFORE_STANDARD);
    }

    /// A poll that went out failed, which may pass.
    fn poll_failed(
        &mut self,
        poll: &Poll,
        retry_after: Option<Duration>,
        error: Box<Error>,
        context: &mut Context<'_>,
    ) -> Decision {
        if poll.is_long() {
            self.long_poll_failed(false);
            // So is the last attempt, however few there are.
            let attempts = self.failures.get().saturating_add(2);
            if context.retry.policy.is_last(attempts) {
                self.look_next();
            }
        }
        self.failed(retry_after, error, context)
    }

    fn failed(
        &mut self,
        retry_after: Option<Duration>,
        error: Box<Error>,
        context: &mut Context<'_>,
    ) -> Decision {
        match self.failures.count(retry_after, &mut context.retry) {
            Some(delay) => Decision::unseen(NextStep::Retry(delay)),
            None => self.give_up(error),
        }
    }

    fn give_up(&mut self, error: Box<Error>) -> Decision {
        self.clear_failures();
        Decision::unseen(NextStep::Fail(error))
    }
}

/// The ending that a snapshot spells out, if it does.
fn terminal(snapshot: &Rc<Snapshot>) -> Option<Terminal> {
    (snapshot.state.phase() != Phase::Pending).then(|| Terminal::Finished(Rc::clone(snapshot)))
}
