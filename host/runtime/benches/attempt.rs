//! What a sandbox costs: the same work natively, in a fresh sandbox through `Channel::deliver`, and in the bare engine.
//!
//! `cargo bench -p fanfare-runtime`. The variants alternate in one run, so that load on the machine affects all of
//! them. The figure is the median of the rounds.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use fanfare_core::{Attribute, ChannelId, ChannelName, DeliveryId, Event, Outcome, Payload};
use fanfare_dispatch::{Attempt, Bounds, BoxFuture, JournalError, State};
use fanfare_runtime::{ChannelSetup, Runtime, RuntimeOptions, Secret, bench::Apart};
use uuid::Uuid;

const ROUNDS: usize = 200;
const CALLS: u32 = 200;

struct Empty;

impl State for Empty {
    fn get<'a>(&'a self, _: ChannelId, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(async { Ok(None) })
    }
}

fn attempt() -> Attempt {
    let event = Event {
        id: "0193d1f0-6f5c-7a41-9e5e-3a1c5f0f7a10".to_owned(),
        source: "/shop".to_owned(),
        ty: "order.created".to_owned(),
        subject: Some("ord-0001".to_owned()),
        time: "2026-11-20T10:30:00.000000Z".to_owned(),
        data_content_type: None,
        data_schema: None,
        extensions: vec![("severity".to_owned(), Attribute::String("info".to_owned()))],
        data: Some(Payload::Text(fanfare_artifacts::SAMPLE.to_owned())),
    };
    Attempt {
        delivery: DeliveryId { event: Uuid::from_u128(0x0193_d1f0_6f5c_7a41), channel: ChannelId(3) },
        number: 1,
        replayed: false,
        event: Arc::new(event),
        bounds: Bounds { timeout: Duration::from_secs(10), fuel: 1_000_000_000, memory: 64 << 20, reuse: 0 },
        state: Arc::new(Empty),
        trace: None,
    }
}

/// With secrets and as many settings as a webhook has.
fn secretive(setup: ChannelSetup) -> ChannelSetup {
    let secret = |name: &str| Secret {
        name: name.to_owned(),
        value: "c2VjcmV0LXRva2VuLW9mLXNvbWVib2R5".to_owned(),
        hosts: vec!["hooks.example.com".parse().unwrap()],
        body: false,
        plain: false,
    };
    let settings = [
        ("url", "https://hooks.example.com/services/${secrets.token}"),
        ("headers.authorization", "Bearer ${secrets.key}"),
        ("headers.x-environment", "production"),
        ("mode", "structured"),
        ("timeout", "10s"),
    ];
    ChannelSetup {
        settings: settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        secrets: vec![secret("token"), secret("key")],
        ..setup
    }
}

/// Microseconds per call, over a round.
fn per_call(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1e6 / f64::from(CALLS)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio.block_on(run());
}

async fn run() {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    // Another guest than the smallest, to see what its memory, imports or size cost.
    let file = std::env::var_os("GUEST").map(|path| Bytes::from(std::fs::read(path).unwrap()));
    let wasm = file.unwrap_or_else(|| Bytes::from_static(fanfare_artifacts::smallest()));
    let plugin = runtime.load(wasm).await.unwrap();
    let setup = ChannelSetup::new(ChannelName::new("smallest").unwrap());
    let channel = plugin.channel(setup.clone()).unwrap();
    // Its settings are made for each instance, with new placeholders.
    let with_secrets = plugin.channel(secretive(setup.clone())).unwrap();
    let attempt = attempt();
    // Reads a setting, parses the data and returns the event unchanged.
    let passing = runtime.load(Bytes::from_static(fanfare_artifacts::hostile_stage())).await.unwrap();
    let stage = passing.stage(setup.clone()).unwrap();
    let apart = Apart::new(&plugin, setup);
    let mut reused = apart.reused(&attempt).await;
    let names = [
        "native",
        "fresh, through deliver",
        "  with two secrets",
        "fresh, engine alone",
        "  store",
        "  instantiate",
        "  call",
        "  drop",
        "reused instance",
        "a stage, fresh",
        "a stage, reused",
    ];
    let mut rounds: Vec<Vec<f64>> = vec![vec![]; names.len()];
    for round in 0..ROUNDS + 5 {
        let mut took = Vec::with_capacity(names.len());

        let began = Instant::now();
        for _ in 0..CALLS {
            black_box(fanfare_artifacts::native::receipt(black_box(fanfare_artifacts::SAMPLE.as_bytes())).unwrap());
        }
        took.push(per_call(began.elapsed()));

        for channel in [&channel, &with_secrets] {
            let began = Instant::now();
            for _ in 0..CALLS {
                let report = channel.deliver(attempt.clone()).await;
                assert!(matches!(black_box(report).outcome, Outcome::Delivered { receipt: Some(_) }));
            }
            took.push(per_call(began.elapsed()));
        }

        let mut split = [Duration::ZERO; 4];
        let began = Instant::now();
        for _ in 0..CALLS {
            apart.fresh(&attempt, &mut split).await;
        }
        took.push(per_call(began.elapsed()));
        took.extend(split.map(per_call));

        let began = Instant::now();
        for _ in 0..CALLS {
            apart.again(&mut reused, &attempt).await;
        }
        took.push(per_call(began.elapsed()));

        for reuse in [0, u32::MAX] {
            let bounds = Bounds { reuse, ..attempt.bounds };
            let began = Instant::now();
            for _ in 0..CALLS {
                let report = stage.process(Arc::clone(&attempt.event), bounds, None).await;
                assert!(black_box(report).outcome.is_ok_and(|event| event.is_some()));
            }
            took.push(per_call(began.elapsed()));
        }

        // The first rounds warm the pool.
        if round >= 5 {
            rounds.iter_mut().zip(took).for_each(|(values, value)| values.push(value));
        }
    }
    println!(
        "{} B of data, {} B of Wasm, {ROUNDS} rounds of {CALLS} calls, one thread",
        fanfare_artifacts::SAMPLE.len(),
        plugin.size()
    );
    let native = median(rounds[0].clone());
    println!("{:<26}{:>9}{:>12}", "", "µs", "× native");
    for (name, values) in names.iter().zip(rounds) {
        let value = median(values);
        println!("{name:<26}{value:>9.2}{:>12.1}", value / native);
    }
}
