//! `/v1/recipients`: whom events are for. What is set here is in the journal, and wins over the files of the configuration.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use fanfare_core::rfc3339;
use fanfare_dispatch::Changed;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::{
    body,
    problem::{Kind, Problem},
    query::{self, Query},
    unique::Unique,
};
use crate::{
    daemon::Daemon,
    recipients::{Record, SetError, Source, check_subject, read_whole},
};

/// A recipient as it is on record.
#[derive(Serialize)]
struct Shown {
    subject: String,
    source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_at: Option<String>,
    #[serde(flatten)]
    members: Value,
}

impl From<Record> for Shown {
    fn from(Record { subject, source, changed_at, body }: Record) -> Self {
        Self { subject, source, changed_at: changed_at.map(rfc3339), members: body }
    }
}

#[derive(Serialize)]
struct Recipients {
    recipients: Vec<Shown>,
    /// The `after` of the next page.
    next: Option<String>,
}

pub(super) async fn list(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &["after", "limit", "prefix"]);
    let (after, prefix, limit) = (query.text("after"), query.text("prefix").unwrap_or_default(), query.limit());
    query.finish()?;
    let room = body::room(&daemon).await?;
    let mut records = daemon.recipients.list(&prefix, after.as_deref(), limit + 1);
    let more = records.len() > limit;
    records.truncate(limit);
    let next = records.last().filter(|_| more).map(|record| record.subject.clone());
    body::page(room, &Recipients { recipients: records.into_iter().map(Shown::from).collect(), next }).await
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
        .ok_or_else(|| unknown(format!("nobody is on record as `{subject}`; GET /v1/recipients lists who is")))?;
    body::json(StatusCode::OK, &Shown::from(record))
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
    // What a client has read it may send back.
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
    let record = daemon.recipients.get(&subject).ok_or_else(|| Problem::internal(&"it has gone meanwhile"))?;
    body::json(if is_new { StatusCode::CREATED } else { StatusCode::OK }, &Shown::from(record))
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
            Some(_) => "the one on record stands in a file of [recipients]: take it out there",
            None => "nobody is on record under it",
        };
        return Err(unknown(format!("no recipient `{subject}` was set here; {where_else}")));
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
