//! The whole path over HTTP: events in, four sandboxed channels each, CPU per event of the daemon and of the load.
//!
//! `cargo bench -p fanfare --bench http [-- EVENTS [CONNECTIONS [CASE]]]`. Reports the cost of one event for no channel
//! and for four. The machine's other load affects the rate, but hardly the CPU time. `CASE` is part of a case's name:
//! only those run.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]

#[path = "../../../tests/support/mod.rs"]
#[allow(dead_code, reason = "the tests use more of the harness than a benchmark does")]
mod support;

mod load;

use std::{
    fs,
    time::{Duration, Instant},
};

use load::{cpu, drained, event, publish};
use support::{daemon::Home, receiver::Receiver};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let events = numbers.next().unwrap_or(60_000);
    let connections = numbers.next().unwrap_or(64);
    let wanted = std::env::args().nth(3).unwrap_or_default();
    let receiver = Receiver::start().await;
    let four = |plugin: &str| (0..4).map(|n| format!("[channels.c{n}]\nplugin = \"{plugin}\"\n")).collect::<String>();
    let cases = [
        ("no channel", String::new()),
        ("4 × smallest (parse JSON, format a receipt)", four("smallest")),
        ("4 × builtin:metrics", four("builtin:metrics")),
        ("4 × builtin:log", four("builtin:log")),
        ("log, webhook, audit, metrics", support::four_channels(&receiver)),
    ];
    println!("{events} events, {connections} connections, respond-async; CPU µs per event, until all is delivered");
    println!(
        "{:<46} {:>10} {:>10} {:>8} {:>8} {:>8} {:>9}",
        "", "accepted/s", "settled/s", "daemon", "load", "in all", "RSS MiB"
    );
    for (name, channels) in cases.into_iter().filter(|(name, _)| name.contains(&wanted)) {
        // An fsync per audit record: a tenth of the events is enough to see it.
        let events = if name.contains("audit") { events / 10 } else { events };
        run(name, &channels, events, connections).await;
    }
}

async fn run(name: &str, channels: &str, events: usize, connections: usize) {
    let home = Home::new(channels);
    fs::create_dir(home.path("audit")).unwrap();
    home.install("smallest", fanfare_artifacts::smallest());
    if !channels.contains("\"smallest\"") {
        fs::remove_file(home.path("plugins/smallest.wasm")).unwrap();
    }
    let daemon = home.start_quietly().await;
    publish(&daemon, &event(), 1000, connections).await; // connections, caches, the plugins' first instances
    drained(&daemon).await;

    let (ours, theirs, start) = (cpu("self"), cpu(&daemon.pid().to_string()), Instant::now());
    publish(&daemon, &event(), events, connections).await;
    let accepted = start.elapsed();
    let load = cpu("self") - ours;
    drained(&daemon).await;
    let settled = start.elapsed();
    let served = cpu(&daemon.pid().to_string()) - theirs;

    let each = |time: Duration| time.as_secs_f64() * 1e6 / events as f64;
    println!(
        "{name:<46} {:>10.0} {:>10.0} {:>8.1} {:>8.1} {:>8.1} {:>9.1}",
        events as f64 / accepted.as_secs_f64(),
        events as f64 / settled.as_secs_f64(),
        each(served),
        each(load),
        each(served + load),
        daemon.resident() as f64 / f64::from(1 << 20),
    );
}
