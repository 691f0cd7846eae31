//! The host's share of an event's path, without HTTP and without sandboxes: publish, record, claim, attempt on a
//! channel that delivers at once, settle and notify. Meant for counting instructions, which other load on the machine
//! does not change: `host/journal/benches/count` runs it under valgrind.
//!
//! `path EVENTS` publishes that many events, sixteen at a time, to four channels, and ends when all have settled.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]
#![allow(clippy::disallowed_methods, reason = "a benchmark goes by the machine's clock")]

use std::{sync::Arc, time::Duration};

use fanfare_core::{AttemptRecord, ChannelName, Cost, Defaults, DeliveryId, Event, Outcome, Policy, Report};
use fanfare_dispatch::{
    Attempt, BoxFuture, Channel, ChannelSpec, Dispatcher, End, Journal as _, Nobody, Observer, Parts, SystemClock,
};
use fanfare_journal::{Options, SqliteJournal};
use jiff::Timestamp;
use uuid::Uuid;

/// Same as in the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CHANNELS: usize = 4;
const AT_ONCE: usize = 16;
const BODY: &str = r#"{"type":"user.signup","message":"New user registered","severity":"info",
    "data":{"user_id":"usr_123","plan":"pro"},"tags":["user","signup"]}"#;

/// Delivers at once.
struct Prompt;

impl Channel for Prompt {
    fn deliver(&self, _: Attempt) -> BoxFuture<'_, Report> {
        Box::pin(async {
            let receipt = Some(r#"{"log_id":"log_0193456789"}"#.to_owned());
            let cost = Cost { duration: Duration::from_micros(12), fuel: 123_456, memory: 1_114_112 };
            let outcome = Outcome::Delivered { receipt };
            Report { outcome, cost, writes: vec![], samples: vec![], emits: vec![], trace: vec![], sent: vec![] }
        })
    }

    fn plugin_digest(&self) -> &'static str {
        "0123456789abcdef"
    }

    fn settings_digest(&self) -> Arc<str> {
        "fedcba9876543210".into()
    }
}

/// Observes nothing.
struct Blind;

impl Observer for Blind {
    fn accepted(&self, _: usize) {}
    fn duplicate(&self) {}
    fn filter_failed(&self, _: &ChannelName, _: &Event, _: &str) {}
    fn attempted(&self, _: &ChannelName, _: DeliveryId, _: &AttemptRecord) {}
    fn batched(&self, _: &ChannelName, _: usize, _: bool) {}
    fn settled(&self, _: &ChannelName, _: &[End<'_>]) {}
}

fn event() -> Event {
    let defaults = Defaults { now: Timestamp::now(), id: Uuid::now_v7() };
    Event::from_simple(BODY.as_bytes(), defaults).unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let events: usize = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_600);
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(Options::new(folder.path().join("journal.db")), Arc::new(SystemClock)).await;
    let journal = journal.unwrap();
    let dispatcher = Dispatcher::new(Parts {
        journal: journal.clone(),
        state: journal.clone(),
        clock: Arc::new(SystemClock),
        observer: Arc::new(Blind),
        recipients: Arc::new(Nobody),
        guests: tokio::runtime::Handle::current(),
    });
    let name = |n| ChannelName::new(&format!("channel-{n}")).unwrap();
    let spec = |n| ChannelSpec { name: name(n), policy: Policy::default(), channel: Some(Arc::new(Prompt)) };
    dispatcher.apply((0..CHANNELS).map(spec).collect::<Vec<_>>()).await.unwrap();
    for _ in 0..events.div_ceil(AT_ONCE) {
        let published = (0..AT_ONCE).map(|_| dispatcher.publish(event(), Duration::ZERO));
        for published in futures_util::future::join_all(published).await {
            published.unwrap();
        }
    }
    while (0..CHANNELS).any(|n| dispatcher.lane(name(n).as_str()).unwrap().1.pending > 0) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    dispatcher.drain(Duration::from_secs(10)).await;
    journal.close().await;
}
