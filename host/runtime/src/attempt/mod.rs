//! One attempt: a fresh store and instance, three bounds around the call, and a report whatever happens.

mod context;
mod fault;
mod lines;
mod meter;

use std::time::{Duration, Instant};

use fanfare_core::{ChannelName, Class, Cost, Fault, Outcome, Report};
use fanfare_dispatch::{Attempt, Bounds};
use tracing::Level;
use wasmtime::{Store, component::Instance};

use self::fault::Circumstances;
pub(crate) use self::{
    context::{Context, Requests},
    lines::{SharedLines, Stream},
};
use crate::{
    convert,
    kind::Ended,
    limits,
    plugin::{GuestChannel, Loaded},
};

/// What a plugin may use to show that it starts.
const START: Bounds =
    Bounds { timeout: Duration::from_secs(10), fuel: 1_000_000_000, memory: limits::LINEAR_MEMORY as u64 };

/// Makes one attempt. The wait for a free instance is ours and does not count against it.
pub(crate) async fn run(channel: &GuestChannel, attempt: Attempt) -> Report {
    let shared = &channel.plugin.shared;
    // Dropped after the store, which is declared below: the permit stands for the instance's place in the pool.
    let Ok(_place) = shared.instances.acquire().await else {
        return Report::failed(Fault::new(Class::Host, "closed", "the runtime is shutting down"), Cost::default());
    };
    let started = Instant::now();
    let mut store = match store(Context::new(shared, &channel.setup, &attempt), attempt.bounds) {
        Ok(store) => store,
        Err(error) => return Report::failed(Fault::new(Class::Host, "store", format!("{error:#}")), Cost::default()),
    };
    let ended = tokio::time::timeout(attempt.bounds.timeout, call(channel, &mut store, &attempt)).await;
    let left = store.get_fuel().unwrap_or_default();
    let cost = Cost {
        duration: started.elapsed(),
        fuel: attempt.bounds.fuel.saturating_sub(left),
        memory: store.data().meter.peak(),
    };
    let ended = ended.map_err(|_elapsed| Late);
    report(ended, store.data_mut(), attempt.bounds, cost)
}

/// The attempt's own timer ended it.
struct Late;

async fn call(channel: &GuestChannel, store: &mut Store<Context>, attempt: &Attempt) -> wasmtime::Result<Ended> {
    let instance = channel.plugin.pre.instantiate_async(&mut *store).await?;
    enter(channel, store, &instance, attempt).await
}

/// Calls an instance with the attempt's delivery.
pub(crate) async fn enter(
    channel: &GuestChannel,
    store: &mut Store<Context>,
    instance: &Instance,
    attempt: &Attempt,
) -> wasmtime::Result<Ended> {
    let id = attempt.delivery.to_string();
    let extensions = convert::extensions(&attempt.event);
    let lent = convert::lend(&extensions);
    let event = convert::event(&attempt.event, &lent);
    let delivery = convert::delivery(&id, channel.setup.name.as_str(), attempt, event);
    channel.plugin.entry.call(channel, store, instance, delivery).await
}

/// Makes one instance and looks at the types of what it exports, so that a plugin that can never run is refused when it is
/// loaded and not with its first event.
pub(crate) async fn start(plugin: &Loaded) -> Result<(), String> {
    let name = ChannelName::new("start").map_err(|e| e.to_string())?;
    let _place = plugin.shared.instances.acquire().await.map_err(|e| e.to_string())?;
    let run = async {
        let mut store = store(Context::bare(&plugin.shared, name), START)?;
        let instance = plugin.pre.instantiate_async(&mut store).await?;
        plugin.entry.fits(&mut store, &instance)
    };
    match tokio::time::timeout(START.timeout, run).await {
        Ok(started) => started.map_err(|error| format!("{error:#}")),
        Err(_) => Err(format!("it was not up within {:?}", START.timeout)),
    }
}

/// A store with every bound set.
pub(crate) fn store(context: Context, bounds: Bounds) -> wasmtime::Result<Store<Context>> {
    let engine = context.shared.engine.clone();
    let mut store = Store::new(&engine, context);
    store.limiter(|context| &mut context.meter);
    store.set_fuel(bounds.fuel)?;
    store.fuel_async_yield_interval(Some(limits::FUEL_PER_TURN))?;
    store.set_epoch_deadline(ticks(bounds.timeout));
    store.set_hostcall_fuel(limits::CALL_BYTES);
    store.set_max_component_handles(limits::HANDLES);
    Ok(store)
}

/// The epoch is the last resort, so it comes a little after the timer: the timer needs the guest to yield, the epoch does not.
fn ticks(timeout: Duration) -> u64 {
    let ticks = (timeout + limits::GRACE).as_millis().div_ceil(limits::TICK.as_millis()) + 1;
    // Far below where the engine's own arithmetic would wrap, however long a policy's timeout.
    u64::try_from(ticks).unwrap_or(u64::MAX).min(1 << 32)
}

fn report(ended: Result<wasmtime::Result<Ended>, Late>, context: &mut Context, bounds: Bounds, cost: Cost) -> Report {
    let answer = match ended {
        Ok(Ok(Ok(receipt))) => {
            let receipt = checked(receipt, context);
            // Said with the attempt's lines, although nobody keeps them now.
            if let Some(mut said) = context.said() {
                said.finish();
            }
            return Report {
                outcome: Outcome::Delivered { receipt },
                cost,
                writes: std::mem::take(&mut context.writes),
                samples: std::mem::take(&mut context.samples),
                trace: vec![],
            };
        }
        Ok(Ok(Err(failure))) => Ok(Some(failure)),
        Ok(Err(error)) => Err(error),
        Err(Late) => Ok(None),
    };
    let (mut trace, panic) = context.said().map(|mut said| said.finish()).unwrap_or_default();
    let setup = std::sync::Arc::clone(&context.setup);
    let circumstances = Circumstances {
        channel: setup.name.as_str(),
        bounds,
        memory_refused: context.meter.refused(),
        denied: context.requests.denied.take(),
        panic,
    };
    let fault = match answer {
        Ok(Some(failure)) => circumstances.of_failure(failure),
        Ok(None) => circumstances.timeout(),
        Err(error) => {
            trace.extend(fault::backtrace(&error));
            circumstances.of_error(&error)
        }
    };
    Report { trace, ..Report::failed(fault, cost) }
}

/// A receipt that is a JSON object, or none. An ill one must not undo a delivery that has happened, so it is only dropped.
fn checked(receipt: String, context: &mut Context) -> Option<String> {
    if receipt.is_empty() {
        return None;
    }
    let ill = if receipt.len() > limits::RECEIPT {
        format!("it is {} bytes long, and at most {} are kept", receipt.len(), limits::RECEIPT)
    } else if !receipt.trim_start().starts_with('{') {
        "it is not a JSON object".to_owned()
    } else {
        match serde_json::from_str::<serde::de::IgnoredAny>(&receipt) {
            Ok(_) => return Some(receipt),
            Err(error) => format!("it is not JSON: {error}"),
        }
    };
    context.lines().lock().push(Level::WARN, &format!("the receipt was dropped: {ill}"));
    None
}
