//! `POST /v1/deliveries/{id}/drop`: ends one pending delivery as dead, on an operator's request.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_core::DeliveryId;
use fanfare_record::DropError;
use http::StatusCode;

use super::{
    body,
    problem::{Kind, Problem},
};
use crate::{
    access::{Caller, without_tokens},
    api::{Drop, Dropped},
    daemon::Daemon,
};

/// Longer explanations belong elsewhere.
const LONGEST_REASON: usize = 1_024;

pub(super) async fn drop(
    State(daemon): State<Arc<Daemon>>,
    delivery: Result<Path<String>, PathRejection>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Path(text) = delivery?;
    let Drop { reason } = body::command(request).await?;
    let reason = without_tokens(reason.trim().to_owned());
    if reason.is_empty() || reason.len() > LONGEST_REASON {
        let detail = format!("`reason` must say why, in 1 to {LONGEST_REASON} bytes; it is recorded");
        return Err(Problem::new(Kind::InvalidRequest, detail));
    }
    let delivery_id = text.parse::<DeliveryId>().map_err(|_| not_pending(&text))?;
    if daemon.history.channel_of(delivery_id).is_some_and(|channel| !caller.sees(channel.as_str())) {
        return Err(not_pending(&text));
    }
    match daemon.jobs.drop_delivery(delivery_id, reason.clone()).await {
        Ok(()) => {
            tracing::warn!(delivery = %delivery_id, reason, "a delivery was dropped by hand");
            body::json(StatusCode::OK, &Dropped { delivery_id: delivery_id.to_string(), reason })
        }
        Err(DropError::Store(error)) => Err(error.into()),
        Err(DropError::NotPending) => Err(not_pending(&text)),
        Err(DropError::InFlight) => {
            let detail = format!("`{text}` is in flight, and the attempt decides; try again when it has ended");
            Err(Problem::new(Kind::DeliveryInFlight, detail))
        }
    }
}

fn not_pending(text: &str) -> Problem {
    let detail = format!(
        "there is no pending delivery `{text}`: it has settled or does not exist; GET /v1/events/{{id}} shows an \
         event's deliveries"
    );
    Problem::new(Kind::DeliveryNotPending, detail)
}
