//! A fixed history, for callgrind to count its instructions: `npm test -- instructions`.

use engine_bench::{Slots, World};

const JOBS: u32 = 1_000;
const EVENTS: u32 = 10_000;

fn main() {
    let mut each = World::new(JOBS, Slots::Each);
    let mut few = World::new(JOBS, Slots::Few);
    history(&mut each, &mut few);
}

/// The only function that is counted. Not inlined, so that callgrind finds it by its name.
#[inline(never)]
fn history(each: &mut World, few: &mut World) {
    for _ in 0..EVENTS {
        each.change();
        each.life();
        each.timer();
        few.change();
    }
}
