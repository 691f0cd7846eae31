//! The HTTP interface: one small file per resource, `problem` for every refusal, `server` for the connections.

mod access;
mod body;
mod cancel;
mod channel_actions;
mod channels;
mod connections;
mod dead_letters;
mod deliveries;
mod events;
mod explain;
mod health;
mod held;
mod idempotency;
mod metrics;
mod pace;
mod plugins;
mod prefer;
mod problem;
mod publish;
mod query;
mod recipients;
mod replays;
mod schemas;
mod server;
mod stages;
mod stats;
mod stream;
#[cfg(test)]
mod tests;
mod unique;
mod waits;
mod wire;

use std::{any::Any, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use bytes::Bytes;
use http_body_util::Full;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use explain::{Explanation, SchemaSays};
pub use held::{Budget, Held};
pub use problem::{Kind, Problem};
pub use server::{ServerOptions, serve};

use crate::daemon::Daemon;
use access::Hosts;
use pace::Paced;

/// What answers requests, whoever carries them.
#[derive(Clone)]
pub struct Api {
    router: Router,
    hosts: Hosts,
    /// For the body of a request.
    body_timeout: Duration,
}

impl Api {
    /// `listen` is the address the daemon is reached at.
    #[must_use]
    pub fn new(daemon: Arc<Daemon>, listen: SocketAddr) -> Self {
        let body_timeout = daemon.body_timeout;
        let router = routes()
            .into_iter()
            .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
            .fallback(unknown_path)
            .method_not_allowed_fallback(wrong_method)
            .layer(CatchPanicLayer::custom(panicked))
            .with_state(daemon);
        Self { router, hosts: Hosts::of(listen), body_timeout }
    }

    /// Answers one request. Whatever is wrong is in the response.
    pub async fn call<B>(&self, request: Request<B>) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<axum::BoxError>,
    {
        if let Err(problem) = self.hosts.check(&request) {
            return problem.into_response();
        }
        match self.router.clone().oneshot(request.map(|body| Body::new(Paced::new(body, self.body_timeout)))).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// Every path that is served. docs/http.md has a section for each method of each; a test holds it to this list.
fn routes() -> Vec<(&'static str, MethodRouter<Arc<Daemon>>)> {
    vec![
        ("/", get(index)),
        ("/v1/events", post(publish::publish).get(events::list)),
        ("/v1/events/stream", get(stream::follow)),
        ("/v1/events/{id}", get(events::show).delete(cancel::cancel)),
        ("/v1/explain", post(explain::explain)),
        ("/v1/schemas", get(schemas::list)),
        ("/v1/schemas/{type}", get(schemas::show)),
        ("/v1/recipients", get(recipients::list)),
        ("/v1/recipients/{subject}", get(recipients::show).put(recipients::set).delete(recipients::delete)),
        ("/v1/dead-letters", get(dead_letters::list)),
        ("/v1/dead-letters/replay", post(dead_letters::replay)),
        ("/v1/dead-letters/purge", post(dead_letters::purge)),
        ("/v1/dead-letters/{delivery}", get(dead_letters::show).delete(dead_letters::delete)),
        ("/v1/replays", post(replays::begin).get(replays::list)),
        ("/v1/replays/{id}", get(replays::show)),
        ("/v1/replays/{id}/pause", post(replays::pause)),
        ("/v1/replays/{id}/resume", post(replays::resume)),
        ("/v1/replays/{id}/cancel", post(replays::cancel)),
        ("/v1/channels", get(channels::list)),
        ("/v1/channels/{name}", get(channels::show)),
        ("/v1/channels/{name}/pause", post(channel_actions::pause)),
        ("/v1/channels/{name}/resume", post(channel_actions::resume)),
        ("/v1/channels/{name}/test", post(channel_actions::test)),
        ("/v1/channels/{name}/forget", post(channel_actions::forget)),
        ("/v1/deliveries/{id}/drop", post(deliveries::drop)),
        ("/v1/stages", get(stages::list)),
        ("/v1/stages/{name}", get(stages::show)),
        ("/v1/plugins", get(plugins::list)),
        ("/v1/reload", post(plugins::reload)),
        ("/v1/stats", get(stats::show)),
        ("/metrics", get(metrics::scrape)),
        ("/healthz", get(health::alive)),
        ("/readyz", get(health::ready)),
    ]
}

const INDEX: &str = "\
Fanfare

POST /v1/events                 publish an event and wait for its result
GET  /v1/events                 history: after, limit, order, type, source, channel, status, since, until
GET  /v1/events/{id}            one event, its result and every attempt; DELETE cancels one that is to be delivered later
GET  /v1/events/stream          events and what became of them, live: after, type, Last-Event-ID
POST /v1/explain                which channels an event would go to, and why not to the others; nothing is recorded
GET  /v1/schemas[/{type}]       types of events: how many, the newest, what their data is like; type, examples, after, limit
GET  /v1/recipients             whom events are for: prefix, after, limit
GET  /v1/recipients/{subject}   one of them; PUT sets it, DELETE removes what PUT has set
GET  /v1/dead-letters           deliveries that were given up: channel, type, class, code, since, until, order, after, limit
GET  /v1/dead-letters/{id}      one of them, with its event and every attempt; DELETE deletes it
POST /v1/dead-letters/replay    send some again: the same filters, delivery_id or all, dry_run
POST /v1/dead-letters/purge     delete some
POST /v1/replays                send events of the history again: after, until, types, channels, dry_run
GET  /v1/replays[/{id}]         how far that has come
POST /v1/replays/{id}/pause     also /resume and /cancel
GET  /v1/channels               the channels, and how they are doing
GET  /v1/channels/{name}        one of them
POST /v1/channels/{name}/pause  attempt nothing more, keep everything; also /resume
POST /v1/channels/{name}/test   deliver an event to this channel alone, and record nothing
POST /v1/channels/{name}/forget end what is pending for a channel that has left the configuration: dry_run (true)
POST /v1/deliveries/{id}/drop   end one pending delivery as dead: reason
GET  /v1/stages[/{name}]        what events pass before they go to channels
GET  /v1/plugins                the plugins that are loaded
POST /v1/reload                 look at the configuration and the plugins now
GET  /v1/stats                  totals, recent failures
GET  /metrics                   for Prometheus
GET  /healthz                   the process answers
GET  /readyz                    events are taken
";

async fn index() -> &'static str {
    INDEX
}

async fn unknown_path(request: Request) -> Problem {
    Problem::new(Kind::UnknownPath, format!("nothing is at `{}`; GET / lists the paths", request.uri().path()))
}

async fn wrong_method(request: Request) -> Problem {
    let detail = format!("{} does not take {}; see the Allow header", request.uri().path(), request.method());
    Problem::new(Kind::MethodNotAllowed, detail)
}

/// A bug of ours in one request must not end the connection without an answer.
fn panicked(panic: Box<dyn Any + Send>) -> http::Response<Full<Bytes>> {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let problem = Problem::internal(&format_args!("panic: {}", text.unwrap_or("without words")));
    problem.into_full()
}
