//! What happens between the engine's machines, by subject.

mod auth_refresh;
mod batches;
mod calls;
mod exchanges;
mod jobs;
mod peers;
mod single;
mod slots;
mod trace;
mod waiters;
mod wake;
