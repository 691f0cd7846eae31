//! `GET /v1/events` and `GET /v1/events/{id}`: the history.

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_core::{ChannelName, Did, OverallStatus};
use fanfare_record::{EventQuery, Order, StoredEvent};
use serde_json::value::RawValue;

use super::{
    body, explain,
    problem::{Kind, Problem},
    query::{CHANNEL, LIMIT, ORDER, Parameter, Query, TYPE, Takes},
    visible, waits,
};
use crate::{
    access::Caller,
    api::{CloudEvent, Events, Explanation, Listed, Shown},
    daemon::Daemon,
};

/// An event with its offset and time.
pub(super) fn listed(daemon: &Daemon, stored: &StoredEvent) -> Result<Listed, Problem> {
    let event = cloud_event(stored)?;
    let mut result = stored.result(false);
    waits::describe(daemon, &mut result);
    Ok(Listed::new(stored.offset.0, event, result.into(), stored.incomplete.clone()))
}

/// An event in CloudEvents JSON.
pub(super) fn cloud_event(stored: &StoredEvent) -> Result<CloudEvent, Problem> {
    RawValue::from_string(stored.event.to_structured()).map(CloudEvent).map_err(|error| Problem::internal(&error))
}

/// The rule for a parameter that is a time.
pub(super) const MOMENT: &str = "is not an RFC 3339 time; write it like 2026-11-20T10:30:00Z";

/// Which end of the list comes first.
pub(super) fn order(query: &mut Query<'_>) -> Order {
    struct Named(Order);
    impl FromStr for Named {
        type Err = ();
        fn from_str(text: &str) -> Result<Self, ()> {
            match text {
                "oldest" => Ok(Self(Order::Oldest)),
                "newest" => Ok(Self(Order::Newest)),
                _ => Err(()),
            }
        }
    }
    query.parsed::<Named>("order", "must be oldest or newest").map_or(Order::Oldest, |named| named.0)
}

/// A status by its name in results.
struct Status(OverallStatus);

impl FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Ok(Self(match text {
            "success" => OverallStatus::Success,
            "partial" => OverallStatus::Partial,
            "failed" => OverallStatus::Failed,
            "pending" => OverallStatus::Pending,
            "unrouted" => OverallStatus::Unrouted,
            "cancelled" => OverallStatus::Cancelled,
            _ => return Err(()),
        }))
    }
}

/// The parameters of the list.
pub(super) static PARAMETERS: [Parameter; 9] = [
    Parameter {
        name: "after",
        what: "The `next` of the previous page, or an offset; a negative one counts from the end.",
        takes: Takes::Whole(Some(0)),
    },
    LIMIT,
    ORDER,
    TYPE,
    Parameter { name: "source", what: "Events of exactly this source.", takes: Takes::Text },
    CHANNEL,
    Parameter {
        name: "status",
        what: "Events with this overall status.",
        takes: Takes::OneOf(&["success", "partial", "failed", "pending", "unrouted", "cancelled"], None),
    },
    Parameter { name: "since", what: "Events recorded at or after this time.", takes: Takes::Moment },
    Parameter { name: "until", what: "Events recorded before this time.", takes: Takes::Moment },
];

/// The parameters of a call for one event.
pub(super) static SOURCE: [Parameter; 1] = [Parameter {
    name: "source",
    what: "The event's source. Default: the newest event with the id, whatever its source.",
    takes: Takes::Text,
}];

pub(super) async fn list(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &PARAMETERS);
    let wanted = EventQuery {
        order: order(&mut query),
        after: query.parsed("after", "must be a whole number; a negative one counts from the end").unwrap_or(0),
        limit: query.limit(),
        bytes: body::PAGE,
        ty: query.text("type"),
        source: query.text("source"),
        channel: query.channel("channel", &daemon, &caller).await?,
        visible: caller.channels().cloned(),
        status: query
            .parsed::<Status>("status", "must be one of success, partial, failed, pending, unrouted, cancelled")
            .map(|status| status.0),
        since: query.parsed("since", MOMENT),
        until: query.parsed("until", MOMENT),
    };
    query.finish()?;
    let room = body::room(&daemon).await?;
    let page = daemon.history.events(wanted).await?;
    let holes: Vec<_> = page.holes.into_iter().map(Into::into).collect();
    // Each event is dropped as soon as it has been written.
    let events = page.items.into_iter().map(|stored| listed(&daemon, &stored)).collect::<Result<_, _>>()?;
    body::page(room, &Events { events, next: page.next, incomplete: !holes.is_empty(), holes }).await
}

/// The id in the path, with the `source` parameter.
pub(super) fn named(
    id: Result<Path<String>, PathRejection>,
    request: &Request,
) -> Result<(String, Option<String>), Problem> {
    let Path(id) = id?;
    let mut query = Query::read(request.uri().query(), &SOURCE);
    let source = query.text("source");
    query.finish()?;
    Ok((id, source))
}

/// The event with this id.
pub(super) async fn find(daemon: &Daemon, id: &str, source: Option<&str>) -> Result<StoredEvent, Problem> {
    let found = daemon.history.event(id.to_owned(), source.map(str::to_owned)).await?;
    found.ok_or_else(|| unknown(id, source))
}

pub(super) fn unknown(id: &str, source: Option<&str>) -> Problem {
    let of = source.map(|source| format!(" of source `{source}`")).unwrap_or_default();
    Problem::new(
        Kind::EventNotFound,
        format!("the journal has no event with id `{id}`{of}; GET /v1/events lists its events"),
    )
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let (id, source) = named(id, &request)?;
    let room = body::room(&daemon).await?;
    let stored = find(&daemon, &id, source.as_deref()).await?;
    let stored = visible::of_event(stored, &caller).ok_or_else(|| unknown(&id, source.as_deref()))?;
    let Listed { offset, event, result, incomplete, reason } = listed(&daemon, &stored)?;
    let other_channels = other_channels(&daemon, &stored, &caller);
    let attempts = stored.deliveries.into_iter().map(|one| (one.channel.to_string(), one.attempts)).collect();
    let stages = stored.stages;
    body::page(room, &Shown { offset, event, result, incomplete, reason, stages, attempts, other_channels }).await
}

/// What would happen to an event at the channels that did not get it.
fn other_channels(daemon: &Daemon, stored: &StoredEvent, caller: &Caller) -> BTreeMap<String, Explanation> {
    if stored.stages.last().is_some_and(|record| record.did == Did::Dropped) {
        return BTreeMap::new();
    }
    // Without a table of channels there is nothing to say.
    let Ok(snapshot) = daemon.dispatcher.snapshot() else { return BTreeMap::new() };
    let got = |name: &ChannelName| stored.deliveries.iter().any(|delivery| delivery.channel == *name);
    let all = explain::explanations(daemon, &snapshot, &stored.event);
    all.filter(|(name, _)| caller.sees(name.as_str()) && !got(name))
        .map(|(name, explanation)| (name.to_string(), explanation))
        .collect()
}
