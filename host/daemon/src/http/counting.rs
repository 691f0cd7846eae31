//! Counts and times the responses of a route, and names the route for the request's trace.

use std::sync::Arc;

use axum::response::Response;
use tokio::time::Instant;

use super::routes::Route;
use crate::{
    daemon::Daemon,
    metrics::{Call, Responses},
    traces::Tracer,
};

#[derive(Clone)]
pub(super) struct Counting {
    call: Call,
    responses: Arc<Responses>,
    tracer: Arc<Tracer>,
}

impl Counting {
    pub(super) fn of_route(route: &Route, daemon: &Daemon) -> Self {
        let call = Call { method: route.method, route: route.path };
        Self { call, responses: daemon.metrics.responses(call), tracer: Arc::clone(&daemon.tracer) }
    }

    pub(super) async fn of(&self, responding: impl Future<Output = Response>) -> Response {
        let started = Instant::now();
        let mut response = responding.await;
        self.responses.add(response.status(), started.elapsed());
        if self.tracer.share().is_some() {
            response.extensions_mut().insert(self.call);
        }
        response
    }
}
