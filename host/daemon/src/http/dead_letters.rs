//! `/v1/dead-letters`: deliveries that were given up, to be looked at, sent again or deleted.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use fanfare_core::{AttemptRecord, ChannelName, Class, DeliveryId, EventResult};
use fanfare_journal::{DeadLetter, DeadLetterFilter, DeadLetterQuery, JobId};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    body,
    events::{Holes, Listed, MOMENT, order},
    problem::{Kind, Problem},
    query::{self, Query},
};
use crate::daemon::Daemon;

#[derive(Serialize)]
struct DeadLetters {
    dead_letters: Vec<DeadLetter>,
    /// The `after` of the next page.
    next: Option<i64>,
    #[serde(flatten)]
    holes: Option<Holes>,
}

pub(super) async fn list(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    const KNOWN: [&str; 9] = ["channel", "type", "class", "code", "since", "until", "order", "after", "limit"];
    let mut query = Query::read(request.uri().query(), &KNOWN);
    let filter = DeadLetterFilter {
        channel: query.channel("channel", &daemon).await?,
        ty: query.text("type"),
        class: query.class("class"),
        code: query.text("code"),
        since: query.parsed("since", MOMENT),
        until: query.parsed("until", MOMENT),
        delivery: None,
    };
    let wanted = DeadLetterQuery {
        filter,
        order: order(&mut query),
        after: query.parsed("after", "must be the `next` of the page before").unwrap_or(0),
        limit: query.limit(),
        bytes: body::PAGE,
    };
    query.finish()?;
    let room = body::room(&daemon).await?;
    let page = daemon.history.dead_letters(wanted).await?;
    let holes = Holes::of(page.holes);
    body::page(room, &DeadLetters { dead_letters: page.items, next: page.next, holes }).await
}

/// A dead letter with all that is needed to understand it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    letter: &'a DeadLetter,
    /// CloudEvents JSON.
    event: Option<Box<RawValue>>,
    result: Option<EventResult>,
    /// Every attempt on this channel.
    history: &'a [AttemptRecord],
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    delivery: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(text) = delivery?;
    query::none(request.uri())?;
    let delivery = text.parse::<DeliveryId>().map_err(|_| unknown(&text))?;
    let room = body::room(&daemon).await?;
    let (letter, event) = daemon.history.dead_letter(delivery).await?.ok_or_else(|| unknown(&text))?;
    let attempts: BTreeMap<_, _> = event
        .iter()
        .flat_map(|event| &event.deliveries)
        .map(|delivery| (delivery.delivery_id, delivery.attempts.as_slice()))
        .collect();
    let listed = event.as_ref().map(|stored| Listed::new(&daemon, stored)).transpose()?;
    let history = attempts.get(&delivery).copied().unwrap_or_default();
    let (event, result) = listed.map(|listed| (listed.event, listed.result)).unzip();
    body::page(room, &Shown { letter: &letter, event, result, history }).await
}

pub(super) async fn delete(
    State(daemon): State<Arc<Daemon>>,
    delivery: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(text) = delivery?;
    query::none(request.uri())?;
    let delivery = text.parse::<DeliveryId>().map_err(|_| unknown(&text))?;
    if daemon.history.dead_letter(delivery).await?.is_none() {
        return Err(unknown(&text));
    }
    daemon.jobs.purge(DeadLetterFilter { delivery: Some(delivery), ..DeadLetterFilter::default() }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn unknown(text: &str) -> Problem {
    let detail = format!("there is no dead letter `{text}`; GET /v1/dead-letters lists them by `delivery_id`");
    Problem::new(Kind::DeadLetterNotFound, detail)
}

/// Which dead letters to work on. An empty filter stands for all only if `all` says so.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    channel: Option<ChannelName>,
    #[serde(rename = "type")]
    ty: Option<String>,
    class: Option<Class>,
    code: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    delivery_id: Option<DeliveryId>,
    #[serde(default)]
    all: bool,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Begun {
    matched: u64,
    dry_run: bool,
    /// Where it is followed: GET /v1/replays/{id}.
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<JobId>,
}

impl Command {
    fn filter(self) -> Result<(DeadLetterFilter, bool), Problem> {
        let Self { channel, ty, class, code, since, until, delivery_id, all, dry_run } = self;
        let class = class.map(|class| class.as_str().to_owned());
        let filter = DeadLetterFilter { channel, ty, class, code, since, until, delivery: delivery_id };
        let empty = filter == DeadLetterFilter::default();
        if empty && !all {
            let detail = "there is no filter; say which ones (channel, type, class, code, since, until, delivery_id), or \
                          `\"all\": true`";
            return Err(Problem::new(Kind::InvalidRequest, detail));
        }
        if all && !empty {
            return Err(Problem::new(Kind::InvalidRequest, "`all` has no place beside a filter"));
        }
        Ok((filter, dry_run))
    }
}

pub(super) async fn replay(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let (filter, dry_run) = body::command::<Command>(request).await?.filter()?;
    if dry_run {
        return counted(&daemon, &filter).await;
    }
    let job = daemon.jobs.redrive(filter).await?;
    body::json(StatusCode::ACCEPTED, &Begun { matched: job.matched, dry_run, replay: Some(job.id) })
}

pub(super) async fn purge(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let (filter, dry_run) = body::command::<Command>(request).await?.filter()?;
    if dry_run {
        return counted(&daemon, &filter).await;
    }
    let job = daemon.jobs.purge(filter).await?;
    body::json(StatusCode::ACCEPTED, &Begun { matched: job.matched, dry_run, replay: Some(job.id) })
}

async fn counted(daemon: &Daemon, filter: &DeadLetterFilter) -> Result<Response, Problem> {
    let matched = daemon.jobs.count_dead_letters(filter).await?;
    body::json(StatusCode::OK, &Begun { matched, dry_run: true, replay: None })
}
