//! The data of one store: everything that an attempt's host calls need or leave behind.

mod account;
mod batch;
mod lines;
mod meter;
mod names;
mod requests;

use std::sync::{Arc, MutexGuard};

use bytes::Bytes;
use fanfare_core::{ChannelId, ChannelName, DeliveryId, Event, Role, Sample, Sent, Staged, StateWrite, TraceId};
use fanfare_dispatch::{Attempt, State};
use uuid::Uuid;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, p1::WasiP1Ctx};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpHooks};

pub(crate) use self::{
    account::{Account, Turn},
    batch::Batch,
    lines::{SharedLines, Stream},
    names::{Found, Names},
    requests::Requests,
};
use self::{
    lines::{Lines, Speaker},
    meter::Meter,
};
use crate::{ChannelSetup, Wire, channel_view::ChannelView, limits, services::Services};

pub(crate) struct Context {
    pub(crate) services: Arc<Services>,
    pub(crate) channel_view: Arc<ChannelView>,
    /// The delivery; in a batch, the first one.
    pub(crate) delivery: DeliveryId,
    /// The attempt's number.
    number: Option<u32>,
    /// The attempt's trace context, if there is one. The event then carries it too.
    pub(crate) trace: Option<TraceId>,
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
    // use none. What is large is boxed, because a context moves several times on its way into a store.
    pub(crate) requests: Option<Arc<Requests>>,
    lines: Option<SharedLines>,
    pub(crate) names: Option<Names>,
    pub(crate) wasi: Option<Box<WasiCtx>>,
    pub(crate) preview1: Option<Box<WasiP1Ctx>>,
    pub(crate) http: Option<HttpSide>,
}

/// The environment and input of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Process {
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) stdin: Bytes,
}

/// The `wasi:http` state of one instance.
pub(crate) struct HttpSide {
    pub(crate) ctx: WasiHttpCtx,
    pub(crate) hooks: Box<dyn WasiHttpHooks>,
}

impl Context {
    pub(crate) fn new(services: &Arc<Services>, channel_view: &Arc<ChannelView>, attempt: &Attempt) -> Self {
        Self::with(Arc::clone(services), channel_view.for_instance(), Meter::new(attempt.bounds.memory), Some(attempt))
    }

    /// For a guest that is started without a delivery.
    pub(crate) fn bare(services: &Arc<Services>, name: ChannelName) -> Self {
        let channel_view = Arc::new(ChannelView::new(ChannelSetup::new(name), Wire::default()));
        Self::with(Arc::clone(services), channel_view, Meter::new(limits::LINEAR_MEMORY as u64), None)
    }

    fn with(services: Arc<Services>, channel_view: Arc<ChannelView>, meter: Meter, attempt: Option<&Attempt>) -> Self {
        let none = DeliveryId { event: Uuid::nil(), channel: ChannelId(0) };
        Self {
            services,
            channel_view,
            delivery: attempt.map_or(none, |attempt| attempt.delivery),
            number: attempt.map(|attempt| attempt.number),
            trace: attempt.and_then(trace_of),
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
            // Created on first use if the attempt is not traced.
            requests: attempt.and_then(|attempt| attempt.trace.clone()).map(|trace| Arc::new(Requests::of(trace))),
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
        self.number = Some(attempt.number);
        self.trace = trace_of(attempt);
        self.batch = None;
        self.state = Some(Arc::clone(&attempt.state));
        self.meter.renew(attempt.bounds.memory);
        self.writes.clear();
        self.samples.clear();
        self.event = Some(Arc::clone(&attempt.event));
        self.emits.clear();
        self.renders = 0;
        self.hindered = None;
        match (&self.requests, &attempt.trace) {
            (Some(requests), trace) => requests.renew(trace.clone()),
            (None, Some(trace)) => self.requests = Some(Arc::new(Requests::of(trace.clone()))),
            (None, None) => {}
        }
        if let Some(names) = &mut self.names {
            names.forget();
        }
        if let Some(lines) = &self.lines {
            lines.renew(self.speaker());
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
        self.requests.as_ref().is_some_and(|requests| requests.are_open())
    }

    /// The guest's requests, if the attempt is sampled.
    pub(crate) fn take_sent(&mut self) -> Option<Vec<Sent>> {
        let journey = &self.requests.as_ref()?.journey;
        journey.is_sampled().then(|| journey.take())
    }

    pub(crate) fn denied(&mut self) -> Option<String> {
        self.requests.as_ref().and_then(|requests| requests.take_denied())
    }

    pub(crate) fn lines(&mut self) -> &SharedLines {
        let lines = match self.lines.take() {
            Some(lines) => lines,
            None => SharedLines::new(Arc::clone(&self.channel_view), self.speaker()),
        };
        self.lines.insert(lines)
    }

    fn speaker(&self) -> Speaker {
        let first = self.batch.as_ref().and_then(|batch| batch.events.first());
        let event = first.or(self.event.as_ref()).cloned();
        Speaker { delivery: event.is_some().then_some(self.delivery), event, attempt: self.number, trace: self.trace }
    }

    /// Bytes written to the standard streams.
    pub(crate) fn written(&self) -> u64 {
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

fn trace_of(attempt: &Attempt) -> Option<TraceId> {
    attempt.trace.as_ref().map(|context| context.trace)
}

fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(limits::HANDLES);
    table
}
