//! A receiver that is down while 100,000 events come in, and then comes back: memory before, during and after, and how
//! long the backlog takes to drain.
//!
//! `cargo bench -p fanfare --bench backlog [-- EVENTS]`
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]

#[path = "../../../tests/support/mod.rs"]
#[allow(dead_code, reason = "the tests use more of the harness than a benchmark does")]
mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use support::{SAMPLE, daemon::Home, receiver::Receiver, until};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let events = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    // An address that nothing listens on until the receiver is back.
    let address = Receiver::start().await.address;
    let home = Home::new(&format!(
        "[channels.webhook]\nplugin = \"builtin:webhook\"\nretries = 10000\n\
         backoff = {{ initial = \"2s\", factor = 1.0, \
         max = \"2s\" }}\nsettings = {{ url = \"http://{address}/hook\" }}\ngrant = {{ http = [\"{address}\"], \
         private_network = true }}\n"
    ));
    let daemon = home.start_quietly().await;
    let mib = || daemon.resident() as f64 / f64::from(1 << 20);
    println!("{events} events, the receiver is down");
    println!("RSS at the start:            {:>8.1} MiB", mib());

    let start = Instant::now();
    let left = Arc::new(AtomicUsize::new(events));
    let workers = (0..64).map(|_| {
        let (left, api) = (Arc::clone(&left), daemon.api.clone());
        tokio::spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                api.publish_async(SAMPLE).await.expect(202);
            }
        })
    });
    for worker in futures_util::future::join_all(workers).await {
        worker.unwrap();
    }
    println!("accepted in:                 {:>8.1} s", start.elapsed().as_secs_f64());
    println!("RSS, {:>7} pending:         {:>8.1} MiB", daemon.api.pending().await, mib());
    let mut most = mib();
    for _ in 0..20 {
        tokio::time::sleep(std::time::Duration::from_millis(250)).await; // meanwhile, deliveries are retried
        most = most.max(mib());
    }
    println!("RSS at most, 5 s of retries: {most:>8.1} MiB");

    let start = Instant::now();
    let daemon = {
        daemon.kill().await;
        home.start_quietly().await
    };
    let mib = || daemon.resident() as f64 / f64::from(1 << 20);
    println!("killed; started again in:    {:>8.2} s", start.elapsed().as_secs_f64());
    println!("RSS after the restart:       {:>8.1} MiB", mib());

    let start = Instant::now();
    let receiver = Receiver::start_at(address).await;
    let mut most = mib();
    until("the backlog", || {
        most = most.max(mib());
        let api = daemon.api.clone();
        async move { (api.pending().await == 0).then_some(()) }
    })
    .await;
    println!("drained in:                  {:>8.1} s, {} requests", start.elapsed().as_secs_f64(), receiver.count());
    println!("RSS at most while draining:  {most:>8.1} MiB");
}
