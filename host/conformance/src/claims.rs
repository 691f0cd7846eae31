//! Handing deliveries out, and what is known of those that are pending.

use std::{sync::Arc, task::Poll};

use fanfare_core::delivery::{Next, Wait};
use fanfare_dispatch::{Backlog, Entry, Journal};
use jiff::Timestamp;

use crate::{
    Store,
    case::{Case, event, offsets, sorted},
};

pub async fn a_channel_keeps_its_number(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    let [webhook, again] = it.register(["webhook", "log"]).await;
    assert_eq!(again, log);
    assert_ne!(webhook, log);
    let it = it.crash().await;
    assert_eq!(it.register(["new", "log", "webhook"]).await[1..], [log, webhook]);
}

pub async fn a_delivery_is_handed_out_once_and_a_dropped_claim_takes_nothing(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for n in 0..20 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let mut seen = vec![];
    while seen.len() < 20 {
        // Polled once and dropped.
        let mut claiming = it.journal.claim(log, 2);
        match std::future::poll_fn(|cx| Poll::Ready(claiming.as_mut().poll(cx))).await {
            Poll::Ready(claims) => seen.extend(offsets(&claims.unwrap())),
            Poll::Pending => {
                drop(claiming);
                seen.extend(offsets(&it.journal.claim(log, 2).await.unwrap()));
            }
        }
    }
    assert_eq!(seen, (1..=20).collect::<Vec<_>>());
    assert!(it.has_nothing_for(log).await);
}

pub async fn a_waiting_claim_wakes_for_its_own_channel_only(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, webhook] = it.register(["log", "webhook"]).await;
    let waiting = tokio::spawn({
        let journal = Arc::clone(&it.journal);
        async move { offsets(&journal.claim(log, 10).await.unwrap()) }
    });
    tokio::task::yield_now().await;
    it.accept(event("a"), &[webhook]).await;
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    it.accept(event("b"), &[log, webhook]).await;
    assert_eq!(waiting.await.unwrap(), [2]);
    assert_eq!(offsets(&it.claim(webhook, 2).await), [1, 2]);
}

pub async fn only_what_is_old_enough_is_handed_out_as_expired(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for hours in [5, 4, 3, 2] {
        let entry = it.entry(event(&hours.to_string()), &[log]);
        it.accept_entry(Entry { accepted_at: it.hours_ago(hours), ..entry }).await;
    }
    // One of them has failed before and is due.
    let first = it.claim_one(log).await;
    it.end(&first, Next::Waiting { until: it.hours_ago(1), attempts: 1 }).await;

    assert!(it.journal.claim_expired(log, it.hours_ago(6), 10).await.unwrap().is_empty());
    let before = it.hours_ago(3);
    let mut expired = it.journal.claim_expired(log, before, 2).await.unwrap();
    assert!((1..=2).contains(&expired.len()));
    loop {
        let more = it.journal.claim_expired(log, before, 10).await.unwrap();
        if more.is_empty() {
            break;
        }
        expired.extend(more);
    }
    assert_eq!(sorted(&expired), [1, 2, 3]);
    for claim in &expired {
        it.end(claim, Next::Dead { attempts: claim.attempts }).await;
    }
    assert_eq!(it.journal.backlog(log).pending, 1);
    assert_eq!(it.claim_one(log).await.offset.0, 4);
}

pub async fn the_backlog_counts_what_is_pending_in_flight_and_waiting(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, webhook] = it.register(["log", "webhook"]).await;
    assert_eq!(it.journal.backlog(log), Backlog::default());
    let oldest = it.now();
    it.accept_entry(Entry { accepted_at: oldest, ..it.entry(event("1"), &[log]) }).await;
    for n in 2..=6 {
        it.accept(event(&n.to_string()), &[log, webhook]).await;
    }
    let claims = it.claim(log, 5).await;
    it.end(&claims[1], Next::Delivered).await;
    it.end(&claims[2], Next::Dead { attempts: 1 }).await;
    it.end(&claims[3], Next::Waiting { until: Timestamp::MAX, attempts: 1 }).await;
    it.end(&claims[4], Next::Deferred { until: Timestamp::MAX, attempts: 0, wait: Wait::Delay }).await;
    let expected = |backlog: Backlog, in_flight| {
        assert_eq!((backlog.pending, backlog.in_flight, backlog.oldest), (4, in_flight, Some(oldest)));
        assert_eq!(backlog.deferred.iter().collect::<Vec<_>>(), [(Wait::Delay, 1)]);
    };
    expected(it.journal.backlog(log), 1);
    assert_eq!(it.journal.backlog(log).waiting, 2);
    assert_eq!(it.journal.backlog(webhook).pending, 5);
    let it = it.crash().await;
    expected(it.journal.backlog(log), 0);
}
