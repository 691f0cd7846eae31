//! Queries over the history find every match, whichever index they use.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::collections::BTreeMap;

use common::*;
use fanfare_core::OverallStatus;
use fanfare_dispatch::Journal;
use fanfare_journal::{EventQuery, Options, Order, SqliteJournal};
use jiff::{Timestamp, ToSpan};
use proptest::{prelude::*, test_runner::TestRunner};

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

/// Event `n` is accepted `n` seconds after the start. All go to `log`, and every hundredth to `webhook` too.
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

/// All pages of a query.
async fn all(journal: &SqliteJournal, query: EventQuery) -> Vec<u64> {
    let (mut found, mut query) = (vec![], query);
    loop {
        let page = journal.history().events(query.clone()).await.unwrap();
        found.extend(page.items.iter().map(|stored| stored.offset.0));
        let Some(next) = page.next else { return found };
        assert_ne!(next, query.after, "the cursor must advance: {query:?}");
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
        (EventQuery { visible: Some([name("webhook")].into()), ..base.clone() }, Box::new(|n| n % 100 == 0)),
        (EventQuery { visible: Some([name("unknown")].into()), ..base.clone() }, Box::new(|_| false)),
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

fn any_query() -> impl Strategy<Value = EventQuery> {
    let edge = i64::try_from(EVENTS).unwrap();
    let cursor = prop_oneof![any::<i64>(), -edge - 2..edge + 2, Just(i64::MIN), Just(i64::MAX), Just(0)];
    let text = |known: &'static [&'static str]| {
        prop_oneof![4 => prop::sample::select(known).prop_map(str::to_owned),
    1 => any::<String>()]
    };
    let moment = prop_oneof![
        4 => (-9..edge + 9).prop_map(|n| start() + n.seconds()),
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
    ];
    let status = prop::sample::select(vec![
        OverallStatus::Success,
        OverallStatus::Partial,
        OverallStatus::Failed,
        OverallStatus::Pending,
        OverallStatus::Unrouted,
    ]);
    let from = (
        any::<bool>(),
        cursor,
        prop::sample::select(vec![0, 17, 70, 1_000, usize::MAX]),
        prop::sample::select(vec![0, 2_000, usize::MAX]),
    );
    let filter = (
        prop::option::of(text(&["order.paid", "order.*", "*.one", "rare.>", ">", "*", "", "user.signup"])),
        prop::option::of(text(&["/late", "/early", ""])),
        prop::option::of(prop::sample::select(vec!["log", "webhook", "unknown"])),
        prop::option::of(status),
        prop::option::of(moment.clone()),
        prop::option::of(moment),
    );
    (from, filter).prop_map(|((newest, after, limit, bytes), (ty, source, channel, status, since, until))| EventQuery {
        order: if newest { Order::Newest } else { Order::Oldest },
        after,
        limit,
        bytes,
        ty,
        source,
        channel: channel.map(name),
        visible: None,
        status,
        since,
        until,
    })
}

/// What a query should find, computed without any index.
fn wanted(query: &EventQuery, statuses: &BTreeMap<u64, OverallStatus>) -> Vec<u64> {
    let signed = |n: u64| i64::try_from(n).unwrap();
    let at = |n: u64| start() + signed(n).seconds();
    let beyond = |n: u64| match (query.order, query.after) {
        (Order::Oldest, from_end @ ..0) => signed(n) > signed(EVENTS).saturating_add(from_end),
        (Order::Oldest, after) => signed(n) > after,
        (Order::Newest, ..=0) => true,
        (Order::Newest, after) => signed(n) < after,
    };
    let mut found: Vec<_> = (1..=EVENTS)
        .filter(|&n| beyond(n))
        .filter(|&n| query.ty.as_ref().is_none_or(|ty| fanfare_core::type_matches(ty, type_of(n))))
        .filter(|&n| query.source.as_ref().is_none_or(|source| source == if n > 1_200 { "/late" } else { "/early" }))
        .filter(|&n| match query.channel.as_ref().map(ToString::to_string).as_deref() {
            None | Some("log") => true,
            Some("webhook") => n % 100 == 0,
            Some(_) => false,
        })
        .filter(|&n| query.status.is_none_or(|status| statuses[&n] == status))
        .filter(|&n| query.since.is_none_or(|since| at(n) >= since) && query.until.is_none_or(|until| at(n) < until))
        .collect();
    if query.order == Order::Newest {
        found.reverse();
    }
    found
}

#[test]
fn fuzz_history() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (journal, statuses) = runtime.block_on(async {
        let journal = open(options(folder.path())).await;
        let statuses = fill(&journal).await;
        (journal, statuses)
    });
    let check = |query: EventQuery| {
        let found = runtime.block_on(all(&journal, query.clone()));
        prop_assert_eq!(found, wanted(&query, &statuses), "{:?}", query);
        Ok(())
    };
    TestRunner::default().run(&any_query(), check).unwrap_or_else(|failure| panic!("{failure}"));
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

#[tokio::test]
async fn types_are_counted_stretch_by_stretch_and_long_ones_together() {
    // From disk alone, from disk and memory, and from memory alone.
    for window_bytes in [0, 100_000, 32 << 20] {
        count_types(window_bytes).await;
    }
}

async fn count_types(window_bytes: usize) {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(Options { window_bytes, ..options(folder.path()) }).await;
    fill(&journal).await;
    let channels = register(&journal, &["log"]).await;
    let mut long = event("long");
    long.ty = "x".repeat(300);
    accept(&journal, vec![entry_of(long, &channels)]).await;

    let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let (mut at, mut longer) = (fanfare_core::Offset(0), 0);
    while at.0 < EVENTS + 1 {
        let read = journal.history().types(at, 400).await.unwrap();
        assert!(read.to > at && !read.incomplete);
        for count in read.types {
            let sum = sums.entry(count.ty).or_default();
            *sum = (sum.0 + count.events, count.last.0);
        }
        (at, longer) = (read.to, longer + read.longer);
    }
    let mut expected: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for n in 1..=EVENTS {
        let sum = expected.entry(type_of(n).to_owned()).or_default();
        *sum = (sum.0 + 1, n);
    }
    assert_eq!((sums, longer), (expected, 1));
    let end = journal.history().types(at, 400).await.unwrap();
    assert!(end.types.is_empty() && end.to == at);
    journal.close().await;
}
