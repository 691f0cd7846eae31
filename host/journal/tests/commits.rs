//! What a crash between any two commits would find: all tables are recounted after every commit, while all writers are
//! busy.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use common::{recount::recount, *};
use fanfare_core::{ChannelId, Event};
use fanfare_dispatch::{Claim, Journal, Registration};
use fanfare_journal::{CommitHook, DeadLetterFilter, End as Until, Options, ReplayRequest, SqliteJournal, Start};
use jiff::Timestamp;

/// Opens a journal with a slow disk, so that work piles up behind every commit, and recounts it after each.
async fn watched(folder: &std::path::Path) -> (Arc<SqliteJournal>, Arc<Mutex<Vec<String>>>, Arc<AtomicUsize>) {
    let (wrong, commits) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
    let options = options(folder);
    let hook = {
        let (path, wrong, commits) = (options.path.clone(), wrong.clone(), commits.clone());
        move |_, _| {
            let commit = commits.fetch_add(1, Ordering::Relaxed);
            let found = recount(&path);
            wrong.lock().unwrap().extend(found.into_iter().map(|line| format!("commit {commit}: {line}")));
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    (open(Options { on_commit: Some(CommitHook(Arc::new(hook))), ..options }).await, wrong, commits)
}

/// A lane whose receiver fails every first attempt and rejects the third delivery of each round.
async fn work(journal: Arc<SqliteJournal>, channel: ChannelId, events: u64) {
    let mut tried = HashSet::new();
    let mut ended = HashSet::new();
    while (ended.len() as u64) < events {
        let claims: Vec<Claim> = journal.claim(channel, 4).await.unwrap();
        for claim in claims {
            let end = match (tried.insert(claim.offset), claim.offset.0 % 3) {
                (true, _) => End::waiting(Timestamp::now(), claim.attempts + 1),
                (false, 0) => End::dead(claim.attempts + 1),
                (false, _) => End::delivered(),
            };
            if claim.attempts > 0 {
                ended.insert(claim.offset);
            }
            drop(begin_settle(&journal, &claim, end).await);
        }
    }
}

async fn everything_at_once(order: Option<&str>) {
    const BATCHES: u64 = 60;
    let folder = tempfile::tempdir().unwrap();
    let (journal, wrong, commits) = watched(folder.path()).await;
    let registration = |of: &str| Registration { name: name(of), order: order.map(str::to_owned) };
    let registered = journal.register(vec![registration("log"), registration("webhook")]).await.unwrap();
    let channels: Vec<_> = registered.into_iter().map(|known| known.id).collect();
    let lanes: Vec<_> =
        channels.iter().map(|&channel| tokio::spawn(work(journal.clone(), channel, BATCHES * 3))).collect();
    for batch in 0..BATCHES {
        // Enough keys for several to be under way, and few enough for most to wait.
        let subject = |n: u64| Some(format!("s{}", (batch * 3 + n) % 20));
        let of = |n: u64| Event { subject: subject(n), ..event(&format!("e{batch}-{n}")) };
        accept(&journal, (0..3).map(|n| entry_of(of(n), &channels)).collect()).await;
        if batch % 10 == 9 {
            let channels = vec![name("webhook")];
            let replay = ReplayRequest { after: Start::Offset(batch), until: Until::Now, types: vec![], channels };
            journal.jobs().replay(replay).await.unwrap();
            journal.jobs().redrive(DeadLetterFilter::default()).await.unwrap();
        }
    }
    for lane in lanes {
        tokio::time::timeout(Duration::from_secs(60), lane).await.expect("handed out every delivery").unwrap();
    }
    journal.close().await;
    let wrong = wrong.lock().unwrap();
    assert!(wrong.is_empty(), "{} lines, the first: {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
    assert!(commits.load(Ordering::Relaxed) as u64 > BATCHES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_floor_passes_uncommitted_deliveries_that_an_order_holds_back() {
    everything_at_once(Some("subject")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_commit_passes_what_is_not_committed_while_replays_and_redrives_run() {
    everything_at_once(None).await;
}
