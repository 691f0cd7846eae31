//! `GET /v1/plugins`, `POST /v1/reload`.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use serde::Serialize;

use super::{body, problem::Problem, query};
use crate::{
    daemon::Daemon,
    overview::{PluginInfo, ReloadOutcome, ReloadReport},
};

#[derive(Serialize)]
struct Plugins<'a> {
    plugins: &'a [PluginInfo],
    /// All of them stand on one page.
    next: Option<()>,
    last_reload: Option<&'a ReloadReport>,
}

pub(super) async fn list(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let room = body::room(&daemon).await?;
    let overview = daemon.overview.load_full();
    let plugins = Plugins { plugins: &overview.plugins, next: None, last_reload: overview.last_reload.as_ref() };
    body::page(room, &plugins).await
}

pub(super) async fn reload(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    // A task of its own: a client that goes away must not stop a reload halfway.
    let reload = Arc::clone(&daemon.reload);
    let report = tokio::spawn(async move { reload.reload().await }).await.map_err(|error| Problem::internal(&error))?;
    match report.outcome {
        ReloadOutcome::Ok => body::json(StatusCode::OK, &report),
        ReloadOutcome::Rejected => Err(Problem::reload_rejected(report)),
    }
}
