//! An engine leaves nothing behind.

use ontap_select_deploy::engine::Usage;

use crate::harness::{Harness, NO_LIMIT, accepted, id, post, record};

#[test]
fn nothing_is_stored_after_the_last_settlement() {
    let mut bench = Harness::new();
    bench.call(post(), 60_000);
    bench.respond(5, accepted("j", "s0"));
    bench.wait("j", 90_000);
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(bench.engine.usage(), Usage::default());
    assert_eq!(bench.engine.next_timeout(), None);
}

#[test]
fn handle_keeps_the_job_until_it_is_dropped() {
    let mut bench = Harness::new();
    bench.attach("j");
    bench.attach("j");
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("success", "", "s1"));
    bench.detach("j");
    assert!(bench.engine.latest(&id("j")).is_some());
    bench.detach("j");
    assert_eq!(bench.engine.usage(), Usage::default());
}

#[test]
fn close_settles_waiters_and_cancels_requests() {
    let mut bench = Harness::new();
    let waiters = [
        bench.wait("j", NO_LIMIT),
        bench.wait("k", 5_000),
        bench.call(post(), NO_LIMIT),
        bench.poll_once("j"),
    ];
    bench.close();
    for waiter in waiters {
        assert_eq!(bench.code(waiter).name(), "CLOSED");
    }
    assert!(bench.open.is_empty());
    assert_eq!(bench.engine.next_timeout(), None);
    let late = bench.wait("j", NO_LIMIT);
    assert_eq!(
        bench.code(late).name(),
        "CLOSED",
        "a later waiter settles too"
    );
    bench.close();
}

#[test]
fn hundred_thousand_waits_leave_nothing_behind() {
    let mut bench = Harness::new();
    for _ in 0..100_000 {
        bench.wait("j", 60_000);
        bench.respond(1, record("success", "", "s1"));
        bench.sent.clear();
        bench.settled.clear();
        bench.progress.clear();
    }
    assert_eq!(bench.engine.usage(), Usage::default());
}
