//! `GET /v1/schemas` and `GET /v1/schemas/{type}`: which types of events there are, and what they are like. And whether an event
//! that is published may come in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_core::{Offset, Staged, type_matches};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::{
    body,
    problem::{Kind, Problem},
    query::{self, Query},
};
use crate::{
    daemon::Daemon,
    schemas::{EventSchema, Known, Mode, SchemaSet, Seen},
};

/// Bytes of an event that a list shows as an example. A larger one is shown with its type alone.
const EXAMPLE: usize = 16 << 10;

/// A type of events.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(rename = "type")]
    ty: &'a str,
    /// Those that the journal held at the start, and those that came since.
    events: u64,
    last_seen: Option<Timestamp>,
    last_offset: Option<Offset>,
    /// The names of what they may be held against, the first that is for an event counts.
    schemas: Vec<&'a str>,
    /// The newest of them, in CloudEvents JSON; absent where it is gone, or too large for a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Box<RawValue>>,
}

/// A schema in force.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    pattern: &'a str,
    dataschema: Option<&'a str>,
    mode: Mode,
    file: String,
    /// Events since the start that did not fit.
    mismatches: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'a Value>,
}

/// What the counts are of.
#[derive(Serialize)]
struct Counted {
    /// Types that are told apart.
    types: usize,
    /// Events of types that are not.
    others: u64,
    /// Events up to this one are counted.
    to: Offset,
    /// Some events cannot be read, and are not.
    incomplete: bool,
}

#[derive(Serialize)]
struct Catalogue<'a> {
    types: Vec<Listed<'a>>,
    /// The `after` of the next page.
    next: Option<&'a str>,
    schemas: Vec<Shown<'a>>,
    counted: Counted,
}

#[derive(Serialize)]
struct One<'a> {
    #[serde(flatten)]
    listed: Listed<'a>,
    /// As the list has them, with the schemas themselves.
    definitions: Vec<Shown<'a>>,
}

impl<'a> Listed<'a> {
    fn new(ty: &'a str, seen: Option<Seen>, set: &'a SchemaSet) -> Self {
        Self {
            ty,
            events: seen.map_or(0, |seen| seen.events),
            last_seen: seen.map(|seen| seen.last_at),
            last_offset: seen.map(|seen| seen.last),
            schemas: set.of_type(ty).map(|schema| schema.name.as_str()).collect(),
            example: None,
        }
    }

    async fn with_example(self, daemon: &Daemon, largest: usize) -> Result<Self, Problem> {
        let Some(offset) = self.last_offset else { return Ok(self) };
        let stored = daemon.history.at(offset).await?;
        let text = stored.map(|stored| stored.event.to_structured()).filter(|text| text.len() <= largest);
        let example = text.map(RawValue::from_string).transpose().map_err(|error| Problem::internal(&error))?;
        Ok(Self { example, ..self })
    }
}

impl<'a> Shown<'a> {
    fn new(daemon: &Daemon, schema: &'a EventSchema) -> Self {
        let EventSchema { name, pattern, dataschema, mode, file, .. } = schema;
        Self {
            name,
            pattern,
            dataschema: dataschema.as_deref(),
            mode: *mode,
            file: file.display().to_string(),
            mismatches: daemon.metrics.schema_mismatches(name),
            schema: None,
        }
    }

    fn in_full(daemon: &Daemon, schema: &'a EventSchema) -> Self {
        Self { schema: Some(schema.schema.json()), ..Self::new(daemon, schema) }
    }
}

impl From<&Known> for Counted {
    fn from(known: &Known) -> Self {
        Self { types: known.len(), others: known.others, to: known.to, incomplete: known.incomplete }
    }
}

/// Types that were seen, and those that a schema is for by name.
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

pub(super) async fn list(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &["after", "limit", "type", "examples"]);
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
        (page(&known, &set, wanted, &after, limit + 1), Counted::from(&*known))
    };
    let more = types.len() > limit;
    types.truncate(limit);
    let mut listed = Vec::with_capacity(types.len());
    for (ty, seen) in &types {
        let one = Listed::new(ty, *seen, &set);
        listed.push(if examples { one.with_example(&daemon, EXAMPLE).await? } else { one });
    }
    let next = types.last().filter(|_| more).map(|(ty, _)| ty.as_str());
    let schemas = set.iter().map(|schema| Shown::new(&daemon, schema)).collect();
    body::page(room, &Catalogue { types: listed, next, schemas, counted }).await
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    ty: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(ty) = ty?;
    query::none(request.uri())?;
    let room = body::room(&daemon).await?;
    daemon.catalogue.catch_up().await?;
    let (set, seen) = (daemon.schemas.set(), daemon.catalogue.known().of(&ty));
    let definitions: Vec<_> = set.of_type(&ty).map(|schema| Shown::in_full(&daemon, schema)).collect();
    if seen.is_none() && definitions.is_empty() {
        let detail =
            format!("no event of type `{ty}` was seen, and no schema is for it; GET /v1/schemas lists the types");
        return Err(Problem::new(Kind::TypeNotFound, detail));
    }
    let listed = Listed::new(&ty, seen, &set).with_example(&daemon, usize::MAX).await?;
    body::page(room, &One { listed, definitions }).await
}

/// Whether these events may come in; `at` says where in the request each stands.
///
/// # Errors
/// Some do not fit their schemas, each named. One that was recorded already does not have to fit: its publisher
/// is told what became of it.
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
