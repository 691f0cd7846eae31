//! Claims with deadlines. A store in the process of its lanes needs none; one that several processes share does,
//! because a process may stop without giving anything back. Its tests run under tokio's paused time, which the store's
//! clock follows.

use fanfare_core::delivery::Next;
use fanfare_dispatch::Journal;

use crate::{
    Store,
    case::{Case, event, offsets},
};

pub async fn after_its_deadline_a_delivery_is_handed_out_again(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for n in 1..=2 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let lost = it.claim(log, 2).await;
    let deadline = lost[0].deadline.expect("this store gives deadlines");
    assert!(deadline > it.now());
    it.end(&lost[1], Next::Waiting { until: it.hours_ago(1), attempts: 1 }).await;
    let retry = it.claim_one(log).await;
    assert!(it.has_nothing_for(log).await, "the first is in force");
    it.end(&retry, Next::Delivered).await;

    // Nothing else can be handed out, so this waits for the deadline.
    let again = it.claim_one(log).await;
    assert!(it.now() >= deadline);
    assert_eq!((again.delivery_id(), again.attempts, again.since), (lost[0].delivery_id(), 0, lost[0].since));
    assert!(again.token > lost[0].token && again.deadline > lost[0].deadline);
    let commit = it.settle(it.settlement(&lost[0], Next::Dead { attempts: 1 })).await;
    assert_eq!((commit.settled.len(), &commit.stale[..]), (0, &[lost[0].delivery_id()][..]));
    it.journal.release(vec![lost[0].clone()]).await;
    assert!(it.has_nothing_for(log).await);
    it.end(&again, Next::Delivered).await;
    assert_eq!(it.journal.backlog(log).pending, 0);
}

pub async fn what_is_settled_or_given_back_in_time_has_no_deadline_any_more(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for n in 1..=3 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let claims = it.claim(log, 2).await;
    it.end(&claims[0], Next::Delivered).await;
    it.journal.release(vec![claims[1].clone()]).await;
    let again = it.claim_one(log).await;
    assert_eq!(again.offset, claims[1].offset);
    it.end(&again, Next::Delivered).await;
    let third = it.claim_one(log).await;
    // The deadlines of the others have passed before its own.
    let late = it.claim_one(log).await;
    assert_eq!(offsets(&[third.clone(), late]), [3, 3]);
    assert!(it.now() >= third.deadline.expect("this store gives deadlines"));
    assert!(it.has_nothing_for(log).await);
}

pub async fn after_its_deadline_a_delivery_is_not_in_flight(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.accept(event("1"), &[log]).await;
    let claim = it.claim_one(log).await;
    assert_eq!(it.journal.backlog(log).in_flight, 1);
    let deadline = claim.deadline.expect("this store gives deadlines");
    let left = deadline.duration_since(it.now()).try_into().unwrap();
    tokio::time::sleep(left).await;
    let backlog = it.journal.backlog(log);
    assert_eq!((backlog.pending, backlog.in_flight), (1, 0));
    assert_eq!(offsets(&it.journal.claim_expired(log, it.now(), 10).await.unwrap()), [1]);
}
