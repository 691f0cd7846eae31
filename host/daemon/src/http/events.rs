//! `GET /v1/events` and `GET /v1/events/{id}`: the history.

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_core::{AttemptRecord, ChannelName, EventResult, Offset, OverallStatus, StageRecord};
use fanfare_journal::{EventQuery, Hole, Order, StoredEvent};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    body,
    problem::{Kind, Problem},
    query::Query,
    waits,
};
use crate::daemon::Daemon;

/// An event and where it stands.
#[derive(Serialize)]
pub(super) struct Listed {
    offset: Offset,
    /// CloudEvents JSON.
    pub(super) event: Box<RawValue>,
    pub(super) result: EventResult,
    /// What became of it is not told as a whole: the journal is damaged.
    #[serde(flatten)]
    incomplete: Option<Incomplete>,
}

/// An answer that does not say everything, and why.
#[derive(Serialize)]
struct Incomplete {
    incomplete: bool,
    reason: String,
}

/// A list that does not hold everything.
#[derive(Serialize)]
pub(super) struct Holes {
    incomplete: bool,
    /// What lies between two cursors, without them, cannot be read.
    holes: Vec<Hole>,
}

impl Holes {
    pub(super) fn of(holes: Vec<Hole>) -> Option<Self> {
        (!holes.is_empty()).then_some(Self { incomplete: true, holes })
    }
}

impl Listed {
    pub(super) fn new(daemon: &Daemon, stored: &StoredEvent) -> Result<Self, Problem> {
        let event = RawValue::from_string(stored.event.to_structured()).map_err(|error| Problem::internal(&error))?;
        let incomplete = stored.incomplete.clone().map(|reason| Incomplete { incomplete: true, reason });
        let mut result = stored.result(false);
        waits::say(daemon, &mut result);
        Ok(Self { offset: stored.offset, event, result, incomplete })
    }
}

#[derive(Serialize)]
struct Events {
    events: Vec<Listed>,
    /// The `after` of the next page.
    next: Option<i64>,
    #[serde(flatten)]
    holes: Option<Holes>,
}

/// What a parameter that is a time must be.
pub(super) const MOMENT: &str = "is not an RFC 3339 time; write it like 2026-11-20T10:30:00Z";

/// Which end comes first.
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

/// A status as the result writes it.
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

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    listed: Listed,
    /// What the stages did, in their order; absent where none ran.
    #[serde(skip_serializing_if = "<[StageRecord]>::is_empty")]
    stages: &'a [StageRecord],
    attempts: BTreeMap<&'a ChannelName, &'a [AttemptRecord]>,
}

pub(super) async fn list(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    const KNOWN: [&str; 9] = ["after", "limit", "order", "type", "source", "channel", "status", "since", "until"];
    let mut query = Query::read(request.uri().query(), &KNOWN);
    let wanted = EventQuery {
        order: order(&mut query),
        after: query.parsed("after", "must be a whole number; a negative one counts from the end").unwrap_or(0),
        limit: query.limit(),
        bytes: body::PAGE,
        ty: query.text("type"),
        source: query.text("source"),
        channel: query.channel("channel", &daemon).await?,
        status: query
            .parsed::<Status>("status", "must be one of success, partial, failed, pending, unrouted, cancelled")
            .map(|status| status.0),
        since: query.parsed("since", MOMENT),
        until: query.parsed("until", MOMENT),
    };
    query.finish()?;
    let room = body::room(&daemon).await?;
    let page = daemon.history.events(wanted).await?;
    let holes = Holes::of(page.holes);
    // Each is let go as soon as it has been written.
    let events = page.items.into_iter().map(|stored| Listed::new(&daemon, &stored)).collect::<Result<_, _>>()?;
    body::page(room, &Events { events, next: page.next, holes }).await
}

/// The id that a path names, and the `source` beside it.
pub(super) fn named(
    id: Result<Path<String>, PathRejection>,
    request: &Request,
) -> Result<(String, Option<String>), Problem> {
    let Path(id) = id?;
    let mut query = Query::read(request.uri().query(), &["source"]);
    let source = query.text("source");
    query.finish()?;
    Ok((id, source))
}

/// The event of an id.
pub(super) async fn find(daemon: &Daemon, id: &str, source: Option<String>) -> Result<StoredEvent, Problem> {
    daemon.history.event(id.to_owned(), source.clone()).await?.ok_or_else(|| {
        let of = source.map(|source| format!(" of source `{source}`")).unwrap_or_default();
        Problem::new(
            Kind::EventNotFound,
            format!("there is no event with id `{id}`{of} in the journal; GET /v1/events lists those that are"),
        )
    })
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let (id, source) = named(id, &request)?;
    let room = body::room(&daemon).await?;
    let stored = find(&daemon, &id, source).await?;
    let attempts = stored.deliveries.iter().map(|delivery| (&delivery.channel, delivery.attempts.as_slice())).collect();
    body::page(room, &Shown { listed: Listed::new(&daemon, &stored)?, stages: &stored.stages, attempts }).await
}
