//! `DELETE /v1/events/{id}`: cancels an event that is due later.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_core::Offset;
use fanfare_journal::CancelError;
use http::StatusCode;

use super::{
    body, events,
    problem::{Kind, Problem},
};
use crate::daemon::Daemon;

/// A lane that examines a delivery only to defer it again releases it within one commit.
const MOMENT: Duration = Duration::from_millis(20);
const TRIES: u32 = 250;

pub(super) async fn cancel(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let (id, source) = events::named(id, &request)?;
    let stored = events::find(&daemon, &id, source.clone()).await?;
    try_to_cancel(&daemon, &id, stored.offset).await?;
    tracing::info!(id, offset = %stored.offset, "an event was cancelled before it was due");
    let stored = events::find(&daemon, &id, source).await?;
    body::json(StatusCode::OK, &stored.result(false))
}

async fn try_to_cancel(daemon: &Daemon, id: &str, offset: Offset) -> Result<(), Problem> {
    let due = |detail: String| Err(Problem::new(Kind::EventDue, detail));
    for _ in 0..TRIES {
        match daemon.jobs.cancel_event(offset).await {
            Ok(()) => return Ok(()),
            Err(CancelError::Store(error)) => return Err(error.into()),
            Err(CancelError::Due) => {
                return due(format!(
                    "the event `{id}` is not due later; only an event whose `deliverat` is in the future can be \
                     cancelled"
                ));
            }
            Err(CancelError::NotPending) => {
                return due(format!(
                    "the event `{id}` has no pending deliveries; GET /v1/events/{{id}} shows their outcomes"
                ));
            }
            Err(CancelError::InFlight) => tokio::time::sleep(MOMENT).await,
        }
    }
    due(format!("a delivery of the event `{id}` is being processed right now; try again in a moment"))
}
