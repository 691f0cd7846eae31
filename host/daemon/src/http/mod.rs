//! The HTTP interface: a file per resource, `problem` for every rejected request, `server` for the connections.

mod access;
mod acts;
mod audit;
mod body;
mod caller;
mod cancel;
mod channel_actions;
mod channels;
mod config;
mod connections;
mod counting;
mod dashboard;
mod dead_letters;
mod deliveries;
mod description;
mod events;
mod examples;
mod explain;
mod gate;
mod health;
mod hint;
mod hot;
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
mod refusals;
mod replays;
mod routes;
mod schemas;
mod series;
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

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, future::RouteFuture},
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::header::VARY;
use tower::{ServiceExt, util::MapFutureLayer};
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use explain::{explanation, schema_says};
pub use openapi::document;
pub use problem::{Kind, Problem};
pub use server::{ServerOptions, serve};

use crate::{
    access::Access,
    daemon::Daemon,
    metrics::{Call, Metrics},
    traces::{RequestTrace, Tracer},
};
use access::{Hosts, Scheme};
use counting::Counting;
use description::Description;
use gate::{Gate, Gating};
use hot::Hot;
use pace::Paced;
use refusals::Refusals;
use routes::{ROUTES, Route};

/// Responds to requests, independent of the transport.
#[derive(Clone)]
pub struct Api {
    router: Router,
    /// The call that the router is too slow for.
    hot: Option<Hot>,
    access: Arc<Access>,
    hosts: Hosts,
    metrics: Arc<Metrics>,
    tracer: Arc<Tracer>,
    /// The deadline for a request's body.
    body_timeout: Duration,
}

impl Api {
    /// `listen` is the address at which clients reach the daemon.
    #[must_use]
    pub fn new(daemon: Arc<Daemon>, listen: SocketAddr) -> Self {
        let body_timeout = daemon.body_timeout;
        let (metrics, tracer) = (Arc::clone(&daemon.metrics), Arc::clone(&daemon.tracer));
        let access = Arc::clone(&daemon.access);
        let scheme = Scheme::of(daemon.tls.is_some());
        let refusals = Refusals::new(Arc::clone(&daemon.clock));
        let mut router = Router::new();
        let mut hot = None;
        for route in ROUTES {
            let gate = Gate::new(route, Arc::clone(&metrics), refusals.clone(), scheme);
            let counting = Counting::of_route(route, &daemon);
            if route.id == hot::ID {
                hot = Some(Hot::new(route, gate.clone(), counting.clone(), Arc::clone(&daemon)));
            }
            router = router.route(route.path, handler(route, &daemon, (gate, counting)));
        }
        let router = router
            .merge(dashboard::files())
            .fallback(unknown_path)
            .method_not_allowed_fallback(wrong_method)
            .layer(CatchPanicLayer::custom(problem::panicked))
            .with_state(daemon);
        Self { router, hot, access, hosts: Hosts::of(listen, scheme), metrics, tracer, body_timeout }
    }

    /// Responds to one request from this address. Errors are responses too.
    pub async fn call<B>(&self, mut request: Request<B>, peer: Option<SocketAddr>) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let trace = RequestTrace::begin(&self.tracer, request.method(), request.uri(), request.headers());
        let Some(trace) = trace else { return self.respond(request, peer).await };
        request.extensions_mut().insert(Arc::clone(&trace));
        let mut response = self.respond(request, peer).await;
        let call = response.extensions_mut().remove::<Call>();
        trace.end(call, response.status());
        response
    }

    async fn respond<B>(&self, mut request: Request<B>, peer: Option<SocketAddr>) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<axum::BoxError>,
    {
        if let Err(problem) = self.hosts.check(&request) {
            return unrouted(&self.metrics, problem);
        }
        caller::identify(&mut request, &self.access, peer);
        let request = request.map(|body| Body::new(Paced::new(body, self.body_timeout)));
        if let Some(hot) = self.hot.as_ref().filter(|hot| hot.is_for(&request)) {
            // One box for all of it: the connection moves what is not boxed into its own state.
            return Box::pin(hot.call(request)).await;
        }
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

const INDEX: &str = "\
Fanfare

POST /v1/events                 publish an event and wait for its result
GET  /v1/events                 history: after, limit, order, type, source, channel, status, since, until
GET  /v1/events/{id}            one event, its result and every attempt; DELETE cancels one that is due later
GET  /v1/events/stream          events and settled deliveries, live: after, type, Last-Event-ID
POST /v1/explain                which channels would get an event, and why the others would not; nothing is recorded
GET  /v1/schemas[/{type}]       event types, their counts, newest events and schemas: type, examples, after, limit
GET  /v1/recipients             whom events are for: prefix, after, limit
GET  /v1/recipients/{subject}   one recipient; PUT sets it, DELETE removes what PUT has set
GET  /v1/dead-letters           dead letters: channel, type, class, code, since, until, order, after, limit
GET  /v1/dead-letters/{id}      one dead letter, with its event and every attempt; DELETE deletes it
POST /v1/dead-letters/replay    begin dead letters again: the same filters, delivery_id or all, dry_run
POST /v1/dead-letters/purge     delete dead letters: the same filters
POST /v1/replays                replay events of the history: after, until, types, channels, dry_run
GET  /v1/replays[/{id}]         the replays and their progress
POST /v1/replays/{id}/pause     pause a replay; also /resume and /cancel
GET  /v1/channels               the channels with their state, backlog and numbers
GET  /v1/channels/{name}        one channel
POST /v1/channels/{name}/pause  stop its attempts and keep its backlog; also /resume
POST /v1/channels/{name}/test   deliver an event to this channel alone; nothing is recorded
POST /v1/channels/{name}/forget end the backlog of a removed channel: dry_run (true)
POST /v1/deliveries/{id}/drop   end one pending delivery as dead: reason
GET  /v1/stages[/{name}]        the stages, which events pass before the channels
GET  /v1/plugins                the loaded plugins
POST /v1/reload                 read the configuration and the plugins again now
GET  /v1/stats                  totals and recent failures
GET  /v1/series                 rates of the last hour or day, step by step: window
GET  /v1/config                 the configuration in force, and where each value comes from
GET  /v1/audit                  the audit trail: who, what, since, until, order, after, limit
POST /v1/session                sign in with a token; GET shows the caller, DELETE signs out
GET  /metrics                   metrics for Prometheus
GET  /healthz                   liveness
GET  /readyz                    readiness: whether events are accepted
GET  /openapi.json              these calls as OpenAPI 3.1
GET  /                          the dashboard, in a browser
";

/// The dashboard for browsers, the list of calls for everybody else.
async fn index(request: Request) -> Response {
    match dashboard::is_wanted(request.headers()) {
        true => dashboard::page(request.headers()),
        false => ([(VARY, "accept")], INDEX).into_response(),
    }
}

async fn unknown_path(State(daemon): State<Arc<Daemon>>, request: Request) -> Response {
    let detail = format!("there is no path `{}`; GET / lists the paths", request.uri().path());
    unrouted(&daemon.metrics, Problem::new(Kind::UnknownPath, detail))
}

async fn wrong_method(State(daemon): State<Arc<Daemon>>, request: Request) -> Response {
    let detail = format!("{} does not support {}; see the Allow header", request.uri().path(), request.method());
    unrouted(&daemon.metrics, Problem::new(Kind::MethodNotAllowed, detail))
}

/// The response to a request that matches no route.
fn unrouted(metrics: &Metrics, problem: Problem) -> Response {
    let response = problem.into_response();
    metrics.unrouted(response.status());
    response
}

/// The handler of a route, with what precedes and follows it.
fn handler(route: &'static Route, daemon: &Daemon, (gate, counting): (Gate, Counting)) -> MethodRouter<Arc<Daemon>> {
    let mut handler = (route.handler)();
    if route.id == description::ID {
        handler = handler.route_layer(Extension(Description(&openapi::TEXT)));
    }
    if acts::is_act(route) {
        handler = handler.route_layer(middleware::from_fn_with_state((daemon.audit.clone(), route), acts::recorded));
    }
    let counted = MapFutureLayer::new(move |response: Gating<RouteFuture<Infallible>>| {
        let counting = counting.clone();
        async move { Ok::<_, Infallible>(counting.of(response.map(|Ok(response)| response)).await) }
    });
    // The gate comes first: a rejected call is not an act. Both are one layer, because axum boxes each.
    handler.route_layer((counted, gate))
}
