//! First in, first out per key of a channel.

use fanfare_core::delivery::Next;
use fanfare_dispatch::{Entry, Journal};

use crate::{
    Store,
    case::{Case, about, by_offset, offsets, sorted},
};

pub async fn the_next_of_a_key_waits_for_the_end_of_the_one_before_and_other_keys_do_not(store: &impl Store) {
    let it = Case::open(store).await;
    let log = it.register_ordered("log").await;
    for (n, key) in ["a", "a", "b", "", "a", "", "b"].into_iter().enumerate() {
        it.accept(about(&n.to_string(), key), &[log]).await;
    }
    let first = it.claim(log, 4).await;
    assert_eq!(offsets(&first), [1, 3, 4, 6], "the first of each key, and all without a key");
    let first = by_offset(first);
    // A retry does not let the next one overtake it.
    it.end(&first[&1], Next::Waiting { until: it.hours_ago(1), attempts: 1 }).await;
    it.end(&first[&3], Next::Delivered).await;
    let second = it.claim(log, 2).await;
    assert_eq!(sorted(&second), [1, 7], "b continues, a is retried");
    // A dead delivery releases the next.
    it.end(&by_offset(second)[&1], Next::Dead { attempts: 2 }).await;
    let third = it.claim_one(log).await;
    assert_eq!(third.offset.0, 2);
    it.end(&third, Next::Delivered).await;
    assert_eq!(it.claim_one(log).await.offset.0, 5);
    assert_eq!(it.journal.backlog(log).pending, 4, "4, 5, 6 and 7");
}

pub async fn the_order_survives_a_crash(store: &impl Store) {
    let it = Case::open(store).await;
    let log = it.register_ordered("log").await;
    for (n, key) in ["a", "a", "b", "a", "b"].into_iter().enumerate() {
        it.accept(about(&n.to_string(), key), &[log]).await;
    }
    for claim in it.claim(log, 2).await {
        it.end(&claim, Next::Waiting { until: it.hours_ago(1), attempts: 1 }).await;
    }
    let it = it.crash().await;
    let log = it.register_ordered("log").await;
    for (expected, attempts) in [(&[1, 3][..], 1), (&[2, 5], 0), (&[4], 0)] {
        let claims = it.claim(log, expected.len()).await;
        assert_eq!(sorted(&claims), expected);
        for claim in &claims {
            assert_eq!(claim.attempts, attempts);
            it.end(claim, Next::Delivered).await;
        }
    }
    assert_eq!(it.journal.backlog(log).pending, 0);
}

pub async fn nothing_urgent_overtakes_others_of_its_key(store: &impl Store) {
    let it = Case::open(store).await;
    let log = it.register_ordered("log").await;
    for (id, key, urgent) in [("a", "s", false), ("b", "t", false), ("c", "s", true), ("d", "", true)] {
        let first = if urgent { vec![log] } else { vec![] };
        it.accept_entry(Entry { first, ..it.entry(about(id, key), &[log]) }).await;
    }
    assert_eq!(sorted(&it.claim(log, 3).await), [1, 2, 4], "4 has no key; 3 waits for 1");
}
