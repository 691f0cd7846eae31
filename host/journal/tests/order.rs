//! First in, first out per key, whatever happens in between.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use common::*;
use fanfare_core::{ChannelId, Event, delivery::Origin};
use fanfare_dispatch::{Claim, Entry, Journal, Registration};
use fanfare_journal::{End as Until, Options, ReplayRequest, SqliteJournal, Start};
use jiff::Timestamp;
use proptest::prelude::*;

async fn ordered(journal: &SqliteJournal, order: Option<&str>) -> ChannelId {
    let registration = Registration { name: name("log"), order: order.map(str::to_owned) };
    journal.register(vec![registration]).await.unwrap()[0].id
}

fn keyed(n: u64, key: &str, channel: ChannelId) -> Entry {
    let subject = (!key.is_empty()).then(|| key.to_owned());
    entry_of(Event { subject, ..event(&format!("e{n}")) }, &[channel])
}

/// One after the other, so that the offsets are 1, 2, 3.
async fn publish(journal: &SqliteJournal, channel: ChannelId, keys: &[&str]) {
    for (n, key) in keys.iter().enumerate() {
        let offset = journal.history().newest().0 + 1;
        accept(journal, vec![keyed(offset * 1_000 + n as u64, key, channel)]).await;
    }
}

/// All that can be claimed now.
async fn available(journal: &SqliteJournal, channel: ChannelId) -> Vec<Claim> {
    let mut claims = vec![];
    while let Ok(more) = tokio::time::timeout(Duration::from_millis(40), journal.claim(channel, 16)).await {
        claims.extend(more.unwrap());
    }
    claims
}

#[tokio::test]
async fn the_order_holds_over_a_crash_and_over_a_change_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let after = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = ordered(&journal, None).await;
    publish(&journal, channel, &["a", "a", "b", "a", "b"]).await;
    // All are in flight at once, because there is no order yet; 1 and 3 have failed before.
    let claims = available(&journal, channel).await;
    assert_eq!(claims.len(), 5);
    for offset in [0, 2] {
        settle(&journal, &claims[offset], End::waiting(Timestamp::now(), 1)).await;
    }
    let options = crash(folder.path(), after.path());
    let journal = open(options).await;
    let channel = ordered(&journal, Some("subject")).await;
    let first = available(&journal, channel).await;
    assert_eq!(offsets(&first).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([1, 3]));
    for claim in &first {
        settle(&journal, claim, End::delivered()).await;
    }
    let second = available(&journal, channel).await;
    assert_eq!(offsets(&second).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([2, 5]));

    // Without the order, nothing waits; deliveries in flight stay in flight.
    ordered(&journal, None).await;
    assert_eq!(offsets(&available(&journal, channel).await), [4]);
}

#[tokio::test]
async fn a_replay_takes_its_place_among_those_of_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = ordered(&journal, Some("subject")).await;
    publish(&journal, channel, &["a", "a", "b"]).await;
    for _ in 0..2 {
        for claim in available(&journal, channel).await {
            settle(&journal, &claim, End::delivered()).await;
        }
    }
    assert_eq!(journal.backlog(channel).pending, 0);
    let request =
        ReplayRequest { after: Start::Offset(0), until: Until::Now, types: vec![], channels: vec![name("log")] };
    journal.jobs().replay(request).await.unwrap();
    let first = claim(&journal, channel, 2).await;
    assert_eq!(offsets(&first).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([1, 3]));
    assert!(first.iter().all(|claim| claim.origin == Origin::Replay));
    publish(&journal, channel, &["a"]).await;
    for claim in &first {
        settle(&journal, claim, End::delivered()).await;
    }
    assert_eq!(offsets(&available(&journal, channel).await), [2], "the replayed one first, then the new one");
}

/// The action, and which of the deliveries in flight it concerns.
#[derive(Clone, Copy, Debug)]
enum Act {
    Publish(u8),
    Claim,
    Deliver(usize),
    Retry(usize),
    Bury(usize),
    Reopen,
    Crash,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0_u8..4).prop_map(Act::Publish),
        5 => Just(Act::Claim),
        5 => any::<usize>().prop_map(Act::Deliver),
        3 => any::<usize>().prop_map(Act::Retry),
        1 => any::<usize>().prop_map(Act::Bury),
        1 => Just(Act::Reopen),
        1 => Just(Act::Crash),
    ]
}

/// Runs the actions, and checks at every claim that no earlier delivery of its key is unsettled.
struct Run {
    folder: tempfile::TempDir,
    journal: Arc<SqliteJournal>,
    channel: ChannelId,
    /// Unsettled offsets by key.
    open: BTreeMap<u8, BTreeSet<u64>>,
    keys: BTreeMap<u64, u8>,
    hand: Vec<Claim>,
}

impl Run {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (journal, channel) = Self::open(small(folder.path())).await;
        Self { folder, journal, channel, open: BTreeMap::new(), keys: BTreeMap::new(), hand: vec![] }
    }

    async fn open(options: Options) -> (Arc<SqliteJournal>, ChannelId) {
        let journal = open(options).await;
        let channel = ordered(&journal, Some("subject")).await;
        (journal, channel)
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Publish(key) => {
                let n = self.keys.len() as u64;
                // Key 0 means no key.
                let subject = if key == 0 { String::new() } else { key.to_string() };
                let offset = accept(&self.journal, vec![keyed(n, &subject, self.channel)]).await[0].0;
                self.keys.insert(offset, key);
                self.open.entry(key).or_default().insert(offset);
            }
            Act::Claim => {
                let wait = Duration::from_millis(5);
                if let Ok(claims) = tokio::time::timeout(wait, self.journal.claim(self.channel, 3)).await {
                    for claim in claims.unwrap() {
                        let (offset, key) = (claim.offset.0, self.keys[&claim.offset.0]);
                        if key != 0 {
                            assert_eq!(self.open[&key].first(), Some(&offset), "{offset} overtook one of its key");
                        }
                        assert!(!self.hand.iter().any(|have| have.offset == claim.offset), "{offset} is out twice");
                        self.hand.push(claim);
                    }
                }
            }
            Act::Deliver(which) => self.settle(which, End::delivered(), true).await,
            Act::Retry(which) => self.settle(which, End::waiting(Timestamp::now(), 1), false).await,
            Act::Bury(which) => self.settle(which, End::dead(1), true).await,
            Act::Reopen | Act::Crash => {
                self.hand.clear();
                if matches!(act, Act::Crash) {
                    let after = tempfile::tempdir().unwrap();
                    crash(self.folder.path(), after.path());
                    self.journal.close().await;
                    self.folder = after;
                } else {
                    self.journal.close().await;
                }
                (self.journal, self.channel) = Self::open(small(self.folder.path())).await;
            }
        }
    }

    async fn settle(&mut self, which: usize, end: End, ends: bool) {
        if self.hand.is_empty() {
            return;
        }
        let claim = self.hand.swap_remove(which % self.hand.len());
        settle(&self.journal, &claim, end).await;
        if ends {
            self.open.get_mut(&self.keys[&claim.offset.0]).unwrap().remove(&claim.offset.0);
        }
    }

    /// Everything that was published ends.
    async fn finish(mut self) {
        let mut idle = 0;
        while self.open.values().any(|open| !open.is_empty()) {
            let before = self.hand.len();
            self.act(Act::Claim).await;
            idle = if self.hand.len() == before { idle + 1 } else { 0 };
            assert!(idle < 400, "{:?} were never handed out", self.open);
            while !self.hand.is_empty() {
                self.settle(0, End::delivered(), true).await;
            }
        }
        assert_eq!(self.journal.backlog(self.channel).pending, 0);
        self.journal.close().await;
    }
}

/// So small that held-back deliveries have to be read from disk.
fn small(folder: &std::path::Path) -> Options {
    Options { window_bytes: 1_500, retry_front: 2, page_events: 2, ..options(folder) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn no_delivery_overtakes_another_of_its_key(acts in proptest::collection::vec(act(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::start().await;
            for act in acts {
                run.act(act).await;
            }
            run.finish().await;
        });
    }
}
