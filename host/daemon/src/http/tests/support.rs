//! A daemon without an engine: the real journal and dispatcher, with channels written in Rust.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use axum::body::Body;
use bytes::Bytes;
use fanfare_core::{Backoff, ChannelName, Class, Cost, Fault, Outcome, Policy, Report};
use fanfare_dispatch::{Attempt, BoxFuture, Channel, ChannelSpec, Clock, Dispatcher, Journal, Parts, SystemClock};
use fanfare_journal::{Options, SqliteJournal};
use fanfare_runtime::Grants;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::{
    access::Access,
    daemon::{Daemon, Reload},
    http::Api,
    metrics::Metrics,
    notices::Notices,
    overview::{ChannelInfo, LoadedInfo, Overview, PluginInfo, ReloadOutcome, ReloadReport},
    recipients::{OnFile, Recipients},
    response_memory::ResponseMemory,
    schemas::{Catalogue, SchemaSet, Schemas},
    series::Series,
    streams::{Observers, Streams},
    traces::Tracer,
};

pub(super) const LISTEN: &str = "127.0.0.1:8080";
pub(super) const MAX_BODY: usize = 4 << 10;

/// What a channel does with every delivery.
#[derive(Clone, Copy)]
pub(super) enum Does {
    Deliver,
    Reject,
    /// Fails once per event, then delivers.
    RetryOnce,
    /// Never comes back.
    Hang,
    /// Keeps its thread for good.
    Block,
}

impl Channel for Does {
    fn deliver(&self, attempt: Attempt) -> BoxFuture<'_, Report> {
        let does = *self;
        Box::pin(async move {
            let cost = Cost { duration: Duration::from_micros(400), fuel: 5_000, memory: 1 << 20 };
            match does {
                Self::RetryOnce if attempt.number == 1 => {
                    Report::failed(Fault::new(Class::Retry, "http_503", "the receiver is busy"), cost)
                }
                Self::Reject => {
                    Report::failed(Fault::new(Class::Rejected, "http_400", "the receiver rejected it"), cost)
                }
                Self::Hang => std::future::pending().await,
                Self::Block => loop {
                    std::thread::park();
                },
                Self::Deliver | Self::RetryOnce => Report {
                    outcome: Outcome::Delivered { receipt: Some(r#"{"log_id":"log_1"}"#.to_owned()) },
                    cost,
                    writes: vec![],
                    samples: vec![],
                    emits: vec![],
                    trace: vec![],
                    sent: vec![],
                },
            }
        })
    }

    fn plugin_digest(&self) -> &str {
        "0123456789abcdef"
    }

    fn settings_digest(&self) -> Arc<str> {
        "fedcba9876543210".into()
    }
}

/// A reload that returns a set outcome, or panics.
struct Reloads(Option<ReloadOutcome>);

impl Reload for Reloads {
    fn reload(&self) -> BoxFuture<'_, ReloadReport> {
        let outcome = self.0.expect("a reload that panics");
        Box::pin(async move { report(outcome) })
    }
}

fn report(outcome: ReloadOutcome) -> ReloadReport {
    let errors = match outcome {
        ReloadOutcome::Ok => vec![],
        ReloadOutcome::Rejected => vec!["config.toml:3:1: channels.log.timeout: must be a duration".to_owned()],
    };
    ReloadReport { at: Timestamp::UNIX_EPOCH, outcome, changes: vec!["log: replaced".to_owned()], errors }
}

pub(super) struct Fixture {
    pub(super) api: Api,
    pub(super) daemon: Arc<Daemon>,
    pub(super) journal: Arc<SqliteJournal>,
    _folder: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {:?}", self.body))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Fixture {
    pub(super) async fn new(channels: &[(&str, Does)]) -> Self {
        Self::with(channels, Some(ReloadOutcome::Ok)).await
    }

    pub(super) async fn with(channels: &[(&str, Does)], reload: Option<ReloadOutcome>) -> Self {
        Self::on(&Handle::current(), channels, reload).await
    }

    /// With guests on threads of their own.
    pub(super) async fn on(guests: &Handle, channels: &[(&str, Does)], reload: Option<ReloadOutcome>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let journal = open(folder.path(), &clock).await;
        let metrics = Arc::new(Metrics::new(Arc::clone(&clock)));
        let tracer = Arc::new(Tracer::new(Arc::clone(&clock), metrics.traces()));
        let streams = Arc::new(Streams::new(2));
        let history = journal.history();
        let schemas = Arc::new(Schemas::new(SchemaSet::default(), Arc::clone(&metrics), history.clone()));
        let catalogue = Arc::new(Catalogue::new(history));
        let recipients = Recipients::open(OnFile::default(), journal.recipients()).await.unwrap();
        let recipients = Arc::new(recipients);
        let dispatcher = Arc::new(Dispatcher::new(Parts {
            journal: journal.clone(),
            state: journal.clone(),
            clock: Arc::clone(&clock),
            observer: Arc::new(Observers {
                metrics: Arc::clone(&metrics),
                streams: Arc::clone(&streams),
                notices: Notices::new(clock.clone()),
                tracer: Arc::clone(&tracer),
            }),
            recipients: recipients.clone(),
            guests: guests.clone(),
        }));
        let policy = Policy {
            retries: 1,
            backoff: Backoff::schedule(vec![Duration::from_millis(1)], 0.0).unwrap(),
            ..Policy::default()
        };
        let specs = channels.iter().map(|&(name, does)| ChannelSpec {
            name: ChannelName::new(name).unwrap(),
            policy: policy.clone(),
            channel: Some(Arc::new(does)),
        });
        dispatcher.apply(specs.collect::<Vec<_>>()).await.unwrap();
        let daemon = Arc::new(Daemon {
            dispatcher,
            journal: journal.clone(),
            history: journal.history(),
            journal_file: folder.path().join("journal.db"),
            jobs: journal.jobs(),
            streams,
            schemas,
            recipients,
            catalogue,
            series: Arc::new(Series::new(
                Arc::clone(&metrics),
                journal.history(),
                Arc::clone(&clock),
                &fanfare_record::Totals::default(),
            )),
            metrics,
            audit: journal.audit(),
            access: Arc::new(Access::new(&[], Arc::clone(&clock))),
            tls: None,
            tracer,
            overview: Arc::new(ArcSwap::from_pointee(overview(channels, &policy, reload))),
            clock,
            wait: Duration::from_secs(30),
            max_body: MAX_BODY,
            body_timeout: Duration::from_secs(30),
            max_batch: 3,
            response_memory: ResponseMemory::default(),
            stopping: CancellationToken::new(),
            reload: Arc::new(Reloads(reload)),
        });
        let api = Api::new(Arc::clone(&daemon), LISTEN.parse::<SocketAddr>().unwrap());
        Self { api, daemon, journal, _folder: folder }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let (head, body) = self.api.call(request, None).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, body }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path).body(Body::empty()).unwrap()).await
    }

    /// Publishes in the simple form.
    pub(super) async fn publish(&self, body: &str) -> Answer {
        self.publish_with(body, &[]).await
    }

    pub(super) async fn publish_with(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = request("POST", "/v1/events").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

pub(super) fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header("host", LISTEN)
}

async fn open(folder: &Path, clock: &Arc<dyn Clock>) -> Arc<SqliteJournal> {
    // What is settled goes when a test has it tidied up, and not before.
    let options = Options { retention: Some(Duration::ZERO), ..Options::new(folder.join("journal.db")) };
    SqliteJournal::open(options, Arc::clone(clock)).await.unwrap()
}

fn overview(channels: &[(&str, Does)], policy: &Policy, reload: Option<ReloadOutcome>) -> Overview {
    let info = |name: &str| ChannelInfo {
        name: ChannelName::new(name).unwrap(),
        plugin: format!("builtin:{name}"),
        policy: policy.clone(),
        policy_from: [("retries".to_owned(), crate::api::Layer::Channel.into())].into(),
        grants: Grants { http: vec!["127.0.0.1:9000".parse().unwrap()], ..Grants::default() },
        settings: vec!["url".to_owned()],
        secrets: vec![],
        signed: true,
        loaded: Some(LoadedInfo {
            digest: "00".repeat(32),
            kind: "channel",
            imports: vec!["fanfare:channel/log@0.1.0".to_owned()],
        }),
        error: None,
        missing: false,
        configure: None,
        warnings: vec![],
    };
    let plugins = channels.iter().map(|(name, _)| PluginInfo {
        name: format!("builtin:{name}"),
        file: None,
        size: 80_000,
        digest: "00".repeat(32),
        exports: None,
        error: None,
        configure: None,
        channels: vec![ChannelName::new(name).unwrap()],
        stages: vec![],
    });
    Overview {
        channels: channels.iter().map(|(name, _)| (ChannelName::new(name).unwrap(), info(name))).collect(),
        stages: vec![],
        plugins: plugins.collect(),
        last_reload: reload.map(report),
        reloads: reload.map(report).into_iter().collect(),
        ..Overview::default()
    }
}

/// Ends the journal's thread, so that the folder can go.
pub(super) async fn close(fixture: Fixture) {
    fixture.daemon.dispatcher.drain(Duration::ZERO).await;
    fixture.journal.close().await;
}
