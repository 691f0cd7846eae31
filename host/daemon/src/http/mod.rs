//! The HTTP interface: one small file per resource, `problem` for every refusal, `server` for the connections.

mod access;
mod audit;
mod body;
mod cancel;
mod channel_actions;
mod channels;
mod connections;
mod dead_letters;
mod deliveries;
mod events;
mod examples;
mod explain;
mod gate;
mod health;
mod held;
mod idempotency;
mod metrics;
mod openapi;
mod pace;
mod plugins;
mod policy;
mod prefer;
mod problem;
mod publish;
mod query;
mod recipients;
mod replays;
mod routes;
mod schemas;
mod server;
mod session;
mod stages;
mod stats;
mod stream;
#[cfg(test)]
mod tests;
mod unique;
mod visible;
mod waits;
mod wire;

use std::{any::Any, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::Full;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use explain::{explanation, schema_says};
pub use held::{Budget, Held};
pub use openapi::document;
pub use problem::{Kind, Problem};
pub use server::{ServerOptions, serve};

use crate::{access::Access, daemon::Daemon};
use access::{Hosts, Scheme};
use gate::Gate;
use pace::Paced;
use routes::{ROUTES, Route};

/// What answers requests, whoever carries them.
#[derive(Clone)]
pub struct Api {
    router: Router,
    access: Arc<Access>,
    hosts: Hosts,
    /// For the body of a request.
    body_timeout: Duration,
}

impl Api {
    /// `listen` is the address the daemon is reached at.
    #[must_use]
    pub fn new(daemon: Arc<Daemon>, listen: SocketAddr) -> Self {
        let body_timeout = daemon.body_timeout;
        let access = Arc::clone(&daemon.access);
        let scheme = Scheme::of(daemon.tls.is_some());
        let gated = |route: &'static Route| {
            let gate = Gate::new(route, Arc::clone(&daemon.metrics), scheme);
            let act = middleware::from_fn_with_state((daemon.audit.clone(), route), audit::audited);
            let handler = (route.handler)();
            // Whoever is turned away has done nothing.
            if audit::is_act(route) { handler.route_layer(act).route_layer(gate) } else { handler.route_layer(gate) }
        };
        let router = ROUTES
            .iter()
            .fold(Router::new(), |router, route| router.route(route.path, gated(route)))
            .fallback(unknown_path)
            .method_not_allowed_fallback(wrong_method)
            .layer(CatchPanicLayer::custom(panicked))
            .with_state(daemon);
        Self { router, access, hosts: Hosts::of(listen, scheme), body_timeout }
    }

    /// Answers one request, which comes from this address. Whatever is wrong is in the response.
    pub async fn call<B>(&self, mut request: Request<B>, peer: Option<SocketAddr>) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<axum::BoxError>,
    {
        if let Err(problem) = self.hosts.check(&request) {
            return problem.into_response();
        }
        gate::introduce(&mut request, &self.access, peer);
        match self.router.clone().oneshot(request.map(|body| Body::new(Paced::new(body, self.body_timeout)))).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
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
GET  /v1/audit                  who did what: who, what, since, until, order, after, limit
POST /v1/session                sign in with a token; GET says who asks, DELETE signs out
GET  /metrics                   for Prometheus
GET  /healthz                   the process answers
GET  /readyz                    events are taken
GET  /openapi.json              these calls as OpenAPI 3.1
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
