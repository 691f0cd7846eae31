//! One attempt: a store and an instance, fresh unless the channel reuses them, three bounds around the call, and a report whatever happens.

mod context;
mod fault;
mod lines;
mod meter;
mod turn;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fanfare_core::{ChannelName, Class, Cost, Fault, Outcome, Report};
use fanfare_dispatch::{Attempt, Bounds};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Level;
use wasmtime::{Store, UpdateDeadline};

pub(crate) use self::{
    context::{Context, Requests},
    lines::{SharedLines, Stream},
    turn::Account,
};
use self::{fault::Circumstances, turn::Turn};
use crate::{
    kind::{Ended, Guest},
    limits,
    plugin::{GuestChannel, Loaded},
    warm::Live,
};

/// What a plugin may use to show that it starts.
const START: Bounds =
    Bounds { timeout: Duration::from_secs(10), fuel: 1_000_000_000, memory: limits::LINEAR_MEMORY as u64, reuse: 0 };

/// What an attempt runs in. The place in the pool is given back after the store that takes it up, so it is declared after it.
struct Seat {
    /// An instance that has served before.
    guest: Option<Guest>,
    store: Store<Context>,
    served: u32,
    place: OwnedSemaphorePermit,
}

/// Makes one attempt. The wait for a free instance is ours and does not count against it.
pub(crate) async fn run(channel: &GuestChannel, attempt: Attempt) -> Report {
    let plugin = &channel.plugin;
    let reuse = if plugin.entry.is_reusable() { attempt.bounds.reuse } else { 0 };
    let warm = if reuse > 1 { channel.warm.take() } else { None };
    let seat = match warm {
        Some(live) => again(live, &attempt),
        None => fresh(channel, &attempt).await,
    };
    let mut seat = match seat {
        Ok(seat) => seat,
        Err(fault) => return Report::failed(fault, Cost::default()),
    };
    #[allow(clippy::disallowed_methods, reason = "what is measured here took real time, also in a test")]
    let started = Instant::now();
    let ended = call(channel, seat.guest.take(), &mut seat.store, &attempt);
    let ended = tokio::time::timeout(attempt.bounds.timeout, ended).await;
    let left = seat.store.get_fuel().unwrap_or_default();
    let cost = Cost {
        duration: started.elapsed(),
        fuel: attempt
            .bounds
            .fuel
            .saturating_sub(left)
            .saturating_add(seat.store.data().host_work())
            .min(attempt.bounds.fuel),
        memory: seat.store.data().meter.peak(),
    };
    let (guest, ended) = match ended {
        Ok(Ok((guest, ended))) => (Some(guest), Ok(Ok(ended))),
        Ok(Err(error)) => (None, Ok(Err(error))),
        Err(_elapsed) => (None, Err(Late)),
    };
    let report = report(ended, seat.store.data_mut(), attempt.bounds, cost);
    if let (Outcome::Delivered { .. }, Some(guest)) = (&report.outcome, guest)
        && seat.served + 1 < reuse
        && !seat.store.data().is_laden()
    {
        let Seat { store, served, place, .. } = seat;
        channel.warm.keep(Live { guest, store, served: served + 1, place }, &plugin.shared);
    }
    report
}

async fn fresh(channel: &GuestChannel, attempt: &Attempt) -> Result<Seat, Fault> {
    let shared = &channel.plugin.shared;
    let place = Arc::clone(&shared.instances).acquire_owned().await;
    let place = place.map_err(|_closed| host_fault("closed", "the runtime is shutting down"))?;
    let store = store(Context::new(shared, &channel.tenant, attempt), attempt.bounds);
    let store = store.map_err(|error| host_fault("store", &format!("{error:#}")))?;
    Ok(Seat { guest: None, store, served: 0, place })
}

fn again(live: Live, attempt: &Attempt) -> Result<Seat, Fault> {
    let Live { guest, mut store, served, place } = live;
    store.data_mut().renew(attempt);
    bound(&mut store, attempt.bounds).map_err(|error| host_fault("store", &format!("{error:#}")))?;
    Ok(Seat { guest: Some(guest), store, served, place })
}

fn host_fault(code: &str, message: &str) -> Fault {
    Fault::new(Class::Host, code, message)
}

/// The attempt's own timer ended it.
struct Late;

async fn call(
    channel: &GuestChannel,
    guest: Option<Guest>,
    store: &mut Store<Context>,
    attempt: &Attempt,
) -> wasmtime::Result<(Guest, Ended)> {
    let guest = match guest {
        Some(guest) => guest,
        None => {
            // Before the instance, whose start may look already.
            channel.plugin.entry.prepare(channel, store.data_mut(), attempt);
            channel.plugin.entry.start(store).await?
        }
    };
    let ended = guest.call(channel, store, attempt).await?;
    Ok((guest, ended))
}

/// Makes one instance and looks at the types of what it exports, so that a plugin that can never run is refused when it is
/// loaded and not with its first event.
pub(crate) async fn start(plugin: &Arc<Loaded>) -> Result<(), String> {
    let name = ChannelName::new("start").map_err(|e| e.to_string())?;
    let threads = &plugin.shared.threads;
    let place = Arc::clone(&plugin.shared.instances).acquire_owned().await.map_err(|e| e.to_string())?;
    let plugin = Arc::clone(plugin);
    let run = async move {
        let _place = place;
        let mut store = store(Context::bare(&plugin.shared, name), START)?;
        plugin.entry.start(&mut store).await.map(drop)
    };
    let started = async {
        match threads.are_elsewhere() {
            true => threads.run(run).await.map_err(|error| format!("its task ended badly: {error}"))?,
            false => run.await,
        }
        .map_err(|error| format!("{error:#}"))
    };
    // The timer runs here, where no guest does.
    let in_time = tokio::time::timeout(START.timeout, started).await;
    in_time.unwrap_or_else(|_| Err(format!("it was not up within {:?}", START.timeout)))
}

/// A store with every bound set.
pub(crate) fn store(context: Context, bounds: Bounds) -> wasmtime::Result<Store<Context>> {
    let engine = context.shared.engine.clone();
    let mut store = Store::new(&engine, context);
    store.limiter(|context| &mut context.meter);
    store.fuel_async_yield_interval(Some(limits::FUEL_PER_TURN))?;
    // At each tick the guest lets others run. The engine looks at fuel and epoch where a function or a loop begins, and the
    // hook looks where a host call ends: between them they see every way that a guest can go on.
    store.epoch_deadline_callback(|mut context| {
        Ok(match context.data_mut().tick() {
            Turn::Over => UpdateDeadline::Interrupt,
            Turn::Same | Turn::Next => UpdateDeadline::Yield(1),
        })
    });
    store.call_hook_async(turn::Hook);
    bound(&mut store, bounds)?;
    store.set_hostcall_fuel(limits::CALL_BYTES);
    store.set_max_component_handles(limits::HANDLES);
    Ok(store)
}

/// What every attempt gets anew.
fn bound(store: &mut Store<Context>, bounds: Bounds) -> wasmtime::Result<()> {
    store.set_fuel(bounds.fuel)?;
    store.data_mut().begin(bounds.timeout);
    store.set_epoch_deadline(1);
    Ok(())
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
                emits: std::mem::take(&mut context.emits),
                trace: vec![],
            };
        }
        Ok(Ok(Err(failure))) => Ok(Some(failure)),
        Ok(Err(error)) => Err(error),
        Err(Late) => Ok(None),
    };
    let (mut trace, panic) = context.said().map(|mut said| said.finish()).unwrap_or_default();
    let tenant = Arc::clone(&context.tenant);
    let circumstances = Circumstances {
        channel: tenant.name(),
        bounds,
        memory_refused: context.meter.refused(),
        denied: context.denied(),
        panic,
        has_folders: !tenant.setup.grants.files.is_empty(),
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
    } else if let Err(error) = fanfare_core::check_nesting(receipt.as_bytes(), fanfare_core::DEEPEST) {
        error.to_string()
    } else {
        match serde_json::from_str::<serde::de::IgnoredAny>(&receipt) {
            Ok(_) => return Some(receipt),
            Err(error) => format!("it is not JSON: {error}"),
        }
    };
    context.lines().lock().push(Level::WARN, &format!("the receipt was dropped: {ill}"));
    None
}
