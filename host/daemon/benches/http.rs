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

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use support::{
    daemon::{Daemon, Home},
    receiver::Receiver,
    until,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
    publish(&daemon, 1000, connections).await; // connections, caches, the plugins' first instances
    drained(&daemon).await;

    let (ours, theirs, start) = (cpu("self"), cpu(&daemon.pid().to_string()), Instant::now());
    publish(&daemon, events, connections).await;
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

async fn publish(daemon: &Daemon, events: usize, connections: usize) {
    let left = Arc::new(AtomicUsize::new(events));
    let address = daemon.api.base.strip_prefix("http://").unwrap().to_owned();
    // Something that all guests here can read: the benchmark guest needs an order.
    let body = format!(
        r#"{{"type":"order.paid","message":"Order paid","severity":"info","tags":["order"],"data":{}}}"#,
        fanfare_artifacts::SAMPLE
    );
    // The smallest possible client: the daemon is measured, and both share the cores.
    let request = Bytes::from(format!(
        "POST /v1/events HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nprefer: respond-async\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    ));
    let workers = (0..connections).map(|_| {
        let request = request.clone();
        let (left, address) = (Arc::clone(&left), address.clone());
        tokio::spawn(async move {
            let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let mut buffer = Vec::with_capacity(4096);
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                stream.write_all(&request).await.unwrap();
                let status = answer(&mut stream, &mut buffer).await;
                // An event without a channel is settled as soon as it is durable.
                assert!(matches!(status.as_slice(), b"202" | b"200"), "{}", String::from_utf8_lossy(&buffer));
            }
        })
    });
    for worker in futures_util::future::join_all(workers).await {
        worker.unwrap();
    }
}

/// Reads one response and nothing beyond it; returns its status.
async fn answer(stream: &mut tokio::net::TcpStream, buffer: &mut Vec<u8>) -> Vec<u8> {
    buffer.clear();
    loop {
        assert!(stream.read_buf(buffer).await.unwrap() > 0, "the daemon closed the connection");
        let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end]).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if buffer.len() >= end + 4 + length.parse::<usize>().unwrap() {
            return buffer[9..12].to_vec();
        }
    }
}

async fn drained(daemon: &Daemon) {
    until("the deliveries", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
}

/// The CPU time of a process with its threads, to a hundredth of a second.
fn cpu(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}
