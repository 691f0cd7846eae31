//! How the daemon's cost grows: with channels, threads and time, with events per request, with replaced and cached
//! plugins.
//!
//! `cargo bench -p fanfare --bench scale [-- CASE...]`, where a case is `channels`, `batches`, `threads`, `steady`,
//! `replace` or `start`; without one, all run. `steady` takes ten minutes; `steady=1` takes one. Figures are CPU time
//! of the daemon unless they say otherwise, because the machine's other load hardly affects it.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]

#[path = "../../../tests/support/mod.rs"]
#[allow(dead_code, reason = "the tests use more of the harness than a benchmark does")]
mod support;

mod load;

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use load::{cpu, drained, event, publish, publish_batches};
use support::daemon::{Daemon, Home};

const CONNECTIONS: usize = 64;

const MIB: f64 = (1 << 20) as f64;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let named = |case: &str| wanted.iter().any(|wanted| wanted.split('=').next() == Some(case));
    let runs = |case: &str| wanted.is_empty() || named(case);
    if runs("channels") {
        channels().await;
    }
    if runs("batches") {
        batches().await;
    }
    if runs("threads") {
        threads().await;
    }
    if runs("replace") {
        replace().await;
    }
    if runs("start") {
        start().await;
    }
    if runs("steady") {
        let minutes = wanted.iter().find_map(|wanted| wanted.strip_prefix("steady=")?.parse().ok());
        steady(minutes.unwrap_or(10)).await;
    }
}

/// Channels that run the smallest guest that parses its event and returns a receipt.
fn smallest(count: usize) -> Home {
    let table = |mut text: String, n| {
        write!(text, "[channels.c{n}]\nplugin = \"smallest\"\n").unwrap();
        text
    };
    let home = Home::new(&(0..count).fold(String::new(), table));
    home.install("smallest", fanfare_artifacts::smallest());
    home
}

/// What it costs to publish so many requests and to deliver their events.
struct Run {
    elapsed: Duration,
    cpu: Duration,
}

impl Run {
    async fn of(daemon: &Daemon, body: &str, requests: usize) -> Self {
        Self::during(daemon, publish(daemon, body, requests, CONNECTIONS)).await
    }

    async fn during(daemon: &Daemon, load: impl Future<Output = ()>) -> Self {
        let (before, begun) = (cpu(&daemon.pid().to_string()), Instant::now());
        load.await;
        drained(daemon).await;
        Self { elapsed: begun.elapsed(), cpu: cpu(&daemon.pid().to_string()) - before }
    }

    fn micros(&self, parts: usize) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / parts as f64
    }

    fn rate(&self, parts: usize) -> f64 {
        parts as f64 / self.elapsed.as_secs_f64()
    }
}

async fn channels() {
    println!("channels that all get each event, µs of CPU per delivery, deliveries/s, RSS in MiB");
    for count in [1, 4, 16, 64, 256, 1000] {
        let home = smallest(count);
        let daemon = home.start_quietly().await;
        publish(&daemon, &event(), CONNECTIONS, CONNECTIONS).await;
        drained(&daemon).await;
        let events = 100_000_usize.div_ceil(count);
        let run = Run::of(&daemon, &event(), events).await;
        let (each, rate) = (run.micros(events * count), run.rate(events * count));
        println!("{count:>6} {each:>8.1} {rate:>8.0} {:>8.1}", daemon.resident() as f64 / MIB);
    }
}

async fn batches() {
    println!("four channels: events per request, µs of CPU per event, events/s");
    let home = smallest(4);
    let daemon = home.start_quietly().await;
    publish(&daemon, &event(), 1000, CONNECTIONS).await;
    drained(&daemon).await;
    for size in [1, 10, 100] {
        let events = 60_000;
        let run = format!("b{size}");
        let run = Run::during(&daemon, publish_batches(&daemon, (events / size, size), CONNECTIONS, &run)).await;
        println!("{size:>6} {:>8.1} {:>8.0}", run.micros(events), run.rate(events));
    }
}

async fn threads() {
    println!("four channels: threads for guests and for HTTP, µs of CPU per event, events/s");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for count in [1, 2, 4, 16].into_iter().filter(|count| *count <= cores) {
        let home = smallest(4);
        let daemon = home.try_start("warn", &[("TOKIO_WORKER_THREADS", count.to_string().into())]).await.unwrap();
        publish(&daemon, &event(), 1000, CONNECTIONS).await;
        drained(&daemon).await;
        let events = 60_000;
        let run = Run::of(&daemon, &event(), events).await;
        println!("{count:>6} {:>8.1} {:>8.0}", run.micros(events), run.rate(events));
    }
}

async fn replace() {
    println!("four channels; a plugin replaced every second: µs of CPU per event, events/s");
    let home = smallest(4);
    let daemon = home.start_quietly().await;
    publish(&daemon, &event(), 1000, CONNECTIONS).await;
    drained(&daemon).await;
    let events = 60_000;
    let alone = Run::of(&daemon, &event(), events).await;
    println!(" never {:>8.1} {:>8.0}", alone.micros(events), alone.rate(events));
    let over = AtomicBool::new(false);
    let measured = async {
        let run = Run::of(&daemon, &event(), events).await;
        over.store(true, Ordering::Relaxed);
        run
    };
    let replaced = async {
        let mut count = 0;
        while !over.load(Ordering::Relaxed) {
            // Another digest each time, so that the host compiles, tests and swaps it.
            home.install("smallest", &with_custom_section(fanfare_artifacts::smallest(), count));
            count += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        count
    };
    let (run, count) = tokio::join!(measured, replaced);
    println!(" {count:>5} {:>8.1} {:>8.0}", run.micros(events), run.rate(events));
}

/// The component with a custom section at its end, which changes nothing but the digest.
fn with_custom_section(wasm: &[u8], number: u8) -> Vec<u8> {
    // Section 0, 3 bytes: a name of one byte, and one byte of content.
    [wasm, &[0, 3, 1, b'n', number]].concat()
}

async fn start() {
    println!("ms from the start to the first response, by channels with a plugin each, compiled before");
    for count in [1, 10, 100] {
        let table = |mut text: String, n| {
            writeln!(text, "[channels.c{n}]").unwrap();
            text
        };
        let home = Home::new(&(0..count).fold(String::new(), table));
        for n in 0..count {
            home.install(&format!("c{n}"), &with_custom_section(fanfare_artifacts::smallest(), n));
        }
        home.start_quietly().await.stop().await;
        let mut times = Vec::new();
        for _ in 0..5 {
            let begun = Instant::now();
            let daemon = home.start_quietly().await;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            daemon.stop().await;
        }
        times.sort_by(f64::total_cmp);
        println!("{count:>6} {:>8.0}", times[2]);
    }
}

async fn steady(minutes: u32) {
    let home = smallest(4);
    let daemon = home.start_quietly().await;
    publish(&daemon, &event(), 1000, CONNECTIONS).await;
    drained(&daemon).await;
    let events = 30_000;
    let most = Run::of(&daemon, &event(), events).await.rate(events);
    // In steps of a tenth of a second, so that the rate is kept however long each takes.
    let (per_step, step) = ((most / 20.0) as usize, Duration::from_millis(100));
    println!("four channels, {} events/s, half of the most: minute, RSS in MiB, µs of CPU per event", per_step * 10);
    for minute in 1..=minutes {
        let before = cpu(&daemon.pid().to_string());
        let mut ticks = tokio::time::interval(step);
        for _ in 0..600 {
            ticks.tick().await;
            publish(&daemon, &event(), per_step, CONNECTIONS / 4).await;
        }
        let each = (cpu(&daemon.pid().to_string()) - before).as_secs_f64() * 1e6 / (per_step * 600) as f64;
        println!("{minute:>6} {:>8.1} {each:>8.1}", daemon.resident() as f64 / MIB);
    }
    drained(&daemon).await;
}
