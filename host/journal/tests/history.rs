//! Queries over the history find what is there, whatever way they take to it.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::collections::BTreeMap;

use common::*;
use fanfare_core::OverallStatus;
use fanfare_dispatch::Journal;
use fanfare_journal::{EventQuery, Order, SqliteJournal};
use jiff::{Timestamp, ToSpan};

const EVENTS: u64 = 1_500;

fn start() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn type_of(n: u64) -> &'static str {
    match n {
        700 => "rare.one",
        n if n % 3 == 0 => "order.paid",
        n if n % 3 == 1 => "order.shipped",
        _ => "user.signup",
    }
}

/// Event `n` is accepted `n` seconds after the start. All go to `log`; every hundredth goes to `webhook` as well.
async fn fill(journal: &SqliteJournal) -> BTreeMap<u64, OverallStatus> {
    let channels = register(journal, &["log", "webhook"]).await;
    let entries = (1..=EVENTS).map(|n| {
        let mut event = event(&format!("e{n}"));
        event.ty = type_of(n).into();
        event.source = if n > 1_200 { "/late" } else { "/early" }.into();
        let targets = &channels[..if n % 100 == 0 { 2 } else { 1 }];
        let accepted_at = start() + i64::try_from(n).unwrap().seconds();
        fanfare_dispatch::Entry { accepted_at, ..entry_of(event, targets) }
    });
    accept(journal, entries.collect()).await;
    let mut expected: BTreeMap<u64, OverallStatus> = BTreeMap::new();
    // The last hundred stay untouched.
    let mut last = None;
    for claim in claim(journal, channels[0], 1_400).await {
        let n = claim.offset.0;
        let (end, status) = match n {
            _ if n % 200 == 0 => (End::dead(1), OverallStatus::Partial),
            _ if n % 101 == 0 => (End::dead(1), OverallStatus::Failed),
            _ if n % 103 == 0 => (End::waiting(Timestamp::now() + 1.hour(), 1), OverallStatus::Pending),
            _ => (End::delivered(), OverallStatus::Success),
        };
        expected.insert(n, status);
        last = Some(begin_settle(journal, &claim, end).await);
    }
    last.unwrap().await.unwrap();
    let mut last = None;
    for claim in claim(journal, channels[1], 15).await {
        last = Some(begin_settle(journal, &claim, End::delivered()).await);
    }
    last.unwrap().await.unwrap();
    for n in 1_401..=EVENTS {
        expected.insert(n, OverallStatus::Pending);
    }
    expected
}

/// All pages of a query, one after the other.
async fn all(journal: &SqliteJournal, query: EventQuery) -> Vec<u64> {
    let (mut found, mut query) = (vec![], query);
    loop {
        let page = journal.history().events(query.clone()).await.unwrap();
        found.extend(page.items.iter().map(|stored| stored.offset.0));
        let Some(next) = page.next else { return found };
        assert_ne!(next, query.after, "every page gets on: {query:?}");
        query.after = next;
    }
}

#[tokio::test]
async fn every_filter_finds_exactly_what_matches_from_either_end_and_in_pages() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(options(folder.path())).await;
    let statuses = fill(&journal).await;
    let at = |n: u64| start() + i64::try_from(n).unwrap().seconds();
    let base = EventQuery { limit: 70, ..EventQuery::default() };
    type Matches = Box<dyn Fn(u64) -> bool>;
    let by_status = |status| -> (EventQuery, Matches) {
        let statuses = statuses.clone();
        (EventQuery { status: Some(status), ..base.clone() }, Box::new(move |n| statuses[&n] == status))
    };
    let cases: Vec<(EventQuery, Matches)> = vec![
        (base.clone(), Box::new(|_| true)),
        (EventQuery { ty: Some("order.paid".into()), ..base.clone() }, Box::new(|n| type_of(n) == "order.paid")),
        (EventQuery { ty: Some("order.*".into()), ..base.clone() }, Box::new(|n| type_of(n).starts_with("order."))),
        (EventQuery { ty: Some("rare.>".into()), ..base.clone() }, Box::new(|n| n == 700)),
        (EventQuery { ty: Some("*.one".into()), ..base.clone() }, Box::new(|n| n == 700)),
        (EventQuery { ty: Some("nothing".into()), ..base.clone() }, Box::new(|_| false)),
        (EventQuery { source: Some("/late".into()), ..base.clone() }, Box::new(|n| n > 1_200)),
        (EventQuery { channel: Some(name("webhook")), ..base.clone() }, Box::new(|n| n % 100 == 0)),
        (
            EventQuery { since: Some(at(300)), until: Some(at(900)), ..base.clone() },
            Box::new(|n| (300..900).contains(&n)),
        ),
        (
            EventQuery { ty: Some("order.paid".into()), since: Some(at(1_450)), ..base.clone() },
            Box::new(|n| n >= 1_450 && type_of(n) == "order.paid"),
        ),
        by_status(OverallStatus::Success),
        by_status(OverallStatus::Partial),
        by_status(OverallStatus::Failed),
        by_status(OverallStatus::Pending),
        by_status(OverallStatus::Unrouted),
    ];
    for reopened in [false, true] {
        for (query, matches) in &cases {
            let mut want: Vec<_> = (1..=EVENTS).filter(|&n| matches(n)).collect();
            assert_eq!(all(&journal, query.clone()).await, want, "{query:?}, reopened: {reopened}");
            want.reverse();
            let newest_first = EventQuery { order: Order::Newest, ..query.clone() };
            assert_eq!(all(&journal, newest_first.clone()).await, want, "{newest_first:?}, reopened: {reopened}");
        }
        journal.close().await;
        journal = open(options(folder.path())).await;
    }
    let from_the_end = EventQuery { after: -3, ..base.clone() };
    assert_eq!(all(&journal, from_the_end).await, [EVENTS - 2, EVENTS - 1, EVENTS]);
}

#[tokio::test]
async fn whoever_follows_the_history_is_woken_by_a_newer_event_and_by_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    let history = journal.history();
    let newest = history.newest();
    let waiting = tokio::spawn({
        let history = history.clone();
        async move { history.wait_beyond(newest).await }
    });
    tokio::task::yield_now().await;
    accept(&journal, vec![entry("1", &channels)]).await;
    assert!(waiting.await.unwrap());
    assert_eq!(history.newest().0, newest.0 + 1);
    let newest = history.newest();
    let waiting = tokio::spawn(async move { history.wait_beyond(newest).await });
    tokio::task::yield_now().await;
    journal.close().await;
    assert!(!waiting.await.unwrap());
}
