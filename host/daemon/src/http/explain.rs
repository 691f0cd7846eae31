//! `POST /v1/explain`: which channels an event would go to, and why not to the others. Nothing is recorded.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use fanfare_core::{ChannelName, FieldError, StageRecord, Staged, delivery::Wait, filter::Verdict, rfc3339};
use fanfare_dispatch::{Prospect, Refused};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{body, problem::Problem, publish, query};
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
    /// What each stage did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stages: Vec<StageRecord>,
    /// The event as the stages left it; absent where none ran, or one refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Box<RawValue>>,
    /// Why a stage would not let it through.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
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
    /// `filter`; `filter-error` where its condition could not be evaluated; `fallback` for one that is only that;
    /// `preference` where its recipient does not want it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// What the first attempt would wait for, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waiting_for: Option<Wait>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_micros")]
    pub(crate) until: Option<Timestamp>,
}

fn optional_micros<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    moment.map(rfc3339).serialize(serializer)
}

impl From<Prospect> for Explanation {
    fn from(Prospect { verdict, unwanted, waits }: Prospect) -> Self {
        let reason = match (&verdict, &unwanted) {
            (Verdict::Pass, None) => None,
            (Verdict::Pass, Some(_)) => Some("preference"),
            (Verdict::Mismatch(_), _) => Some("filter"),
            (Verdict::Failed(_), _) => Some("filter-error"),
            (Verdict::Fallback, _) => Some("fallback"),
        };
        let detail = if verdict.passes() { unwanted } else { Some(verdict.to_string()) };
        let (waiting_for, until) = waits.filter(|_| reason.is_none()).unzip();
        Self { deliver: reason.is_none(), reason, detail, waiting_for, until }
    }
}

pub(super) async fn explain(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let event = publish::event(&daemon, request).await?;
    let (event_id, event_type) = (event.id.clone(), event.ty.clone());
    let snapshot = daemon.dispatcher.snapshot()?;
    let explained = match snapshot.try_out(event).await {
        Ok(staged) => {
            let is_dropped = staged.is_dropped();
            let Staged { event, trail } = staged;
            let prospects = if is_dropped { vec![] } else { snapshot.explain(&event) };
            Explained {
                event_id,
                event_type,
                channels: prospects.into_iter().map(|(name, prospect)| (name, prospect.into())).collect(),
                schema: if is_dropped { None } else { daemon.schemas.judge(&event).map(Into::into) },
                refused: None,
                event: trail.is_some().then(|| RawValue::from_string(event.to_structured()).ok()).flatten(),
                stages: trail.map(|trail| trail.records).unwrap_or_default(),
            }
        }
        Err(Refused { refusal, records }) => Explained {
            event_id,
            event_type,
            channels: BTreeMap::new(),
            schema: None,
            stages: records,
            event: None,
            refused: Some(refusal.to_string()),
        },
    };
    body::json(StatusCode::OK, &explained)
}
