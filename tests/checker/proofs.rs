//! Proves that the checker finds what it should: a correct record has nothing wrong, and each kind of loss is reported.

use serde_json::{Value, json};

use super::{
    audit::check,
    ledger::{Channel as Row, Entry, Event, Ledger, NEVER, Retry, Step},
    plan::{Channel, Kind},
    publishers::Acknowledged,
    receivers::Hit,
    verdict::judge,
    world::Evidence,
};

const STEADY: u32 = 1;
const TALLY: u32 = 2;

fn entry(channel: u32, step: Step) -> Entry {
    let by_hand = step == Step::Again;
    let attempted = !by_hand;
    Entry { channel, step, attempted, failed: attempted && step != Step::Delivered, by_policy: false, by_hand }
}

/// Two events of one subject, both delivered to both channels, and what the tally emitted for each.
fn sound() -> Ledger {
    let mut ledger = Ledger { integrity: "ok".to_owned(), last_offset: 4, events_ever: 4, ..Ledger::default() };
    let events = [
        ("a", "e1", "/"),
        ("b", "e2", "/"),
        ("c", "dlv_a_2.1", "/channels/tally"),
        ("d", "dlv_b_2.1", "/channels/tally"),
    ];
    for (offset, (key, id, source)) in (1..).zip(events) {
        let (key, id, source) = (key.to_owned(), id.to_owned(), source.to_owned());
        ledger
            .events
            .insert(offset, Event { key, targets: vec![STEADY, TALLY], id, source, subject: Some("s".into()) });
        ledger.progress.insert(offset, vec![entry(STEADY, Step::Delivered), entry(TALLY, Step::Delivered)]);
    }
    for (id, name, order_by) in [(STEADY, "steady", Some("subject".to_owned())), (TALLY, "tally", None)] {
        let name = name.to_owned();
        let counted = Row { accepted: 4, delivered: 4, attempts: 4, ..Row::default() };
        ledger.channels.insert(id, Row { name, floor: 4, ceiling: 4, order_by, ..counted });
    }
    ledger.state.insert((TALLY, "n".to_owned()), "4".to_owned());
    ledger
}

fn row(ledger: &mut Ledger, channel: u32) -> &mut Row {
    ledger.channels.get_mut(&channel).unwrap()
}

/// The steady channel's delivery of an event, with its counters, as if it had ended here.
fn only(ledger: &mut Ledger, offset: u64, steps: &[Step]) {
    let entries = ledger.progress.get_mut(&offset).unwrap();
    entries.retain(|entry| entry.channel != STEADY);
    entries.extend(steps.iter().map(|step| entry(STEADY, *step)));
    let attempts = steps.iter().filter(|step| **step != Step::Again).count() as u64;
    let failed = steps.iter().filter(|step| !matches!(step, Step::Again | Step::Delivered)).count() as u64;
    let count = |wanted| steps.iter().filter(|step| **step == wanted).count() as u64;
    let (delivered, dead, redriven) = (count(Step::Delivered), count(Step::Dead), count(Step::Again));
    let row = row(ledger, STEADY);
    row.delivered = row.delivered - 1 + delivered;
    row.attempts = row.attempts - 1 + attempts;
    row.failed_attempts += failed;
    row.dead += dead;
    row.redriven += redriven;
    ledger.jobs.begun += redriven;
}

fn waits(ledger: &mut Ledger, offset: u64, due_at: i64) {
    ledger.retries.insert((STEADY, offset), Retry { due_at, live: true, order_key: Some(7) });
}

#[track_caller]
fn finds(what: &str, wrong: &[String], about: &str) {
    assert!(wrong.iter().any(|wrong| wrong.contains(about)), "{what}: {about:?} is not in {wrong:#?}");
}

#[test]
fn a_correct_file_has_nothing_wrong() {
    assert_eq!(check(&sound(), &["tally"]), Vec::<String>::new());
    // Open in every way: in flight, waiting, held back, and begun again.
    let mut ledger = sound();
    only(&mut ledger, 2, &[Step::Waiting]);
    waits(&mut ledger, 2, 5);
    only(&mut ledger, 3, &[]);
    waits(&mut ledger, 3, NEVER);
    only(&mut ledger, 4, &[]);
    (row(&mut ledger, STEADY).floor, row(&mut ledger, STEADY).ceiling) = (3, 3);
    assert_eq!(check(&ledger, &["tally"]), Vec::<String>::new());
    let mut ledger = sound();
    only(&mut ledger, 1, &[Step::Dead, Step::Again]);
    ledger.troubled.insert(1);
    ledger.retries.insert((STEADY, 1), Retry { due_at: 5, live: false, order_key: Some(7) });
    assert_eq!(check(&ledger, &["tally"]), Vec::<String>::new());
}

#[test]
fn every_kind_of_error_in_the_file_is_found() {
    type Break = fn(&mut Ledger);
    let cases: &[(&str, Break, &str)] = &[
        ("a damaged page", |ledger| ledger.integrity = "row 3 missing".into(), "integrity_check"),
        ("an event lost", |ledger| drop(ledger.events.remove(&2)), "3 events up to offset 4"),
        ("an offset given twice", |ledger| ledger.last_offset = 3, "4 events counted, the last offset is 3"),
        ("a delivery behind the floor", |ledger| only(ledger, 2, &[]), "orphan: steady will never"),
        ("a retry without its row", |ledger| only(ledger, 2, &[Step::Waiting]), "orphan: steady has begun"),
        (
            "a replay without its row",
            |ledger| only(ledger, 2, &[Step::Delivered, Step::Again]),
            "orphan: steady has begun",
        ),
        ("a row too many", |ledger| waits(ledger, 2, 5), "has ended but still waits"),
        ("settled above the ceiling", |ledger| row(ledger, STEADY).ceiling = 3, "event 4 is above the ceiling 3"),
        (
            "a letter of what was delivered",
            |ledger| ledger.letters.extend([(STEADY, 1)]),
            "a dead letter of event 1, which is not dead",
        ),
        ("dead without a letter", |ledger| only(ledger, 1, &[Step::Dead]), "event 1 is dead without a letter"),
        ("dead and not troubled", |ledger| only(ledger, 1, &[Step::Dead]), "not among the troubled"),
        (
            "half removed",
            |ledger| {
                ledger.pruned_to = 1;
                ledger.events.remove(&1);
            },
            "event 1 was removed, but not all of its records",
        ),
        (
            "removed and needed",
            |ledger| {
                ledger.pruned_to = 1;
                ledger.events.remove(&1);
                waits(ledger, 1, 5);
            },
            "event 1 was removed, but is still needed",
        ),
        ("counted twice", |ledger| row(ledger, STEADY).delivered += 1, "counted and recorded differ"),
        ("an attempt not counted", |ledger| row(ledger, STEADY).attempts -= 1, "counted and recorded differ"),
        (
            "begun again and not by a job",
            |ledger| ledger.jobs.begun = 2,
            "jobs have begun 2 deliveries, 0 are recorded",
        ),
        (
            "two of one key at once",
            |ledger| {
                only(ledger, 1, &[Step::Waiting]);
                only(ledger, 2, &[]);
                waits(ledger, 1, 5);
                waits(ledger, 2, 6);
            },
            "events 1 and 2 of one key are due at once",
        ),
        (
            "overtaken",
            |ledger| {
                only(ledger, 1, &[Step::Waiting]);
                waits(ledger, 1, 5);
            },
            "event 2 has overtaken event 1",
        ),
        (
            "state written twice",
            |ledger| drop(ledger.state.insert((TALLY, "n".into()), "5".into())),
            "tally has counted 5 of its 4 deliveries",
        ),
        ("state lost", |ledger| ledger.state.clear(), "tally has counted 0 of its 4 deliveries"),
        (
            "what was emitted is lost",
            |ledger| ledger.events.get_mut(&3).unwrap().source = "/".into(),
            "event 1 was delivered: true; what it emits is there: false",
        ),
        (
            "emitted twice",
            |ledger| ledger.events.get_mut(&4).unwrap().id = "dlv_a_2.1".into(),
            "tally has emitted dlv_a_2.1 twice",
        ),
        (
            "emitted for nothing",
            |ledger| ledger.events.get_mut(&4).unwrap().id = "dlv_x_2.1".into(),
            "tally has emitted dlv_x_2.1 for no delivery",
        ),
    ];
    for (what, spoil, about) in cases {
        let mut ledger = sound();
        spoil(&mut ledger);
        finds(what, &check(&ledger, &["tally"]), about);
    }
}

/// The evidence after the same two events.
fn evidence() -> Evidence {
    let ledger = sound();
    let channel = |name, kind, order| Channel {
        name,
        kind,
        order,
        retries: 1,
        reuse: 0,
        concurrency: 1,
        expires: false,
        comes_and_goes: false,
        breaker: false,
        rate: false,
        rate_per: false,
        picks: false,
        batch: false,
        delay: false,
        once: false,
        fallback: None,
        only_fallback: false,
        system_events: false,
    };
    let delivered = |key: &str, channel| {
        let id = format!("dlv_{key}_{channel}");
        json!({ "status": "success", "attempts": 1, "delivery_id": id })
    };
    let history = ledger.events.iter().map(|(offset, event)| {
        let channels = json!({ "steady": delivered(&event.key, STEADY), "tally": delivered(&event.key, TALLY) });
        let (event, result) = (json!({ "id": event.id, "source": event.source }), json!({ "channels": channels }));
        json!({ "offset": offset, "event": event, "result": result })
    });
    let hits = ledger.events.values().map(|event| Hit {
        channel: "steady".to_owned(),
        delivery: format!("dlv_{}_{STEADY}", event.key),
        source: event.source.clone(),
        event: event.id.clone(),
        subject: event.subject.clone(),
        status: 204,
    });
    let counts = json!({ "dead_letters": 0, "pending": 0 });
    let gauges = ["pending", "in_flight", "dead_letters"]
        .iter()
        .flat_map(|gauge| ["steady", "tally"].map(|channel| format!("fanfare_{gauge}{{channel=\"{channel}\"}} 0\n")));
    let counters = ["steady", "tally"].map(|channel| {
        format!(
            "fanfare_deliveries_total{{channel=\"{channel}\",outcome=\"delivered\"}} 4\n\
             fanfare_attempts_total{{channel=\"{channel}\",class=\"delivered\"}} 4\n\
             fanfare_attempts_total{{channel=\"{channel}\",class=\"host\"}} 9\n"
        )
    });
    let counters = counters.into_iter().chain(["fanfare_events_accepted_total 4\n".to_owned()]);
    let mut evidence = Evidence {
        channels: vec![channel("steady", Kind::Webhook, true), channel("tally", Kind::Tally, false)],
        hits: hits.collect(),
        history: history.collect(),
        stats: json!({
            "totals": { "accepted": 4, "delivered": 8, "dead": 0, "attempts": 8, "pending": 0 },
            "channels": { "steady": counts, "tally": counts },
        }),
        metrics: gauges.chain(counters).collect(),
        ledger,
        ..Evidence::default()
    };
    for (offset, id) in [(1, "e1"), (2, "e2")] {
        let channels = ["steady", "tally"].map(str::to_owned).into();
        let known = Acknowledged { offset, channels, repeat: false, event: Value::Null };
        evidence.responses.acknowledged.insert(id.to_owned(), known);
    }
    evidence
}

/// The steady channel's part in the history of an event.
fn on_steady(evidence: &mut Evidence, offset: usize) -> &mut Value {
    &mut evidence.history[offset - 1]["result"]["channels"]["steady"]
}

#[test]
fn a_correct_record_has_nothing_wrong() {
    assert_eq!(judge(&evidence()), Vec::<String>::new());
    // Sent again with the same delivery id, before anything later of its subject.
    let mut evidence = evidence();
    evidence.hits.insert(0, Hit { status: 503, ..evidence.hits[0].clone() });
    assert_eq!(judge(&evidence), Vec::<String>::new());
}

/// Two events that were accepted, and then removed for their age. The first one was taken.
fn removed() -> Evidence {
    let mut evidence = evidence();
    evidence.ledger.pruned_to = 2;
    for offset in [1, 2] {
        evidence.ledger.events.remove(&offset);
        evidence.ledger.progress.remove(&offset);
    }
    evidence.history.drain(..2);
    evidence.hits.remove(1);
    for known in evidence.responses.acknowledged.values_mut() {
        known.event = json!({ "subject": "s" });
    }
    evidence
}

#[test]
fn what_was_removed_may_have_been_skipped() {
    let lost =
        "e2 was acknowledged, but is not in the journal: event 2, and up to 2 are removed; not taken by [\"steady\"]";
    assert_eq!(judge(&removed()), [lost]);
    let mut cancelled = removed();
    cancelled.responses.cancelled.insert("e2".into(), true);
    assert_eq!(judge(&cancelled), Vec::<String>::new());
    let mut once = removed();
    once.channels[0].once = true;
    assert_eq!(judge(&once), Vec::<String>::new(), "another one of its subject was taken");
    once.hits.iter_mut().for_each(|hit| hit.subject = None);
    assert_eq!(judge(&once), [lost]);
}

#[test]
fn every_kind_of_error_outside_is_found() {
    type Break = fn(&mut Evidence);
    let cases: &[(&str, Break, &str)] = &[
        (
            "an acknowledged event lost",
            |evidence| drop(evidence.history.remove(1)),
            "e2 was acknowledged, but is not in the journal",
        ),
        (
            "another place",
            |evidence| evidence.responses.acknowledged.get_mut("e2").unwrap().offset = 9,
            "e2 was acknowledged as event 9 and is event 2",
        ),
        (
            "accepted for too few",
            |evidence| evidence.responses.acknowledged.get_mut("e1").unwrap().channels.clear(),
            "e1 was accepted, but not for steady",
        ),
        (
            "a target forgotten",
            |evidence| *on_steady(evidence, 1) = Value::Null,
            "e1 was accepted for steady, but the history lacks it",
        ),
        (
            "half of a refused batch",
            |evidence| evidence.responses.refused.extend(["e1".into()]),
            "e1 was in a batch that was rejected, but is in the journal",
        ),
        (
            "never taken in",
            |evidence| drop(evidence.responses.doubtful.insert("e9".into(), Value::Null)),
            "e9 could not be published in the end",
        ),
        (
            "a stage that ran twice, or not at all",
            |evidence| {
                evidence.staged = true;
                evidence.history[0]["event"]["data"] = json!({ "marks": ["once", "once"] });
            },
            "e1 of / was marked [\"once\",\"once\"], instead of once",
        ),
        (
            "never at its end",
            |evidence| on_steady(evidence, 2)["status"] = json!("pending"),
            "e2 has not settled on steady",
        ),
        (
            "dead without a reason",
            |evidence| on_steady(evidence, 2)["status"] = json!("failed"),
            "e2 is dead on steady without a valid reason",
        ),
        (
            "dead too early",
            |evidence| {
                let dead = json!({ "status": "failed", "attempts": 1, "class": "retry", "code": "http_503" });
                *on_steady(evidence, 2) = dead;
            },
            "e2 is dead on steady without a valid reason",
        ),
        (
            "the history and the file differ",
            |evidence| drop(evidence.ledger.progress.remove(&2)),
            "e2 on steady: the history says",
        ),
        (
            "a delivery lost",
            |evidence| drop(evidence.hits.remove(1)),
            "e2 was never accepted by steady, but is recorded as delivered",
        ),
        (
            "only ever refused",
            |evidence| evidence.hits[1].status = 503,
            "e2 was never accepted by steady, but is recorded as delivered",
        ),
        (
            "two delivery ids",
            |evidence| evidence.hits.push(Hit { delivery: "dlv_x_1".into(), ..evidence.hits[3].clone() }),
            "steady was sent dlv_b_2.1 as",
        ),
        (
            "sent and not on record",
            |evidence| evidence.hits.push(Hit { event: "e9".into(), ..evidence.hits[3].clone() }),
            "steady was sent e9 as",
        ),
        (
            "sent again for nothing",
            |evidence| evidence.hits.insert(0, evidence.hits[0].clone()),
            "steady accepted 1 deliveries again, at most 0 are expected",
        ),
        ("order broken", |evidence| evidence.hits.swap(0, 1), "e1 (event 1) was sent after e2 (event 2)"),
        (
            "an earlier one again after a later one",
            |evidence| evidence.hits.push(evidence.hits[0].clone()),
            "e1 (event 1) was sent after dlv_b_2.1 (event 4)",
        ),
        (
            "removed too early",
            |evidence| {
                evidence.ledger.pruned_to = 4;
                evidence.history.clear();
                evidence.hits.remove(1);
            },
            "e2 was acknowledged, but is not in the journal",
        ),
        (
            "a wrong sum",
            |evidence| evidence.stats["totals"]["delivered"] = json!(7),
            "delivered of /v1/stats is Some(7)",
        ),
        (
            "a wrong gauge",
            |evidence| {
                evidence.metrics =
                    evidence.metrics.replace("flight{channel=\"tally\"} 0", "flight{channel=\"tally\"} 1")
            },
            "fanfare_in_flight{channel=\"tally\"} is Some(1)",
        ),
        (
            "a wrong counter",
            |evidence| {
                evidence.metrics = evidence.metrics.replace("outcome=\"delivered\"} 4", "outcome=\"delivered\"} 5")
            },
            "outcome=\"delivered\"} is Some(5), but a recount says 4",
        ),
        (
            "skipped for nothing",
            |evidence| on_steady(evidence, 2)["status"] = json!("skipped"),
            "e2 was skipped on steady without a delivery in its place",
        ),
        (
            "skipped for one that was skipped in turn",
            |evidence| {
                evidence.channels[0].once = true;
                for (offset, other) in [(1, 4), (2, 1)] {
                    let detail = format!("only one is delivered: the event at offset {other}");
                    *on_steady(evidence, offset) = json!({ "status": "skipped", "reason": "once", "detail": detail });
                }
            },
            "e2 was skipped on steady without a delivery in its place",
        ),
        (
            "an attempt counted and not recorded",
            |evidence| {
                evidence.metrics = evidence.metrics.replace("class=\"delivered\"} 4", "class=\"delivered\"} 6");
            },
            "fanfare_attempts_total of steady (0 stale settlements) is Some(6), but a recount says 4",
        ),
        (
            "cancelled and sent",
            |evidence| evidence.responses.cancelled.extend([("e2".to_owned(), true)]),
            "e2 was cancelled, but on steady it is",
        ),
        (
            "a fallback that never came",
            |evidence| {
                evidence.channels[0].fallback = Some("spare");
                evidence.ledger.progress.get_mut(&2).unwrap().push(entry(STEADY, Step::Dead));
            },
            "e2 died on steady: true; its fallback spare has it: false",
        ),
        (
            "a dead letter without a system event",
            |evidence| {
                evidence.channels[1].system_events = true;
                evidence.ledger.progress.get_mut(&1).unwrap()[0].step = Step::Dead;
            },
            "event 1 died 1 times on steady, with 0 system events",
        ),
        (
            "a system event without a dead letter",
            |evidence| {
                evidence.channels[1].system_events = true;
                let event = evidence.ledger.events.get_mut(&2).unwrap();
                (event.source, event.id) = ("/fanfare".into(), "fanfare.delivery.dead:steady:1:7".into());
            },
            "event 1 died 0 times on steady, with 1 system events",
        ),
        (
            "a system event about an unknown event",
            |evidence| {
                evidence.channels[1].system_events = true;
                let event = evidence.ledger.events.get_mut(&2).unwrap();
                (event.source, event.id) = ("/fanfare".into(), "fanfare.delivery.dead:steady:99:7".into());
            },
            "fanfare.delivery.dead:steady:99 is about nothing that happened",
        ),
        ("a wrong answer", |evidence| evidence.responses.wrong.push("500".into()), "500"),
    ];
    for (what, spoil, about) in cases {
        let mut evidence = evidence();
        spoil(&mut evidence);
        finds(what, &judge(&evidence), about);
    }
}
