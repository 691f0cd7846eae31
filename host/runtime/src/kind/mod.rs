//! The kinds of plugin. This is the one place that tells them apart, by what a file exports.

mod channel;
mod http_channel;

use std::fmt;

use fanfare_core::Fault;
use wasmtime::{
    Store,
    component::{Instance, InstancePre},
};

use crate::{
    attempt::Context,
    bindings::{
        exports::fanfare::channel::{exchange, handler},
        fanfare::channel::events::Delivery,
    },
    plugin::GuestChannel,
};

pub(crate) const HANDLER: &str = "fanfare:channel/handler@0.1.0";
pub(crate) const EXCHANGE: &str = "fanfare:channel/exchange@0.1.0";

/// What a plugin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Delivers by itself.
    Channel,
    /// Composes a request, which the host sends.
    HttpChannel,
}

impl Kind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::HttpChannel => "http-channel",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where to enter a plugin, looked up once.
pub(crate) enum Entry {
    Channel(handler::GuestIndices),
    HttpChannel(exchange::GuestIndices),
}

/// How a guest ended, if it came to an end of its own: with a receipt, or with a fault.
pub(crate) type Ended = Result<String, Fault>;

/// Finds out what a file is. One that exports several kinds is the first of them: a channel that delivers by itself needs no
/// one to send for it.
pub(crate) fn classify(pre: &InstancePre<Context>) -> wasmtime::Result<Option<Entry>> {
    let exports = |name| pre.component().get_export_index(None, name).is_some();
    if exports(HANDLER) {
        return handler::GuestIndices::new(pre).map(|indices| Some(Entry::Channel(indices)));
    }
    if exports(EXCHANGE) {
        return exchange::GuestIndices::new(pre).map(|indices| Some(Entry::HttpChannel(indices)));
    }
    Ok(None)
}

impl Entry {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Channel(_) => Kind::Channel,
            Self::HttpChannel(_) => Kind::HttpChannel,
        }
    }

    /// Whether the functions are there with the types we call them by.
    pub(crate) fn fits(&self, store: &mut Store<Context>, instance: &Instance) -> wasmtime::Result<()> {
        match self {
            Self::Channel(indices) => indices.load(store, instance).map(drop),
            Self::HttpChannel(indices) => indices.load(store, instance).map(drop),
        }
    }

    pub(crate) async fn call(
        &self,
        channel: &GuestChannel,
        store: &mut Store<Context>,
        instance: &Instance,
        delivery: Delivery<'_>,
    ) -> wasmtime::Result<Ended> {
        match self {
            Self::Channel(indices) => channel::call(indices, store, instance, delivery).await,
            Self::HttpChannel(indices) => http_channel::call(indices, channel, store, instance, delivery).await,
        }
    }
}
