//! The data of one store: everything that an attempt's host calls need or leave behind.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use fanfare_core::{ChannelId, ChannelName, DeliveryId, Event, Role, Sample, Staged, StateWrite};
use fanfare_dispatch::{Attempt, State};
use uuid::Uuid;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, p1::WasiP1Ctx};

use super::{
    batch::Batch,
    lines::{Lines, SharedLines},
    meter::Meter,
    turn::Account,
};
use crate::{
    ChannelSetup,
    channel_view::ChannelView,
    egress::Purse,
    engine::EngineCore,
    host::{HttpSide, Names},
    kind::Process,
    limits,
};

pub(crate) struct Context {
    pub(crate) shared: Arc<EngineCore>,
    pub(crate) channel_view: Arc<ChannelView>,
    /// The delivery; in a batch, the first one.
    pub(crate) delivery: DeliveryId,
    /// Present in a call for a batch.
    pub(crate) batch: Option<Batch>,
    /// `None` if a plugin is only started as a check.
    pub(crate) state: Option<Arc<dyn State>>,
    pub(crate) meter: Meter,
    /// What the attempt has used, besides what the engine counts.
    pub(crate) account: Account,
    pub(crate) writes: Vec<StateWrite>,
    pub(crate) samples: Vec<Sample>,
    /// The delivered event, which is the parent of emitted ones.
    pub(crate) event: Option<Arc<Event>>,
    pub(crate) emits: Vec<Staged>,
    /// The number of rendered templates.
    pub(crate) renders: usize,
    /// A transient fault of the host that kept the guest from its work.
    pub(crate) hindered: Option<String>,
    /// The environment and standard input of a program.
    pub(crate) process: Process,
    pub(crate) table: ResourceTable,
    // The rest is created on first use: each costs a considerable part of a small guest's whole run, and most guests
    // use none.
    pub(crate) requests: Option<Arc<Requests>>,
    lines: Option<SharedLines>,
    pub(crate) names: Option<Names>,
    pub(crate) wasi: Option<WasiCtx>,
    pub(crate) preview1: Option<WasiP1Ctx>,
    pub(crate) http: Option<HttpSide>,
}

/// An attempt's outgoing requests. EngineCore with what outlives a host call: sockets and requests in progress.
#[derive(Default)]
pub(crate) struct Requests {
    sent: AtomicUsize,
    sockets: AtomicUsize,
    lookups: AtomicUsize,
    /// The attempt's budget for bodies.
    pub(crate) purse: Purse,
    denied: Mutex<Option<String>>,
}

impl Requests {
    /// Counts another request. Returns whether it is within the limit.
    pub(crate) fn another(&self) -> bool {
        self.sent.fetch_add(1, Ordering::Relaxed) < limits::HTTP_SENDS
    }

    /// Counts another socket.
    pub(crate) fn another_socket(&self) -> bool {
        self.sockets.fetch_add(1, Ordering::Relaxed) < limits::SOCKETS
    }

    /// Counts another name look-up.
    pub(crate) fn another_lookup(&self) -> bool {
        self.lookups.fetch_add(1, Ordering::Relaxed) < limits::LOOKUPS
    }

    /// Remembers the last refusal for lack of a grant.
    pub(crate) fn deny(&self, message: String) {
        *self.denied() = Some(message);
    }

    fn denied(&self) -> MutexGuard<'_, Option<String>> {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Context {
    pub(crate) fn new(shared: &Arc<EngineCore>, channel_view: &Arc<ChannelView>, attempt: &Attempt) -> Self {
        Self::with(Arc::clone(shared), Arc::clone(channel_view), Meter::new(attempt.bounds.memory), Some(attempt))
    }

    /// For a guest that is started without a delivery.
    pub(crate) fn bare(shared: &Arc<EngineCore>, name: ChannelName) -> Self {
        let channel_view = Arc::new(ChannelView::new(ChannelSetup::new(name)));
        Self::with(Arc::clone(shared), channel_view, Meter::new(limits::LINEAR_MEMORY as u64), None)
    }

    fn with(shared: Arc<EngineCore>, channel_view: Arc<ChannelView>, meter: Meter, attempt: Option<&Attempt>) -> Self {
        let none = DeliveryId { event: Uuid::nil(), channel: ChannelId(0) };
        Self {
            shared,
            channel_view,
            delivery: attempt.map_or(none, |attempt| attempt.delivery),
            batch: None,
            state: attempt.map(|attempt| Arc::clone(&attempt.state)),
            meter,
            account: Account::default(),
            writes: vec![],
            samples: vec![],
            event: attempt.map(|attempt| Arc::clone(&attempt.event)),
            emits: vec![],
            renders: 0,
            hindered: None,
            process: Process::default(),
            table: table(),
            requests: None,
            lines: None,
            names: None,
            wasi: None,
            preview1: None,
            http: None,
        }
    }

    /// Resets the context of a reused instance for its next attempt. The guest keeps its memory and handles; output,
    /// writes and counts start over.
    pub(crate) fn renew(&mut self, attempt: &Attempt) {
        self.delivery = attempt.delivery;
        self.batch = None;
        self.state = Some(Arc::clone(&attempt.state));
        self.meter.renew(attempt.bounds.memory);
        self.writes.clear();
        self.samples.clear();
        self.event = Some(Arc::clone(&attempt.event));
        self.emits.clear();
        self.renders = 0;
        self.hindered = None;
        // EngineCore with streams and sockets that the guest may still have, so it is reset in place.
        if let Some(requests) = &self.requests {
            requests.sent.store(0, Ordering::Relaxed);
            requests.sockets.store(0, Ordering::Relaxed);
            requests.lookups.store(0, Ordering::Relaxed);
            *requests.denied() = None;
        }
        if let Some(names) = &mut self.names {
            names.forget();
        }
        if let Some(lines) = &self.lines {
            lines.renew(attempt.delivery);
        }
    }

    /// Makes it the context of a call for this batch; it was created for the first delivery.
    pub(crate) fn gather(&mut self, attempts: &[Attempt]) {
        let batch = Batch::of(attempts);
        self.event = batch.parent();
        self.batch = Some(batch);
    }

    /// The batch's own id; empty outside of a batch.
    pub(crate) fn batch_id(&self) -> &str {
        self.batch.as_ref().map_or("", |batch| batch.id.as_str())
    }

    /// Whether the guest is a stage.
    pub(crate) fn is_stage(&self) -> bool {
        self.channel_view.setup.role == Role::Stage
    }

    pub(crate) fn requests(&mut self) -> &Arc<Requests> {
        self.requests.get_or_insert_default()
    }

    /// Whether the guest may still have resources of the host from this or earlier attempts: sockets, or unread
    /// responses. Such an instance is not reused.
    pub(crate) fn is_laden(&self) -> bool {
        self.requests
            .as_ref()
            .is_some_and(|requests| requests.sockets.load(Ordering::Relaxed) > 0 || requests.purse.is_open())
    }

    pub(crate) fn denied(&mut self) -> Option<String> {
        self.requests.as_ref().and_then(|requests| requests.denied().take())
    }

    pub(crate) fn lines(&mut self) -> &SharedLines {
        self.lines.get_or_insert_with(|| {
            let setup = &self.channel_view.setup;
            SharedLines::new(setup.role, setup.name.clone(), self.delivery)
        })
    }

    /// Bytes written to the standard streams.
    pub(super) fn written(&self) -> u64 {
        self.lines.as_ref().map_or(0, SharedLines::written)
    }

    pub(crate) fn said(&mut self) -> Option<MutexGuard<'_, Lines>> {
        self.lines.as_ref().map(SharedLines::lock)
    }

    /// Closes everything that the guest has left open: streams, bodies, connections.
    pub(crate) fn close_handles(&mut self) {
        self.table = table();
    }
}

fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(limits::HANDLES);
    table
}
