//! `GET /v1/stages` and `GET /v1/stages/{name}`: what events pass before the fan-out.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State as Shared, rejection::PathRejection},
    response::Response,
};
use fanfare_core::{ChannelName, OnError};
use http::StatusCode;
use serde::Serialize;

use super::{
    body,
    problem::{Kind, Problem},
    query,
};
use crate::{
    config::units,
    daemon::Daemon,
    metrics::StageCounts,
    overview::{GrantsInfo, StageInfo},
};

/// What a stage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Active,
    /// There is no such plugin.
    Missing,
    /// There is one, and it could not be loaded, or does not take the stage's settings.
    Failed,
}

impl State {
    pub(super) fn of(stage: &StageInfo) -> Self {
        match (stage.runs, stage.info.missing) {
            (true, _) => Self::Active,
            (false, true) => Self::Missing,
            (false, false) => Self::Failed,
        }
    }
}

#[derive(Serialize)]
struct Stages<'a> {
    /// In the order in which events pass them.
    stages: Vec<Stage<'a>>,
    /// All of them stand on one page.
    next: Option<()>,
}

#[derive(Serialize)]
struct Stage<'a> {
    name: &'a ChannelName,
    state: State,
    plugin: &'a str,
    digest: Option<&'a str>,
    kind: Option<&'static str>,
    imports: &'a [String],
    /// Why there is nothing to call, or why the newest file was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// Absent where every type passes it.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    types: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<&'a str>,
    on_error: OnError,
    bounds: BoundsView,
    grants: &'a GrantsInfo,
    /// The keys alone: values may be private.
    settings: &'a [String],
    /// Their names.
    secrets: &'a [String],
    #[serde(flatten)]
    counts: StageCounts,
}

/// As the configuration writes them.
#[derive(Serialize)]
struct BoundsView {
    timeout: String,
    fuel: u64,
    memory: String,
    concurrency: usize,
    reuse: u32,
}

impl<'a> Stage<'a> {
    fn new(daemon: &Daemon, stage: &'a StageInfo) -> Self {
        let StageInfo { info, on_error, .. } = stage;
        let policy = &info.policy;
        Self {
            name: &info.name,
            state: State::of(stage),
            plugin: &info.plugin,
            digest: info.loaded.as_ref().map(|loaded| loaded.digest.as_str()),
            kind: info.loaded.as_ref().map(|loaded| loaded.kind),
            imports: info.loaded.as_ref().map(|loaded| loaded.imports.as_slice()).unwrap_or_default(),
            error: info.error.as_deref(),
            types: &policy.filter.types,
            when: policy.filter.when.as_ref().map(|when| when.source()),
            on_error: *on_error,
            bounds: BoundsView {
                timeout: units::show_duration(policy.timeout),
                fuel: policy.fuel,
                memory: units::show_size(policy.memory),
                concurrency: policy.concurrency,
                reuse: policy.reuse,
            },
            grants: &info.grants,
            settings: &info.settings,
            secrets: &info.secrets,
            counts: daemon.metrics.stage(&info.name),
        }
    }
}

pub(super) async fn list(Shared(daemon): Shared<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let overview = daemon.overview.load_full();
    let stages = overview.stages.iter().map(|stage| Stage::new(&daemon, stage)).collect();
    body::json(StatusCode::OK, &Stages { stages, next: None })
}

pub(super) async fn show(
    Shared(daemon): Shared<Arc<Daemon>>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(name) = name?;
    query::none(request.uri())?;
    let overview = daemon.overview.load_full();
    let stage = overview.stages.iter().find(|stage| stage.info.name.as_str() == name).ok_or_else(|| {
        Problem::new(Kind::StageNotFound, format!("no stage is called `{name}`; GET /v1/stages lists them"))
    })?;
    body::json(StatusCode::OK, &Stage::new(&daemon, stage))
}
