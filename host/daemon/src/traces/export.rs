//! Sends spans to a collector: OTLP over HTTP with protobuf, in batches, with retries where the protocol allows them.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use fanfare_core::{Backoff, retry_after};
use fanfare_dispatch::{Clock as _, SystemClock};
use http::{
    HeaderMap, HeaderValue, Request, StatusCode, Uri,
    header::{CONTENT_TYPE, DATE, RETRY_AFTER, USER_AGENT},
};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use prost::Message as _;
use rustls::{ClientConfig, crypto::ring};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout_at},
};

use super::otlp::{ExportTraceServiceRequest, Resource, ResourceSpans, Scope, ScopeSpans, Span, attribute};
use crate::{config::Telemetry, metrics::TraceCounters};

/// The most spans in one request, and how long the first one waits for more.
const MOST: usize = 512;
const LINGER: Duration = Duration::from_secs(1);

/// How long a batch is retried before it is dropped, and the cap on a collector's `Retry-After`.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most bytes read of a response. Its content is not used.
const LONGEST_ANSWER: usize = 64 << 10;

const NAME: &str = env!("CARGO_PKG_NAME");
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) struct Exporter {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: Uri,
    headers: HeaderMap,
    resource: Resource,
    timeout: Duration,
    counters: TraceCounters,
    failure: Failing,
}

/// Why the last spans could not be sent, which has been logged; `None` if they were. The tracer shows it.
pub(super) type Failing = Arc<ArcSwapOption<String>>;

/// Why a request failed.
enum Failure {
    /// Retryable, perhaps after this long.
    Later(String, Option<Duration>),
    Never(String),
}

impl Exporter {
    pub(super) fn new(telemetry: &Telemetry, counters: TraceCounters, failure: Failing) -> anyhow::Result<Self> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions()?;
        let builder = match &telemetry.ca {
            Some(ca) => builder.with_root_certificates(Arc::clone(&ca.roots)),
            None => builder.with_webpki_roots(),
        };
        let tls = builder.with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("fanfare/", env!("CARGO_PKG_VERSION"))));
        headers.extend(telemetry.headers.clone());
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: telemetry.traces.clone(),
            headers,
            resource: resource(telemetry),
            timeout: telemetry.timeout,
            counters,
            failure,
        })
    }

    /// Sends spans until all senders are dropped.
    pub(super) async fn run(self, mut spans: mpsc::Receiver<Span>) {
        let mut batch = Vec::new();
        while spans.recv_many(&mut batch, MOST).await > 0 {
            let until = Instant::now() + LINGER;
            while batch.len() < MOST {
                let room = MOST - batch.len();
                match timeout_at(until, spans.recv_many(&mut batch, room)).await {
                    Ok(1..) => {}
                    Ok(0) | Err(_) => break,
                }
            }
            self.export(std::mem::take(&mut batch)).await;
        }
    }

    /// Sends a batch until it is accepted, rejected or too old.
    async fn export(&self, spans: Vec<Span>) {
        let count = spans.len() as u64;
        let body = Bytes::from(self.request(spans).encode_to_vec());
        let until = Instant::now() + PATIENCE;
        let backoff = Backoff::default();
        for attempt in 1.. {
            let (reason, wait) = match self.send(body.clone()).await {
                Ok(()) => {
                    self.counters.exported.inc_by(count);
                    if self.failure.swap(None).is_some() {
                        tracing::info!("the collector accepts spans again");
                    }
                    return;
                }
                Err(Failure::Later(reason, asked)) => {
                    let own = backoff.wait(attempt, fastrand::f64()).min(LONGEST_WAIT);
                    (reason, Some(asked.map_or(own, |asked| asked.max(own))))
                }
                Err(Failure::Never(reason)) => (reason, None),
            };
            if self.failure.swap(Some(Arc::new(reason.clone()))).is_none() {
                let collector = self.url.authority().map(ToString::to_string);
                tracing::warn!(
                    collector,
                    reason,
                    "spans could not be sent; those that are dropped are counted in fanfare_traces_dropped_total"
                );
            }
            match wait.filter(|wait| Instant::now() + *wait < until) {
                Some(wait) => sleep(wait).await,
                None => {
                    self.counters.dropped.inc_by(count);
                    return;
                }
            }
        }
    }

    fn request(&self, spans: Vec<Span>) -> ExportTraceServiceRequest {
        let scope = Scope { name: NAME.to_owned(), version: VERSION.to_owned() };
        let scope_spans = vec![ScopeSpans { scope: Some(scope), spans }];
        ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans { resource: Some(self.resource.clone()), scope_spans }],
        }
    }

    async fn send(&self, body: Bytes) -> Result<(), Failure> {
        let mut request = Request::post(self.url.clone());
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&self.headers);
        }
        let request = request.body(Full::new(body)).map_err(|error| Failure::Never(error.to_string()))?;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| described(&error))?;
            let (head, body) = response.into_parts();
            // Read to its end, so that the connection can be reused.
            let _rest = Limited::new(body, LONGEST_ANSWER).collect().await.is_ok();
            Ok::<_, String>(head)
        };
        let head = match tokio::time::timeout(self.timeout, exchange).await {
            Ok(Ok(head)) => head,
            Ok(Err(reason)) => return Err(Failure::Later(reason, None)),
            Err(_elapsed) => return Err(Failure::Later("no response in time".to_owned(), None)),
        };
        let reason = || format!("the collector returned {}", head.status);
        match head.status {
            status if status.is_success() => Ok(()),
            // The status codes that OTLP defines as retryable.
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Err(Failure::Later(reason(), wanted_wait(&head.headers))),
            _ => Err(Failure::Never(reason())),
        }
    }
}

/// What sends the spans. The operator's attributes take precedence over ours.
fn resource(telemetry: &Telemetry) -> Resource {
    let own = [
        attribute("service.name", telemetry.service_name.as_str()),
        attribute("service.version", VERSION),
        attribute("process.pid", u64::from(std::process::id())),
    ];
    let given = &telemetry.attributes;
    let own = own.into_iter().filter(|own| !given.contains_key(&own.key));
    let attributes = own.chain(given.iter().map(|(name, value)| attribute(name, value.as_str()))).collect();
    Resource { attributes }
}

/// The longest backoff, so that a collector's recovery is noticed soon.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// `Retry-After`, up to the time that a batch is retried for.
fn wanted_wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let wait = retry_after(text(RETRY_AFTER)?, text(DATE), SystemClock.now())?;
    Some(wait.min(PATIENCE))
}

/// An error with its causes; the error alone only says that something failed.
fn described(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_asks_to_wait_in_seconds_or_until_a_date() {
        let date = (DATE, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"));
        for (value, want) in
            [("7", Some(7)), ("Sun, 06 Nov 1994 08:49:44 GMT", Some(7)), ("3600", Some(60)), ("later", None)]
        {
            let headers = [date.clone(), (RETRY_AFTER, HeaderValue::from_static(value))].into_iter().collect();
            assert_eq!(wanted_wait(&headers), want.map(Duration::from_secs), "{value}");
        }
        assert_eq!(wanted_wait(&HeaderMap::from_iter([date])), None);
    }
}
