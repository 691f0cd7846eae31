//! What an attempt has sent.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use fanfare_core::TraceContext;

use crate::{
    limits,
    message::{Journey, Purse},
};

/// An attempt's outgoing requests. Shared with what outlives a host call: sockets and requests in progress.
#[derive(Default)]
pub(crate) struct Requests {
    sent: AtomicUsize,
    sockets: AtomicUsize,
    lookups: AtomicUsize,
    /// The attempt's budget for bodies.
    pub(crate) purse: Purse,
    pub(crate) journey: Journey,
    denied: Mutex<Option<String>>,
}

impl Requests {
    /// The requests of an attempt with this trace context.
    pub(super) fn of(trace: TraceContext) -> Self {
        let requests = Self::default();
        requests.journey.renew(Some(trace));
        requests
    }

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

    /// Starts over for the next attempt on the same instance. In place, because streams and sockets that the guest may
    /// still have share it.
    pub(super) fn renew(&self, trace: Option<TraceContext>) {
        self.sent.store(0, Ordering::Relaxed);
        self.sockets.store(0, Ordering::Relaxed);
        self.lookups.store(0, Ordering::Relaxed);
        *self.denied() = None;
        self.journey.renew(trace);
    }

    /// Whether the guest may still have sockets, or unread responses.
    pub(super) fn are_open(&self) -> bool {
        self.sockets.load(Ordering::Relaxed) > 0 || self.purse.is_open()
    }

    pub(super) fn take_denied(&self) -> Option<String> {
        self.denied().take()
    }

    fn denied(&self) -> MutexGuard<'_, Option<String>> {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
