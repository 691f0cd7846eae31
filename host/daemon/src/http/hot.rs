//! `POST /v1/events`, without the router: axum boxes the handler, each layer and their futures for each request, which
//! would cost an event more than its parsing. Everything else about the route is as the table of routes says.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::Method;

use super::{counting::Counting, gate::Gate, problem::panicked, publish, routes::Route};
use crate::daemon::Daemon;

/// The route that this serves.
pub(super) const ID: &str = "publishEvent";

#[derive(Clone)]
pub(super) struct Hot {
    route: &'static Route,
    gate: Gate,
    counting: Counting,
    daemon: Arc<Daemon>,
}

impl Hot {
    pub(super) fn new(route: &'static Route, gate: Gate, counting: Counting, daemon: Arc<Daemon>) -> Self {
        Self { route, gate, counting, daemon }
    }

    /// Whether the request is this call. The router responds to all others, such as one with another method.
    pub(super) fn is_for<B>(&self, request: &http::Request<B>) -> bool {
        request.method() == Method::POST && request.uri().path() == self.route.path
    }

    pub(super) async fn call(&self, request: Request) -> Response {
        let responding = pin!(async {
            self.gate.admit(&request)?;
            publish::respond(&self.daemon, request).await
        });
        let responding = self.counting.of(responding.map(IntoResponse::into_response));
        match AssertUnwindSafe(responding).catch_unwind().await {
            Ok(response) => response,
            Err(panic) => panicked(panic).map(axum::body::Body::new),
        }
    }
}
