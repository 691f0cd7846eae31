//! How each kind of plugin is entered. This is the only place that distinguishes them, by a file's exports.

mod batch;
mod channel;
mod command;
mod http_channel;
mod incoming_handler;
mod stage;
mod status;

use fanfare_core::{Event, Fault};
use fanfare_dispatch::Attempt;
use wasmtime::{
    Module, Store, TypedFunc,
    component::{Component, Linker},
};
use wasmtime_wasi::p2::bindings::exports::wasi::cli::run;
use wasmtime_wasi_http::p2::bindings::exports::wasi::http::incoming_handler as proxy;

use crate::{
    bindings::exports::fanfare::channel::{batch_exchange, batch_handler, exchange, handler, stage as stage_exports},
    channel_view::ChannelView,
    context::Context,
    convert,
    exports::{BATCH_EXCHANGE, BATCH_HANDLER, EXCHANGE, HANDLER, INCOMING_HANDLER, Kind, RUN, STAGE, START},
};

/// A linked plugin and its entry point, looked up once.
pub(crate) enum EntryPoint {
    Channel(InstancePre, Pair<handler::GuestIndices, batch_handler::GuestIndices>),
    HttpChannel(InstancePre, Pair<exchange::GuestIndices, batch_exchange::GuestIndices>),
    IncomingHandler(InstancePre, proxy::GuestIndices),
    Command(InstancePre, run::GuestIndices),
    /// A core module of WASI preview 1.
    Program(wasmtime::InstancePre<Context>),
    Stage(InstancePre, stage_exports::GuestIndices),
}

type InstancePre = wasmtime::component::InstancePre<Context>;

/// The interfaces of one kind for single deliveries and for batches. A file exports one or both of them, and each is
/// called for its purpose.
pub(crate) struct Pair<S, B> {
    single: Option<S>,
    batch: Option<B>,
}

/// An instance, ready to be called.
pub(crate) enum Guest {
    Typed(Typed),
    IncomingHandler(proxy::Guest),
    Command(run::Guest),
    Program(TypedFunc<(), ()>),
    Stage(stage_exports::Guest),
}

/// An instance that takes events as WIT types.
pub(crate) enum Typed {
    Channel(Pair<handler::Guest, batch_handler::Guest>),
    HttpChannel(Pair<exchange::Guest, batch_exchange::Guest>),
}

/// How a guest ended one delivery by itself: with a receipt, or with a fault.
pub(crate) type Ended = Result<String, Fault>;

/// The same for a batch: one result per delivery, or a fault that says nothing about any of them.
pub(crate) type BatchEnded = Result<Vec<Ended>, Fault>;

/// The same for a stage: the event that continues, none, or a fault.
pub(crate) type StageEnded = Result<Option<Event>, Fault>;

/// Links a component and determines its kind. One that exports several kinds is the first in this order: kinds made for
/// this host come before generic ones.
pub(crate) fn of_component(linker: &Linker<Context>, component: &Component) -> wasmtime::Result<Option<EntryPoint>> {
    let pre = linker.instantiate_pre(component)?;
    let exports = |name| component.get_export_index(None, name).is_some();
    Ok(Some(if exports(HANDLER) || exports(BATCH_HANDLER) {
        let single = exports(HANDLER).then(|| handler::GuestIndices::new(&pre)).transpose()?;
        let batch = exports(BATCH_HANDLER).then(|| batch_handler::GuestIndices::new(&pre)).transpose()?;
        EntryPoint::Channel(pre, Pair { single, batch })
    } else if exports(EXCHANGE) || exports(BATCH_EXCHANGE) {
        let single = exports(EXCHANGE).then(|| exchange::GuestIndices::new(&pre)).transpose()?;
        let batch = exports(BATCH_EXCHANGE).then(|| batch_exchange::GuestIndices::new(&pre)).transpose()?;
        EntryPoint::HttpChannel(pre, Pair { single, batch })
    } else if exports(STAGE) {
        let indices = stage_exports::GuestIndices::new(&pre)?;
        EntryPoint::Stage(pre, indices)
    } else if exports(INCOMING_HANDLER) {
        let indices = proxy::GuestIndices::new(&pre)?;
        EntryPoint::IncomingHandler(pre, indices)
    } else if exports(RUN) {
        let indices = run::GuestIndices::new(&pre)?;
        EntryPoint::Command(pre, indices)
    } else {
        return Ok(None);
    }))
}

/// The same for a core module.
pub(crate) fn of_module(linker: &wasmtime::Linker<Context>, module: &Module) -> wasmtime::Result<Option<EntryPoint>> {
    if module.get_export(START).is_none() {
        return Ok(None);
    }
    linker.instantiate_pre(module).map(|pre| Some(EntryPoint::Program(pre)))
}

impl EntryPoint {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Channel(..) => Kind::Channel,
            Self::HttpChannel(..) => Kind::HttpChannel,
            Self::IncomingHandler(..) => Kind::IncomingHandler,
            Self::Command(..) | Self::Program(_) => Kind::Command,
            Self::Stage(..) => Kind::Stage,
        }
    }

    pub(crate) fn takes_batches(&self) -> bool {
        match self {
            Self::Channel(_, pair) => pair.batch.is_some(),
            Self::HttpChannel(_, pair) => pair.batch.is_some(),
            Self::IncomingHandler(..) | Self::Command(..) | Self::Program(_) | Self::Stage(..) => false,
        }
    }

    /// Whether it takes a single delivery as such, rather than as a batch of one.
    pub(crate) fn takes_singles(&self) -> bool {
        match self {
            Self::Channel(_, pair) => pair.single.is_some(),
            Self::HttpChannel(_, pair) => pair.single.is_some(),
            Self::IncomingHandler(..) | Self::Command(..) | Self::Program(_) | Self::Stage(..) => true,
        }
    }

    /// Whether an instance can serve a second attempt. A program ends with its first, and common engines for
    /// `wasi:http` hang on a second request.
    pub(crate) fn is_reusable(&self) -> bool {
        matches!(self, Self::Channel(..) | Self::HttpChannel(..) | Self::Stage(..))
    }

    /// Puts into the store what an instance of this kind may need from its first instruction on.
    ///
    /// # Errors
    /// Why there can be no attempt: its template cannot be rendered.
    pub(crate) fn prepare(&self, channel: &ChannelView, context: &mut Context, attempt: &Attempt) -> Result<(), Fault> {
        match self {
            Self::Channel(..) | Self::HttpChannel(..) | Self::Stage(..) => Ok(()),
            Self::IncomingHandler(..) => command::environ(channel, context, attempt),
            Self::Command(..) | Self::Program(_) => command::prepare(channel, context, attempt),
        }
    }

    /// Creates an instance. Fails if the exports do not have the types we call them by.
    pub(crate) async fn start(&self, store: &mut Store<Context>) -> wasmtime::Result<Guest> {
        Ok(match self {
            Self::Channel(pre, Pair { single, batch }) => {
                let instance = pre.instantiate_async(&mut *store).await?;
                let single = single.as_ref().map(|indices| indices.load(&mut *store, &instance)).transpose()?;
                let batch = batch.as_ref().map(|indices| indices.load(&mut *store, &instance)).transpose()?;
                Guest::Typed(Typed::Channel(Pair { single, batch }))
            }
            Self::HttpChannel(pre, Pair { single, batch }) => {
                let instance = pre.instantiate_async(&mut *store).await?;
                let single = single.as_ref().map(|indices| indices.load(&mut *store, &instance)).transpose()?;
                let batch = batch.as_ref().map(|indices| indices.load(&mut *store, &instance)).transpose()?;
                Guest::Typed(Typed::HttpChannel(Pair { single, batch }))
            }
            Self::IncomingHandler(pre, indices) => {
                let instance = pre.instantiate_async(&mut *store).await?;
                Guest::IncomingHandler(indices.load(store, &instance)?)
            }
            Self::Command(pre, indices) => {
                let instance = pre.instantiate_async(&mut *store).await?;
                Guest::Command(indices.load(store, &instance)?)
            }
            Self::Stage(pre, indices) => {
                let instance = pre.instantiate_async(&mut *store).await?;
                Guest::Stage(indices.load(store, &instance)?)
            }
            Self::Program(pre) => {
                let instance = pre.instantiate_async(&mut *store).await?;
                Guest::Program(instance.get_typed_func(store, START)?)
            }
        })
    }
}

impl Guest {
    /// Passes the event, in the form of this kind. Calls that wait for the network are boxed: their state is several
    /// times that of a channel's, and would be allocated with each of its attempts.
    pub(crate) async fn call(
        &self,
        channel: &ChannelView,
        store: &mut Store<Context>,
        attempt: &Attempt,
    ) -> wasmtime::Result<Ended> {
        match self {
            Self::Typed(guest) => guest.call(channel, store, attempt).await,
            Self::IncomingHandler(guest) => Box::pin(incoming_handler::call(guest, channel, store, attempt)).await,
            Self::Command(guest) => {
                let ended = guest.call_run(&mut *store).await;
                command::conclude(store.data_mut(), ended)
            }
            Self::Program(start) => {
                let ended = start.call_async(&mut *store, ()).await;
                command::conclude(store.data_mut(), ended.map(Ok))
            }
            Self::Stage(_) => Err(missing("deliveries")),
        }
    }
}

impl Guest {
    /// Passes a batch in one call.
    pub(crate) async fn call_batch(
        &self,
        channel: &ChannelView,
        store: &mut Store<Context>,
        batch: &[Attempt],
    ) -> wasmtime::Result<BatchEnded> {
        match self {
            Self::Typed(guest) => guest.call_batch(channel, store, batch).await,
            Self::IncomingHandler(_) | Self::Command(_) | Self::Program(_) | Self::Stage(_) => Err(missing("batches")),
        }
    }

    /// Passes an event through a stage.
    pub(crate) async fn process(&self, store: &mut Store<Context>, event: &Event) -> wasmtime::Result<StageEnded> {
        match self {
            Self::Stage(guest) => stage::call(guest, store, event).await,
            _ => Err(missing("events before the fan-out")),
        }
    }
}

impl Typed {
    async fn call(
        &self,
        channel: &ChannelView,
        store: &mut Store<Context>,
        attempt: &Attempt,
    ) -> wasmtime::Result<Ended> {
        let id = attempt.delivery.to_string();
        let extensions = convert::extensions(&attempt.event);
        let lent = convert::lend(&extensions);
        let event = convert::event(&attempt.event, &lent);
        let delivery = convert::delivery(&id, channel.name(), attempt, event);
        match self {
            Self::Channel(Pair { single: Some(guest), .. }) => channel::call(guest, store, delivery).await,
            Self::HttpChannel(Pair { single: Some(guest), .. }) => {
                Box::pin(http_channel::call(guest, channel, store, delivery)).await
            }
            _ => Err(missing("single deliveries")),
        }
    }

    async fn call_batch(
        &self,
        channel: &ChannelView,
        store: &mut Store<Context>,
        batch: &[Attempt],
    ) -> wasmtime::Result<BatchEnded> {
        let ids: Vec<_> = batch.iter().map(|attempt| attempt.delivery.to_string()).collect();
        let extensions: Vec<_> = batch.iter().map(|attempt| convert::extensions(&attempt.event)).collect();
        let lent: Vec<_> = extensions.iter().map(|pairs| convert::lend(pairs)).collect();
        let deliveries = batch.iter().zip(&ids).zip(&lent).map(|((attempt, id), lent)| {
            convert::delivery(id, channel.name(), attempt, convert::event(&attempt.event, lent))
        });
        let deliveries: Vec<_> = deliveries.collect();
        match self {
            Self::Channel(Pair { batch: Some(guest), .. }) => batch::deliver(guest, store, &deliveries).await,
            Self::HttpChannel(Pair { batch: Some(guest), .. }) => {
                Box::pin(batch::exchange(guest, channel, store, &deliveries)).await
            }
            _ => Err(missing("batches")),
        }
    }
}

/// Callers check this first.
fn missing(what: &str) -> wasmtime::Error {
    wasmtime::format_err!("the plugin does not take {what}")
}
