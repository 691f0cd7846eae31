//! `/v1/dead-letters`: dead letters, to inspect, redrive or delete.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use fanfare_core::DeliveryId;
use fanfare_record::{DeadLetterFilter, DeadLetterQuery, Job};
use http::StatusCode;

use super::{
    body,
    events::{MOMENT, listed, order},
    problem::{Kind, Problem},
    query::{self, CHANNEL, LIMIT, ORDER, Parameter, Query, TYPE, Takes},
    visible,
};
use crate::{
    access::Caller,
    api::{Begun, DeadLetters, Letter, Selection},
    daemon::Daemon,
};

/// The parameters of the list.
pub(super) static PARAMETERS: [Parameter; 9] = [
    CHANNEL,
    TYPE,
    Parameter { name: "class", what: "Dead letters whose last failure has this class.", takes: Takes::Class },
    Parameter { name: "code", what: "Dead letters whose last failure has this code.", takes: Takes::Text },
    Parameter { name: "since", what: "Dead at or after this time.", takes: Takes::Moment },
    Parameter { name: "until", what: "Dead before this time.", takes: Takes::Moment },
    ORDER,
    Parameter { name: "after", what: "The `next` of the previous page.", takes: Takes::Whole(Some(0)) },
    LIMIT,
];

pub(super) async fn list(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &PARAMETERS);
    let filter = DeadLetterFilter {
        channel: query.channel("channel", &daemon, &caller).await?,
        channels: caller.channels().cloned(),
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
        after: query.parsed("after", "must be the `next` of the previous page").unwrap_or(0),
        limit: query.limit(),
        bytes: body::PAGE,
    };
    query.finish()?;
    let room = body::room(&daemon).await?;
    let page = daemon.history.dead_letters(wanted).await?;
    let dead_letters = page.items.into_iter().map(Into::into).collect();
    let holes: Vec<_> = page.holes.into_iter().map(Into::into).collect();
    body::page(room, &DeadLetters { dead_letters, next: page.next, incomplete: !holes.is_empty(), holes }).await
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    delivery: Result<Path<String>, PathRejection>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Path(text) = delivery?;
    query::none(request.uri())?;
    let delivery = text.parse::<DeliveryId>().map_err(|_| unknown(&text))?;
    let room = body::room(&daemon).await?;
    let found = daemon.history.dead_letter(delivery).await?.filter(|(letter, _)| caller.sees(letter.channel.as_str()));
    let (letter, event) = found.ok_or_else(|| unknown(&text))?;
    let event = event.and_then(|event| visible::of_event(event, &caller));
    let listed = event.as_ref().map(|stored| listed(&daemon, stored)).transpose()?;
    let deliveries = event.into_iter().flat_map(|event| event.deliveries);
    let history = deliveries.filter(|one| one.delivery_id == delivery).flat_map(|one| one.attempts).collect();
    let (event, result) = listed.map(|listed| (listed.event, listed.result)).unzip();
    body::page(room, &Letter::new(letter.into(), event, result, history)).await
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

/// The filter, and whether it is a dry run. An empty filter selects all dead letters only together with `all`.
fn filter(selection: Selection, caller: &Caller) -> Result<(DeadLetterFilter, bool), Problem> {
    let Selection { channel, ty, class, code, since, until, delivery_id, all, dry_run } = selection;
    let class = class.map(|class| class.as_str().to_owned());
    if let Some(channel) = &channel {
        visible::check(caller, channel.as_str())?;
    }
    let filter = DeadLetterFilter { channel, channels: None, ty, class, code, since, until, delivery: delivery_id };
    let empty = filter == DeadLetterFilter::default();
    if empty && !all {
        let detail = "the request has no filter; name the dead letters (channel, type, class, code, since, until, \
                      delivery_id), or send `\"all\": true`";
        return Err(Problem::new(Kind::InvalidRequest, detail));
    }
    if all && !empty {
        return Err(Problem::new(
            Kind::InvalidRequest,
            "`all` cannot be combined with a filter; leave one of them out",
        ));
    }
    Ok((DeadLetterFilter { channels: caller.channels().cloned(), ..filter }, dry_run))
}

pub(super) async fn replay(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let (filter, dry_run) = filter(body::command(request).await?, &caller)?;
    if dry_run {
        return counted(&daemon, &filter).await;
    }
    let job = daemon.jobs.redrive(filter).await?;
    begun(&job)
}

pub(super) async fn purge(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let (filter, dry_run) = filter(body::command(request).await?, &caller)?;
    if dry_run {
        return counted(&daemon, &filter).await;
    }
    let job = daemon.jobs.purge(filter).await?;
    begun(&job)
}

fn begun(job: &Job) -> Result<Response, Problem> {
    body::json(StatusCode::ACCEPTED, &Begun { matched: job.matched, dry_run: false, replay: Some(job.id.0) })
}

async fn counted(daemon: &Daemon, filter: &DeadLetterFilter) -> Result<Response, Problem> {
    let matched = daemon.jobs.count_dead_letters(filter).await?;
    body::json(StatusCode::OK, &Begun { matched, dry_run: true, replay: None })
}
