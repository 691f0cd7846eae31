//! A webhook receiver on loopback with programmed responses. It remembers its requests.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Bytes, header::HeaderMap, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// One request.
#[derive(Clone, Debug)]
pub struct Received {
    /// With the query.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub struct Answering {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub delay: Duration,
    pub body: String,
}

impl Answering {
    pub fn status(status: u16) -> Self {
        Self { status, headers: vec![], delay: Duration::ZERO, body: String::new() }
    }
}

struct Shared {
    answering: Mutex<Answering>,
    received: Mutex<Vec<Received>>,
    /// Notified of every request; keeps no bodies if there are very many.
    count: watch::Sender<u64>,
    keep: AtomicU64,
}

pub struct Receiver {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    /// Keeps every request, however many there are.
    pub fn keep_all(&self) {
        self.shared.keep.store(u64::MAX, Ordering::Relaxed);
    }

    /// On a given address, for a receiver that comes back.
    pub async fn start_at(address: SocketAddr) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        let listener: TcpListener = socket.listen(1024).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answering: Mutex::new(Answering::status(204)),
            received: Mutex::default(),
            count: watch::Sender::new(0),
            keep: AtomicU64::new(10_000),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn answer(&self, answering: Answering) {
        *self.shared.answering.lock().unwrap() = answering;
    }

    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// How often each delivery was received.
    pub fn deliveries(&self) -> HashMap<String, usize> {
        let mut deliveries = HashMap::new();
        for request in self.received() {
            *deliveries.entry(request.header("webhook-id").to_owned()).or_default() += 1;
        }
        deliveries
    }

    pub fn count(&self) -> u64 {
        *self.shared.count.borrow()
    }

    /// Waits for the first request after which `ask` finds something. `None` if it takes too long.
    pub async fn until_some<T>(&self, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
        let mut seen = self.shared.count.subscribe();
        let found = async {
            loop {
                if let Some(found) = ask() {
                    return found;
                }
                seen.changed().await.unwrap();
            }
        };
        tokio::time::timeout(super::PATIENCE / 4, found).await.ok()
    }

    /// Waits until this many requests were received.
    pub async fn wait_for(&self, count: u64) {
        let mut seen = self.shared.count.subscribe();
        let reached = seen.wait_for(|seen| *seen >= count);
        tokio::time::timeout(super::PATIENCE, reached)
            .await
            .unwrap_or_else(|_| panic!("only {} of {count} requests came", self.count()))
            .unwrap();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new(); // aborted with this task
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| handle(request, Arc::clone(&shared)));
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            drop(connection.await);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn handle(
    request: Request<hyper::body::Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let answering = shared.answering.lock().unwrap().clone();
    {
        let mut received = shared.received.lock().unwrap();
        if (received.len() as u64) < shared.keep.load(Ordering::Relaxed) {
            let path = head.uri.to_string();
            received.push(Received { path, headers: head.headers, body });
        }
    }
    shared.count.send_modify(|count| *count += 1);
    // As slow as the test wants it.
    tokio::time::sleep(answering.delay).await;
    let mut response = Response::builder().status(answering.status);
    for (name, value) in &answering.headers {
        response = response.header(*name, value);
    }
    Ok(response.body(Full::new(answering.body.into())).unwrap())
}
