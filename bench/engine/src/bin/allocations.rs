//! How often and how much each event allocates, as lines of JSON.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use engine_bench::{SIZES, Slots, World};

struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

// SAFETY: all is passed on to the system's own allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Relaxed);
        BYTES.fetch_add(layout.size() as u64, Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const EVENTS: u64 = 2_000;

fn main() {
    for (slots, name) in [(Slots::Each, "change"), (Slots::Few, "turn")] {
        for jobs in SIZES {
            let mut world = World::new(jobs, slots);
            report(name, jobs, || world.change());
        }
    }
    for jobs in SIZES {
        let mut world = World::new(jobs, Slots::Each);
        report("life", jobs, || world.life());
    }
}

fn report(event: &str, jobs: u32, mut work: impl FnMut()) {
    let before = (COUNT.load(Relaxed), BYTES.load(Relaxed));
    for _ in 0..EVENTS {
        work();
    }
    let count = (COUNT.load(Relaxed) - before.0) as f64 / EVENTS as f64;
    let bytes = (BYTES.load(Relaxed) - before.1) as f64 / EVENTS as f64;
    println!(r#"{{"event": "{event}", "jobs": {jobs}, "count": {count}, "bytes": {bytes}}}"#);
}
