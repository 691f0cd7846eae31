//! A small webhook receiver: accepts deliveries, verifies their signatures, and reports them.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use fanfare_dispatch::{Clock as _, SystemClock};
use fanfare_runtime::webhook::{self, SigningKey};
use http::{HeaderMap, Method, Request, Response, StatusCode, header::ALLOW};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

/// How a receiver behaves.
pub struct ReceiverOptions {
    /// The path for deliveries; other paths are 404.
    pub path: String,
    /// A signature by any of these is valid. If empty, signatures are not verified.
    pub keys: Vec<SigningKey>,
    /// The status instead of 204; with `fail_first`, only for failures.
    pub status: Option<StatusCode>,
    /// How many deliveries fail before the first one succeeds.
    pub fail_first: u64,
    /// The delay of each response.
    pub delay: Duration,
}

impl Default for ReceiverOptions {
    /// Accepts everything on `/hook` and verifies nothing.
    fn default() -> Self {
        Self { path: "/hook".to_owned(), keys: vec![], status: None, fail_first: 0, delay: Duration::ZERO }
    }
}

/// A receiver that runs until it is dropped.
pub struct Receiver {
    pub address: SocketAddr,
    /// What was received, each reported before the response. If nobody reads it, the receiver stops.
    pub deliveries: mpsc::Receiver<Received>,
    /// The accept loop; dropping it ends it and every connection.
    _tasks: JoinSet<()>,
}

/// One delivery as received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Received {
    pub at: Timestamp,
    pub webhook_id: Option<String>,
    pub event_type: Option<String>,
    pub event_id: Option<String>,
    /// Its `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The size of the body in bytes.
    pub size: usize,
    /// As text, truncated to [`SHOWN`] bytes.
    pub body: String,
    pub signature: Signature,
    /// How often this webhook-id was received so far: 1 for the first time.
    pub times: u64,
    /// The status of the response.
    pub answered: u16,
}

/// Whether a delivery's signature is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Signature {
    /// Signed by one of our keys, over these bytes, recently.
    Verified,
    /// Signed, but there is no key to verify it with.
    Unchecked,
    Unsigned,
    Invalid {
        reason: String,
    },
}

const MOST_CONNECTIONS: usize = 256;
/// The most bytes of a body that are kept and shown.
const SHOWN: usize = 8 << 10;
/// Reported deliveries that were not read yet.
const QUEUE: usize = 1024;
const LARGEST_BODY: usize = 16 << 20;
/// How many ids are kept to recognize repeats; beyond that, the receiver starts over.
const MOST_IDS: usize = 100_000;
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// After a failed `accept` (for example, out of file descriptors), to avoid a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

impl Receiver {
    /// Starts a receiver; port 0 takes a free port.
    ///
    /// # Errors
    /// The address is taken or does not belong to this machine.
    pub async fn start(address: SocketAddr, options: ReceiverOptions) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (sender, deliveries) = mpsc::channel(QUEUE);
        let desk = Arc::new(Desk { options, sender, seen: Mutex::default() });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, desk));
        Ok(Self { address, deliveries, _tasks: tasks })
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Ok((stream, _)) = stream else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let desk = Arc::clone(&desk);
        connections.spawn(async move {
            let service = service_fn(|request| desk.take(request));
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            if let Err(error) = served {
                tracing::debug!(%error, "a connection failed");
            }
            drop(permit);
        });
    }
}

/// Processes deliveries.
struct Desk {
    options: ReceiverOptions,
    sender: mpsc::Sender<Received>,
    seen: Mutex<Seen>,
}

/// What was received before.
#[derive(Default)]
struct Seen {
    times: HashMap<String, u64>,
    /// Correctly signed deliveries, including those failed on purpose.
    good: u64,
}

impl Desk {
    async fn take(&self, request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, http::Error> {
        if request.uri().path() != self.options.path {
            return answer(StatusCode::NOT_FOUND);
        }
        if request.method() != Method::POST {
            return Response::builder().status(StatusCode::METHOD_NOT_ALLOWED).header(ALLOW, "POST").body(Empty::new());
        }
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
            return answer(StatusCode::PAYLOAD_TOO_LARGE);
        };
        let received = self.judge(&head.headers, &body.to_bytes(), SystemClock.now());
        let status = StatusCode::from_u16(received.answered)?;
        tokio::time::sleep(self.options.delay).await;
        if self.sender.send(received).await.is_err() {
            tracing::debug!("the reader of deliveries is gone");
        }
        answer(status)
    }

    fn judge(&self, headers: &HeaderMap, body: &Bytes, at: Timestamp) -> Received {
        let signature = check(&self.options.keys, headers, body, at);
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let webhook_id = header(webhook::ID);
        let good = self.options.keys.is_empty() || signature == Signature::Verified;

        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let times = webhook_id.as_ref().map_or(1, |id| seen.count(id));
        let ReceiverOptions { status, fail_first, .. } = self.options;
        let status = if good {
            seen.good += 1;
            match status {
                _ if fail_first >= seen.good => status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
                Some(status) if fail_first == 0 => status,
                _ => StatusCode::NO_CONTENT,
            }
        } else {
            StatusCode::UNAUTHORIZED
        };
        // A CloudEvent in binary mode has these in headers, all other forms in the body.
        let named: Named = serde_json::from_slice(body).unwrap_or_default();
        Received {
            at,
            webhook_id,
            event_type: header("ce-type").or(named.ty),
            event_id: header("ce-id").or(named.id),
            idempotency_key: header("idempotency-key").map(|key| key.trim_matches('"').to_owned()),
            size: body.len(),
            body: String::from_utf8_lossy(&body[..body.len().min(SHOWN)]).into_owned(),
            signature,
            times,
            answered: status.as_u16(),
        }
    }
}

impl Seen {
    fn count(&mut self, id: &str) -> u64 {
        if self.times.len() >= MOST_IDS && !self.times.contains_key(id) {
            self.times.clear();
        }
        let times = self.times.entry(id.to_owned()).or_default();
        *times += 1;
        *times
    }
}

/// The attributes in a JSON body.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    #[serde(rename = "type")]
    ty: Option<String>,
    id: Option<String>,
}

fn check(keys: &[SigningKey], headers: &HeaderMap, body: &[u8], now: Timestamp) -> Signature {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(signatures) = header(webhook::SIGNATURE) else { return Signature::Unsigned };
    if keys.is_empty() {
        return Signature::Unchecked;
    }
    let Some(id) = header(webhook::ID) else {
        return Signature::Invalid { reason: "there is no `webhook-id`".to_owned() };
    };
    let Some(timestamp) = header(webhook::TIMESTAMP).and_then(|seconds| seconds.parse().ok()) else {
        return Signature::Invalid { reason: "there is no `webhook-timestamp` in seconds".to_owned() };
    };
    match (webhook::Signed { id, timestamp, signatures, body }).verify(keys, now.as_second()) {
        Ok(()) => Signature::Verified,
        Err(error) => Signature::Invalid { reason: error.to_string() },
    }
}

fn answer(status: StatusCode) -> Result<Response<Empty<Bytes>>, http::Error> {
    Response::builder().status(status).body(Empty::new())
}

#[cfg(test)]
mod tests;
