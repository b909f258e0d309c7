//! Jobs that wait for a slot, and what they are given.

use std::rc::Rc;

use super::event::Credential;
use super::{Activity, Engine, Owner, Timer};
use crate::core::scheduler::Haste;
use crate::core::time::Time;

impl Engine {
    /// The job is to be polled as soon as there is a slot for it.
    pub(super) fn want_poll(
        &mut self,
        now: Time,
        id: &Rc<str>,
        credential: Credential,
        haste: Haste,
    ) {
        if !self.listen(now, id, haste) {
            self.queue_poll(now, id, credential, haste);
        }
    }

    pub(super) fn queue_poll(
        &mut self,
        now: Time,
        id: &Rc<str>,
        credential: Credential,
        haste: Haste,
    ) {
        let deadline = self.nearest_deadline(id);
        let Some(job) = self.jobs.get(id) else { return };
        let turn = self.scheduler.queue(now, id, haste, job.seen_at, deadline);
        self.becomes(id, Activity::Queued(turn, credential));
    }

    /// Somebody with a nearer deadline may have come to wait: the turn may be due sooner.
    pub(super) fn requeue(&mut self, now: Time, id: &Rc<str>) {
        let queued = match self.jobs.get(id).map(|job| &job.activity) {
            Some(Activity::Queued(turn, credential)) => Some((turn.clone(), *credential)),
            _ => None,
        };
        if let Some((turn, credential)) = queued {
            let deadline = self.nearest_deadline(id);
            let seen_at = self.jobs.get(id).and_then(|job| job.seen_at);
            let other = self
                .scheduler
                .queue(now, id, Haste::Usual, seen_at, deadline);
            let (sooner, later) = if other < turn {
                (other, turn)
            } else {
                (turn, other)
            };
            self.scheduler.leave(&later);
            self.becomes(id, Activity::Queued(sooner, credential));
        }
    }

    /// Changes what the job is at; what it was at before.
    pub(super) fn becomes(&mut self, id: &Rc<str>, activity: Activity) -> Activity {
        let Some(job) = self.jobs.get_mut(id) else {
            return Activity::Idle;
        };
        let is_active = |it: &Activity| {
            !matches!(
                it,
                Activity::Idle | Activity::Listening | Activity::Resting { away: true }
            )
        };
        let becomes_active = is_active(&activity);
        let before = std::mem::replace(&mut job.activity, activity);
        self.scheduler.count(is_active(&before), becomes_active);
        before
    }

    /// Gives free slots to those whose turn it is, and sees to it that one becomes free.
    pub(super) fn fill_slots(&mut self, now: Time) {
        loop {
            if let Some(turn) = self.scheduler.next(now) {
                self.take_turn(now, &turn.job);
            } else if let Some(exchange) = self.scheduler.outstayed(now) {
                self.make_room(now, exchange);
            } else {
                break;
            }
        }
        let wake_at = self.scheduler.wake_at(now);
        if wake_at != self.slots_at {
            if let Some(at) = self.slots_at {
                self.timers.remove(&(at, Timer::Slots));
            }
            if let Some(at) = wake_at {
                self.timers.insert((at, Timer::Slots));
            }
            self.slots_at = wake_at;
        }
    }

    fn take_turn(&mut self, now: Time, id: &Rc<str>) {
        let credential = match self.jobs.get(id).map(|job| &job.activity) {
            Some(Activity::Queued(_, credential)) => *credential,
            _ => return,
        };
        if credential == Credential::Fresh || !self.send_list(now, id) {
            self.send_poll(now, id, credential);
        }
    }

    /// A long poll from before the crowd ends early; its job queues up again, with its cursor.
    fn make_room(&mut self, now: Time, exchange: u32) {
        let owner = self.exchanges.get(&exchange).map(|it| it.owner.clone());
        self.cancel(exchange);
        if let Some(Owner::Job(id)) = owner {
            if let Some(job) = self.jobs.get_mut(&id) {
                job.seen_at = Some(now);
            }
            self.want_poll(now, &id, Credential::Usual, Haste::Usual);
        }
    }
}
