//! `GET /v1/config`: the configuration in force.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;

use super::{body, policy::policy, problem::Problem, query};
use crate::{api::Config, daemon::Daemon};

pub(super) async fn show(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let overview = daemon.overview.load();
    let config = &overview.config;
    let config = Config {
        file: config.file.display().to_string(),
        keys: config.keys.clone(),
        defaults: policy(&config.defaults),
        defaults_from: config.defaults_from.clone(),
        last_reload: overview.last_reload.clone(),
    };
    body::json(StatusCode::OK, &config)
}
