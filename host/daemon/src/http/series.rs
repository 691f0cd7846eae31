//! `GET /v1/series`: recent rates, for charts.

use std::{str::FromStr, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;

use super::{
    body,
    problem::Problem,
    query::{Parameter, Query, Takes},
};
use crate::{access::Caller, api::Window, daemon::Daemon};

/// The query parameters.
pub(super) static PARAMETERS: [Parameter; 1] = [Parameter {
    name: "window",
    what: "The last hour in steps of ten seconds, or the last day in steps of five minutes.",
    takes: Takes::OneOf(&["hour", "day"], Some("hour")),
}];

impl FromStr for Window {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "hour" => Ok(Self::Hour),
            "day" => Ok(Self::Day),
            _ => Err(()),
        }
    }
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &PARAMETERS);
    let window = query.parsed("window", "must be hour or day").unwrap_or_default();
    query.finish()?;
    body::json(StatusCode::OK, &daemon.series.show(window, caller.channels()))
}
