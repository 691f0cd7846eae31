//! `GET /v1/plugins`, `POST /v1/reload`.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;

use super::{body, problem::Problem, query};
use crate::{
    access::Caller,
    api::{Plugins, ReloadOutcome},
    daemon::Daemon,
};

pub(super) async fn list(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let room = body::room(&daemon).await?;
    let overview = daemon.overview.load_full();
    let mut plugins = Plugins {
        plugins: overview.plugins.clone(),
        next: None,
        last_reload: overview.last_reload.clone(),
        reloads: overview.reloads.clone(),
    };
    if caller.channels().is_some() {
        // Only what the caller's channels run. Reloads are about all channels.
        plugins.plugins.iter_mut().for_each(|one| one.channels.retain(|channel| caller.sees(channel.as_str())));
        plugins.plugins.retain(|one| !one.channels.is_empty());
        plugins.last_reload = None;
        plugins.reloads.clear();
    }
    body::page(room, &plugins).await
}

pub(super) async fn reload(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    // In its own task, so that a client that disconnects does not stop a reload halfway.
    let reload = Arc::clone(&daemon.reload);
    let report = tokio::spawn(async move { reload.reload().await }).await.map_err(|error| Problem::internal(&error))?;
    match report.outcome {
        ReloadOutcome::Ok => body::json(StatusCode::OK, &report),
        ReloadOutcome::Rejected => Err(Problem::reload_rejected(report)),
    }
}
