//! Slots, turns and batches, request by request.

use std::collections::BTreeSet;

use ontap_select_deploy::engine::{
    Auth, Config, ExchangeId, Input, Outcome, Response, TransportErrorKind, WaiterId,
};

use crate::harness::{Harness, Millis, NO_LIMIT, Sent, count, json, ms, post, record, secs};

fn bench(slots: u32) -> Harness {
    Harness::with(Config {
        max_open_polls: count(slots),
        auth: Auth::Asked,
        ..Config::default()
    })
}

/// This many jobs, each already seen running.
fn crowd(slots: u32, jobs: usize) -> (Harness, Vec<WaiterId>) {
    let mut bench = bench(slots);
    let waiters = (0..jobs).map(|at| bench.wait(&format!("job-{at}"), NO_LIMIT));
    let waiters = waiters.collect();
    (bench, waiters)
}

fn target_of(sent: &Sent) -> &str {
    sent.target.as_deref().unwrap()
}

/// The open requests by target.
fn open(bench: &Harness) -> Vec<(ExchangeId, String)> {
    let open = bench.open.iter();
    open.map(|(exchange, sent)| (*exchange, target_of(sent).to_owned()))
        .collect()
}

fn is_batch(target: &str) -> bool {
    target.starts_with("/jobs?")
}

fn ids_of(target: &str) -> Vec<String> {
    let ids = target.split("&id=").nth(1).unwrap();
    ids.split("%7C").map(str::to_owned).collect()
}

/// A batch response with all requested jobs, in this state.
fn batch_response(target: &str, state: &str, cursor: &str) -> Response {
    let records = ids_of(target).into_iter().map(|id| {
        format!(
            r#"{{"id": "{id}", "state": "{state}", "message": "", "last_modified": "{cursor}"}}"#
        )
    });
    let records = records.collect::<Vec<_>>().join(",");
    json(
        200,
        &format!(r#"{{"num_records": 1, "records": [{records}]}}"#),
    )
}

/// Responds to job polls with `running` until a batch is sent.
fn wait_for_batch(bench: &mut Harness) -> (ExchangeId, String) {
    for _ in 0..10_000 {
        if let Some(list) = open(bench).into_iter().find(|(_, target)| is_batch(target)) {
            return list;
        }
        match open(bench).first() {
            Some((exchange, _)) => bench.respond_to(*exchange, 5, record("running", "", "s1")),
            None => {
                bench.wake();
            }
        }
    }
    panic!("no batch was sent")
}

#[test]
fn open_polls_are_limited_by_slots() {
    let (mut bench, waiters) = crowd(2, 5);
    assert_eq!(bench.open.len(), 2);
    for _ in 0..5 {
        let (exchange, _) = open(&bench)[0].clone();
        bench.respond_to(exchange, 5, record("success", "", "s1"));
        bench.pass(100);
        assert!(bench.open.len() <= 2);
    }
    assert!(waiters.iter().all(|it| !bench.is_waiting(*it)));
}

fn multiplexed(bench: &mut Harness, yes: bool) {
    bench.handle(Input::Multiplexed { yes });
}

#[test]
fn a21_browser_has_four_slots_and_32_over_one_connection() {
    let mut bench = Harness::with(Config::default().in_browser());
    for at in 0..40 {
        bench.wait(&format!("job-{at}"), NO_LIMIT);
    }
    assert_eq!(bench.open.len(), 4);
    multiplexed(&mut bench, true);
    bench.pass(3_000);
    assert_eq!(bench.open.len(), 32);
    multiplexed(&mut bench, false);
    // The earlier polls get no response and time out.
    bench.pass(40_000);
    assert!(bench.open.len() <= 4, "{} are open", bench.open.len());
}

#[test]
fn a21_long_polls_are_preempted_when_there_are_fewer_slots() {
    let mut bench = Harness::with(Config::default().in_browser());
    multiplexed(&mut bench, true);
    for at in 0..20 {
        bench.wait(&format!("job-{at}"), NO_LIMIT);
    }
    for exchange in bench.open.clone().into_keys() {
        bench.respond_to(exchange, 5, record("running", "", "s1"));
    }
    assert_eq!(bench.open.len(), 20, "a long poll for each");
    multiplexed(&mut bench, false);
    assert!(bench.open.len() <= 4, "{} are open", bench.open.len());
}

#[test]
fn a21_configured_limit_is_kept() {
    let mut bench = bench(6);
    for at in 0..40 {
        bench.wait(&format!("job-{at}"), NO_LIMIT);
    }
    multiplexed(&mut bench, true);
    bench.pass(3_000);
    assert_eq!(bench.open.len(), 6);
}

#[test]
fn a21_hundred_jobs_have_a_poll_each() {
    let mut bench = Harness::new();
    for at in 0..110 {
        bench.wait(&format!("job-{at}"), NO_LIMIT);
    }
    assert_eq!(bench.open.len(), 100);
}

#[test]
fn a21_retry_after_delays_a_crowd_but_no_job_with_a_slot() {
    for (status, slots, is_held) in [
        (429, 1, true),
        (503, 1, true),
        (504, 1, true),
        (408, 1, true),
        (502, 1, false),
        (429, 32, false),
    ] {
        let (mut bench, _) = crowd(slots, 20);
        let mut busy = json(status, "");
        busy.retry_after = Some(secs(30));
        bench.respond(5, busy);
        let sent = bench.sent.len();
        for _ in 0..10 {
            if let Some((exchange, _)) = open(&bench).first().cloned() {
                bench.respond_to(exchange, 500, record("running", "", "s1"));
            } else {
                bench.pass(2_000);
            }
        }
        assert_eq!(bench.sent.len() == sent, is_held, "{status}, {slots} slots");
    }
}

#[test]
fn single_poll_takes_no_slot() {
    let mut bench = bench(1);
    bench.wait("a", NO_LIMIT);
    bench.poll_once("b");
    assert_eq!(bench.open.len(), 2);
    let mut bench = self::bench(1);
    bench.poll_once("b");
    bench.call(post(), NO_LIMIT);
    bench.wait("a", NO_LIMIT);
    assert_eq!(bench.open.len(), 3, "nor does a call");
}

#[test]
fn job_in_backoff_takes_no_slot() {
    let (mut bench, _) = crowd(1, 2);
    bench.respond(5, json(502, ""));
    bench.pass(100);
    assert!(target_of(bench.open.values().next().unwrap()).starts_with("/jobs/job-1"));
}

#[test]
fn slow_standard_poll_is_not_preempted() {
    let (mut bench, waiters) = crowd(1, 30);
    for _ in 0..400 {
        match open(&bench).first() {
            // Almost as long as a standard poll may take.
            Some((exchange, target)) if is_batch(target) => {
                bench.respond_to(*exchange, 8_000, json(404, ""));
            }
            Some((exchange, _)) => bench.respond_to(*exchange, 8_000, record("success", "", "s1")),
            None if waiters.iter().any(|it| bench.is_waiting(*it)) => {
                bench.wake();
            }
            None => break,
        }
    }
    assert!(waiters.iter().all(|it| !bench.is_waiting(*it)));
}

#[test]
fn job_with_a_near_deadline_goes_before_its_turn() {
    let (mut bench, _) = crowd(1, 30);
    // Every job had a turn; batches do not work here.
    while bench.polls() < 40 {
        match open(&bench).first().cloned() {
            Some((exchange, target)) if is_batch(&target) => {
                bench.respond_to(exchange, 5, json(405, ""))
            }
            Some((exchange, _)) => bench.respond_to(exchange, 5, record("running", "", "s1")),
            None => {
                bench.wake();
            }
        }
    }
    let last = bench
        .sent
        .iter()
        .rev()
        .find_map(|it| it.target.clone())
        .unwrap();
    let id = last.split(['/', '?']).nth(2).unwrap().to_owned();
    while let Some((exchange, _)) = open(&bench).first().cloned() {
        bench.respond_to(exchange, 5, record("running", "", "s1"));
    }
    let before = bench.polls();
    let hasty = bench.wait(&id, 4_000);
    let mut looks = 0;
    while bench.is_waiting(hasty) {
        match open(&bench).first().cloned() {
            Some((exchange, target)) => {
                looks += usize::from(target.starts_with(&format!("/jobs/{id}?")));
                bench.respond_to(exchange, 5, record("running", "", "s1"));
            }
            None => {
                bench.wake();
            }
        }
    }
    assert!(
        (2..=5).contains(&looks),
        "{looks} of {}",
        bench.polls() - before
    );
}

#[test]
fn u14_crowd_is_polled_in_batches() {
    let (mut bench, waiters) = crowd(4, 50);
    let (list, target) = wait_for_batch(&mut bench);
    assert!(target.starts_with("/jobs?fields=id,state,message,last_modified&id=job-"));
    assert!(ids_of(&target).len() > 20);
    let polls = bench.polls();
    bench.respond_to(list, 5, batch_response(&target, "running", "s2"));
    for _ in 0..40 {
        match open(&bench).into_iter().next() {
            Some((exchange, target)) if is_batch(&target) => {
                bench.respond_to(exchange, 5, batch_response(&target, "running", "s2"));
            }
            Some((exchange, _)) => bench.respond_to(exchange, 5, record("running", "", "s2")),
            None => {
                bench.wake();
            }
        }
    }
    assert!(bench.polls() - polls <= 60);
    let mut rounds = 0;
    while waiters.iter().any(|it| bench.is_waiting(*it)) {
        rounds += 1;
        assert!(rounds < 100);
        match open(&bench).into_iter().next() {
            Some((exchange, target)) if is_batch(&target) => {
                bench.respond_to(exchange, 5, batch_response(&target, "success", "end"));
            }
            Some((exchange, _)) => bench.respond_to(exchange, 5, record("success", "", "end")),
            None => {
                bench.wake();
            }
        }
    }
    assert!(waiters.iter().all(|it| bench.final_state(*it) == "success"));
}

#[test]
fn url_is_never_longer_than_2000_characters() {
    let base = format!("https://deploy.example.com/{}", "p".repeat(1_000));
    let mut bench = Harness::with(Config {
        max_open_polls: count(4),
        base: base.clone(),
        ..Config::default()
    });
    for at in 0..200 {
        bench.wait(&format!("{}{at}", "j".repeat(60)), NO_LIMIT);
    }
    let (_, target) = wait_for_batch(&mut bench);
    assert!(base.len() + target.len() <= 2_000);
    assert!(base.len() + target.len() > 1_900);
}

#[test]
fn u14_unsupported_batch_is_not_tried_again() {
    let odd = [
        json(400, ""),
        json(404, ""),
        json(405, ""),
        json(403, ""),
        json(200, "<html>"),
        json(200, "{}"),
        json(200, r#"{"records": {}}"#),
        json(200, r#"{"records": []}"#),
        json(
            200,
            r#"{"records": [{"id": "another", "state": "running"}]}"#,
        ),
        json(204, ""),
        json(302, ""),
    ];
    for response in odd {
        let (mut bench, waiters) = crowd(4, 50);
        let (list, _) = wait_for_batch(&mut bench);
        bench.respond_to(list, 5, response);
        let asked_for_lists = |bench: &Harness| {
            let polls = bench.sent.iter().filter_map(|it| it.target.as_deref());
            polls.filter(|it| is_batch(it)).count()
        };
        assert_eq!(asked_for_lists(&bench), 1);
        while waiters.iter().any(|it| bench.is_waiting(*it)) {
            match open(&bench).into_iter().next() {
                Some((exchange, _)) => bench.respond_to(exchange, 5, record("success", "", "end")),
                None => {
                    bench.wake();
                }
            }
        }
        assert_eq!(asked_for_lists(&bench), 1);
        assert!(waiters.iter().all(|it| bench.final_state(*it) == "success"));
    }
}

#[test]
fn batch_disabled_after_two_transient_failures() {
    let (mut bench, waiters) = crowd(4, 50);
    for status in [503, 502] {
        let (list, _) = wait_for_batch(&mut bench);
        bench.respond_to(list, 5, json(status, ""));
    }
    for _ in 0..400 {
        match open(&bench).into_iter().next() {
            Some((exchange, target)) => {
                assert!(!is_batch(&target));
                bench.respond_to(exchange, 5, record("running", "", "s1"));
            }
            None => {
                bench.wake();
            }
        }
    }
    assert!(waiters.iter().all(|it| bench.is_waiting(*it)));
}

#[test]
fn job_missing_from_a_batch_is_polled_alone() {
    let (mut bench, waiters) = crowd(4, 50);
    let (list, target) = wait_for_batch(&mut bench);
    let missing = ids_of(&target)[0].clone();
    let rest = target.replacen(&format!("{missing}%7C"), "", 1);
    bench.respond_to(list, 5, batch_response(&rest, "running", "s2"));
    let mut found = false;
    for _ in 0..20 {
        match open(&bench).into_iter().next() {
            Some((exchange, target)) if target.starts_with(&format!("/jobs/{missing}?")) => {
                bench.respond_to(exchange, 5, json(403, ""));
                found = true;
                break;
            }
            Some((exchange, target)) if is_batch(&target) => {
                assert!(!ids_of(&target).contains(&missing));
                bench.respond_to(exchange, 5, batch_response(&target, "running", "s2"));
            }
            Some((exchange, _)) => bench.respond_to(exchange, 5, record("running", "", "s2")),
            None => {
                bench.wake();
            }
        }
    }
    assert!(found);
    let ended = waiters.iter().filter(|it| !bench.is_waiting(**it));
    assert_eq!(
        ended.map(|it| bench.code(*it).name()).collect::<Vec<_>>(),
        ["AUTH"]
    );
}

#[test]
fn batch_is_cancelled_with_its_last_job() {
    let (mut bench, waiters) = crowd(4, 50);
    let (list, target) = wait_for_batch(&mut bench);
    let ids = ids_of(&target);
    for (at, id) in ids.iter().enumerate() {
        assert!(bench.open.contains_key(&list), "{at} have left");
        let number: usize = id.strip_prefix("job-").unwrap().parse().unwrap();
        let waiter = waiters[number];
        bench.abort(waiter);
    }
    assert!(!bench.open.contains_key(&list));
}

#[test]
fn batch_with_401_continues_job_by_job() {
    for fresh in [true, false] {
        let (mut bench, waiters) = crowd(4, 50);
        let (list, target) = wait_for_batch(&mut bench);
        let many = ids_of(&target).len();
        bench.respond_to(list, 5, json(401, ""));
        assert_eq!(bench.refreshes.len(), 1);
        bench.handle(Input::CredentialRefreshed { fresh });
        let refused = |bench: &Harness| waiters.iter().filter(|it| !bench.is_waiting(**it)).count();
        // Four were seen before with the same credential; they retry once.
        assert_eq!(refused(&bench), if fresh { 0 } else { many - 4 });
        if !fresh {
            while bench.open.is_empty() {
                bench.wake();
            }
            bench.respond(5, json(401, ""));
            bench.handle(Input::CredentialRefreshed { fresh });
            assert_eq!(refused(&bench), many);
        }
        if fresh {
            bench.pass(200);
            assert!(open(&bench).iter().any(|(_, target)| !is_batch(target)));
        }
    }
}

#[test]
fn ids_with_operators_are_never_in_a_batch() {
    let mut bench = bench(1);
    for at in 0..30 {
        bench.wait(&format!("a|b*{at}"), NO_LIMIT);
    }
    for _ in 0..200 {
        match open(&bench).into_iter().next() {
            Some((exchange, target)) => {
                assert!(!is_batch(&target));
                bench.respond_to(exchange, 5, record("running", "", "s1"));
            }
            None => {
                bench.wake();
            }
        }
    }
}

#[test]
fn id_too_long_for_a_batch_is_polled_alone() {
    let mut bench = Harness::with(Config {
        max_open_polls: count(1),
        base: format!("https://deploy.example.com/{}", "p".repeat(1_600)),
        ..Config::default()
    });
    let mut waiters = Vec::new();
    for at in 0..30 {
        let long = if at % 2 == 0 { 400 } else { 1 };
        waiters.push(bench.wait(&format!("{}{at}", "j".repeat(long)), NO_LIMIT));
    }
    for _ in 0..2_000 {
        match open(&bench).into_iter().next() {
            Some((exchange, target)) if is_batch(&target) => {
                bench.respond_to(exchange, 5, batch_response(&target, "success", "s"));
            }
            Some((exchange, _)) => bench.respond_to(exchange, 5, record("success", "", "s")),
            None if bench.engine.next_timeout().is_some() => {
                bench.wake();
            }
            None => break,
        }
    }
    assert!(waiters.iter().all(|it| !bench.is_waiting(*it)));
}

#[test]
fn u14_batch_is_retried_if_it_has_worked() {
    let (mut bench, _) = crowd(4, 50);
    let (list, target) = wait_for_batch(&mut bench);
    bench.respond_to(list, 5, batch_response(&target, "running", "s2"));
    for _ in 0..5 {
        let (list, _) = wait_for_batch(&mut bench);
        bench.respond_to(list, 5, json(503, ""));
    }
    wait_for_batch(&mut bench);
}

#[test]
fn retry_after_of_a_batch_applies_to_its_jobs() {
    let (mut bench, _) = crowd(4, 50);
    let (list, target) = wait_for_batch(&mut bench);
    let mut busy = json(503, "");
    busy.retry_after = Some(secs(30));
    bench.respond_to(list, 5, busy);
    let sent = bench.sent.len();
    for _ in 0..100 {
        match bench.open.keys().next().copied() {
            Some(exchange) => bench.respond_now(exchange, record("running", "", "s1")),
            None => bench.pass(100),
        }
    }
    let ids = ids_of(&target);
    for later in bench.sent[sent..].iter().map(target_of) {
        assert!(
            ids.iter()
                .all(|id| !later.starts_with(&format!("/jobs/{id}?")))
        );
    }
}

#[test]
fn a8_one_job_retries_for_a_rejected_batch() {
    let (mut bench, waiters) = crowd(4, 50);
    let (list, target) = wait_for_batch(&mut bench);
    bench.respond_to(list, 5, batch_response(&target, "running", "s2"));
    let (list, target) = wait_for_batch(&mut bench);
    let ids = ids_of(&target);
    bench.respond_to(list, 5, json(401, ""));
    bench.handle(Input::CredentialRefreshed { fresh: false });
    assert!(waiters.iter().all(|it| bench.is_waiting(*it)));
    let of_list = |target: &str| {
        let asks = |id: &String| target.starts_with(&format!("/jobs/{id}?"));
        ids.iter().any(asks)
    };
    let asks = loop {
        match open(&bench).first() {
            Some((exchange, target)) if of_list(target) => break *exchange,
            Some((exchange, target)) if is_batch(target) => {
                bench.respond_to(*exchange, 5, batch_response(target, "success", "s3"));
            }
            Some((exchange, _)) => bench.respond_to(*exchange, 5, record("success", "", "s3")),
            None => {
                bench.wake();
            }
        }
    };
    bench.respond_to(asks, 5, json(401, ""));
    bench.handle(Input::CredentialRefreshed { fresh: false });
    let refused = waiters.iter().filter(|it| {
        !bench.is_waiting(**it)
            && matches!(bench.outcome(**it), Outcome::Failed(error) if error.code.name() == "AUTH")
    });
    assert_eq!(refused.count(), ids.len());
    let after = bench.sent.iter().rev().take_while(|it| it.exchange != asks);
    assert!(after.map(target_of).all(|target| !of_list(target)));
}

#[test]
fn a3_proxy_404_does_not_disable_batches_that_worked() {
    let (mut bench, _) = crowd(4, 50);
    let (list, target) = wait_for_batch(&mut bench);
    bench.respond_to(list, 5, batch_response(&target, "running", "s2"));
    for body in ["", "<html>", "404 page not found"] {
        let (list, _) = wait_for_batch(&mut bench);
        bench.respond_to(list, 5, json(404, body));
    }
    wait_for_batch(&mut bench);
}

#[test]
fn a12_batch_ids_ignore_case_and_other_jobs_are_ignored() {
    let (mut bench, waiters) = crowd(4, 50);
    let (list, target) = wait_for_batch(&mut bench);
    let records = ids_of(&target).into_iter().enumerate().map(|(at, id)| {
        let id = if at == 0 {
            "another".to_owned()
        } else {
            id.to_uppercase()
        };
        format!(r#"{{"id": "{id}", "state": "success"}}"#)
    });
    let records = records.collect::<Vec<_>>().join(",");
    bench.respond_to(
        list,
        5,
        json(200, &format!(r#"{{"records": [{records}]}}"#)),
    );
    let ended = waiters.iter().filter(|it| !bench.is_waiting(**it)).count();
    assert_eq!(ended, ids_of(&target).len() - 1);
}

#[test]
fn abandoned_batch_is_tried_again() {
    for is_answered in [true, false] {
        let (mut bench, waiters) = crowd(4, 50);
        let (list, _) = wait_for_batch(&mut bench);
        bench.respond_to(list, 5, json(401, ""));
        for waiter in waiters {
            bench.abort(waiter);
        }
        if is_answered {
            bench.handle(Input::CredentialRefreshed { fresh: true });
        }
        for at in 0..50 {
            bench.wait(&format!("again-{at}"), NO_LIMIT);
        }
        wait_for_batch(&mut bench);
    }
}

#[test]
fn new_cursors_in_batches_are_not_a_hot_loop() {
    let mut bench = Harness::with(Config {
        max_open_polls: count(4),
        trace: true,
        ..Config::default()
    });
    for at in 0..50 {
        bench.wait(&format!("job-{at}"), NO_LIMIT);
    }
    for round in 0..40 {
        let (list, target) = wait_for_batch(&mut bench);
        bench.respond_to(
            list,
            5,
            batch_response(&target, "running", &format!("s{round}")),
        );
    }
    assert!(bench.trace.iter().all(|it| it.kind.name() != "hot-loop"));
}

#[test]
fn a7_each_batch_has_a_new_url() {
    let (mut bench, _) = crowd(4, 50);
    let mut batch_count = BTreeSet::new();
    for _ in 0..20 {
        let (list, target) = wait_for_batch(&mut bench);
        let names = target.split("&id=").next().unwrap().to_owned();
        let decoded = percent_encoding::percent_decode_str(&names)
            .decode_utf8()
            .unwrap();
        assert_eq!(decoded, "/jobs?fields=id,state,message,last_modified");
        bench.respond_to(list, 5, batch_response(&target, "running", "s2"));
        assert!(batch_count.insert(names), "{target}");
    }
}

/// The number of batches sent.
fn batch_count(bench: &Harness) -> usize {
    let polls = bench.sent.iter().filter_map(|it| it.target.as_deref());
    polls.filter(|it| is_batch(it)).count()
}

/// Responds to job polls for this long.
fn respond_for(bench: &mut Harness, span: Millis) {
    let end = bench.now + ms(span);
    while bench.now < end {
        match open(bench).into_iter().find(|(_, it)| !is_batch(it)) {
            Some((exchange, _)) => bench.respond_to(exchange, 5, record("running", "", "s1")),
            None => bench.pass(100),
        }
    }
}

/// This many jobs with ids so long that a batch fits six.
fn long_names(jobs: usize) -> Harness {
    let mut bench = bench(4);
    for at in 0..jobs {
        bench.wait(&format!("{at:0>323}"), NO_LIMIT);
    }
    bench
}

#[test]
fn second_batch_waits_for_the_first_response() {
    let mut bench = long_names(100);
    wait_for_batch(&mut bench);
    respond_for(&mut bench, 10_000);
    assert_eq!(batch_count(&bench), 1);
    // A job poll's 401 says nothing about the batch.
    let single = open(&bench).into_iter().find(|(_, it)| !is_batch(it));
    let single = single.map(|(exchange, _)| exchange);
    if let Some(exchange) = single {
        bench.respond_now(exchange, json(401, ""));
        bench.handle(Input::CredentialRefreshed { fresh: true });
    }
    assert!(single.is_some());
    respond_for(&mut bench, 10_000);
    assert_eq!(batch_count(&bench), 1);
}

#[test]
fn status_404_to_the_first_batch_disables_batches() {
    for body in ["", "<html>"] {
        let (mut bench, _) = crowd(4, 200);
        let (list, _) = wait_for_batch(&mut bench);
        bench.respond_to(list, 5, json(404, body));
        respond_for(&mut bench, 60_000);
        assert_eq!(batch_count(&bench), 1);
    }
}

#[test]
fn batches_that_worked_and_are_rejected_stop() {
    for response in [json(400, ""), json(200, "{}")] {
        let (mut bench, _) = crowd(4, 200);
        let (list, target) = wait_for_batch(&mut bench);
        bench.respond_to(list, 5, batch_response(&target, "running", "s2"));
        let (list, _) = wait_for_batch(&mut bench);
        let others = open(&bench).into_iter();
        let others = others.filter(|(it, target)| *it != list && is_batch(target));
        for (other, target) in others.collect::<Vec<_>>() {
            bench.respond_to(other, 5, batch_response(&target, "running", "s2"));
        }
        let before = batch_count(&bench);
        bench.respond_to(list, 5, response.clone());
        respond_for(&mut bench, 60_000);
        assert_eq!(batch_count(&bench), before);
    }
}

#[test]
fn batch_has_at_least_two_jobs() {
    let mut bench = bench(1);
    for at in 0..60 {
        // An id with a `|` is never in a batch.
        let odd = if at % 3 == 2 { "|" } else { "" };
        bench.wait(&format!("job{odd}{at}"), NO_LIMIT);
    }
    let mut sizes = BTreeSet::new();
    for _ in 0..400 {
        match open(&bench).into_iter().next() {
            Some((exchange, target)) if is_batch(&target) => {
                sizes.insert(ids_of(&target).len());
                bench.respond_to(exchange, 5, batch_response(&target, "running", "s2"));
            }
            Some((exchange, _)) => bench.respond_to(exchange, 5, record("running", "", "s1")),
            None => {
                bench.wake();
            }
        }
    }
    assert!(sizes.first() == Some(&2), "{sizes:?}");
}

#[test]
fn batch_may_have_exactly_2000_characters() {
    let mut bench = long_names(50);
    let (_, target) = wait_for_batch(&mut bench);
    assert_eq!((ids_of(&target).len(), target.len()), (6, 2_000));
}

#[test]
fn batch_with_one_change_is_not_an_empty_poll() {
    let (mut bench, _) = crowd(4, 50);
    let (list, target) = wait_for_batch(&mut bench);
    let before = bench.engine.stats().empty_polls;
    bench.respond_to(list, 5, batch_response(&target, "running", "s1"));
    assert_eq!(bench.engine.stats().empty_polls, before);
}

#[test]
fn no_long_poll_has_poll_timeout_zero() {
    let (mut bench, _) = crowd(4, 50);
    for _ in 0..400 {
        match open(&bench).into_iter().next() {
            Some((exchange, target)) if is_batch(&target) => {
                bench.respond_to(exchange, 5, json(503, ""));
            }
            Some((exchange, target)) => {
                assert!(!target.contains("poll_timeout=0"), "{target}");
                bench.respond_to(exchange, 5, record("running", "", "s1"));
            }
            None => {
                bench.wake();
            }
        }
    }
}

/// The number of polls in two seconds for a crowd that follows these ends of four long polls.
fn polls_after(end: impl FnMut(&mut Harness, ExchangeId)) -> usize {
    polls_after_with(4, end)
}

fn polls_after_with(slots: u32, mut end: impl FnMut(&mut Harness, ExchangeId)) -> usize {
    let (mut bench, _) = crowd(slots, slots as usize);
    for (exchange, _) in open(&bench) {
        bench.respond_to(exchange, 0, record("running", "", "s1"));
    }
    let long = open(&bench);
    assert!(long.iter().all(|(_, it)| it.contains("poll_timeout=30")));
    for (exchange, _) in long {
        if bench.open.contains_key(&exchange) {
            end(&mut bench, exchange);
        }
    }
    bench.handle(Input::Resumed);
    for at in 0..200 {
        bench.wait(&format!("more|{at}"), NO_LIMIT);
    }
    let before = bench.polls();
    let until = bench.now + ms(2_000);
    while bench.now < until {
        match open(&bench).into_iter().next() {
            Some((exchange, target)) if is_batch(&target) => {
                bench.respond_to(exchange, 5, batch_response(&target, "running", "s1"));
            }
            Some((exchange, _)) => bench.respond_to(exchange, 5, record("running", "", "s1")),
            None => bench.pass(10),
        }
    }
    bench.polls() - before
}

#[test]
fn a21_only_signs_of_server_load_slow_the_crowd() {
    use TransportErrorKind::{CallbackFailed, Network, TimedOut};
    let fail = |kind| move |bench: &mut Harness, it| bench.fail_now(it, kind);
    let fail_after = |kind, offline: bool, span| {
        move |bench: &mut Harness, it| {
            if offline {
                bench.handle(Input::Offline);
            }
            bench.pass(span);
            bench.fail_now(it, kind);
        }
    };
    let answer =
        |status, span| move |bench: &mut Harness, it| bench.respond_to(it, span, json(status, ""));
    let quick = polls_after(|_, _| {});
    assert!((18..=30).contains(&quick), "{quick}");
    // A proxy cut a held poll, the network is offline, or a callback failed.
    let others = [
        polls_after(answer(504, 6_000)),
        polls_after(fail_after(Network, false, 6_000)),
        polls_after(fail_after(Network, true, 0)),
        polls_after(once(fail_after(TimedOut, false, 6_000))),
        polls_after(once(answer(502, 0))),
        polls_after(fail(CallbackFailed)),
    ];
    assert!(others.iter().all(|it| *it >= quick), "{quick} {others:?}");
    let strains = [
        polls_after(once(answer(504, 0))),
        polls_after(answer(502, 0)),
        polls_after(fail(Network)),
        polls_after(once(fail(TimedOut))),
        polls_after(fail_after(TimedOut, false, 6_000)),
    ];
    let half = quick / 2 + 1;
    assert!(strains.iter().all(|it| *it <= half), "{quick} {strains:?}");
}

/// Acts only the first time.
fn once(end: impl Fn(&mut Harness, ExchangeId)) -> impl FnMut(&mut Harness, ExchangeId) {
    let mut is_done = false;
    move |bench, exchange| {
        if !std::mem::replace(&mut is_done, true) {
            end(bench, exchange);
        }
    }
}

#[test]
fn a21_time_in_a_held_poll_does_not_count_as_slow() {
    let quick = polls_after_with(8, |_, _| {});
    let mut is_first = true;
    let held = polls_after_with(8, |bench, it| {
        // Each response comes 400 ms after its poll_timeout.
        let is_first = std::mem::take(&mut is_first);
        let span = if is_first { 30_400 } else { 125 };
        bench.respond_to(it, span, record("running", "", "s1"));
    });
    assert_eq!(held, quick);
}

#[test]
fn a21_hanging_single_polls_do_not_slow_the_crowd() {
    let mut bench = bench(4);
    for at in 0..3 {
        bench.poll_once(&format!("single-{at}"));
    }
    let singles: Vec<_> = bench.open.keys().copied().collect();
    for at in 0..200 {
        bench.wait(&format!("job|{at}"), NO_LIMIT);
    }
    let until = bench.now + ms(6_000);
    while bench.now < until {
        match bench.open.keys().find(|it| !singles.contains(it)).copied() {
            Some(exchange) => bench.respond_to(exchange, 5, record("running", "", "s1")),
            None => bench.pass(10),
        }
    }
    assert!(bench.polls() > 150, "{}", bench.polls());
}

#[test]
fn a21_crowd_slows_down_when_three_standard_polls_stay_open() {
    let mut bench = bench(100);
    for at in 0..400 {
        bench.wait(&format!("job|{at}"), NO_LIMIT);
    }
    let until = bench.now + ms(1_000);
    while bench.now < until {
        match bench.open.keys().next().copied() {
            Some(exchange) => bench.respond_to(exchange, 1, record("running", "", "s1")),
            None => bench.pass(10),
        }
    }
    // From here on nothing gets a response.
    let before = bench.polls();
    bench.pass(1_000);
    let first = bench.polls() - before;
    assert!(first >= 8, "{first}");
    bench.pass(5_000);
    let later = bench.polls() - before - first;
    assert!(later <= 3 * first, "{later} after {first}");
}
