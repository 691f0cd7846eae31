//! `POST /v1/explain`: which channels would get an event, and why the others would not. Nothing is recorded.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use fanfare_core::{
    ChannelName, Event, Staged,
    filter::{Filter, Verdict},
};
use fanfare_dispatch::{Prospect, Refused, Snapshot};
use http::StatusCode;
use serde_json::value::RawValue;

use super::{body, hint, problem::Problem, publish, query};
use crate::{
    access::Caller,
    api::{CloudEvent, Explained, Explanation, Reason, SchemaSays},
    daemon::Daemon,
    schemas::Mismatch,
};

/// Whether an event matches its schema.
pub(crate) fn schema_says(Mismatch { schema, errors }: Mismatch) -> SchemaSays {
    SchemaSays { name: schema.name.clone(), mode: schema.mode.into(), fits: errors.is_empty(), errors }
}

/// What would happen to an event at each channel.
pub(super) fn explanations(
    daemon: &Daemon,
    snapshot: &Snapshot,
    event: &Event,
) -> impl Iterator<Item = (ChannelName, Explanation)> {
    let overview = daemon.overview.load_full();
    snapshot.explain(event).into_iter().map(move |(name, prospect)| {
        let filter = overview.channels.get(&name).map(|info| &info.policy.filter);
        let explanation = explanation(prospect, event, filter.unwrap_or(&Filter::default()));
        (name, explanation)
    })
}

/// What would happen to an event at one channel, which has this filter.
pub(crate) fn explanation(prospect: Prospect, event: &Event, filter: &Filter) -> Explanation {
    let Prospect { verdict, unwanted, waits } = prospect;
    let reason = match (&verdict, &unwanted) {
        (Verdict::Pass, None) => None,
        (Verdict::Pass, Some(_)) => Some(Reason::Preference),
        (Verdict::Mismatch(_), _) => Some(Reason::Filter),
        (Verdict::Failed(_), _) => Some(Reason::FilterError),
        (Verdict::Fallback, _) => Some(Reason::Fallback),
    };
    let meant = hint::of(&verdict, event, filter).map(|hint| format!("; {hint}"));
    let detail = if verdict.passes() { unwanted } else { Some(format!("{verdict}{}", meant.unwrap_or_default())) };
    let (waiting_for, until) = waits.filter(|_| reason.is_none()).unzip();
    let (reason, waiting_for) = (reason.map(Into::into), waiting_for.map(Into::into));
    Explanation { deliver: reason.is_none(), reason, detail, waiting_for, until }
}

pub(super) async fn explain(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let event = publish::event(&daemon, request).await?;
    let (event_id, event_type) = (event.id.clone(), event.ty.clone());
    let snapshot = daemon.dispatcher.snapshot()?;
    let explained = match snapshot.try_out(event).await {
        Ok(staged) => {
            let is_dropped = staged.is_dropped();
            let Staged { event, trail } = staged;
            let explained = if is_dropped { vec![] } else { explanations(&daemon, &snapshot, &event).collect() };
            Explained {
                event_id,
                event_type,
                channels: explained
                    .into_iter()
                    .filter(|(name, _)| caller.sees(name.as_str()))
                    .map(|(name, explanation)| (name.to_string(), explanation))
                    .collect(),
                schema: if is_dropped { None } else { daemon.schemas.judge(&event).map(schema_says) },
                refused: None,
                event: trail
                    .is_some()
                    .then(|| RawValue::from_string(event.to_structured()).ok())
                    .flatten()
                    .map(CloudEvent),
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
