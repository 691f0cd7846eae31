//! The receivers of all webhook channels behind one address: they fail at random and remember their requests.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Bytes, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinHandle};

/// How they respond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Healthy,
    /// 503 to the first request for each event.
    FirstFails,
    /// Anything, depending on the seed.
    Random(u64),
}

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub channel: String,
    /// Empty if it was sent with others, in a batch.
    pub delivery: String,
    pub source: String,
    pub event: String,
    pub subject: Option<String>,
    /// The status of the response; 0 if the connection was closed.
    pub status: u16,
}

pub struct Receivers {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    mood: Mutex<Mood>,
    hits: Mutex<Vec<Hit>>,
    /// Requests so far, by channel and event.
    seen: Mutex<HashMap<(String, String), u64>>,
}

impl Drop for Receivers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receivers {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared =
            Arc::new(Shared { mood: Mutex::new(Mood::Healthy), hits: Mutex::default(), seen: Mutex::default() });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, task }
    }

    pub fn feel(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    pub fn hits(&self) -> Vec<Hit> {
        self.shared.hits.lock().unwrap().clone()
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

/// An error closes the connection.
async fn handle(
    request: Request<hyper::body::Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let (events, delivery) = match body {
        serde_json::Value::Array(events) => (events, String::new()),
        event => (vec![event], head.headers["webhook-id"].to_str().unwrap().to_owned()),
    };
    let text = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let channel = head.uri.path().trim_start_matches('/').to_owned();
    // The first event of a batch decides for all of it.
    let id = text(&events[0], "id");
    let nth = {
        let mut seen = shared.seen.lock().unwrap();
        let nth = seen.entry((channel.clone(), id.clone())).or_default();
        *nth += 1;
        *nth
    };
    let mood = *shared.mood.lock().unwrap();
    let (status, delay) = answer(mood, &channel, &id, nth);
    let hit = |event: &serde_json::Value| Hit {
        channel: channel.clone(),
        delivery: delivery.clone(),
        source: text(event, "source"),
        event: text(event, "id"),
        subject: event["subject"].as_str().map(str::to_owned),
        status,
    };
    shared.hits.lock().unwrap().extend(events.iter().map(hit));
    // A receiver that is slow on purpose.
    tokio::time::sleep(delay).await;
    match status {
        0 => Err(std::io::ErrorKind::ConnectionReset.into()),
        status => Ok(Response::builder().status(status).body(Full::default()).unwrap()),
    }
}

fn answer(mood: Mood, channel: &str, event: &str, nth: u64) -> (u16, Duration) {
    let seed = match mood {
        Mood::Healthy => return (204, Duration::ZERO),
        Mood::FirstFails if nth == 1 => return (503, Duration::ZERO),
        Mood::FirstFails => return (204, Duration::ZERO),
        Mood::Random(seed) => seed,
    };
    let hash = channel
        .bytes()
        .chain(event.bytes())
        .fold(seed ^ nth, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    let mut random = fastrand::Rng::with_seed(hash);
    let slow = Duration::from_millis(random.u64(5..60));
    match random.u16(0..1000) {
        0..700 => (204, Duration::ZERO),
        700..840 => (503, Duration::ZERO),
        840..900 => (204, slow),
        900..930 => (500, slow),
        930..970 => (0, Duration::ZERO),
        970..985 => (0, slow),
        985..995 => (422, Duration::ZERO),
        _ => (410, Duration::ZERO),
    }
}
