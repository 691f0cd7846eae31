//! Several deliveries in one call.

use std::{sync::Arc, time::Duration};

use fanfare_core::{BatchReport, Class, DeliveryId, Event, MAX_HOPS, Outcome, Payload, StateWrite};
use fanfare_dispatch::{Attempt, Bounds};
use fanfare_runtime::{ChannelSetup, Grants, Kind};
use serde_json::Value;
use uuid::Uuid;

use crate::support::{
    Receiver, attempt, bounds, channel, failed, fault, granted, hostile, hostile_batch, hostile_http, ok, receipt,
    setup,
};

/// One attempt per word; each event's word says what to do with it.
fn batch(words: &[&str], bounds: Bounds) -> Vec<Attempt> {
    let one = |(n, word): (usize, &&str)| {
        let base = attempt(bounds);
        let data = format!(r#"{{"batch":"{word}"}}"#);
        let event = Event { id: format!("e-{n}"), data: Some(Payload::Text(data)), ..Event::clone(&base.event) };
        let delivery = DeliveryId { event: Uuid::from_u128(n as u128 + 1), ..base.delivery };
        Attempt { delivery, event: Arc::new(event), ..base }
    };
    words.iter().enumerate().map(one).collect()
}

async fn run_with(setup: ChannelSetup, words: &[&str], bounds: Bounds) -> BatchReport {
    channel(&hostile_batch().await, setup).deliver_batch(batch(words, bounds)).await
}

async fn run(words: &[&str]) -> BatchReport {
    run_with(setup(&[]), words, bounds()).await
}

fn receipts(report: &BatchReport) -> Vec<Value> {
    let receipt = |outcome: &Option<Outcome>| match outcome {
        Some(Outcome::Delivered { receipt: Some(receipt) }) => serde_json::from_str(receipt).unwrap(),
        other => panic!("no receipt: {other:?} {:?}", report.fault),
    };
    report.outcomes.iter().map(receipt).collect()
}

#[tokio::test]
async fn each_has_a_result_of_its_own() {
    let report = run(&["", "retry", "reject", ""]).await;
    let words: Vec<_> = report
        .outcomes
        .iter()
        .map(|outcome| match outcome {
            Some(Outcome::Delivered { .. }) => "delivered",
            Some(Outcome::Failed(fault)) => fault.class.as_str(),
            None => "none",
        })
        .collect();
    // It is the second attempt overall; deliveries that say `retry` succeed in it.
    assert_eq!(words, ["delivered", "delivered", "rejected", "delivered"]);
    let Some(Outcome::Delivered { receipt: Some(receipt) }) = &report.outcomes[0] else { panic!("{report:?}") };
    assert_eq!(receipt, r#"{"batch":4,"ids":["e-0","e-1","e-2","e-3"]}"#);
    assert!(report.fault.is_none() && report.cost.fuel > 0);
}

#[tokio::test]
async fn a_call_that_fails_as_a_whole_counts_against_no_single_delivery() {
    let short = Bounds { timeout: Duration::from_millis(300), fuel: 50_000_000, ..bounds() };
    for (word, class, says) in [
        ("trap", Class::Trap, "trapped on purpose in a batch of 3"),
        ("spin", Class::Fuel, "fuel"),
        ("sleep", Class::Timeout, "not done within"),
        ("short", Class::Trap, "2 results for a batch of 3"),
        ("long", Class::Trap, "4 results for a batch of 3"),
    ] {
        let report = run_with(setup(&[]), &["count", word, "count"], short).await;
        assert_eq!(report.outcomes, [None, None, None], "{word}");
        let fault = report.fault.unwrap();
        assert_eq!(fault.class, class, "{word}: {}", fault.message);
        assert!(fault.message.contains(says), "{word}: {}", fault.message);
        assert!(report.writes.is_empty() && report.samples.is_empty());
        // Alone, its own failure counts.
        let alone = run_with(setup(&[]), &[word], short).await;
        assert!(matches!(&alone.outcomes[..], [Some(Outcome::Failed(fault))] if fault.class == class), "{alone:?}");
    }
}

#[tokio::test]
async fn a_denial_in_a_batch_counts_against_no_delivery_until_each_is_alone() {
    let report = run(&["", "denied", "reject"]).await;
    assert!(matches!(&report.outcomes[..], [Some(Outcome::Delivered { .. }), None, None]), "{report:?}");
    assert_eq!(report.fault.unwrap().class, Class::Denied);
    let alone = run(&["denied"]).await.into_single();
    failed(&alone, Class::Denied, "denied", "grant.http");
    assert_eq!(fault(&run(&["reject"]).await.into_single()).class, Class::Rejected);
}

#[tokio::test]
async fn the_effects_of_a_batch_call_are_kept_once_if_it_delivers_anything() {
    let settings = setup(&[("type", "order.counted")]);
    let emitting = || ChannelSetup {
        grants: Grants { emit: vec!["order.*".to_owned()], ..Grants::default() },
        ..settings.clone()
    };
    let report = run_with(emitting(), &["count", "count", "reject"], bounds()).await;
    assert_eq!(report.writes, [StateWrite::Increment { key: "n".to_owned(), by: 2 }]);
    assert_eq!(report.samples.len(), 2);
    let ids: Vec<_> = report.emits.iter().map(|staged| staged.event.id.clone()).collect();
    assert!(ids[0].starts_with("bat_") && ids[0].ends_with(".1") && ids[1].ends_with(".2"), "{ids:?}");
    assert_eq!(report.emits[0].event.attribute("causationid").unwrap(), "e-0");
    let again = run_with(emitting(), &["count", "count", "reject"], bounds()).await;
    assert_eq!(again.emits[0].event.id, ids[0], "a repeat of the same batch emits the same events");
    let other = run_with(emitting(), &["count", "count"], bounds()).await;
    assert_ne!(other.emits[0].event.id, ids[0]);

    let none = run_with(emitting(), &["reject", "reject"], bounds()).await;
    assert!(none.writes.is_empty() && none.emits.is_empty());
}

#[tokio::test]
async fn in_company_no_chain_of_events_gets_around_its_end() {
    let setup =
        ChannelSetup { grants: Grants { emit: vec![">".to_owned()], ..Grants::default() }, ..setup(&[("type", "a")]) };
    let mut attempts = batch(&["", "count"], bounds());
    let far = Event {
        extensions: vec![("hopcount".to_owned(), fanfare_core::Attribute::Integer(MAX_HOPS.cast_signed()))],
        ..Event::clone(&attempts[0].event)
    };
    attempts[0].event = Arc::new(far);
    let report = channel(&hostile_batch().await, setup).deliver_batch(attempts).await;
    assert!(
        matches!(&report.outcomes[1], Some(Outcome::Failed(fault)) if fault.code == "too_many_events"),
        "{report:?}"
    );
}

#[tokio::test]
async fn who_takes_batches_alone_gets_one_delivery_as_a_batch_of_one() {
    let plugin = hostile_batch().await;
    assert_eq!((plugin.kind(), plugin.takes_batches()), (Kind::Channel, true));
    assert!(!hostile().await.takes_batches());
    let report = channel(&plugin, setup(&[])).deliver(attempt(bounds())).await;
    assert_eq!(receipt(&report)["batch"], 1);
}

#[tokio::test]
async fn an_instance_serves_batch_after_batch_if_the_policy_says_so() {
    let reused = Bounds { reuse: 5, ..bounds() };
    let channel = channel(&hostile_batch().await, setup(&[]));
    for _ in 0..2 {
        let report = channel.deliver_batch(batch(&["count", "count"], reused)).await;
        assert_eq!(receipts(&report)[1]["count"], 2, "nothing is left of the previous batch");
        assert_eq!(report.writes.len(), 1);
    }
}

#[tokio::test]
async fn many_events_are_one_request_that_is_marked_as_one() {
    let receiver = Receiver::start(ok).await;
    let url = receiver.url();
    let setup = || ChannelSetup {
        grants: Grants { private_network: true, ..granted(&[&receiver.address.to_string()]) },
        ..setup(&[("url", &url)])
    };
    let plugin = hostile_http().await;
    assert_eq!((plugin.kind(), plugin.takes_batches()), (Kind::HttpChannel, true));
    let report = channel(&plugin, setup()).deliver_batch(batch(&["", "", ""], bounds())).await;
    assert_eq!(receipts(&report).len(), 3);
    let seen = receiver.seen();
    assert_eq!(seen.len(), 1);
    let events: Vec<Value> = serde_json::from_slice(&seen[0].body).unwrap();
    assert_eq!(events.iter().map(|event| event["id"].as_str().unwrap()).collect::<Vec<_>>(), ["e-0", "e-1", "e-2"]);
    assert_eq!(seen[0].headers["content-type"], "application/cloudevents-batch+json");
    assert!(seen[0].headers["webhook-id"].starts_with("bat_"));

    // A single delivery uses the other interface.
    receipt(&channel(&plugin, setup()).deliver(attempt(bounds())).await);
    assert_eq!(&receiver.seen()[1].body[..], br#"{"user_id":7}"#);

    // If one of them may be rejected, a request that cannot be built says nothing about any delivery.
    let with = |mode| {
        let mut with = setup();
        with.settings.insert("mode".to_owned(), mode);
        with
    };
    let report = channel(&plugin, with("interpret-reject".to_owned())).deliver_batch(batch(&["", ""], bounds())).await;
    assert!(matches!(&report.outcomes[..], [Some(Outcome::Delivered { .. }), Some(Outcome::Failed(_))]), "{report:?}");
    for mode in ["compose-trap", "compose-reject", "interpret-trap"] {
        let report = channel(&plugin, with(mode.to_owned())).deliver_batch(batch(&["", ""], bounds())).await;
        assert_eq!(report.outcomes, [None, None], "{mode}");
    }

    // A missing response fails all; a request that cannot be sent says nothing about any delivery.
    let gone = ChannelSetup {
        grants: Grants { private_network: true, ..granted(&["127.0.0.1:1"]) },
        ..crate::support::setup(&[("url", "http://127.0.0.1:1/")])
    };
    let report = channel(&plugin, gone).deliver_batch(batch(&["", ""], bounds())).await;
    let retries =
        |outcome: &Option<Outcome>| matches!(outcome, Some(Outcome::Failed(fault)) if fault.class == Class::Retry);
    assert!(report.outcomes.iter().all(retries), "{report:?}");
    let ungranted = crate::support::setup(&[("url", "http://127.0.0.1:1/")]);
    let report = channel(&plugin, ungranted).deliver_batch(batch(&["", ""], bounds())).await;
    assert_eq!(report.outcomes, [None, None]);
    assert_eq!(report.fault.unwrap().class, Class::Denied);
}
