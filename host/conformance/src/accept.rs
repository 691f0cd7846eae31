//! Accepting events: identity, numbers, targets.

use fanfare_core::{
    ChannelId, Event, Offset,
    delivery::{Next, Origin},
};
use fanfare_dispatch::{AcceptError, Accepted, Entry, Journal, JournalError};

use crate::{
    Store,
    case::{Case, event, offsets, sorted},
    samples::with_data,
};

fn new(offset: u64) -> Accepted {
    Accepted::New { offset: Offset(offset) }
}

fn duplicate(offset: u64) -> Accepted {
    Accepted::Duplicate { offset: Offset(offset) }
}

fn conflict(entry: usize, offset: Option<u64>) -> AcceptError {
    AcceptError::Conflict { entry, offset: offset.map(Offset) }
}

pub async fn offsets_have_no_gaps_and_each_channel_gets_its_events_in_order(store: &impl Store) {
    let it = Case::open(store).await;
    let [odd, even, none] = it.register(["odd", "even", "none"]).await;
    let mut entries = vec![];
    for n in 1..=30_u64 {
        entries.push(it.entry(event(&n.to_string()), &[if n % 2 == 0 { even } else { odd }]));
    }
    // An event without targets is an event all the same.
    entries.push(it.entry(event("31"), &[]));
    let sent = entries.clone();
    let answers = it.journal.accept(entries).await.unwrap();
    assert_eq!(answers, (1..=31).map(new).collect::<Vec<_>>());
    it.accept(event("32"), &[none, even]).await;

    let claims = it.claim(odd, 15).await;
    assert_eq!(offsets(&claims), (1..=30).step_by(2).collect::<Vec<_>>());
    for (claim, sent) in claims.iter().zip(sent.iter().step_by(2)) {
        assert_eq!((claim.channel, claim.key, &claim.event), (odd, sent.key, &sent.event));
        assert_eq!((claim.since, claim.due), (sent.accepted_at, sent.accepted_at));
        assert_eq!((claim.attempts, claim.origin, claim.deferred), (0, Origin::Live, None));
    }
    assert_eq!(offsets(&it.claim(even, 16).await), (2..=32).step_by(2).collect::<Vec<_>>());
    assert_eq!(offsets(&it.claim(none, 1).await), [32]);
}

pub async fn a_repeat_is_a_duplicate_and_other_content_is_a_conflict(store: &impl Store) {
    let mut it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    let retimed = Event { time: "2027-01-01T00:00:00Z".into(), ..with_data("a", "1") };
    let elsewhere = Event { source: "/other".into(), ..with_data("a", "1") };
    let together = [with_data("a", "1"), with_data("a", "1"), retimed.clone(), elsewhere, with_data("b", "1")];
    let together = together.map(|event| it.entry(event, &[log])).into();
    assert_eq!(it.journal.accept(together).await.unwrap(), [new(1), duplicate(1), duplicate(1), new(2), new(3)]);
    for crashed in [false, true] {
        if crashed {
            it = it.crash().await;
        }
        let repeats = [with_data("a", "1"), retimed.clone()].map(|event| it.entry(event, &[log])).into();
        assert_eq!(it.journal.accept(repeats).await.unwrap(), [duplicate(1), duplicate(1)], "{crashed}");
        let retyped = Event { ty: "other".into(), ..with_data("a", "1") };
        let subject = Event { subject: Some("s".into()), ..with_data("a", "1") };
        for other in [with_data("a", "2"), retyped, subject] {
            let refused = it.journal.accept(vec![it.entry(other, &[log])]).await;
            assert_eq!(refused, Err(conflict(0, Some(1))), "{crashed}");
        }
    }
    assert_eq!(offsets(&it.claim(log, 3).await), [1, 2, 3]);
    assert!(it.has_nothing_for(log).await);
}

pub async fn one_conflict_refuses_all_entries_of_its_call(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.accept(with_data("a", "1"), &[log]).await;
    let entries = |events: [(&str, &str); 3]| -> Vec<Entry> {
        events.map(|(id, data)| it.entry(with_data(id, data), &[log])).into()
    };
    let with_a_recorded_one = entries([("x", "1"), ("a", "2"), ("y", "1")]);
    assert_eq!(it.journal.accept(with_a_recorded_one).await, Err(conflict(1, Some(1))));
    let among_each_other = entries([("x", "1"), ("y", "1"), ("x", "2")]);
    assert_eq!(it.journal.accept(among_each_other).await, Err(conflict(2, None)));
    assert_eq!(it.journal.backlog(log).pending, 1, "neither was recorded");
    assert_eq!(it.accept(with_data("x", "1"), &[log]).await, Offset(2), "no offset was lost");
}

pub async fn an_event_for_an_unknown_channel_is_refused(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    let unknown = ChannelId(4_711);
    let refused = it.journal.accept(vec![it.entry(event("a"), &[log]), it.entry(event("b"), &[unknown])]).await;
    assert!(matches!(refused, Err(AcceptError::Unavailable(_))), "{refused:?}");
    assert_eq!(it.journal.backlog(log).pending, 0);
    assert!(it.journal.claim(unknown, 1).await.is_err());
    assert!(it.journal.claim_expired(unknown, it.now(), 1).await.is_err());
}

pub async fn an_urgent_event_overtakes_the_backlog_of_its_channel(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, plain] = it.register(["log", "plain"]).await;
    const URGENT: u64 = 58;
    for n in 1..=60 {
        let first = if n == URGENT { vec![log] } else { vec![] };
        it.accept_entry(Entry { first, ..it.entry(event(&n.to_string()), &[log, plain]) }).await;
    }
    let mut others = vec![];
    let urgent = loop {
        match it.claim_one(log).await {
            claim if claim.offset.0 == URGENT => break claim,
            claim => others.push(claim),
        }
        // It may have to be read from disk, and deliveries do not wait for that.
        assert!(others.len() < 40, "it waits for the backlog");
    };
    assert_eq!(offsets(&it.claim(plain, 2).await), [1, 2], "it is urgent on one channel only");
    others.extend(it.claim(log, 3).await);
    assert_eq!(offsets(&others), (1..=others.len() as u64).collect::<Vec<_>>());
    it.end(&urgent, Next::Delivered).await;
    it.end(&others[1], Next::Delivered).await;
    let it = it.crash().await;
    let rest = sorted(&it.claim(log, 58).await);
    assert_eq!(rest, (1..=60).filter(|offset| ![2, URGENT].contains(offset)).collect::<Vec<_>>(), "each once");
    assert!(it.has_nothing_for(log).await);
}

pub async fn a_closed_journal_refuses_everything(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    // A claim that waits for a delivery ends too.
    let (waiting, ()) = tokio::join!(it.journal.claim(log, 1), it.journal.close());
    assert!(matches!(waiting, Err(JournalError::Closed)), "{waiting:?}");
    assert_eq!(it.journal.accept(vec![it.entry(event("a"), &[log])]).await, Err(AcceptError::Closed));
    assert!(matches!(it.journal.claim(log, 1).await, Err(JournalError::Closed)));
    assert!(matches!(it.journal.register(vec![]).await, Err(JournalError::Closed)));
    it.journal.close().await;
}
