//! `GET /v1/dead-letters` and `GET /v1/dead-letters/{delivery}`: deliveries that were given up.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_core::DeliveryId;
use fanfare_journal::{DeadLetter, DeadLetterQuery};
use http::StatusCode;
use serde::Serialize;

use super::{
    body,
    problem::{Kind, Problem},
    query::Query,
};
use crate::daemon::Daemon;

#[derive(Serialize)]
struct DeadLetters {
    dead_letters: Vec<DeadLetter>,
    /// The `after` of the next page.
    next: Option<i64>,
}

pub(super) async fn list(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &["channel", "type", "code", "after", "limit"]);
    let wanted = DeadLetterQuery {
        channel: query.parsed("channel", "is no channel name"),
        ty: query.text("type"),
        code: query.text("code"),
        after: query.parsed("after", "must be the `next` of the page before").unwrap_or(0),
        limit: query.limit(),
    };
    query.finish()?;
    let page = daemon.history.dead_letters(wanted).await?;
    body::json(StatusCode::OK, &DeadLetters { dead_letters: page.items, next: page.next })
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    delivery: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(text) = delivery?;
    Query::read(request.uri().query(), &[]).finish()?;
    let unknown = || {
        let detail = format!("there is no dead letter `{text}`; GET /v1/dead-letters lists them by `delivery_id`");
        Problem::new(Kind::DeadLetterNotFound, detail)
    };
    let delivery = text.parse::<DeliveryId>().map_err(|_| unknown())?;
    let letter = daemon.history.dead_letter(delivery).await?.ok_or_else(unknown)?;
    body::json(StatusCode::OK, &letter)
}
