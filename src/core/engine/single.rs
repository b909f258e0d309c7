//! Single polls, beside whatever else goes on for a job.

use std::rc::Rc;

use super::event::{Command, Credential, Outcome, WaiterId};
use super::{Engine, Goal, Owner, Waiter};
use crate::core::address::JobId;
use crate::core::job::Phase;
use crate::core::poll::Poll;
use crate::core::response::{Answer, SendFailure};
use crate::core::time::Time;

impl Engine {
    pub(super) fn poll_once(&mut self, now: Time, waiter: WaiterId, id: JobId, deadline: Time) {
        let job = self.job(&id);
        let goal = Goal::Single {
            answers: job.answers,
            job: id,
            exchange: None,
        };
        self.add_waiter(
            waiter,
            Waiter {
                deadline,
                overdue: false,
                progress: false,
                goal,
            },
        );
        self.send_single(now, waiter, Credential::Usual);
    }

    pub(super) fn send_single(&mut self, now: Time, waiter: WaiterId, credential: Credential) {
        let next = self.last_exchange.wrapping_add(1);
        let Some(Waiter {
            goal: Goal::Single { job, exchange, .. },
            ..
        }) = self.waiters.get_mut(&waiter)
        else {
            return;
        };
        *exchange = Some(next);
        let poll = Poll {
            hold: None,
            fields: self.style.fields,
            cursor: None,
        };
        let target = poll.target(job);
        let cut_at = now.after(poll.cut_after());
        let exchange = self.open(now, Owner::Single(waiter), cut_at, credential, Some(poll));
        self.commands.push_back(Command::SendPoll {
            exchange,
            target,
            credential,
        });
    }

    pub(super) fn single_result(
        &mut self,
        waiter: WaiterId,
        result: Result<&Answer, &SendFailure>,
    ) {
        let Some(Waiter {
            goal:
                Goal::Single {
                    job,
                    exchange,
                    answers,
                },
            ..
        }) = self.waiters.get_mut(&waiter)
        else {
            return;
        };
        *exchange = None;
        let (id, answers) = (job.clone(), *answers);
        let fields = self.style.fields;
        let shared = self.job(&id);
        match shared.follow.judge_single(result) {
            Err(trouble) => self.settle(waiter, Outcome::Failed(*trouble)),
            Ok(snapshot) => {
                let over = snapshot.state.phase() != Phase::Open;
                let own = Rc::new(snapshot.clone());
                if shared.ending.is_none() && (over || shared.answers == answers) {
                    let (news, ending) = shared.follow.observe(snapshot, fields);
                    if news {
                        self.publish(id.text());
                    }
                    if ending.is_some() {
                        self.end(id.text(), ending);
                    }
                }
                // Users compare snapshots by identity: no news is the one that they have.
                let latest = self.latest(&id).filter(|latest| latest.raw == own.raw);
                self.settle(waiter, Outcome::Job(latest.unwrap_or(own)));
            }
        }
    }
}
