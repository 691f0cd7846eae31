//! One attempt: a store and an instance, fresh unless the channel reuses them, three limits around the call, and always
//! a report.

mod fault;
mod turn;

use std::{
    pin::pin,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use fanfare_core::{
    BatchReport, ChannelId, ChannelName, Class, Cost, DeliveryId, Event, Fault, Outcome, Report, Role, StageReport,
    TraceContext,
};
use fanfare_dispatch::{Attempt, Bounds, BoxFuture, JournalError, State};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Level;
use uuid::Uuid;
use wasmtime::{Engine, Store, UpdateDeadline};

use self::fault::Circumstances;
use crate::{
    channel_view::ChannelView,
    context::{Context, Turn},
    guest_channel::{GuestChannel, Loaded},
    kind::{BatchEnded, Ended, Guest, StageEnded},
    limits,
    warm::Live,
};

/// The limits of a plugin's test start.
const START: Bounds =
    Bounds { timeout: Duration::from_secs(10), fuel: 1_000_000_000, memory: limits::LINEAR_MEMORY as u64, reuse: 0 };

/// What an attempt runs in. The pool's permit is returned after the store that uses it, so it is declared after it.
struct Seat {
    /// A reused instance.
    guest: Option<Guest>,
    store: Store<Context>,
    served: u32,
    place: OwnedSemaphorePermit,
}

/// Makes one attempt. The wait for a free instance does not count against it.
pub(crate) async fn run(channel: &GuestChannel, attempt: Attempt) -> Report {
    if !channel.plugin.entry.takes_singles() {
        return run_batch(channel, &[attempt]).await.into_single();
    }
    let calling = async |guest: &Guest, store: &mut Store<Context>| guest.call(&view(store), store, &attempt).await;
    let mut served = match serve(channel, std::slice::from_ref(&attempt), calling).await {
        Ok(served) => served,
        Err(fault) => return Report::failed(fault, Cost::default()),
    };
    let ended = std::mem::replace(&mut served.ended, Err(Late));
    let mut report = report(ended, served.seat.store.data_mut(), attempt.bounds, served.cost);
    view(&served.seat.store).vault.mask_report(&mut report);
    if matches!(report.outcome, Outcome::Delivered { .. }) {
        served.keep(channel);
    }
    report
}

/// Attempts several deliveries in one call.
pub(crate) async fn run_batch(channel: &GuestChannel, batch: &[Attempt]) -> BatchReport {
    let Some(first) = batch.first() else {
        let fault = host_fault("empty", "a batch has at least one delivery");
        return BatchReport::failed(0, &fault, Cost::default());
    };
    let calling = async |guest: &Guest, store: &mut Store<Context>| {
        store.data_mut().gather(batch);
        guest.call_batch(&view(store), store, batch).await
    };
    let mut served = match serve(channel, batch, calling).await {
        Ok(served) => served,
        Err(fault) => return BatchReport::failed(batch.len(), &fault, Cost::default()),
    };
    let ended = std::mem::replace(&mut served.ended, Err(Late));
    let mut report = batch_report(ended, served.seat.store.data_mut(), batch.len(), first.bounds, served.cost);
    view(&served.seat.store).vault.mask_batch(&mut report);
    if report.outcomes.iter().all(|outcome| matches!(outcome, Some(Outcome::Delivered { .. }))) {
        served.keep(channel);
    }
    report
}

/// Passes one event through a stage.
pub(crate) async fn run_stage(
    stage: &GuestChannel,
    event: Arc<Event>,
    bounds: Bounds,
    trace: Option<TraceContext>,
) -> StageReport {
    let delivery = DeliveryId { event: Uuid::nil(), channel: ChannelId(0) };
    let state = Arc::clone(&NOTHING);
    let attempt = Attempt { delivery, number: 1, replayed: false, event: Arc::clone(&event), bounds, state, trace };
    let calling = async |guest: &Guest, store: &mut Store<Context>| guest.process(store, &event).await;
    let mut served = match serve(stage, std::slice::from_ref(&attempt), calling).await {
        Ok(served) => served,
        Err(fault) => return StageReport::failed(fault, Cost::default()),
    };
    let ended = std::mem::replace(&mut served.ended, Err(Late));
    let mut report = stage_report(ended, served.seat.store.data_mut(), bounds, served.cost);
    view(&served.seat.store).vault.mask_stage(&mut report);
    if report.outcome.is_ok() {
        served.keep(stage);
    }
    report
}

/// A stage has no state.
static NOTHING: LazyLock<Arc<dyn State>> = LazyLock::new(|| Arc::new(Nothing));

struct Nothing;

impl State for Nothing {
    fn get<'a>(&'a self, _: ChannelId, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// A call that has ended.
struct Served<E> {
    seat: Seat,
    /// `None` if the timer ended it.
    guest: Option<Guest>,
    ended: Result<wasmtime::Result<E>, Late>,
    cost: Cost,
    /// How many attempts the instance may serve.
    reuse: u32,
}

impl<E> Served<E> {
    /// Keeps the instance for another attempt, if the policy allows that.
    fn keep(self, channel: &GuestChannel) {
        let Seat { store, served, place, .. } = self.seat;
        if let Some(guest) = self.guest
            && served + 1 < self.reuse
            && !store.data().is_laden()
        {
            channel.warm.keep(Live { guest, store, served: served + 1, place }, &channel.plugin.shared);
        }
    }
}

/// Calls an instance within the limits of the first of these attempts.
async fn serve<E>(
    channel: &GuestChannel,
    attempts: &[Attempt],
    calling: impl AsyncFnOnce(&Guest, &mut Store<Context>) -> wasmtime::Result<E>,
) -> Result<Served<E>, Fault> {
    let attempt = attempts.first().ok_or_else(|| host_fault("empty", "the batch is empty"))?;
    let plugin = &channel.plugin;
    let reuse = if plugin.entry.is_reusable() { attempt.bounds.reuse } else { 0 };
    let warm = if reuse > 1 { channel.warm.take() } else { None };
    let mut seat = match warm {
        Some(live) => again(live, attempt),
        None => fresh(channel, attempt).await,
    }?;
    #[allow(clippy::disallowed_methods, reason = "what is measured here took real time, also in a test")]
    let started = Instant::now();
    let guest = seat.guest.take();
    let store = &mut seat.store;
    if guest.is_none() {
        // Before the instance starts, because its start may already look.
        plugin.entry.prepare(&view(store), store.data_mut(), attempt)?;
    }
    let ended = {
        // Pinned where it is created: it is large, and would be moved twice.
        let ended = pin!(async {
            let guest = match guest {
                Some(guest) => guest,
                None => plugin.entry.start(store).await?,
            };
            let ended = calling(&guest, store).await?;
            wasmtime::Result::Ok((guest, ended))
        });
        tokio::time::timeout(attempt.bounds.timeout, ended).await
    };
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
    Ok(Served { seat, guest, ended, cost, reuse })
}

async fn fresh(channel: &GuestChannel, attempt: &Attempt) -> Result<Seat, Fault> {
    let shared = &channel.plugin.shared;
    let place = Arc::clone(&shared.instances).acquire_owned();
    let place = match channel.channel_view.setup.role {
        Role::Channel => place.await,
        // A caller waits for the stage, perhaps an emitting attempt, which has a permit itself.
        Role::Stage => tokio::time::timeout(limits::STAGE_WAIT, place)
            .await
            .map_err(|_elapsed| host_fault("pool_exhausted", "no instance was free in time"))?,
    };
    let place = place.map_err(|_closed| host_fault("closed", "the runtime is shutting down"))?;
    let context = Context::new(&shared.services, &channel.channel_view, attempt);
    let store = store(&shared.engine, context, attempt.bounds);
    let store = store.map_err(|error| host_fault("store", &format!("{error:#}")))?;
    Ok(Seat { guest: None, store, served: 0, place })
}

fn again(live: Live, attempt: &Attempt) -> Result<Seat, Fault> {
    let Live { guest, mut store, served, place } = live;
    store.data_mut().renew(attempt);
    bound(&mut store, attempt.bounds).map_err(|error| host_fault("store", &format!("{error:#}")))?;
    Ok(Seat { guest: Some(guest), store, served, place })
}

/// The channel as this instance sees it.
fn view(store: &Store<Context>) -> Arc<ChannelView> {
    Arc::clone(&store.data().channel_view)
}

fn host_fault(code: &str, message: &str) -> Fault {
    Fault::new(Class::Host, code, message)
}

/// The attempt's own timer ended it.
struct Late;

/// Creates one instance and checks the types of its exports, so that a plugin that can never run is rejected when it is
/// loaded, not with its first event.
pub(crate) async fn start(plugin: &Arc<Loaded>) -> Result<(), String> {
    let name = ChannelName::new("start").map_err(|e| e.to_string())?;
    let threads = &plugin.shared.threads;
    let place = Arc::clone(&plugin.shared.instances).acquire_owned().await.map_err(|e| e.to_string())?;
    let plugin = Arc::clone(plugin);
    let run = async move {
        let _place = place;
        let mut store = store(&plugin.shared.engine, Context::bare(&plugin.shared.services, name), START)?;
        plugin.entry.start(&mut store).await.map(drop)
    };
    let started = async {
        match threads.are_elsewhere() {
            true => threads.run(run).await.map_err(|error| format!("its task failed: {error}"))?,
            false => run.await,
        }
        .map_err(|error| format!("{error:#}"))
    };
    // The timer runs here, away from the guests' threads.
    let in_time = tokio::time::timeout(START.timeout, started).await;
    in_time.unwrap_or_else(|_| Err(format!("it did not start within {:?}", START.timeout)))
}

/// A store with every limit set.
pub(crate) fn store(engine: &Engine, context: Context, bounds: Bounds) -> wasmtime::Result<Store<Context>> {
    let mut store = Store::new(engine, context);
    store.limiter(|context| &mut context.meter);
    store.fuel_async_yield_interval(Some(limits::FUEL_PER_TURN))?;
    // At each tick the guest yields. The engine checks fuel and epoch at the start of functions and loops, and the hook
    // checks after host calls: together they cover every way to continue.
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

/// What every attempt gets afresh.
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
            let sent = context.take_sent();
            // These are in the log already; only traces keep them here.
            let (mut trace, _) = context.said().map(|mut said| said.finish()).unwrap_or_default();
            if sent.is_none() {
                trace.clear();
            }
            return Report {
                outcome: Outcome::Delivered { receipt },
                cost,
                writes: std::mem::take(&mut context.writes),
                samples: std::mem::take(&mut context.samples),
                emits: std::mem::take(&mut context.emits),
                trace,
                sent: sent.unwrap_or_default(),
            };
        }
        Ok(Ok(Err(failure))) => Ok(Some(failure)),
        Ok(Err(error)) => Err(error),
        Err(Late) => Ok(None),
    };
    let (mut trace, panic) = context.said().map(|mut said| said.finish()).unwrap_or_default();
    let channel_view = Arc::clone(&context.channel_view);
    let circumstances = circumstances(context, &channel_view, bounds, panic);
    let fault = match answer {
        Ok(Some(failure)) => circumstances.of_failure(failure),
        Ok(None) => circumstances.timeout(),
        Err(error) => {
            trace.extend(fault::backtrace(&error));
            circumstances.of_error(&error)
        }
    };
    Report { trace, sent: context.take_sent().unwrap_or_default(), ..Report::failed(fault, cost) }
}

fn stage_report(
    ended: Result<wasmtime::Result<StageEnded>, Late>,
    context: &mut Context,
    bounds: Bounds,
    cost: Cost,
) -> StageReport {
    let (trace, panic) = context.said().map(|mut said| said.finish()).unwrap_or_default();
    let sent = context.take_sent().unwrap_or_default();
    let answer = match ended {
        Ok(Ok(Ok(event))) => {
            let samples = std::mem::take(&mut context.samples);
            return StageReport { outcome: Ok(event), cost, samples, trace: vec![], sent };
        }
        Ok(Ok(Err(failure))) => Ok(Some(failure)),
        Ok(Err(error)) => Err(error),
        Err(Late) => Ok(None),
    };
    let channel_view = Arc::clone(&context.channel_view);
    let circumstances = circumstances(context, &channel_view, bounds, panic);
    let fault = match answer {
        Ok(Some(failure)) => circumstances.of_failure(failure),
        Ok(None) => circumstances.timeout(),
        Err(error) => circumstances.of_error(&error),
    };
    StageReport { trace, sent, ..StageReport::failed(fault, cost) }
}

fn circumstances<'a>(
    context: &mut Context,
    channel_view: &'a ChannelView,
    bounds: Bounds,
    panic: Option<String>,
) -> Circumstances<'a> {
    Circumstances {
        table: channel_view.table(),
        bounds,
        memory_refused: context.meter.refused(),
        denied: context.denied(),
        panic,
        hindered: context.hindered.take(),
        has_folders: !channel_view.setup.grants.files.is_empty(),
    }
}

/// The report of a batch of `count`. With a single delivery, the whole result is its own.
fn batch_report(
    ended: Result<wasmtime::Result<BatchEnded>, Late>,
    context: &mut Context,
    count: usize,
    bounds: Bounds,
    cost: Cost,
) -> BatchReport {
    let each = match ended {
        Ok(Ok(Ok(each))) => Ok(each),
        Ok(Ok(Err(whole))) => Err(Ok(Some(whole))),
        Ok(Err(error)) => Err(Err(error)),
        Err(Late) => Err(Ok(None)),
    };
    let is_well = each.as_ref().is_ok_and(|each| each.iter().all(Result::is_ok));
    let sent = context.take_sent();
    let each = each
        .map(|each| each.into_iter().map(|ended| ended.map(|receipt| checked(receipt, context))).collect::<Vec<_>>());
    let (mut trace, panic) = context.said().map(|mut said| said.finish()).unwrap_or_default();
    let channel_view = Arc::clone(&context.channel_view);
    let circumstances = circumstances(context, &channel_view, bounds, panic);
    let alone = count == 1;
    let (outcomes, fault): (Vec<_>, _) = match each {
        Ok(each) => {
            // With several deliveries, nobody can tell which one caused the denial.
            let denied = circumstances.denied.clone().filter(|_| !alone && !is_well);
            let failed = |fault: Fault| match (alone, &denied) {
                (true, _) => Some(Outcome::Failed(circumstances.of_failure(fault))),
                (false, None) => Some(Outcome::Failed(fault)),
                (false, Some(_)) => None,
            };
            let outcome = |ended| match ended {
                Ok(receipt) => Some(Outcome::Delivered { receipt }),
                Err(fault) => failed(fault),
            };
            let outcomes = each.into_iter().map(outcome).collect();
            (outcomes, denied.map(|denied| Fault::new(Class::Denied, "denied", denied)))
        }
        Err(whole) => {
            let fault = match whole {
                Ok(Some(fault)) => circumstances.of_failure(fault),
                Ok(None) => circumstances.timeout(),
                Err(error) => {
                    trace.extend(fault::backtrace(&error));
                    circumstances.of_error(&error)
                }
            };
            match alone || fault.class == Class::Host {
                true => (vec![Some(Outcome::Failed(fault)); count], None),
                false => (vec![None; count], Some(fault)),
            }
        }
    };
    let delivers = outcomes.iter().any(|outcome| matches!(outcome, Some(Outcome::Delivered { .. })));
    let kept = BatchReport {
        outcomes,
        fault,
        cost,
        writes: vec![],
        samples: vec![],
        emits: vec![],
        trace: if is_well && sent.is_none() { vec![] } else { trace },
        sent: sent.unwrap_or_default(),
    };
    match delivers {
        false => kept,
        true => BatchReport {
            writes: std::mem::take(&mut context.writes),
            samples: std::mem::take(&mut context.samples),
            emits: std::mem::take(&mut context.emits),
            ..kept
        },
    }
}

/// A valid receipt, or an empty string. An invalid receipt must not undo a delivery that has happened, so it is
/// dropped.
fn checked(receipt: String, context: &mut Context) -> Option<String> {
    if receipt.is_empty() {
        return None;
    }
    let ill = if receipt.len() > limits::RECEIPT {
        format!("it is {} bytes long; at most {} are allowed", receipt.len(), limits::RECEIPT)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn size<C, A, F>(_: impl Fn(C, A) -> F) -> usize {
        size_of::<F>()
    }

    /// Every attempt allocates and moves these, so what only some kinds of guests need is boxed.
    #[test]
    fn the_state_of_an_attempt_stays_small() {
        let attempt = size(|channel: &'static GuestChannel, attempt: Attempt| run(channel, attempt));
        assert!(attempt <= 3 << 10, "{attempt} bytes");
        assert!(size_of::<Context>() <= 512, "{} bytes", size_of::<Context>());
    }
}
