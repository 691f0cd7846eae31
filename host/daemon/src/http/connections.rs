//! Which connections are busy, and which has been idle longest. When there is no room for a new connection, that one is
//! closed.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use http_body::{Frame, SizeHint};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// A connection that was asked to close may still be writing its last response. After this long, another one is asked
/// too.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// A connection is not closed in favour of another before it has had this long to send a request. Otherwise a flood of
/// new connections would push out those that were just accepted. In microseconds.
const YOUNG: u64 = 50_000;

/// The value of `idle_since` while a connection has a request in flight.
const BUSY: u64 = u64::MAX;

/// The connections of one server.
pub(super) struct Connections {
    room: Arc<Semaphore>,
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    opened: AtomicU64,
    /// A new connection waits for room, so connections notify when they become idle.
    crowded: AtomicBool,
    idle: Notify,
    started: Instant,
    /// Closes all of them.
    draining: CancellationToken,
}

/// One connection.
pub(super) struct Connection {
    /// Microseconds after `started`, or [`BUSY`].
    idle_since: AtomicU64,
    /// It has not sent a request yet.
    fresh: AtomicBool,
    /// Cancelled to close it after the response in flight.
    pub(super) close: CancellationToken,
}

impl Connections {
    pub(super) fn new(most: usize, draining: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            room: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            open: Mutex::default(),
            opened: AtomicU64::new(0),
            crowded: AtomicBool::new(false),
            idle: Notify::new(),
            started: Instant::now(),
            draining,
        })
    }

    /// Reserves a place for one more connection. While there is none, the connection that has been idle longest is
    /// asked to close.
    pub(super) async fn place(self: &Arc<Self>) -> Place {
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
            return self.open(permit);
        }
        self.crowded.store(true, Ordering::SeqCst);
        let permit = loop {
            self.close_the_idlest();
            tokio::select! {
                permit = Arc::clone(&self.room).acquire_owned() => if let Ok(permit) = permit { break permit },
                () = self.idle.notified() => {}
                () = tokio::time::sleep(ASK_AGAIN) => {}
            }
        };
        self.crowded.store(false, Ordering::SeqCst);
        self.open(permit)
    }

    fn open(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Place {
        let connection = Arc::new(Connection {
            idle_since: AtomicU64::new(self.now()),
            fresh: AtomicBool::new(true),
            close: self.draining.child_token(),
        });
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(number, Arc::clone(&connection));
        Place { connections: Arc::clone(self), connection, number, _permit: permit }
    }

    fn close_the_idlest(&self) {
        let young = self.now().saturating_sub(YOUNG);
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |one: &Arc<Connection>| one.idle_since.load(Ordering::Acquire);
        // `BUSY` is the largest value, so busy connections come last.
        let idle = open.values().filter(|one| !one.close.is_cancelled()).min_by_key(|one| since(one));
        if let Some(idlest) = idle.filter(|one| since(one) <= young) {
            idlest.close.cancel();
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(BUSY).min(BUSY - 1)
    }
}

impl Connection {
    /// Whether it can be closed without a response, because it has sent no request.
    pub(super) fn is_fresh(&self) -> bool {
        self.fresh.load(Ordering::Acquire)
    }
}

/// A place among the connections; dropping it frees the place.
pub(super) struct Place {
    connections: Arc<Connections>,
    pub(super) connection: Arc<Connection>,
    number: u64,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Marks the connection as busy until the response has been sent or abandoned. HTTP/1.1: one request at a time.
    pub(super) fn busy(&self) -> Busy {
        self.connection.fresh.store(false, Ordering::Release);
        self.connection.idle_since.store(BUSY, Ordering::Release);
        Busy { connections: Arc::clone(&self.connections), connection: Arc::clone(&self.connection) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

/// A request in flight.
pub(super) struct Busy {
    connections: Arc<Connections>,
    connection: Arc<Connection>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.connection.idle_since.store(self.connections.now(), Ordering::Release);
        if self.connections.crowded.load(Ordering::SeqCst) {
            self.connections.idle.notify_one();
        }
    }
}

/// The body of a response; keeps its connection busy.
pub(super) struct Answering {
    pub(super) body: Body,
    pub(super) _busy: Busy,
}

impl http_body::Body for Answering {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<bytes::Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
