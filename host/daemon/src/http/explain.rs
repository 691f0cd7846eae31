//! `POST /v1/explain`: which channels an event would go to, and why not to the others. Nothing is recorded.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use fanfare_core::{ChannelName, FieldError, filter::Verdict};
use http::StatusCode;
use serde::Serialize;

use super::{body, problem::Problem, publish};
use crate::{
    daemon::Daemon,
    schemas::{Mismatch, Mode},
};

#[derive(Serialize)]
struct Explained {
    event_id: String,
    event_type: String,
    channels: BTreeMap<ChannelName, Explanation>,
    /// What it is held against; absent where there is no schema for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<SchemaSays>,
}

/// Whether the event would be taken.
#[derive(Serialize)]
pub(crate) struct SchemaSays {
    name: String,
    mode: Mode,
    fits: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl From<Mismatch> for SchemaSays {
    fn from(Mismatch { schema, errors }: Mismatch) -> Self {
        Self { name: schema.name.clone(), mode: schema.mode, fits: errors.is_empty(), errors }
    }
}

/// What would become of the event at one channel.
#[derive(Serialize)]
pub(crate) struct Explanation {
    pub(crate) deliver: bool,
    /// `filter`; `filter-error` where its condition could not be evaluated; `fallback` for one that is only that.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

impl From<Verdict> for Explanation {
    fn from(verdict: Verdict) -> Self {
        let reason = match verdict {
            Verdict::Pass => return Self { deliver: true, reason: None, detail: None },
            Verdict::Mismatch(_) => "filter",
            Verdict::Failed(_) => "filter-error",
            Verdict::Fallback => "fallback",
        };
        Self { deliver: false, reason: Some(reason), detail: Some(verdict.to_string()) }
    }
}

pub(super) async fn explain(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let event = publish::event(&daemon, request).await?;
    let verdicts = daemon.dispatcher.explain(&event)?;
    let channels = verdicts.into_iter().map(|(name, verdict)| (name, verdict.into())).collect();
    let schema = daemon.schemas.judge(&event).map(Into::into);
    body::json(StatusCode::OK, &Explained { event_id: event.id, event_type: event.ty, channels, schema })
}
