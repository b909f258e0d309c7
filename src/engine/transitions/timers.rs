//! What happens when a timer fires.

use crate::engine::io::CredentialChoice;
use crate::engine::scheduler::Priority;
use crate::engine::state::Engine;
use crate::engine::timers::Timer;

impl Engine {
    /// Fires all timers that are due.
    pub(in crate::engine) fn fire_timers(&mut self) {
        while let Some(timer) = self.timers.pop_due(self.now) {
            match timer {
                Timer::RequestTimeout(exchange) => self.time_out_exchange(exchange),
                Timer::PollDue(job) => {
                    self.schedule_poll(job, CredentialChoice::Usual, Priority::Normal);
                }
                // `handle` fills free slots after each input.
                Timer::Slots => {
                    self.scheduler.set_wake_at(None);
                }
                Timer::Heartbeat => self.heartbeat(),
                Timer::Credential => self.finish_refresh(false),
                Timer::CallRetry(waiter) => self.send_call_again(waiter),
                Timer::Deadline(waiter) => self.time_out(waiter),
            }
        }
    }
}
