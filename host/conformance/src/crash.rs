//! What a crash keeps and what it repeats.

use fanfare_core::{Offset, delivery::Next};
use fanfare_dispatch::{Claim, Haste, Journal, Settlement};

use crate::{
    Store,
    case::{Case, event, offsets, sorted},
};

pub async fn a_crash_repeats_what_was_not_settled_under_the_same_delivery_id(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, webhook] = it.register(["log", "webhook"]).await;
    for n in 1..=10 {
        it.accept(event(&n.to_string()), &[log, webhook]).await;
    }
    let claims = it.claim(log, 7).await;
    for i in [1, 2, 4] {
        it.end(&claims[i], Next::Delivered).await;
    }
    it.end(&claims[5], Next::Dead { attempts: 1 }).await;
    it.end(&claims[6], Next::Waiting { until: it.hours_ago(1), attempts: 3 }).await;

    let it = it.crash().await;
    assert_eq!(it.register(["log", "webhook"]).await, [log, webhook]);
    let backlog = it.journal.backlog(log);
    assert_eq!((backlog.pending, backlog.in_flight, backlog.oldest), (6, 0, Some(claims[0].since)));
    let mut again = it.claim(log, 6).await;
    again.sort_by_key(|claim| claim.offset);
    assert_eq!(offsets(&again), [1, 4, 7, 8, 9, 10]);
    assert_eq!(again[2].attempts, 3);
    for new in &again {
        if let Some(old) = claims.iter().find(|old| old.offset == new.offset) {
            assert_eq!((new.delivery_id(), &new.event, new.since), (old.delivery_id(), &old.event, old.since));
        }
    }
    assert!(it.has_nothing_for(log).await);
    assert_eq!(offsets(&it.claim(webhook, 10).await), (1..=10).collect::<Vec<_>>());

    // Again: what was claimed after the first crash is repeated after the second.
    for claim in &again[..3] {
        it.end(claim, Next::Delivered).await;
    }
    let it = it.crash().await;
    assert_eq!(sorted(&it.claim(log, 3).await), [8, 9, 10]);
    assert!(it.has_nothing_for(log).await);
    assert_eq!(it.accept(event("11"), &[log]).await, Offset(11));
}

pub async fn closing_writes_what_is_queued(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for n in 1..=100 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let settlements = |claims: &[Claim], haste| {
        claims.iter().map(|claim| Settlement { haste, ..it.settlement(claim, Next::Delivered) }).collect()
    };
    let (claims, later) = (it.claim(log, 50).await, it.claim(log, 49).await);
    it.journal.settle(settlements(&claims, Haste::Prompt)).await;
    it.journal.settle(settlements(&later, Haste::CanWait)).await;
    let it = it.close_and_open().await;
    assert_eq!(it.journal.backlog(log).pending, 1);
    assert_eq!(offsets(&it.claim(log, 1).await), [100]);
    assert_eq!(it.accept(event("101"), &[log]).await, Offset(101));
}
