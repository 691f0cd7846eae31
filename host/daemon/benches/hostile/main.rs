//! One attack beside a good channel: the good channel's latency and the daemon's memory, without the attack and with
//! it.
//!
//! `cargo bench -p fanfare --bench hostile [-- EVENTS [CASE]]` prints the table. `CASE` is part of an attack's name:
//! only those run. With `--write` it replaces `docs/hostile.md`.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]

mod attacks;
mod clients;
#[path = "../../../../tests/support/mod.rs"]
#[allow(dead_code, reason = "the tests use more of the harness than a benchmark does")]
mod support;

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use support::{
    SAMPLE,
    daemon::{Daemon, Home},
    until,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use attacks::{ATTACKS, Attack, By};

/// The text above the table.
const INTRODUCTION: &str = "\
# Under attack

One attack at a time, beside a working channel: its bound, its outcome, and how it affects the working channel. Written
by `cargo bench -p fanfare --bench hostile -- --write`.

200 events per second are published, each to the working channel and, if the attack is a plugin, to the bad one. The
latency is the working channel's, in milliseconds from accept to settle. The memory is the daemon's, in MiB. In each
pair, the first figure is without the attack and the second with it.

| attack | bound | outcome | p50 | p99 | memory |
|---|---|---|---|---|---|
";

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/hostile.md");

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let events = arguments.iter().find_map(|argument| argument.parse::<u32>().ok()).unwrap_or(400);
    let wanted = arguments.iter().find(|argument| argument.parse::<u32>().is_err() && !argument.starts_with('-'));
    let receiver = bad_receiver().await;
    let mut page = INTRODUCTION.to_owned();
    print!("{page}");
    for attack in ATTACKS.iter().filter(|attack| wanted.is_none_or(|wanted| attack.name.contains(wanted.as_str()))) {
        let row = run(attack, &receiver, events).await;
        print!("{row}");
        page.push_str(&row);
    }
    if arguments.iter().any(|argument| argument == "--write") {
        assert!(wanted.is_none(), "the page contains all attacks; omit the name");
        std::fs::write(PAGE, page).unwrap();
    }
}

async fn run(attack: &Attack, receiver: &str, events: u32) -> String {
    let mut table = String::new();
    if let By::Plugin(_, settings, policy) = attack.by {
        let (settings, policy) = (settings.replace("ADDRESS", receiver), policy.replace("ADDRESS", receiver));
        write!(
            table,
            "[channels.bad]\nplugin = \"bad\"\nretries = 0\nconcurrency = 4\n{policy}\nsettings = {{ {settings} }}\n"
        )
        .unwrap();
    }
    let good = "[channels.good]\nplugin = \"smallest\"\n";
    let home = Home::new(good);
    std::fs::write(home.path("secret"), "s3cret").unwrap();
    std::fs::create_dir(home.path("open")).unwrap();
    std::fs::write(home.path("open/x"), "x").unwrap();
    home.install("smallest", fanfare_artifacts::smallest());

    let quiet = home.start_quietly().await;
    let (p50, p99) = measure(&quiet, events).await;
    let before = quiet.resident() >> 20;
    quiet.stop().await;
    std::fs::remove_dir_all(home.path("data")).unwrap();

    home.configure(&format!("{good}{table}"));
    if let By::Plugin(plugin, ..) = attack.by {
        if let Some(sidecar) = plugin.sidecar() {
            std::fs::write(home.path("plugins/bad.toml"), sidecar).unwrap();
        }
        home.install("bad", &plugin.bytes());
    }
    let busy = home.start_quietly().await;
    let (said, answer) = tokio::sync::watch::channel(String::new());
    let attacking = match attack.by {
        By::Client(client) => {
            Some(clients::attack(client, busy.api.base.trim_start_matches("http://").to_owned(), said))
        }
        By::Plugin(..) => None,
    };
    let (p50_busy, p99_busy) = measure(&busy, events).await;
    let after = busy.resident() >> 20;
    let comes_of_it = match attack.by {
        By::Plugin(..) => verdict(&busy).await,
        By::Client(_) => answer.borrow().clone(),
    };
    drop(attacking);
    busy.kill().await;
    let Attack { name, bound, .. } = attack;
    let folder = format!("{}/", home.path("plugins").display());
    let comes_of_it = comes_of_it.replace(['|', '\n', '\r'], " ").replace(&folder, "");
    let latency = format!("{p50:.2} / {p50_busy:.2} | {p99:.2} / {p99_busy:.2}");
    format!("| {name} | {bound} | {comes_of_it} | {latency} | {before} / {after} |\n")
}

/// The class of the last delivery with its error, or why there is no channel.
async fn verdict(daemon: &Daemon) -> String {
    let short = |text: &str| text.chars().take(80).collect::<String>();
    let letters = daemon.api.get("/v1/dead-letters?channel=bad&limit=1").await.expect(200).json();
    let letter = &letters["dead_letters"][0];
    if let Some(class) = letter["class"].as_str() {
        return format!("`{class}`: {}", short(letter["error"].as_str().unwrap_or_default()));
    }
    let channel = daemon.api.get("/v1/channels/bad").await.expect(200).json();
    match (channel["error"].as_str(), channel["pending"].as_u64()) {
        (Some(error), _) => format!("rejected: {}", short(error)),
        (None, Some(0)) => "delivered".to_owned(),
        (None, pending) => format!("{} still wait", pending.unwrap_or_default()),
    }
}

/// Publishes steadily, waits for the good channel, and returns its latency's percentiles.
async fn measure(daemon: &Daemon, events: u32) -> (f64, f64) {
    // The first events warm up caches and connections on both sides.
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

/// A receiver that sends `/drip` a byte at a time, endless headers for `/headers` and an endless body for `/endless`,
/// hangs up on `/gone`, and responds briefly to everything else.
async fn bad_receiver() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let asked = |path: &str| request[..read].windows(path.len()).any(|window| window == path.as_bytes());
                let (head, again, pause) = if asked("/drip") {
                    ("content-length: 1000000\r\n\r\n", b"x".to_vec(), Duration::from_millis(20))
                } else if asked("/headers") {
                    ("", b"x-more: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n".to_vec(), Duration::ZERO)
                } else if asked("/endless") {
                    let chunk = [b"4000\r\n".to_vec(), vec![b'x'; 0x4000], b"\r\n".to_vec()].concat();
                    ("transfer-encoding: chunked\r\n\r\n", chunk, Duration::ZERO)
                } else if asked("/gone") {
                    return;
                } else {
                    drop(
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await,
                    );
                    return;
                };
                let mut alive = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes()).await;
                while alive.is_ok() {
                    tokio::time::sleep(pause).await;
                    alive = stream.write_all(&again).await;
                }
            });
        }
    });
    address
}
