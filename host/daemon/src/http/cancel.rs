//! `DELETE /v1/events/{id}`: cancels an event that is due later.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_core::Offset;
use fanfare_record::{CancelError, StoredEvent};
use http::StatusCode;

use super::{
    body, events,
    problem::{Kind, Problem},
};
use crate::{access::Caller, daemon::Daemon};

/// A lane that examines a delivery only to defer it again releases it within one commit.
const MOMENT: Duration = Duration::from_millis(20);
const TRIES: u32 = 250;

pub(super) async fn cancel(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let (id, source) = events::named(id, &request)?;
    let source = source.as_deref();
    let stored = events::find(&daemon, &id, source).await?;
    may_cancel(&stored, &caller).ok_or_else(|| events::unknown(&id, source))??;
    try_to_cancel(&daemon, &id, stored.offset).await?;
    tracing::info!(id, offset = %stored.offset, "an event was cancelled before it was due");
    let stored = events::find(&daemon, &id, source).await?;
    body::json(StatusCode::OK, &stored.result(false))
}

/// An event is cancelled on all of its channels or on none. `None` if it went to none of the caller's.
fn may_cancel(stored: &StoredEvent, caller: &Caller) -> Option<Result<(), Problem>> {
    let mut others = stored.deliveries.iter().filter(|delivery| !caller.sees(delivery.channel.as_str())).peekable();
    if others.peek().is_none() {
        return Some(Ok(()));
    }
    let detail = "the event goes to channels that the token is not for as well, and it is cancelled on all or on none";
    (others.count() < stored.deliveries.len()).then(|| Err(Problem::forbidden(detail)))
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
