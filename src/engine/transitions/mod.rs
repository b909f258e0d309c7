//! Connects the engine's state machines, one file per subject: methods of [`Engine`](super::Engine).
//!
//! | file | holds |
//! |---|---|
//! | `calls` | sends a call, reads its initial response, and waits for the job |
//! | `jobs` | adds waiters to a job, polls it, executes its poller's decisions, and ends it |
//! | `waiters` | adds waiters, times them out, and settles them, only in `settle` |
//! | `exchanges` | opens requests, cancels them, times them out, and takes their responses |
//! | `timers` | fires timers |
//! | `slots` | queues jobs for slots, and starts and preempts polls |
//! | `batches` | polls many jobs in one request |
//! | `single` | sends one standard poll for `poll_once` |
//! | `auth_refresh` | gets a new credential after a 401, once for all requests |
//! | `peers` | shares one poller between tabs |
//! | `wake` | handles sleep, stalls and the return of the network |
//! | `trace` | emits events for the user's trace |

mod auth_refresh;
mod batches;
mod calls;
mod exchanges;
mod jobs;
mod peers;
mod single;
mod slots;
mod timers;
mod trace;
mod waiters;
mod wake;
