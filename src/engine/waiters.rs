//! The waiters: promises that settle once.

use std::rc::Rc;

use super::call::{Call, CallGoal};
use super::ids::{ExchangeId, JobKey};
use super::io::InitialResponse;
use super::protocol::url::JobId;
use super::time::Time;

#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) deadline: Option<Time>,
    /// The deadline passed during a sleep or a stall and was extended. The client polls a job once more
    /// before the wait times out; a call or a single poll may still get its response.
    pub(super) overdue: bool,
    pub(super) progress: bool,
    /// The open request of this waiter alone.
    pub(super) exchange: Option<ExchangeId>,
    /// When the call is sent again.
    pub(super) retry_at: Option<Time>,
    pub(super) goal: Goal,
}

/// What a waiter waits for.
#[derive(Debug)]
pub(super) enum Goal {
    /// The first response to a call.
    Response(Box<Call>),
    /// The end of a job. `accepted` is the initial response, if this wait began with a call.
    JobEnd {
        job: JobKey,
        accepted: Option<Rc<InitialResponse>>,
    },
    /// The response to a single poll. `responses` is the job's response count when the poll was sent.
    Single { job: JobId, responses: u32 },
}

impl Goal {
    /// Whether the waiter waits for a record that meets a condition.
    pub(super) fn is_condition(&self) -> bool {
        matches!(self, Self::Response(call) if call.spec.goal == CallGoal::Condition)
    }
}
