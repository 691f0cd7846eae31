//! `GET /v1/schemas` and `GET /v1/schemas/{type}`: the event types and their schemas. Also decides whether a published
//! event matches its schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_core::{Offset, Staged, type_matches};
use serde_json::value::RawValue;

use super::{
    body,
    problem::{Kind, Problem},
    query::{self, LIMIT, Parameter, Query, TYPE, Takes},
    visible,
};
use crate::{
    access::Caller,
    api::{Catalogue, CloudEvent, CountedEvents, Schema, Type, TypeShown},
    daemon::Daemon,
    schemas::{EventSchema, Known, SchemaSet, Seen},
};

/// The largest event that a list shows as an example, in bytes. Of a larger one it shows only the type.
const EXAMPLE: usize = 16 << 10;

fn listed(ty: &str, seen: Option<Seen>, set: &SchemaSet) -> Type {
    Type {
        ty: ty.to_owned(),
        events: seen.map_or(0, |seen| seen.events),
        last_seen: seen.map(|seen| seen.last_at),
        last_offset: seen.map(|seen| seen.last.0),
        schemas: set.of_type(ty).map(|schema| schema.name.clone()).collect(),
        example: None,
    }
}

async fn with_example(ty: Type, daemon: &Daemon, caller: &Caller, largest: usize) -> Result<Type, Problem> {
    let Some(offset) = ty.last_offset.map(Offset) else { return Ok(ty) };
    let stored = daemon.history.at(offset).await?.and_then(|stored| visible::of_event(stored, caller));
    let text = stored.map(|stored| stored.event.to_structured()).filter(|text| text.len() <= largest);
    let example = text.map(RawValue::from_string).transpose().map_err(|error| Problem::internal(&error))?;
    Ok(Type { example: example.map(CloudEvent), ..ty })
}

/// A schema as lists show it.
fn shown(daemon: &Daemon, schema: &EventSchema) -> Schema {
    let EventSchema { name, pattern, dataschema, mode, file, .. } = schema;
    Schema {
        name: name.clone(),
        pattern: pattern.clone(),
        dataschema: dataschema.clone(),
        mode: (*mode).into(),
        file: file.display().to_string(),
        mismatches: daemon.metrics.schema_mismatches(name),
        schema: None,
    }
}

fn in_full(daemon: &Daemon, schema: &EventSchema) -> Result<Schema, Problem> {
    shown(daemon, schema).in_full(schema.schema.json()).map_err(|error| Problem::internal(&error))
}

fn counted(known: &Known) -> CountedEvents {
    let Known { others, to, incomplete, .. } = *known;
    CountedEvents { types: known.len(), others, to: to.0, incomplete }
}

/// Types that were seen, and those that a schema names.
fn page(
    known: &Known,
    set: &SchemaSet,
    wanted: impl Fn(&str) -> bool,
    after: &str,
    limit: usize,
) -> Vec<(String, Option<Seen>)> {
    let is_type = |pattern: &&str| !pattern.split('.').any(|part| matches!(part, "*" | ">"));
    let named: BTreeSet<_> = set.iter().map(|schema| schema.pattern.as_str()).filter(is_type).collect();
    let named = named.into_iter().filter(|ty| *ty > after && wanted(ty));
    let seen = known.after(after).filter(|(ty, _)| wanted(ty)).take(limit);
    let mut types: BTreeMap<_, _> = named.map(|ty| (ty.to_owned(), known.of(ty))).collect();
    types.extend(seen.map(|(ty, seen)| (ty.to_owned(), Some(seen))));
    types.into_iter().take(limit).collect()
}

/// The parameters of the list.
pub(super) static PARAMETERS: [Parameter; 4] = [
    Parameter { name: "after", what: "Types after this one, or the `next` of the previous page.", takes: Takes::Text },
    LIMIT,
    TYPE,
    Parameter { name: "examples", what: "Whether each type has its newest event.", takes: Takes::Flag(true) },
];

pub(super) async fn list(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &PARAMETERS);
    let after = query.text("after").unwrap_or_default();
    let limit = query.limit();
    let pattern = query.text("type");
    let examples = query.parsed("examples", "must be true or false").unwrap_or(true);
    query.finish()?;
    let room = body::room(&daemon).await?;
    daemon.catalogue.catch_up().await?;
    let set = daemon.schemas.set();
    let (mut types, counted) = {
        let known = daemon.catalogue.known();
        let wanted = |ty: &str| pattern.as_deref().is_none_or(|pattern| type_matches(pattern, ty));
        (page(&known, &set, wanted, &after, limit + 1), counted(&known))
    };
    let more = types.len() > limit;
    types.truncate(limit);
    let next = types.last().filter(|_| more).map(|(ty, _)| ty.clone());
    let mut shown_types = Vec::with_capacity(types.len());
    for (ty, seen) in types {
        let one = listed(&ty, seen, &set);
        shown_types.push(if examples { with_example(one, &daemon, &caller, EXAMPLE).await? } else { one });
    }
    let schemas = set.iter().map(|schema| shown(&daemon, schema)).collect();
    body::page(room, &Catalogue { types: shown_types, next, schemas, counted }).await
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    ty: Result<Path<String>, PathRejection>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Path(ty) = ty?;
    query::none(request.uri())?;
    let room = body::room(&daemon).await?;
    daemon.catalogue.catch_up().await?;
    let (set, seen) = (daemon.schemas.set(), daemon.catalogue.known().of(&ty));
    let definitions = set.of_type(&ty).map(|schema| in_full(&daemon, schema)).collect::<Result<Vec<_>, _>>()?;
    if seen.is_none() && definitions.is_empty() {
        let detail = format!("the event type `{ty}` has no events and no schema; GET /v1/schemas lists the types");
        return Err(Problem::new(Kind::TypeNotFound, detail));
    }
    let listed = with_example(listed(&ty, seen, &set), &daemon, &caller, usize::MAX).await?;
    body::page(room, &TypeShown::new(listed, definitions)).await
}

/// Whether these events match their schemas; `at` returns an event's pointer in the request.
///
/// # Errors
/// Some events do not match their schemas, and each is named. An event that was recorded earlier is exempt, because its
/// publisher gets the original's result.
pub(super) async fn admit(daemon: &Daemon, events: &[Staged], at: impl Fn(usize) -> String) -> Result<(), Problem> {
    let mut wrong = vec![];
    for (n, Staged { event, .. }) in events.iter().enumerate().filter(|(_, staged)| !staged.is_dropped()) {
        let Err(mismatch) = daemon.schemas.admit(event) else { continue };
        if daemon.history.event(event.id.clone(), Some(event.source.clone())).await?.is_none() {
            wrong.push((at(n), mismatch));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Problem::schema_mismatch(wrong)) }
}
