//! What one store carries: everything about one attempt that its host calls need or leave behind.

use std::sync::Arc;

use fanfare_core::{ChannelId, ChannelName, DeliveryId, Sample, StateWrite};
use fanfare_dispatch::{Attempt, State};
use uuid::Uuid;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::WasiCtx;

use super::{
    lines::{Lines, SharedLines},
    meter::Meter,
};
use crate::{ChannelSetup, engine::Shared, limits};

pub(crate) struct Context {
    pub(crate) shared: Arc<Shared>,
    pub(crate) setup: Arc<ChannelSetup>,
    pub(crate) delivery: DeliveryId,
    /// `None` when a plugin is only started, to see whether it does.
    pub(crate) state: Option<Arc<dyn State>>,
    pub(crate) meter: Meter,
    pub(crate) writes: Vec<StateWrite>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) requests: Requests,
    /// Made with the first line: most attempts say nothing.
    lines: Option<SharedLines>,
    /// Made with the first use: it costs about as much as a small guest's whole run, and most guests never call WASI.
    pub(crate) wasi: Option<WasiCtx>,
    pub(crate) table: ResourceTable,
}

/// What an attempt has asked of the network.
#[derive(Default)]
pub(crate) struct Requests {
    pub(crate) sent: usize,
    /// The last one that was refused for want of a grant.
    pub(crate) denied: Option<String>,
}

impl Context {
    pub(crate) fn new(shared: &Arc<Shared>, setup: &Arc<ChannelSetup>, attempt: &Attempt) -> Self {
        let meter = Meter::new(attempt.bounds.memory);
        Self::with(Arc::clone(shared), Arc::clone(setup), attempt.delivery, meter, Some(Arc::clone(&attempt.state)))
    }

    /// For a guest that is started without a delivery.
    pub(crate) fn bare(shared: &Arc<Shared>, name: ChannelName) -> Self {
        let delivery = DeliveryId { event: Uuid::nil(), channel: ChannelId(0) };
        let setup = ChannelSetup { name, settings: Default::default(), grants: Default::default(), sign: vec![] };
        let meter = Meter::new(limits::LINEAR_MEMORY as u64);
        Self::with(Arc::clone(shared), Arc::new(setup), delivery, meter, None)
    }

    fn with(
        shared: Arc<Shared>,
        setup: Arc<ChannelSetup>,
        delivery: DeliveryId,
        meter: Meter,
        state: Option<Arc<dyn State>>,
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::HANDLES);
        Self {
            shared,
            setup,
            delivery,
            state,
            meter,
            writes: vec![],
            samples: vec![],
            requests: Requests::default(),
            lines: None,
            wasi: None,
            table,
        }
    }

    pub(crate) fn lines(&mut self) -> &SharedLines {
        self.lines.get_or_insert_with(|| SharedLines::new(self.setup.name.clone(), self.delivery))
    }

    pub(crate) fn said(&mut self) -> Option<std::sync::MutexGuard<'_, Lines>> {
        self.lines.as_ref().map(SharedLines::lock)
    }
}
