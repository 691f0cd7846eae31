//! `GET /v1/stages` and `GET /v1/stages/{name}`: what events pass before the fan-out.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State as Shared, rejection::PathRejection},
    response::Response,
};
use http::StatusCode;

use super::{
    body,
    problem::{Kind, Problem},
    query,
};
pub(super) use crate::api::StageState as State;
use crate::{
    api::{Bounds, Stage, Stages},
    config::units,
    daemon::Daemon,
    overview::StageInfo,
};

pub(super) fn state(stage: &StageInfo) -> State {
    match (stage.runs, stage.info.missing) {
        (true, _) => State::Active,
        (false, true) => State::Missing,
        (false, false) => State::Failed,
    }
}

fn shown(daemon: &Daemon, stage: &StageInfo) -> Stage {
    let StageInfo { info, on_error, .. } = stage;
    let policy = &info.policy;
    Stage {
        name: info.name.to_string(),
        state: state(stage).into(),
        plugin: info.plugin.clone(),
        loaded: info.loaded(),
        types: policy.filter.types.clone(),
        when: policy.filter.when.as_ref().map(|when| when.source().to_owned()),
        on_error: (*on_error).into(),
        bounds: Bounds {
            timeout: units::show_duration(policy.timeout),
            fuel: policy.fuel,
            memory: units::show_size(policy.memory),
            concurrency: policy.concurrency,
            reuse: policy.reuse,
        },
        grants: (&info.grants).into(),
        settings: info.settings.clone(),
        secrets: info.secrets.clone(),
        runs: daemon.metrics.stage(&info.name),
    }
}

pub(super) async fn list(Shared(daemon): Shared<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let overview = daemon.overview.load_full();
    let stages = overview.stages.iter().map(|stage| shown(&daemon, stage)).collect();
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
        Problem::new(Kind::StageNotFound, format!("there is no stage `{name}`; GET /v1/stages lists them"))
    })?;
    body::json(StatusCode::OK, &shown(&daemon, stage))
}
