//! `/v1/recipients`: whom events are for. Recipients that are set here are in the journal, and override those in files.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use fanfare_dispatch::Changed;
use http::StatusCode;
use serde_json::{Map, Value};

use super::{
    body,
    problem::{Kind, Problem},
    query::{self, LIMIT, Parameter, Query, Takes},
    unique::Unique,
};
use crate::{
    api::{Recipient, Recipients},
    daemon::Daemon,
    recipients::{Record, SetError, check_subject, read_whole},
};

/// A recipient as recorded.
fn shown(Record { subject, source, changed_at, body }: Record) -> Recipient {
    let members = match body {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    Recipient { subject, source: source.into(), changed_at, members }
}

/// The parameters of the list.
pub(super) static PARAMETERS: [Parameter; 3] = [
    Parameter { name: "after", what: "Subjects after this, or the `next` of the previous page.", takes: Takes::Text },
    LIMIT,
    Parameter { name: "prefix", what: "Subjects that begin with this.", takes: Takes::Text },
];

pub(super) async fn list(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &PARAMETERS);
    let (after, prefix, limit) = (query.text("after"), query.text("prefix").unwrap_or_default(), query.limit());
    query.finish()?;
    let room = body::room(&daemon).await?;
    let mut records = daemon.recipients.list(&prefix, after.as_deref(), limit + 1);
    let more = records.len() > limit;
    records.truncate(limit);
    let next = records.last().filter(|_| more).map(|record| record.subject.clone());
    body::page(room, &Recipients { recipients: records.into_iter().map(shown).collect(), next }).await
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    subject: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(subject) = subject?;
    query::none(request.uri())?;
    let record = daemon
        .recipients
        .get(&subject)
        .ok_or_else(|| unknown(format!("there is no recipient `{subject}`; GET /v1/recipients lists them")))?;
    body::json(StatusCode::OK, &shown(record))
}

pub(super) async fn set(
    State(daemon): State<Arc<Daemon>>,
    subject: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(subject) = subject?;
    if let Some(wrong) = check_subject(&subject) {
        return Err(Problem::new(Kind::InvalidRequest, format!("the subject in the path {wrong}")));
    }
    let Unique(mut value) = body::command(request).await?;
    // A client may send back what it has read, which includes the subject.
    if let Some(members) = value.as_object_mut() {
        if members.get("subject").is_some_and(|given| given.as_str() == Some(subject.as_str())) {
            members.remove("subject");
        }
        members.remove("source");
        members.remove("changed_at");
    }
    let (_, text) = read_whole(&subject, &value).map_err(Problem::invalid_recipient)?;
    let is_new =
        daemon.recipients.set(subject.clone(), text, daemon.clock.now()).await.map_err(|error| match error {
            SetError::Store(error) => error.into(),
            full @ SetError::TooMany => Problem::new(Kind::InvalidRequest, full.to_string()),
        })?;
    changed(&daemon, &subject);
    let gone = || Problem::internal(&"the recipient was deleted right after it was set");
    let record = daemon.recipients.get(&subject).ok_or_else(gone)?;
    body::json(if is_new { StatusCode::CREATED } else { StatusCode::OK }, &shown(record))
}

pub(super) async fn delete(
    State(daemon): State<Arc<Daemon>>,
    subject: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(subject) = subject?;
    query::none(request.uri())?;
    if !daemon.recipients.remove(&subject).await? {
        let where_else = match daemon.recipients.get(&subject) {
            Some(_) => "it comes from a file of [recipients]; remove it there",
            None => "there is no recipient with this subject at all",
        };
        return Err(unknown(format!("the recipient `{subject}` was not set over HTTP; {where_else}")));
    }
    changed(&daemon, &subject);
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn changed(daemon: &Daemon, subject: &str) {
    daemon.dispatcher.recipients_changed(Changed::Only([subject.to_owned()].into()));
}

fn unknown(detail: String) -> Problem {
    Problem::new(Kind::RecipientNotFound, detail)
}
