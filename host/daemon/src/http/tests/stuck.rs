//! Guests that block all their threads: the daemon still responds and shuts down.

use std::time::Duration;

use fanfare_dispatch::Journal as _;

use super::support::{Does, Fixture};
use crate::{guests::GuestThreads, overview::ReloadOutcome};

#[tokio::test]
async fn guests_that_keep_all_their_threads_stop_neither_the_api_nor_the_shutdown() {
    let (threads, handle) = GuestThreads::start().unwrap();
    let workers = handle.metrics().num_workers();
    let names: Vec<_> = (0..2 * workers).map(|n| format!("stuck-{n}")).collect();
    let channels: Vec<_> = names.iter().map(|name| (name.as_str(), Does::Block)).collect();
    let fixture = Fixture::on(&handle, &channels, Some(ReloadOutcome::Ok)).await;
    let publish = async || fixture.publish_with(r#"{"type":"a"}"#, &[("prefer", "respond-async")]).await.status;
    assert_eq!(publish().await, 202);
    // Until no thread of theirs takes up anything.
    while tokio::time::timeout(Duration::from_millis(300), handle.spawn(async {})).await.is_ok() {}

    assert_eq!(publish().await, 202);
    for path in ["/healthz", "/v1/channels/stuck-0", "/v1/events?limit=1", "/metrics"] {
        assert_eq!(fixture.get(path).await.status, 200, "{path}");
    }
    assert!(fixture.daemon.dispatcher.drain(Duration::from_millis(10)).await >= workers);
    fixture.journal.close().await;
    drop(threads);
}
