//! One job, from its first poll to its end.
//!
//! Every response is a snapshot of the job. The client may miss states and messages between two responses. A
//! job ends when the server reports a terminal state or no longer knows the job.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::policy::{
    Failures, MAX_NOT_FOUND, Pacing, PollResponse, RetryContext, before_deadline, is_last_poll,
    not_found_delay,
};
use crate::engine::poll::{Fields, Operator, Poll, ServerProfile};
use crate::engine::protocol::classify::{Rejection, TransportErrorKind, may_be_cut};
use crate::engine::protocol::error::{Error, RequestKind};
use crate::engine::protocol::record::{JobState, Phase, Snapshot};
use crate::engine::protocol::response::{NamedJob, Response, TransportError, read_poll};
use crate::engine::protocol::token::{JobEvidence, Token};
use crate::engine::protocol::url::JobId;
use crate::engine::time::Time;

/// After this many long polls in a row were cut off or failed, the client sends a standard poll.
const CUT_BEFORE_STANDARD: u32 = 2;
/// After this many long polls failed for reasons other than their length, while standard polls worked, the
/// client sends no long polls for a while.
const STUCK_BEFORE_PAUSE: u32 = 4;
/// The state of one job, which decides its next poll.
#[derive(Debug)]
pub(super) struct JobPoller {
    pub(super) id: JobId,
    pub(super) latest: Option<Rc<Snapshot>>,
    cursor: Option<Rc<str>>,
    /// Whether an initial response named this job. If so, a server that does not know the job has forgotten
    /// it.
    named: bool,
    /// Whether a poll has returned this job.
    seen: bool,
    /// Whether the next poll must be a standard poll.
    resync: bool,
    /// The `poll_timeout` of a long poll that got a 400. The next standard poll shows the reason.
    rejected_poll_timeout: Option<u32>,
    /// The operator of a long poll that got a 403. The next successful poll shows that the credential was not
    /// the reason.
    rejected_operator: Option<Operator>,
    /// Records received, and responses that may come from a cache. Both vary the URL of polls and may wrap.
    seen_records: u32,
    stale_responses: u32,
    /// A simpler query on trial.
    fields: Option<Fields>,
    failures: Failures,
    not_found_attempts: u32,
    /// Long polls in a row that were cut off or failed.
    cut_streak: u32,
    /// Failed long polls since the last success, not counting those that a shorter `poll_timeout` may fix.
    stuck: u32,
    /// The generation of the credential with which the server last returned the job.
    good_credential: Option<u32>,
    /// Whether a 401 or 403 came since then, which may be temporary.
    pub(super) auth_failed: bool,
    pacing: Pacing,
}

/// What the engine passes to a job for a decision.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) retry: RetryContext<'a>,
    pub(super) profile: &'a mut ServerProfile,
    /// The generation of the credential that polls send.
    pub(super) credential: u32,
}

/// The result of an observation.
#[derive(Debug)]
pub(super) struct Decision {
    /// Whether state, message or cursor changed.
    pub(super) changed: bool,
    /// Whether the response contained the job's current state.
    pub(super) observed: bool,
    pub(super) next: NextStep,
}

/// What comes next for a job.
#[derive(Debug)]
pub(super) enum NextStep {
    /// Poll at once.
    Poll,
    /// Poll after a pause, because the server does not hold polls.
    Wait(Duration),
    /// Poll after a pause, because the server responds at once although nothing changes.
    Throttle(Duration),
    /// Poll after a pause, because a request failed.
    Retry(Duration),
    /// The job ended. Every wait for it, now or later, settles with this.
    End(Terminal),
    /// Current waits fail with this error. A later wait tries again.
    Fail(Box<Error>),
}

/// How a job ended.
#[derive(Debug, Clone)]
pub(super) enum Terminal {
    /// In a terminal state.
    Finished(Rc<Snapshot>),
    /// The server no longer knows the job, so the outcome stays unknown.
    Gone(Box<Error>),
}

/// Information about a job.
#[derive(Debug)]
pub(super) enum Observation<'a> {
    /// The response to a poll, and how long it took.
    Response(&'a Poll, Duration, &'a Response),
    /// A failed poll, and how long it took.
    NoResponse(&'a Poll, Duration, &'a TransportError),
    /// A record from a batch or from another tab.
    Record(Rc<Snapshot>),
}

impl Decision {
    /// A decision without a snapshot.
    fn unseen(next: NextStep) -> Self {
        Self {
            changed: false,
            observed: false,
            next,
        }
    }
}

impl JobPoller {
    /// A job with only its id known.
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
            stale_responses: 0,
            fields: None,
            failures: Failures::default(),
            not_found_attempts: 0,
            cut_streak: 0,
            stuck: 0,
            good_credential: None,
            auth_failed: false,
            pacing: Pacing::default(),
        }
    }

    /// Applies an initial response. A snapshot from a poll is newer and stays.
    pub(super) fn accepted(&mut self, job: &NamedJob, credential: u32) -> Option<Terminal> {
        self.named = true;
        self.mark_shown(credential);
        let terminal = terminal(&job.snapshot);
        if self.latest.is_none() || terminal.is_some() {
            self.latest = Some(Rc::clone(&job.snapshot));
            self.cursor.clone_from(&job.snapshot.last_modified);
        }
        terminal
    }

    /// Applies a token. What is known already is newer and stays.
    pub(super) fn resume(&mut self, token: &Token) {
        if self.latest.is_none() && self.cursor.is_none() {
            self.cursor = token.cursor.as_deref().map(Into::into);
        }
        self.named |= token.known >= JobEvidence::Named;
        self.seen |= token.known >= JobEvidence::Seen;
    }

    /// The evidence and the cursor for a token.
    pub(super) fn known(&self) -> (JobEvidence, &str) {
        let known = match (self.seen, self.named) {
            (true, _) => JobEvidence::Seen,
            (false, true) => JobEvidence::Named,
            (false, false) => JobEvidence::Unknown,
        };
        // A finished job does not change: a server would hold a long poll with its cursor to the end.
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

    /// Polls a gone job once more for a new waiter.
    pub(super) fn recheck(&mut self) {
        self.not_found_attempts = MAX_NOT_FOUND;
        self.resync = true;
    }

    /// The server returned the job to this credential.
    fn mark_shown(&mut self, credential: u32) {
        self.good_credential = Some(credential);
        self.auth_failed = false;
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        let auth_failed = u32::from(self.auth_failed);
        self.failures
            .get()
            .max(self.not_found_attempts)
            .max(auth_failed)
    }

    /// The poll's name in error messages.
    fn name(&self) -> String {
        format!("GET {}", self.id.path())
    }

    fn rejection_error(&self, rejection: Rejection, response: &Response) -> Box<Error> {
        match rejection {
            Rejection::NotFound if self.seen => self.gone_error(response),
            rejection => Error::from_rejection(&self.name(), rejection, response),
        }
    }

    fn transport_error(&self, error: &TransportError) -> Box<Error> {
        Error::from_transport(&self.name(), error, RequestKind::Poll)
    }

    /// How the job ended; `None` if it has not.
    fn terminal(&self) -> Option<Terminal> {
        self.latest.as_ref().and_then(terminal)
    }

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
                variant: self.stale_responses,
            },
            _ => self.standard_poll(fields),
        }
    }

    /// A standard poll whose URL differs from those of earlier successful polls, because of caches.
    pub(super) fn standard_poll(&self, fields: Fields) -> Poll {
        Poll {
            variant: self.stale_responses.wrapping_add(self.seen_records),
            ..Poll::standard(fields)
        }
    }

    /// Decides what to do after an observation.
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
            // The first poll may arrive before the job is stored, and an empty body may come from a proxy or
            // from Deploy.
            Err(_) if !self.seen && response.is_bare_not_found() => {
                return self.not_found(poll, response, context);
            }
            Err(Rejection::Unauthorized) => return self.unauthorized(poll, response, context),
            Err(rejection) => rejection,
        };
        let error = self.rejection_error(rejection, response);
        let retry_after = response.retry_after_if(rejection);
        // A 503 with `Retry-After` comes from the server itself, so the poll was not cut off.
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
        // A job may outlast the replacement of a certificate.
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

    /// Applies the snapshot of a single poll.
    pub(super) fn apply_single_poll(
        &mut self,
        snapshot: Rc<Snapshot>,
        fields: Fields,
        credential: u32,
    ) -> (bool, Option<Terminal>) {
        self.mark_shown(credential);
        let (changed, _) = self.apply_snapshot(snapshot, fields);
        (changed, self.terminal())
    }

    /// Reads the result of a single poll, which is never retried.
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
        self.mark_shown(context.credential);
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
        self.mark_shown(context.credential);
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

    /// Stores a snapshot. Returns whether anything changed, and whether state or message did.
    fn apply_snapshot(&mut self, snapshot: Rc<Snapshot>, asked: Fields) -> (bool, bool) {
        self.seen = true;
        self.seen_records = self.seen_records.wrapping_add(1);
        let known = self.latest.as_ref();
        let visible = known.is_none_or(|known| !known.same_status(&snapshot));
        // An initial response without a state does not count as a known state.
        let had_state = known.is_some_and(|known| known.state != JobState::Accepted);
        // Compares with the cursor, because the latest record may have had none.
        let moved = snapshot.last_modified.is_some() && self.cursor != snapshot.last_modified;
        if snapshot.last_modified.is_some() {
            self.cursor.clone_from(&snapshot.last_modified);
        } else if visible && had_state && asked == Fields::Full {
            // The stored cursor is older than this change, so a poll with it would return at once. If the
            // poll did not request the cursor, the server may have omitted it.
            self.cursor = None;
        }
        if known.is_none_or(|known| known.raw() != snapshot.raw()) {
            self.latest = Some(snapshot);
        }
        (visible || moved, visible)
    }

    /// A poll succeeded, so the connection and this form of the query work.
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
        if long_polls_failed && self.stuck >= STUCK_BEFORE_PAUSE {
            profile.pause_long_polls(context.retry.now);
        }
        match (self.fields.take(), self.rejected_poll_timeout.take()) {
            // The server refused the fields; it may still accept long polls.
            (Some(fields), _) => profile.fields = fields,
            (None, Some(seconds)) => profile.refuse_long(seconds),
            (None, None) => {}
        }
    }

    /// The server returned the job, so an earlier 403 on a long poll was not about the credential.
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
        self.pacing.count(PollResponse {
            long: poll.is_long(),
            early: poll.is_early(waited),
            changed,
            visible,
        });
    }

    /// Decides when to poll after a response that did not end the job.
    fn pace(&mut self, poll: &Poll, waited: Duration, context: &Context<'_>) -> NextStep {
        let (now, deadline) = (context.retry.now, context.retry.deadline);
        if let Some(mut pause) = self.pacing.hot_loop_pause() {
            self.stale_responses = self.stale_responses.wrapping_add(1);
            if !poll.is_long() {
                // A standard poll never counts as early, so its pauses grow by the interval.
                pause = pause.max(self.pacing.next_interval());
            }
            return NextStep::Throttle(before_deadline(pause, now, deadline));
        }
        let long = poll.is_long();
        if long && let Some(pause) = self.pacing.busy_pause() {
            return NextStep::Wait(pause);
        }
        let long_next = self.next_poll(now, deadline, context.profile).is_long();
        let last_poll = long && !poll.is_early(waited) && is_last_poll(now, deadline);
        if long_next || last_poll || (long && self.resync) {
            NextStep::Poll
        } else {
            let pause = self.pacing.next_interval();
            NextStep::Wait(before_deadline(pause, now, deadline))
        }
    }

    /// Simplifies the next poll after a 400. False if the poll has its simplest form already.
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
        self.stale_responses = self.stale_responses.wrapping_add(1);
        self.not_found_attempts = self.not_found_attempts.saturating_add(1);
        Decision::unseen(
            match not_found_delay(self.not_found_attempts, self.seen).filter(|_| retries) {
                Some(delay) => NextStep::Retry(delay),
                None if self.seen || self.named => {
                    NextStep::End(Terminal::Gone(self.gone_error(response)))
                }
                None => {
                    self.clear_failures();
                    NextStep::Fail(self.rejection_error(Rejection::NotFound, response))
                }
            },
        )
    }

    /// The server refused the credential. A restarting server may do this before its user store is ready, so
    /// the client polls once more if this credential has worked for the job. It polls only once, because
    /// repeated failures can lock the account. A firewall may refuse the URL of a long poll with a 403; the
    /// same standard poll detects that.
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
        let was_good = self.good_credential == Some(context.credential);
        let is_filtered = poll.is_long() && response.status == 403;
        if !(was_good || is_filtered) || self.auth_failed || policy.is_never() {
            return self.give_up(self.rejection_error(Rejection::Unauthorized, response));
        }
        self.auth_failed = true;
        if poll.is_long() {
            self.long_poll_failed(false);
        }
        self.rejected_operator = is_filtered.then_some(poll.operator);
        self.resync = true;
        let pause = context.profile.auth_retry_delay(now);
        Decision::unseen(NextStep::Retry(before_deadline(pause, now, deadline)))
    }

    fn gone_error(&self, response: &Response) -> Box<Error> {
        Error::job_gone(self.id.as_str(), response, self.latest.as_ref())
    }

    /// A timeout, a gateway or a lost connection ended the poll. If the poll was held for a while, a proxy
    /// probably limits requests: halve `poll_timeout`, poll at once and count no failure. `Retry-After`
    /// applies only if the poll was too short to be cut off.
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

    /// A long poll was cut off or failed. `halved` says whether the next one is shorter because of that.
    fn long_poll_failed(&mut self, halved: bool) {
        self.cut_streak = self.cut_streak.saturating_add(1);
        self.stuck = if halved {
            0
        } else {
            self.stuck.saturating_add(1)
        };
        if self.stuck > STUCK_BEFORE_PAUSE {
            self.force_standard_poll();
        }
    }

    /// Makes the next poll a standard poll, which no proxy cuts off.
    fn force_standard_poll(&mut self) {
        self.cut_streak = self.cut_streak.max(CUT_BEFORE_STANDARD);
    }

    /// A poll that was sent failed, perhaps temporarily.
    fn poll_failed(
        &mut self,
        poll: &Poll,
        retry_after: Option<Duration>,
        error: Box<Error>,
        context: &mut Context<'_>,
    ) -> Decision {
        if poll.is_long() {
            self.long_poll_failed(false);
            // The last attempt is always a standard poll.
            let attempts = self.failures.get().saturating_add(2);
            if context.retry.policy.is_last(attempts) {
                self.force_standard_poll();
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
        let error = error.of_unfinished_job(self.failures.get());
        self.clear_failures();
        Decision::unseen(NextStep::Fail(error))
    }
}

/// How the job ended, if the snapshot's state is terminal.
fn terminal(snapshot: &Rc<Snapshot>) -> Option<Terminal> {
    (snapshot.state.phase() != Phase::Pending).then(|| Terminal::Finished(Rc::clone(snapshot)))
}
