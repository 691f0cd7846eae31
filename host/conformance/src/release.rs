//! Giving claims back.

use fanfare_core::delivery::{Next, Wait};
use fanfare_dispatch::{Claim, Entry, Journal, Reconsidered, Registration};
use jiff::Timestamp;

use crate::{
    Store,
    case::{Case, about, by_offset, event, name, offsets, sorted},
};

pub async fn what_is_given_back_comes_first_and_in_its_order(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for n in 1..=6 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let mut claims = it.claim(log, 4).await;
    it.end(&claims.remove(0), Next::Waiting { until: it.hours_ago(1), attempts: 1 }).await;
    let backlog = it.journal.backlog(log);
    assert_eq!((backlog.pending, backlog.in_flight), (6, 3));
    // 4 and 3 first, then 2, which the lane had queued before them.
    let two = claims.remove(0);
    claims.reverse();
    it.journal.release(claims).await;
    it.journal.release(vec![two]).await;
    let backlog = it.journal.backlog(log);
    assert_eq!((backlog.pending, backlog.in_flight), (6, 0));
    let due = backlog.due.unwrap();
    assert!(due <= it.now(), "{due}");

    let again = it.claim(log, 2).await;
    assert_eq!(offsets(&again), [2, 4]);
    assert_eq!(it.claim_one(log).await.offset.0, 3);
    assert_eq!(sorted(&it.claim(log, 3).await), [1, 5, 6], "then the retry and the rest");
    for claim in &again {
        it.end(claim, Next::Delivered).await;
    }
    let backlog = it.journal.backlog(log);
    assert_eq!((backlog.pending, backlog.in_flight), (4, 4));
    assert!(it.has_nothing_for(log).await);
}

pub async fn what_is_given_back_keeps_its_round(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for id in ["retried", "quiet", "new"] {
        it.accept(event(id), &[log]).await;
    }
    let first = it.claim(log, 3).await;
    it.end(&first[0], Next::Waiting { until: it.hours_ago(1), attempts: 3 }).await;
    it.end(&first[1], Next::Deferred { until: it.hours_ago(1), attempts: 0, wait: Wait::Quiet }).await;
    it.journal.release(vec![first[2].clone()]).await;
    let state = |claim: &Claim| (claim.delivery_id(), claim.since, claim.attempts, claim.origin, claim.deferred);
    let claims = it.claim(log, 3).await;
    let before: Vec<_> = claims.iter().map(state).collect();
    it.journal.release(claims).await;
    let claims = it.claim(log, 3).await;
    assert_eq!(claims.iter().map(state).collect::<Vec<_>>(), before);

    // The changed policy decides again.
    it.journal.release(claims).await;
    it.journal.reconsider(log, Reconsidered::All, it.now()).await.unwrap();
    let claims = by_offset(it.claim(log, 3).await);
    assert_eq!((claims[&1].attempts, claims[&2].deferred), (3, None));

    // Nothing of it was recorded.
    it.journal.release(claims.into_values().collect()).await;
    let it = it.crash().await;
    let claims = by_offset(it.claim(log, 3).await);
    assert_eq!((claims[&1].attempts, claims[&2].attempts, claims[&3].attempts), (3, 0, 0));
    assert_eq!(claims[&3].delivery_id(), first[2].delivery_id());
}

pub async fn what_is_given_back_expires(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for (id, hours) in [("old", 2), ("new", 0), ("older", 3)] {
        let entry = it.entry(event(id), &[log]);
        it.accept_entry(Entry { accepted_at: it.hours_ago(hours), ..entry }).await;
    }
    let claims = it.claim(log, 3).await;
    it.journal.release(claims).await;
    let expired = it.journal.claim_expired(log, it.hours_ago(1), 10).await.unwrap();
    assert_eq!(offsets(&expired), [1, 3]);
    for claim in &expired {
        it.end(claim, Next::Dead { attempts: 0 }).await;
    }
    assert_eq!(offsets(&it.claim(log, 1).await), [2]);
    assert!(it.has_nothing_for(log).await);
}

pub async fn giving_back_keeps_the_order_of_each_key(store: &impl Store) {
    let it = Case::open(store).await;
    let log = it.register_ordered("log").await;
    for (id, key) in [("1", "a"), ("2", "a"), ("3", "b"), ("4", "a"), ("5", "")] {
        it.accept(about(id, key), &[log]).await;
    }
    let claims = it.claim(log, 3).await;
    assert_eq!(offsets(&claims), [1, 3, 5]);
    it.journal.release(claims).await;
    let claims = it.claim(log, 3).await;
    assert_eq!(offsets(&claims), [1, 3, 5], "2 does not overtake 1, which was given back");
    it.end(&claims[0], Next::Waiting { until: it.hours_ago(1), attempts: 1 }).await;
    let retry = it.claim_one(log).await;
    assert_eq!((retry.offset.0, retry.attempts), (1, 1));
    it.journal.release(vec![retry]).await;
    let retry = it.claim_one(log).await;
    assert_eq!((retry.offset.0, retry.attempts), (1, 1), "nor when a retry was given back");
    it.end(&retry, Next::Delivered).await;
    let next = it.claim_one(log).await;
    assert_eq!(next.offset.0, 2);
    it.end(&next, Next::Delivered).await;
    assert_eq!(it.claim_one(log).await.offset.0, 4);
}

pub async fn what_is_given_back_gets_the_order_that_is_switched_on(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for (id, key) in [("1", "a"), ("2", "a"), ("3", "b"), ("4", "a")] {
        it.accept(about(id, key), &[log]).await;
    }
    let claims = it.claim(log, 3).await;
    // A reload registers the new order first, and then replaces the lane, which gives back what it has queued.
    let ordered = Registration { name: name("log"), order: Some("subject".into()) };
    it.register_as([ordered]).await;
    it.journal.release(claims).await;
    let mut seen = vec![];
    for expected in [&[1, 3][..], &[2], &[4]] {
        let claims = it.claim(log, expected.len()).await;
        assert_eq!(offsets(&claims), expected, "one of each key at a time");
        seen.extend(claims.iter().map(|claim| claim.offset.0));
        let (first, others) = claims.split_first().unwrap();
        it.end(first, Next::Waiting { until: Timestamp::UNIX_EPOCH, attempts: 1 }).await;
        let retry = it.claim_one(log).await;
        assert_eq!((retry.offset, retry.attempts), (first.offset, 1), "a retry is not overtaken");
        for claim in others.iter().chain([&retry]) {
            it.end(claim, Next::Delivered).await;
        }
    }
    assert_eq!(seen, [1, 3, 2, 4]);
}
