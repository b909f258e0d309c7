//! What happens between the engine's machines, by subject: methods of [`Engine`](super::Engine).
//!
//! | file | holds |
//! |---|---|
//! | `calls` | a call is sent, gets its first response, and becomes a wait for a job |
//! | `jobs` | waiters join a job; it is polled; what its poller decides is carried out; it ends |
//! | `waiters` | a waiter is added, times out, and is settled: by `settle`, and nowhere else |
//! | `exchanges` | a request is opened, cancelled, times out, or gets its response |
//! | `timers` | timers fire |
//! | `slots` | jobs queue for a slot, get one, and give it up |
//! | `batches` | many jobs in one request |
//! | `single` | one standard poll for `poll_once` |
//! | `auth_refresh` | a 401 asks for a new credential, once for all requests |
//! | `peers` | tabs share one poller |
//! | `wake` | the machine slept, or the network is back |
//! | `trace` | events for the user's trace |

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
