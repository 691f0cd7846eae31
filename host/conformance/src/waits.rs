//! Deliveries that wait: for a retry, or for a reason that has nothing to do with their receiver.

use std::{collections::HashSet, sync::Arc, time::Duration};

use fanfare_core::delivery::{Next, Wait};
use fanfare_dispatch::{Journal, Reconsidered};
use jiff::Timestamp;

use crate::{
    Store,
    case::{Case, about, by_offset, event, offsets, sorted},
};

pub async fn a_retry_is_due_at_its_time_and_keeps_its_round(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.accept(event("1"), &[log]).await;
    let first = it.claim_one(log).await;
    let until = it.now() + Duration::from_millis(60);
    it.end(&first, Next::Waiting { until, attempts: 1 }).await;
    it.accept(event("2"), &[log]).await;
    assert_eq!(it.claim_one(log).await.offset.0, 2, "what waits is not handed out");
    let again = it.claim_one(log).await;
    assert!(it.now() >= until, "{until}");
    assert_eq!((again.delivery_id(), again.since, &again.event), (first.delivery_id(), first.since, &first.event));
    assert_eq!((again.attempts, again.due), (1, until));

    it.end(&again, Next::Waiting { until: it.hours_ago(1), attempts: 2 }).await;
    let it = it.crash().await;
    let claims = by_offset(it.claim(log, 2).await);
    assert_eq!((claims[&1].attempts, claims[&1].since, claims[&2].attempts), (2, first.since, 0));
}

pub async fn a_deferred_delivery_says_why_until_it_is_reconsidered(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    let waits = [Wait::Delay, Wait::Quiet, Wait::At];
    for n in 1..=4 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let claims = it.claim(log, 4).await;
    for (claim, wait) in claims.iter().zip(waits) {
        it.end(claim, Next::Deferred { until: Timestamp::MAX, attempts: 0, wait }).await;
    }
    let soon = Next::Deferred { until: it.hours_ago(1), attempts: 0, wait: Wait::Rate };
    it.end(&claims[3], soon).await;
    let due = it.claim_one(log).await;
    assert_eq!((due.offset.0, due.attempts, due.deferred), (4, 0, Some(Wait::Rate)));
    let deferred = it.journal.backlog(log).deferred.iter().collect::<Vec<_>>();
    assert_eq!(deferred, [(Wait::At, 1), (Wait::Delay, 1), (Wait::Quiet, 1)]);

    it.journal.reconsider(log, Reconsidered::Quiet, it.now()).await.unwrap();
    let quiet = it.claim_one(log).await;
    assert_eq!((quiet.offset.0, quiet.deferred), (2, None), "the policy decides as if for the first time");
    it.journal.reconsider(log, Reconsidered::All, it.now()).await.unwrap();
    let delayed = it.claim_one(log).await;
    assert_eq!((delayed.offset.0, delayed.deferred), (1, None));
    assert!(it.has_nothing_for(log).await, "a time that an event names stays");
    assert_eq!(it.journal.backlog(log).waiting, 1);
}

pub async fn only_recipients_that_have_changed_are_reconsidered(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for (id, subject) in [("1", "anna"), ("2", "ben"), ("3", ""), ("4", "anna")] {
        it.accept(about(id, subject), &[log]).await;
    }
    for claim in it.claim(log, 4).await {
        let wait = if claim.offset.0 == 4 { Wait::Delay } else { Wait::Quiet };
        it.end(&claim, Next::Deferred { until: Timestamp::MAX, attempts: 0, wait }).await;
    }
    let changed = Arc::new(HashSet::from(["anna".to_owned()]));
    it.journal.reconsider(log, Reconsidered::QuietFor(changed), it.now()).await.unwrap();
    assert_eq!(offsets(&it.claim(log, 1).await), [1]);
    assert!(it.has_nothing_for(log).await);
    it.journal.reconsider(log, Reconsidered::Quiet, it.now()).await.unwrap();
    assert_eq!(sorted(&it.claim(log, 2).await), [2, 3]);
    assert!(it.has_nothing_for(log).await);
}
