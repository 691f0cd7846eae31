//! What the sandbox costs: the same work natively, in a fresh instance through everything an attempt is, in a bare fresh
//! instance, and in a reused one. `cargo bench -p fanfare-runtime`.
//!
//! The four take turns, so that whatever else the machine does falls on all of them; the ratios are what counts.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]

use std::{
    collections::BTreeMap,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use fanfare_artifacts::{SAMPLE, native, smallest};
use fanfare_core::{ChannelId, ChannelName, Defaults, DeliveryId, Event, Outcome};
use fanfare_dispatch::{Attempt, Bounds, BoxFuture, JournalError, State};
use fanfare_runtime::{ChannelSetup, Grants, Runtime, RuntimeOptions};
use uuid::Uuid;
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    component::{Component, Linker},
};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/0.1.0",
        world: "channel",
        exports: { default: async },
    });
}
use bindings::{Channel, ChannelPre, exports::fanfare::channel::handler};

/// As in the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 60;
const CALLS: u32 = 500;

struct NoState;

impl State for NoState {
    fn get<'a>(&'a self, _: ChannelId, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(async { Ok(None) })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let text = format!(r#"{{"type":"order.paid","data":{SAMPLE}}}"#);
    let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: Uuid::from_u128(7) };
    let event = Arc::new(Event::from_simple(text.as_bytes(), defaults).unwrap());

    // Everything an attempt is: permit, store, limits, conversions, the timer, the report.
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let plugin = runtime.load(Bytes::from_static(smallest())).await.unwrap();
    let setup = ChannelSetup {
        name: ChannelName::new("bench").unwrap(),
        settings: BTreeMap::new(),
        grants: Grants::default(),
        sign: vec![],
    };
    let channel = plugin.channel(setup).unwrap();
    let attempt = Attempt {
        delivery: DeliveryId { event: Uuid::from_u128(7), channel: ChannelId(1) },
        number: 1,
        replayed: false,
        event,
        bounds: Bounds { timeout: Duration::from_secs(10), fuel: 1_000_000_000, memory: 64 << 20 },
        state: Arc::new(NoState),
    };

    // The engine alone, with the runtime's settings and nothing else.
    let engine = engine();
    let component = Component::new(&engine, smallest()).unwrap();
    let mut linker = Linker::<()>::new(&engine);
    linker.define_unknown_imports_as_traps(&component).unwrap();
    let pre = ChannelPre::new(linker.instantiate_pre(&component).unwrap()).unwrap();
    let delivery = raw_delivery();
    let mut reused = store(&engine);
    let instance = pre.instantiate_async(&mut reused).await.unwrap();

    let mut times: [Vec<f64>; 4] = Default::default();
    let mut parts: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        times[0].push(each(|| drop(black_box(native::receipt(black_box(SAMPLE.as_bytes()))))));

        let start = Instant::now();
        for _ in 0..CALLS {
            call(&instance, &mut reused, &delivery).await;
        }
        times[1].push(micros(start));

        let mut split = [Duration::ZERO; 3];
        let start = Instant::now();
        for _ in 0..CALLS {
            let a = Instant::now();
            let mut store = store(&engine);
            let instance = pre.instantiate_async(&mut store).await.unwrap();
            let b = Instant::now();
            call(&instance, &mut store, &delivery).await;
            let c = Instant::now();
            drop(store);
            split[0] += b - a;
            split[1] += c - b;
            split[2] += c.elapsed();
        }
        times[2].push(micros(start));
        for (part, time) in parts.iter_mut().zip(split) {
            part.push(time.as_secs_f64() * 1e6 / f64::from(CALLS));
        }

        let start = Instant::now();
        for _ in 0..CALLS {
            let report = channel.deliver(attempt.clone()).await;
            assert!(matches!(report.outcome, Outcome::Delivered { receipt: Some(_) }), "{report:?}");
        }
        times[3].push(micros(start));
    }

    let [native, reused, fresh, attempt] = times.map(median);
    let [instantiate, call, release] = parts.map(median);
    println!("medians of {ROUNDS} rounds of {CALLS} calls, µs per call, and the ratio to the native function");
    for (name, time) in [
        ("the same work natively", native),
        ("a call into a reused instance", reused),
        ("a fresh instance: instantiate, call, drop", fresh),
        ("a whole attempt: Channel::deliver", attempt),
    ] {
        println!("{name:<44} {time:>8.2} {:>8.1} ×", time / native);
    }
    println!("of the fresh instance: instantiate {instantiate:.2}, call {call:.2}, drop {release:.2}");
}

fn each(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        work();
    }
    micros(start)
}

fn micros(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn engine() -> Engine {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(64)
        .total_core_instances(512)
        .total_memories(128)
        .total_tables(256)
        .total_stacks(64)
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(16 << 10);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .consume_fuel(true)
        .epoch_interruption(true)
        .concurrency_support(false)
        .wasm_gc(false)
        .wasm_memory64(false);
    Engine::new(&config).unwrap()
}

fn store(engine: &Engine) -> Store<()> {
    let mut store = Store::new(engine, ());
    store.set_epoch_deadline(1 << 30);
    store.set_fuel(1_000_000_000).unwrap();
    store
}

async fn call(instance: &Channel, store: &mut Store<()>, delivery: &handler::Delivery) {
    store.set_fuel(1_000_000_000).unwrap();
    let answer = instance.fanfare_channel_handler().call_deliver(store, delivery).await.unwrap();
    assert!(answer.unwrap().starts_with('{'));
}

fn raw_delivery() -> handler::Delivery {
    use bindings::fanfare::channel::events::{Event, Payload};
    handler::Delivery {
        id: "dlv_00000000000000000000000000000007_1".to_owned(),
        channel: "bench".to_owned(),
        attempt: 1,
        replayed: false,
        event: Event {
            id: "7".to_owned(),
            source: "/".to_owned(),
            type_: "order.paid".to_owned(),
            subject: None,
            time: "2026-11-20T10:30:00Z".to_owned(),
            data_content_type: None,
            data_schema: None,
            extensions: vec![],
            data: Some(Payload::Text(SAMPLE.to_owned())),
        },
    }
}
