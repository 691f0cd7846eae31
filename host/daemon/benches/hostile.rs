//! One hostile channel beside a good one: the good one's latency and the daemon's memory, with the hostile one paused and with it
//! at work. `cargo bench -p fanfare --bench hostile [-- EVENTS [CASE]]`. `CASE` is part of a case's name: only those run.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]

#[path = "../../../tests/support/mod.rs"]
#[allow(dead_code, reason = "the tests use more of the harness than a benchmark does")]
mod support;

use std::time::{Duration, Instant};

use support::{
    SAMPLE,
    daemon::{Daemon, Home},
    until,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Name, mode, further settings, policy and grants of the hostile channel. `ADDRESS` is a receiver that is hostile too.
const CASES: [(&str, &str, &str, &str); 16] = [
    ("spin, little fuel", "spin", "", "fuel = 100_000_000"),
    ("spin, plenty of fuel, 1 s", "spin", "", "fuel = 1_000_000_000_000\ntimeout = \"1s\""),
    ("fuel in host calls", "spin-hostcalls", "", "fuel = 100_000_000"),
    ("recursion", "recursion", "", ""),
    ("memory, in large pieces", "memory", "", ""),
    ("memory, page by page", "memory-small-grows", "then = \"trap\"", ""),
    ("100,000 log lines", "log-flood", "", ""),
    ("100,000 lines of stderr", "stderr-flood", "", ""),
    ("a receipt of 1 GiB", "big-receipt", "bytes = 1073741824", ""),
    ("a receipt of 24 MiB", "big-receipt", "bytes = 25165824", ""),
    ("10,000 headers", "header-flood", "url = \"http://ADDRESS/\"", "grant = { http = [\"ADDRESS\"] }"),
    ("parked in a host call, 1 s", "sleep", "", "timeout = \"1s\""),
    (
        "a response that drips, 1 s",
        "http",
        "url = \"http://ADDRESS/drip\"",
        "timeout = \"1s\"\ngrant = { http = [\"ADDRESS\"] }",
    ),
    ("a response that never ends", "http", "url = \"http://ADDRESS/endless\"", "grant = { http = [\"ADDRESS\"] }"),
    ("reading /etc/passwd", "read-file", "path = \"/etc/passwd\"", ""),
    (
        "a forged placeholder",
        "forged-secret",
        "url = \"http://ADDRESS/\"",
        "grant = { http = [\"ADDRESS\"] }\nsecrets = { token = { from = \"file:secret\", hosts = [\"ADDRESS\"] } }",
    ),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let events = std::env::args().skip(1).find_map(|argument| argument.parse::<u32>().ok()).unwrap_or(400);
    let wanted =
        std::env::args().skip(1).find(|argument| argument.parse::<u32>().is_err() && !argument.starts_with('-'));
    let receiver = bad_receiver().await;
    println!(
        "{events} events, 200/s; milliseconds from accept to settle of the good channel, its hostile neighbour paused | at work; RSS in MiB"
    );
    println!(
        "{:<28} {:>7} {:>7} | {:>7} {:>7}   {:>5} | {:>5}   {:<9} what its record says",
        "", "p50", "p99", "p50", "p99", "RSS", "RSS", "class"
    );
    for (name, mode, settings, policy) in CASES {
        if wanted.as_ref().is_some_and(|wanted| !name.contains(wanted.as_str())) {
            continue;
        }
        run(name, mode, &settings.replace("ADDRESS", &receiver), &policy.replace("ADDRESS", &receiver), events).await;
    }
}

async fn run(name: &str, mode: &str, settings: &str, policy: &str, events: u32) {
    let table = support::hostile("bad", mode, settings, &format!("retries = 0\nconcurrency = 4\n{policy}"));
    let home = Home::new(&format!("[channels.good]\nplugin = \"smallest\"\n{table}"));
    std::fs::write(home.path("secret"), "s3cret").unwrap();
    home.install("hostile", fanfare_artifacts::hostile());
    home.install("smallest", fanfare_artifacts::smallest());

    let quiet = home.start_quietly().await;
    quiet
        .api
        .send(hyper::Method::POST, "/v1/channels/bad/pause", &[("content-type", "application/json")], "{}")
        .await
        .expect(200);
    let (p50, p99) = measure(&quiet, events).await;
    let before = quiet.resident() >> 20;
    quiet.stop().await;
    std::fs::remove_dir_all(home.path("data")).unwrap();

    let busy = home.start_quietly().await;
    let (p50_busy, p99_busy) = measure(&busy, events).await;
    let after = busy.resident() >> 20;
    let last = busy.api.get("/v1/dead-letters?channel=bad&limit=1").await.expect(200).json();
    let letter = &last["dead_letters"][0];
    let (class, said) = (letter["class"].as_str().unwrap_or("-"), letter["error"].as_str().unwrap_or("delivered"));
    let said: String = said.chars().take(80).collect();
    println!(
        "{name:<28} {p50:>7.2} {p99:>7.2} | {p50_busy:>7.2} {p99_busy:>7.2}   {before:>5} | {after:>5}   {class:<9} {said}"
    );
    busy.kill().await;
}

/// Publishes steadily, waits for the good channel, and answers its latency's percentiles.
async fn measure(daemon: &Daemon, events: u32) -> (f64, f64) {
    // The first ones warm caches and connections on both sides.
    let start = Instant::now();
    for n in 0..events {
        let due = start + Duration::from_millis(5) * n;
        tokio::time::sleep_until(due.into()).await;
        daemon.api.publish_async(SAMPLE).await.expect(202);
    }
    until("the good channel", || async {
        let good = daemon.api.get("/v1/channels/good").await.expect(200).json();
        (good["pending"] == 0).then_some(())
    })
    .await;
    let good = daemon.api.get("/v1/channels/good").await.expect(200).json();
    let latency =
        |key: &str| good["latency"]["delivery_ms"][key].as_f64().or(good["latency"][key].as_f64()).unwrap_or(f64::NAN);
    (latency("p50_ms"), latency("p99_ms"))
}

/// A receiver that answers `/drip` a byte at a time, and everything else without end.
async fn bad_receiver() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let drip = request[..read].windows(5).any(|window| window == b"/drip");
                let (head, again, pause) = match drip {
                    true => ("content-length: 1000000", b"x".to_vec(), Duration::from_millis(20)),
                    false => (
                        "transfer-encoding: chunked",
                        [b"4000\r\n".to_vec(), vec![b'x'; 0x4000], b"\r\n".to_vec()].concat(),
                        Duration::ZERO,
                    ),
                };
                let mut alive = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes()).await;
                while alive.is_ok() {
                    tokio::time::sleep(pause).await;
                    alive = stream.write_all(&again).await;
                }
            });
        }
    });
    address
}
