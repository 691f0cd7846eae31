//! Who waits for whom: an idle channel beside a flooded one, a thousand channels with the same backlog, priorities, and
//! the cost of a fan-out to a thousand filters.
//!
//! `cargo bench -p fanfare --bench fairness [-- CASE [PART]]`. `CASE` is part of a case's name: only those run, with
//! one `PART`th of the events. Most results are ratios within one run, because the machine's other load moves the
//! absolute numbers.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]

#[path = "../../../tests/support/mod.rs"]
#[allow(dead_code, reason = "the tests use more of the harness than a benchmark does")]
mod support;

use std::{
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

use hyper::Method;
use support::{
    client::Api,
    daemon::{Daemon, Home},
    until,
};

/// Events per request.
const BATCH: usize = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let wanted = arguments.next().unwrap_or_default();
    let part = arguments.next().map_or(1, |part| part.parse().unwrap());
    let wants = |name: &str| name.contains(&wanted);
    if wants("idle") {
        idle_beside_flooded(part).await;
    }
    if wants("thousand") {
        a_thousand_channels(part).await;
    }
    if wants("priority") {
        priorities(part).await;
    }
    if wants("filters") {
        filters(part).await;
    }
}

/// A channel of the smallest guest, which parses the event, for one event type.
fn channel(name: &str, ty: &str, more: &str) -> String {
    format!("[channels.{name}]\nplugin = \"smallest\"\nfilter = {{ types = [\"{ty}\"] }}\n{more}\n")
}

async fn start(channels: &str) -> (Home, Daemon) {
    let home = Home::new(channels);
    home.install("smallest", fanfare_artifacts::smallest());
    let daemon = home.start_quietly().await;
    (home, daemon)
}

/// Publishes this many events of a type, without waiting, with different ids in each round.
async fn publish(api: &Api, ty: &str, round: &str, events: usize) {
    let headers = [("content-type", "application/cloudevents-batch+json"), ("prefer", "respond-async")];
    for from in (0..events).step_by(BATCH) {
        let mut body = String::from("[");
        for n in from..events.min(from + BATCH) {
            let comma = if n == from { "" } else { "," };
            let data = fanfare_artifacts::SAMPLE;
            write!(
                body,
                r#"{comma}{{"specversion":"1.0","id":"{round}-{n}","source":"/bench","type":"{ty}","data":{data}}}"#
            )
            .unwrap();
        }
        body.push(']');
        api.send(Method::POST, "/v1/events", &headers, body).await.expect(202);
    }
}

async fn hold(api: &Api, name: &str, how: &str) {
    api.post(&format!("/v1/channels/{name}/{how}"), "{}").await.expect(200);
}

/// Each channel's delivered and pending deliveries, by name.
async fn counts(api: &Api) -> Vec<(String, u64, u64)> {
    let answer = api.get("/v1/channels").await.expect(200).json();
    let count = |channel: &serde_json::Value| {
        let number = |key: &str| channel[key].as_u64().unwrap();
        (channel["name"].as_str().unwrap().to_owned(), number("delivered"), number("pending"))
    };
    let counts: Vec<_> = answer["channels"].as_array().unwrap().iter().map(count).collect();
    assert!(
        answer["channels"].as_array().unwrap().iter().all(|channel| channel["dead"] == 0),
        "the measured channels work"
    );
    counts
}

/// How long a publisher waits for one event after the other on the idle channel, sorted.
async fn latencies(api: &Api, round: &str, go_on: impl Fn(usize) -> bool) -> Vec<Duration> {
    let mut taken = vec![];
    while go_on(taken.len()) {
        let event = format!(r#"{{"type":"ping","id":"{round}-{}","data":{}}}"#, taken.len(), fanfare_artifacts::SAMPLE);
        let start = Instant::now();
        api.publish(event).await.expect(200);
        taken.push(start.elapsed());
    }
    taken.sort_unstable();
    taken
}

fn percentiles(sorted: &[Duration]) -> (f64, f64) {
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    (at(0.5), at(0.99))
}

async fn idle_beside_flooded(part: usize) {
    const PINGS: usize = 500;
    let (_home, daemon) = start(&(channel("flooded", "flood", "") + &channel("idle", "ping", ""))).await;
    let api = &daemon.api;
    latencies(api, "warm", |n| n < 50).await;
    let alone = percentiles(&latencies(api, "alone", |n| n < PINGS).await);
    hold(api, "flooded", "pause").await;
    publish(api, "flood", "flood", 300_000 / part).await;
    hold(api, "flooded", "resume").await;
    let beside = percentiles(&latencies(api, "beside", |n| n < PINGS).await);
    let left = api.pending().await;
    assert!(left > 0, "the flood is over too early; publish more");
    println!("an idle channel's event, from request to response, ms");
    println!("{:<28} {:>8} {:>8}", "", "p50", "p99");
    println!("{:<28} {:>8.2} {:>8.2}", "alone", alone.0, alone.1);
    println!("{:<28} {:>8.2} {:>8.2}", "beside a flooded channel", beside.0, beside.1);
    println!(
        "ratio {:.2} and {:.2}; {left} events of the flood were still pending\n",
        beside.0 / alone.0,
        beside.1 / alone.1
    );
}

async fn a_thousand_channels(part: usize) {
    const CHANNELS: usize = 1_000;
    let events = 200 / part;
    let channels: String = (0..CHANNELS).map(|n| channel(&format!("c{n}"), "all", "")).collect();
    let (_home, daemon) = start(&channels).await;
    let api = &daemon.api;
    let begun = Instant::now();
    publish(api, "all", "all", events).await;
    let total = (CHANNELS * events) as u64;
    let delivered_by = async |quarters: u64| {
        let counts = until("a quarter more", || async {
            let counts = counts(api).await;
            let delivered: u64 = counts.iter().map(|(_, delivered, _)| delivered).sum();
            (delivered >= total / 4 * quarters).then_some(counts)
        });
        counts.await.iter().map(|(_, delivered, _)| *delivered).collect::<Vec<_>>()
    };
    let [first, second, third] = [delivered_by(1).await, delivered_by(2).await, delivered_by(3).await];
    println!("{CHANNELS} channels with {events} events each; what a channel got, of the mean");
    for (when, mut got) in [
        ("until the half", second.clone()),
        (
            "from the first quarter to the third",
            third.iter().zip(&first).map(|(after, before)| after - before).collect(),
        ),
    ] {
        got.sort_unstable();
        let mean = got.iter().sum::<u64>() as f64 / CHANNELS as f64;
        let share = |n: usize| got[n] as f64 / mean;
        let (least, tenth, most) = (share(0), share(CHANNELS / 10), share(CHANNELS - 1));
        println!("{when:<36} least {least:.2}, a tenth below {tenth:.2}, most {most:.2} (mean {mean:.0})");
    }
    until("the rest", || async { (api.pending().await == 0).then_some(()) }).await;
    println!("{:.0} deliveries a second\n", total as f64 / begun.elapsed().as_secs_f64());
}

async fn priorities(part: usize) {
    let events = 20_000 / part;
    println!(
        "two channels with the same backlog: the first one's deliveries per delivery of the second, when the first was \
         done"
    );
    for (first, second) in [(0, 0), (3, 0), (6, 0), (10, 0), (0, -10)] {
        let of = |name: &str, priority: i32| channel(name, "all", &format!("priority = {priority}"));
        let (_home, daemon) = start(&(of("first", first) + &of("second", second))).await;
        let api = &daemon.api;
        hold(api, "first", "pause").await;
        hold(api, "second", "pause").await;
        publish(api, "all", "all", events).await;
        tokio::join!(hold(api, "first", "resume"), hold(api, "second", "resume"));
        let counts = until("the first", || async {
            let counts = counts(api).await;
            (counts[0].2 == 0).then_some(counts)
        })
        .await;
        let wanted = 1.25_f64.powi(first - second);
        println!("{first:>4} to {second:>3}: {:>6.2}, stated {wanted:.2}", counts[0].1 as f64 / counts[1].1 as f64);
    }
    println!();
}

async fn filters(part: usize) {
    let events = 20_000 / part;
    println!("CPU of the daemon for one event that three channels get, until it is delivered, µs");
    for others in [0, 97, 997] {
        let three: String = (0..3).map(|n| channel(&format!("c{n}"), "wanted", "")).collect();
        let others_too: String = (0..others).map(|n| channel(&format!("o{n}"), &format!("other.t{n}"), "")).collect();
        let (_home, daemon) = start(&(three + &others_too)).await;
        publish(&daemon.api, "wanted", "warm", 1_000).await;
        until("the warm-up", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
        let before = cpu(&daemon);
        publish(&daemon.api, "wanted", "measured", events).await;
        until("all of it", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
        let each = (cpu(&daemon) - before).as_secs_f64() * 1e6 / events as f64;
        println!("{:>5} channels: {each:>7.1}", others + 3);
    }
}

/// The CPU time that the daemon has used.
fn cpu(daemon: &Daemon) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", daemon.pid())).unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}
