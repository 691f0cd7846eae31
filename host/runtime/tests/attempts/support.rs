//! Helpers: from a guest, its settings and its limits to a report.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use fanfare_core::{ChannelId, ChannelName, Class, DeliveryId, Event, Fault, Outcome, Payload, Report};
use fanfare_dispatch::{Attempt, Bounds, BoxFuture, Channel, JournalError, State};
use fanfare_runtime::{ChannelSetup, Grants, HostPattern, HttpGrant, Plugin, Runtime, RuntimeOptions, Secret};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use uuid::Uuid;

/// One engine for all tests: it reserves address space for a whole pool.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new(RuntimeOptions { max_instances: 64, ..RuntimeOptions::default() }).unwrap())
}

/// The guests, each compiled once for all tests.
pub async fn hostile() -> Plugin {
    static PLUGIN: tokio::sync::OnceCell<Plugin> = tokio::sync::OnceCell::const_new();
    PLUGIN.get_or_init(|| load(fanfare_artifacts::hostile())).await.clone()
}

pub async fn hostile_batch() -> Plugin {
    static PLUGIN: tokio::sync::OnceCell<Plugin> = tokio::sync::OnceCell::const_new();
    PLUGIN.get_or_init(|| load(fanfare_artifacts::hostile_batch())).await.clone()
}

pub async fn hostile_http() -> Plugin {
    static PLUGIN: tokio::sync::OnceCell<Plugin> = tokio::sync::OnceCell::const_new();
    PLUGIN.get_or_init(|| load(fanfare_artifacts::hostile_http())).await.clone()
}

pub async fn hostile_stage() -> Plugin {
    static PLUGIN: tokio::sync::OnceCell<Plugin> = tokio::sync::OnceCell::const_new();
    PLUGIN.get_or_init(|| load(fanfare_artifacts::hostile_stage())).await.clone()
}

pub async fn lean() -> Plugin {
    static PLUGIN: tokio::sync::OnceCell<Plugin> = tokio::sync::OnceCell::const_new();
    PLUGIN.get_or_init(|| load(fanfare_artifacts::lean())).await.clone()
}

pub async fn handler() -> Plugin {
    static PLUGIN: tokio::sync::OnceCell<Plugin> = tokio::sync::OnceCell::const_new();
    PLUGIN.get_or_init(|| load(fanfare_artifacts::handler())).await.clone()
}

pub async fn command() -> Plugin {
    static PLUGIN: tokio::sync::OnceCell<Plugin> = tokio::sync::OnceCell::const_new();
    PLUGIN.get_or_init(|| load(fanfare_artifacts::command())).await.clone()
}

async fn load(wasm: &'static [u8]) -> Plugin {
    runtime().load(Bytes::from_static(wasm)).await.unwrap()
}

pub fn setup(settings: &[(&str, &str)]) -> ChannelSetup {
    ChannelSetup {
        settings: settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        ..ChannelSetup::new(ChannelName::new("hook").unwrap())
    }
}

pub fn granted(patterns: &[&str]) -> Grants {
    Grants { http: patterns.iter().map(|p| HttpGrant::parse(p).unwrap()).collect(), ..Grants::default() }
}

pub fn secret(name: &str, value: &str, host: &str) -> Secret {
    let hosts = vec![HostPattern::parse(host).unwrap()];
    Secret { name: name.to_owned(), value: value.to_owned(), hosts, body: false, plain: false }
}

pub fn bounds() -> Bounds {
    Bounds { timeout: Duration::from_secs(20), fuel: 1_000_000_000, memory: 64 << 20, reuse: 0 }
}

/// An empty state.
pub struct Empty;

impl State for Empty {
    fn get<'a>(&'a self, _: ChannelId, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(async { Ok(None) })
    }
}

pub fn attempt(bounds: Bounds) -> Attempt {
    let event = Event {
        id: "e-1".to_owned(),
        source: "/tests".to_owned(),
        ty: "user.signup".to_owned(),
        subject: Some("user/7".to_owned()),
        time: "2026-11-20T10:30:00Z".to_owned(),
        data_content_type: None,
        data_schema: None,
        extensions: vec![
            ("severity".to_owned(), fanfare_core::Attribute::String("info".to_owned())),
            ("hops".to_owned(), fanfare_core::Attribute::Integer(3)),
            ("test".to_owned(), fanfare_core::Attribute::Boolean(true)),
        ],
        data: Some(Payload::Text(r#"{"user_id":7}"#.to_owned())),
    };
    Attempt {
        delivery: DeliveryId { event: Uuid::from_u128(0xfa), channel: ChannelId(3) },
        number: 2,
        replayed: true,
        event: Arc::new(event),
        bounds,
        state: Arc::new(Empty),
        trace: None,
    }
}

pub async fn run_with(plugin: &Plugin, setup: ChannelSetup, bounds: Bounds) -> Report {
    channel(plugin, setup).deliver(attempt(bounds)).await
}

pub fn channel(plugin: &Plugin, setup: ChannelSetup) -> Arc<dyn Channel> {
    plugin.channel(setup).unwrap()
}

/// Runs the hostile guest with these settings and the usual limits.
pub async fn run(settings: &[(&str, &str)]) -> Report {
    run_with(&hostile().await, setup(settings), bounds()).await
}

#[track_caller]
pub fn receipt(report: &Report) -> serde_json::Value {
    match &report.outcome {
        Outcome::Delivered { receipt: Some(receipt) } => serde_json::from_str(receipt).unwrap(),
        other => panic!("no receipt: {other:?} {:?}", report.trace),
    }
}

#[track_caller]
pub fn fault(report: &Report) -> &Fault {
    match &report.outcome {
        Outcome::Failed(fault) => fault,
        other => panic!("no failure: {other:?}"),
    }
}

/// Asserts the class and code of a failed attempt, and that its message contains this text.
#[track_caller]
pub fn failed(report: &Report, class: Class, code: &str, says: &str) {
    let fault = fault(report);
    assert_eq!((fault.class, fault.code.as_str()), (class, code), "{} {:?}", fault.message, report.trace);
    assert!(fault.message.contains(says), "{}", fault.message);
}

/// A request as the receiver saw it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub method: String,
    pub headers: BTreeMap<String, String>,
    pub body: Bytes,
}

/// A receiver on loopback that answers every request alike and records them.
pub struct Receiver {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    pub connections: Arc<Mutex<usize>>,
}

impl Receiver {
    pub async fn start(answer: fn() -> Response<Full<Bytes>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, connections) = (Arc::new(Mutex::new(vec![])), Arc::new(Mutex::new(0)));
        let (log, count) = (Arc::clone(&seen), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                let log = Arc::clone(&log);
                tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(
                    TokioIo::new(stream),
                    service_fn(move |request| {
                        let log = Arc::clone(&log);
                        async move {
                            let seen = see(request).await;
                            log.lock().unwrap().push(seen);
                            Ok::<_, Infallible>(answer())
                        }
                    }),
                ));
            }
        });
        Self { address, seen, connections }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn see(request: Request<Incoming>) -> Seen {
    let (head, body) = request.into_parts();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap_or_default().to_owned())
    };
    Seen {
        path: head.uri.to_string(),
        method: head.method.to_string(),
        headers: head.headers.iter().map(header).collect(),
        body: body.collect().await.unwrap().to_bytes(),
    }
}

pub fn ok() -> Response<Full<Bytes>> {
    Response::new(Full::new(Bytes::from_static(b"{\"ok\":true}")))
}
