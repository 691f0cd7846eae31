//! Settlements, and claims that are given back, whose claim is no longer in force: they change nothing.

use std::sync::Arc;

use fanfare_core::{
    ChannelId, Event, StateWrite,
    delivery::{Next, Skip},
};
use fanfare_dispatch::{Claim, Commit, Journal, Settlement, State};
use jiff::Timestamp;

use crate::{
    Store,
    case::{Case, event, offsets},
};

/// A settlement that would leave a trace of everything that one can.
fn striking<S: Store>(it: &Case<'_, S>, claim: &Claim, next: Next, other: ChannelId) -> Settlement {
    Settlement {
        fallback: vec![other],
        writes: vec![StateWrite::Set { key: "stale".into(), value: vec![1], ttl: None }],
        emits: vec![it.entry(event(&format!("emitted by {}", claim.token.0)), &[other])],
        ..it.settlement(claim, next)
    }
}

/// Settles an earlier claim in every way.
async fn settle_in_vain<S: Store>(it: &Case<'_, S>, claim: &Claim, other: ChannelId) {
    let before = (it.journal.backlog(claim.channel), it.journal.backlog(other));
    let nexts = [
        Next::Delivered,
        Next::Waiting { until: it.hours_ago(1), attempts: 9 },
        Next::Suspended { attempts: 9 },
        Next::Skipped(Skip::Once),
        Next::Dead { attempts: 9 },
    ];
    for next in nexts {
        let commit = it.settle(striking(it, claim, next, other)).await;
        let Commit { settled, stale, emitted, hold_changes, .. } = &*commit;
        assert_eq!((settled.len(), &stale[..], *emitted), (0, &[claim.delivery_id()][..], 0), "{next:?}");
        assert_eq!(*hold_changes, [], "{next:?}");
    }
    assert_eq!((it.journal.backlog(claim.channel), it.journal.backlog(other)), before);
    assert_eq!(it.journal.get(claim.channel, "stale").await.unwrap(), None);
    assert_eq!(it.journal.hold(claim.channel), None);
}

pub async fn the_token_grows_with_each_claim(store: &impl Store) {
    let mut it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for n in 1..=4 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let mut last = None;
    for round in 0..3 {
        let claims = it.claim(log, 4).await;
        for claim in &claims {
            assert!(last < Some(claim.token), "{:?} after {last:?}", claim.token);
            last = Some(claim.token);
        }
        match round {
            0 => it.journal.release(claims).await,
            1 => it.end(&claims[0], Next::Waiting { until: it.hours_ago(1), attempts: 1 }).await,
            _ => {}
        }
        if round == 1 {
            it = it.crash().await;
        }
    }
}

pub async fn a_settlement_of_what_was_given_back_changes_nothing(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, other] = it.register(["log", "other"]).await;
    it.accept(event("1"), &[log]).await;
    let lost = it.claim_one(log).await;
    it.journal.release(vec![lost.clone()]).await;
    settle_in_vain(&it, &lost, other).await;
    let again = it.claim_one(log).await;
    assert_eq!((again.delivery_id(), again.attempts), (lost.delivery_id(), 0), "the same delivery");
    settle_in_vain(&it, &lost, other).await;
    it.end(&again, Next::Delivered).await;
    settle_in_vain(&it, &lost, other).await;
    assert_eq!(it.journal.backlog(log).pending, 0);
    let it = it.crash().await;
    assert!(it.has_nothing_for(log).await && it.has_nothing_for(other).await);
}

pub async fn a_settlement_of_the_claim_before_a_retry_changes_nothing(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, other] = it.register(["log", "other"]).await;
    it.accept(event("1"), &[log]).await;
    let first = it.claim_one(log).await;
    it.end(&first, Next::Waiting { until: it.hours_ago(1), attempts: 1 }).await;
    settle_in_vain(&it, &first, other).await;
    let retry = it.claim_one(log).await;
    settle_in_vain(&it, &first, other).await;
    assert_eq!(retry.attempts, 1);
    it.end(&retry, Next::Waiting { until: Timestamp::MAX, attempts: 2 }).await;
    let it = it.crash().await;
    assert_eq!(it.journal.backlog(log).waiting, 1, "it waits as the retry said");
    assert!(it.has_nothing_for(other).await);
}

pub async fn a_settlement_of_a_claim_from_before_a_crash_changes_nothing(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, other] = it.register(["log", "other"]).await;
    for n in 1..=2 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let lost = it.claim(log, 2).await;
    let it = it.crash().await;
    settle_in_vain(&it, &lost[0], other).await;
    let again = it.claim(log, 2).await;
    assert_eq!(offsets(&again), offsets(&lost));
    settle_in_vain(&it, &lost[0], other).await;
    it.journal.release(lost).await;
    assert!(it.has_nothing_for(log).await, "both are in flight");
    for claim in &again {
        it.end(claim, Next::Delivered).await;
    }
    assert_eq!(it.journal.backlog(log).pending, 0);
}

pub async fn an_earlier_claim_cannot_be_given_back(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.accept(event("1"), &[log]).await;
    let lost = it.claim_one(log).await;
    it.journal.release(vec![lost.clone()]).await;
    let again = it.claim_one(log).await;
    it.journal.release(vec![lost.clone()]).await;
    assert!(it.has_nothing_for(log).await);
    assert_eq!(it.journal.backlog(log).in_flight, 1);
    it.journal.release(vec![again]).await;
    let last = it.claim_one(log).await;
    it.end(&last, Next::Delivered).await;
    it.journal.release(vec![lost, last]).await;
    assert!(it.has_nothing_for(log).await);
    assert_eq!(it.journal.backlog(log).pending, 0);
}

pub async fn of_two_settlements_of_a_claim_in_one_commit_the_first_counts(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, other] = it.register(["log", "other"]).await;
    for n in 1..=3 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let claims = it.claim(log, 3).await;
    let mut settlements: Vec<_> = claims.iter().map(|claim| it.settlement(claim, Next::Delivered)).collect();
    settlements.insert(2, striking(&it, &claims[1], Next::Dead { attempts: 1 }, other));
    let commit = it.settle_all(settlements).await;
    assert_eq!(commit.settled.iter().map(|one| one.offset.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(commit.settled.iter().all(|one| one.next == Next::Delivered));
    assert_eq!((&commit.stale[..], commit.emitted), (&[claims[1].delivery_id()][..], 0));
    assert_eq!(it.journal.get(log, "stale").await.unwrap(), None);
    let it = it.crash().await;
    assert_eq!(it.journal.backlog(log).pending, 0);
    assert!(it.has_nothing_for(other).await);
}

/// An event keeps its content however often its delivery is handed out.
pub async fn a_stale_settlement_does_not_disturb_others_of_its_key(store: &impl Store) {
    let it = Case::open(store).await;
    let log = it.register_ordered("log").await;
    let keyed = |id: &str| Event { subject: Some("k".to_owned()), ..event(id) };
    for id in ["1", "2"] {
        it.accept(keyed(id), &[log]).await;
    }
    let lost = it.claim_one(log).await;
    it.journal.release(vec![lost.clone()]).await;
    let again = it.claim_one(log).await;
    assert_eq!(again.offset, lost.offset);
    let commit: Arc<Commit> = it.settle(it.settlement(&lost, Next::Delivered)).await;
    assert_eq!(commit.settled.len(), 0);
    assert_eq!(it.journal.backlog(log).pending, 2, "the second still waits for the first");
    it.end(&again, Next::Delivered).await;
    assert_eq!(it.claim_one(log).await.offset.0, 2);
}
