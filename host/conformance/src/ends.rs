//! What a settlement records: an end, a fallback, emitted events, state.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fanfare_core::{
    ChannelId, Offset, StateWrite,
    delivery::{Next, Origin, Skip},
};
use fanfare_dispatch::{Claim, Commit, Entry, Follower, Haste, Journal, Settlement, State};
use jiff::Timestamp;

use crate::{
    Store,
    case::{Case, event, offsets},
};

pub async fn a_delivery_ends_once(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.accept(event("1"), &[log]).await;
    it.accept(event("2"), &[log]).await;
    let claims = it.claim(log, 2).await;
    // Two runs of one attempt: only the first one counts.
    let settled = |next, key: &str| Settlement {
        writes: vec![StateWrite::Set { key: key.into(), value: vec![1], ttl: None }],
        ..it.settlement(&claims[0], next)
    };
    it.settle(settled(Next::Delivered, "first")).await;
    it.journal.settle(vec![settled(Next::Waiting { until: it.hours_ago(1), attempts: 1 }, "second")]).await;
    it.end(&claims[1], Next::Delivered).await;
    assert_eq!(it.journal.backlog(log).pending, 0);
    assert!(it.has_nothing_for(log).await);
    assert!(it.journal.get(log, "first").await.unwrap().is_some());
    assert_eq!(it.journal.get(log, "second").await.unwrap(), None);
    let it = it.crash().await;
    assert!(it.has_nothing_for(log).await);
}

/// Every settlement in the commits so far.
#[derive(Default)]
struct Told(Mutex<Vec<(ChannelId, Offset, Next)>>);

impl Follower for Told {
    fn committed(&self, commit: &Commit) {
        self.0.lock().unwrap().extend(commit.settled.iter().map(|one| (one.channel, one.offset, one.next)));
    }
}

pub async fn followers_are_told_of_every_settlement_in_order(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, webhook] = it.register(["log", "webhook"]).await;
    let told = Arc::new(Told::default());
    let follower: Arc<dyn Follower> = told.clone();
    it.journal.follow(Arc::downgrade(&follower));
    for n in 1..=5 {
        it.accept(event(&n.to_string()), &[log, webhook]).await;
    }
    let mut settlements = vec![];
    for channel in [webhook, log] {
        for claim in it.claim(channel, 5).await.into_iter().rev() {
            let next = match claim.offset.0 {
                1 => Next::Dead { attempts: 1 },
                2 => Next::Skipped(Skip::Once),
                3 => Next::Waiting { until: Timestamp::MAX, attempts: 1 },
                _ => Next::Delivered,
            };
            // Haste does not change the order.
            let haste = [Haste::CanWait, Haste::Prompt, Haste::AtOnce][settlements.len() % 3];
            settlements.push(Settlement { haste, ..it.settlement(&claim, next) });
        }
    }
    let expected: Vec<_> = settlements.iter().map(|one| (one.channel, one.offset, one.next)).collect();
    let last = settlements.pop().unwrap();
    let (first, second) = settlements.split_at(3);
    for one in first {
        it.journal.settle(vec![one.clone()]).await;
    }
    it.journal.settle(second.to_vec()).await;
    it.settle(last).await;
    assert_eq!(*told.0.lock().unwrap(), expected);
}

pub async fn what_can_wait_is_settled_without_another_call(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.accept(event("1"), &[log]).await;
    let claim = it.claim_one(log).await;
    it.settle(Settlement { haste: Haste::CanWait, ..it.settlement(&claim, Next::Delivered) }).await;
    assert_eq!(it.journal.backlog(log).pending, 0);
    let it = it.crash().await;
    assert!(it.has_nothing_for(log).await);
}

pub async fn a_dead_delivery_falls_back_to_the_first_channel_that_has_not_had_the_event(store: &impl Store) {
    let it = Case::open(store).await;
    let [email, log, sms, pager] = it.register(["email", "log", "sms", "pager"]).await;
    it.accept(event("1"), &[email, log]).await;
    let fallback = vec![log, sms, pager];
    let ends =
        |it: &Case<'_, _>, claim: &Claim, next| Settlement { fallback: fallback.clone(), ..it.settlement(claim, next) };
    let first = it.claim_one(email).await;
    it.settle(ends(&it, &first, Next::Dead { attempts: 1 })).await;
    let it = it.crash().await;
    let second = it.claim_one(sms).await;
    assert_eq!((second.origin, second.attempts, second.offset), (Origin::Fallback, 0, Offset(1)));
    assert_eq!((second.key, &second.event), (first.key, &first.event));
    // Its recipient does not want it there: the next of the chain gets it.
    it.settle(ends(&it, &second, Next::Skipped(Skip::Preference))).await;
    let third = it.claim_one(pager).await;
    it.settle(ends(&it, &third, Next::Dead { attempts: 1 })).await;
    for channel in [email, sms, pager] {
        assert!(it.has_nothing_for(channel).await);
        assert_eq!(it.journal.backlog(channel).pending, 0);
    }
    assert_eq!(it.journal.backlog(log).pending, 1);
}

pub async fn a_late_delivery_falls_back_once(store: &impl Store) {
    let it = Case::open(store).await;
    let [email, sms] = it.register(["email", "sms"]).await;
    for (id, hours) in [("1", 3), ("2", 2), ("3", 0)] {
        let entry = it.entry(event(id), &[email]);
        it.accept_entry(Entry { accepted_at: it.hours_ago(hours), ..entry }).await;
    }
    let claims = it.claim(email, 1).await;
    it.end(&claims[0], Next::Delivered).await;
    let before = it.hours_ago(1);
    assert_eq!(
        it.journal.fall_back(email, before, vec![sms], it.now()).await.unwrap(),
        1,
        "1 has ended, and 3 is not late"
    );
    assert_eq!(it.journal.fall_back(email, before, vec![sms], it.now()).await.unwrap(), 0);
    let begun = it.claim_one(sms).await;
    assert_eq!((begun.offset.0, begun.origin), (2, Origin::Fallback));
    assert!(it.has_nothing_for(sms).await);
    assert_eq!(offsets(&it.claim(email, 2).await), [2, 3], "its own delivery continues");
}

pub async fn emitted_events_are_recorded_once_and_with_their_settlement(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, audit] = it.register(["log", "audit"]).await;
    it.accept(event("1"), &[log]).await;
    let mut emitted = vec![];
    for attempts in 1..=2 {
        let claim = it.claim_one(log).await;
        let emits = vec![it.entry(event("emitted"), &[audit])];
        let next = Next::Waiting { until: it.hours_ago(1), attempts };
        emitted.push(it.settle(Settlement { emits, ..it.settlement(&claim, next) }).await.emitted);
    }
    assert_eq!(emitted, [1, 0]);
    let it = it.crash().await;
    let claim = it.claim_one(audit).await;
    assert_eq!((claim.offset.0, claim.event.id.as_str(), claim.origin), (2, "emitted", Origin::Live));
    assert!(it.has_nothing_for(audit).await);
    assert_eq!(it.accept(event("3"), &[]).await, Offset(3));
}

fn set(key: &str, value: &str) -> StateWrite {
    StateWrite::Set { key: key.into(), value: value.into(), ttl: None }
}

pub async fn writes_are_there_once_the_settlement_is_and_survive_a_crash(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, webhook] = it.register(["log", "webhook"]).await;
    for n in 1..=2 {
        it.accept(event(&n.to_string()), &[log, webhook]).await;
    }
    let claims = it.claim(log, 2).await;
    let writing = |it: &Case<'_, _>, claim: &Claim, next, writes| Settlement { writes, ..it.settlement(claim, next) };
    assert_eq!(it.journal.get(log, "k").await.unwrap(), None);
    it.settle(writing(&it, &claims[0], Next::Delivered, vec![set("k", "one"), set("k", "two")])).await;
    assert_eq!(it.journal.get(log, "k").await.unwrap().unwrap(), b"two");
    assert_eq!(it.journal.get(webhook, "k").await.unwrap(), None, "state is per channel");
    // It does not take a success: the turn of a delivery that has to wait may write too.
    let delete = vec![StateWrite::Delete { key: "k".into() }, set("other", "three")];
    it.settle(writing(&it, &claims[1], Next::Waiting { until: Timestamp::MAX, attempts: 1 }, delete)).await;
    assert_eq!(it.journal.get(log, "k").await.unwrap(), None);
    let it = it.crash().await;
    assert_eq!(it.journal.get(log, "other").await.unwrap().unwrap(), b"three");
    assert_eq!(it.journal.get(log, "k").await.unwrap(), None);
}

pub async fn writes_take_effect_in_order_and_end_with_their_time(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    let add = |by| StateWrite::Increment { key: "n".into(), by };
    let newer =
        |value: &str| StateWrite::SetNewer { key: "w".into(), value: value.into(), ttl: Duration::from_secs(60) };
    let for_a_minute = StateWrite::Set { key: "k".into(), value: b"v".into(), ttl: Some(Duration::from_secs(60)) };
    let rounds = [
        (it.now(), vec![add(3), add(-1), newer("b"), for_a_minute.clone()]),
        (it.now(), vec![add(3), add(-1), newer("a")]),
        (
            it.hours_ago(1),
            vec![
                set("old", "x"),
                StateWrite::Set { key: "old".into(), value: b"y".into(), ttl: Some(Duration::from_secs(60)) },
            ],
        ),
    ];
    for (n, (at, writes)) in rounds.into_iter().enumerate() {
        it.accept(event(&n.to_string()), &[log]).await;
        let claim = it.claim_one(log).await;
        it.settle(Settlement { at, writes, ..it.settlement(&claim, Next::Delivered) }).await;
    }
    assert_eq!(it.journal.get(log, "n").await.unwrap().unwrap(), b"4", "increments add up");
    assert_eq!(it.journal.get(log, "w").await.unwrap().unwrap(), b"b", "the greater value stays");
    assert_eq!(it.journal.get(log, "k").await.unwrap().unwrap(), b"v");
    assert_eq!(it.journal.get(log, "old").await.unwrap(), None, "its minute is over, as of its settlement");
}
