//! `/v1/replays`: events of the history sent again, and how far that has come.

use std::{future::Future, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_core::{ChannelName, WaitingFor, rfc3339};
use fanfare_journal::{End, Job, JobError, JobId, JobWait, Jobs, ReplayRequest, Start};
use http::{HeaderValue, StatusCode, Uri, header::LOCATION};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    body,
    problem::{Kind, Problem},
    query, waits,
};
use crate::daemon::Daemon;

/// A place in the history: a number is an offset, a string a time.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`after` and `until` are an offset (a number) or an RFC 3339 time (a string)")]
enum Place {
    Offset(u64),
    Time(Timestamp),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    after: Option<Place>,
    until: Option<Place>,
    #[serde(default)]
    types: Vec<String>,
    channels: Vec<ChannelName>,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Counted {
    matched: u64,
    dry_run: bool,
}

#[derive(Serialize)]
struct Listed {
    replays: Vec<Job>,
    /// The newest hundred stand on one page.
    next: Option<()>,
}

pub(super) async fn begin(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let Command { after, until, types, mut channels, dry_run } = body::command(request).await?;
    if channels.is_empty() {
        return Err(Problem::new(Kind::InvalidRequest, "`channels` must name at least one channel"));
    }
    channels.sort();
    channels.dedup();
    let request = ReplayRequest {
        after: match after {
            None => Start::Offset(0),
            Some(Place::Offset(offset)) => Start::Offset(offset),
            Some(Place::Time(time)) => Start::Time(time),
        },
        until: match until {
            None => End::Now,
            Some(Place::Offset(offset)) => End::Offset(offset),
            Some(Place::Time(time)) => End::Time(time),
        },
        types,
        channels,
    };
    if dry_run {
        let matched = daemon.jobs.count_replay(&request).await?;
        return body::json(StatusCode::OK, &Counted { matched, dry_run });
    }
    let job = daemon.jobs.replay(request).await?;
    let mut response = body::json(StatusCode::ACCEPTED, &job)?;
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/replays/{}", job.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

pub(super) async fn list(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    body::json(StatusCode::OK, &Listed { replays: daemon.jobs.list().await?, next: None })
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    answer(&daemon, id?, request.uri(), |jobs, id| async move { jobs.get(id).await }).await
}

pub(super) async fn pause(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    answer(&daemon, id?, request.uri(), |jobs, id| async move { jobs.pause(id).await }).await
}

pub(super) async fn resume(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    answer(&daemon, id?, request.uri(), |jobs, id| async move { jobs.resume(id).await }).await
}

pub(super) async fn cancel(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    answer(&daemon, id?, request.uri(), |jobs, id| async move { jobs.cancel(id).await }).await
}

/// The replay that `act` answers for this id.
async fn answer<F: Future<Output = Result<Option<Job>, JobError>>>(
    daemon: &Daemon,
    Path(text): Path<String>,
    uri: &Uri,
    act: impl FnOnce(Jobs, JobId) -> F,
) -> Result<Response, Problem> {
    let unknown =
        || Problem::new(Kind::ReplayNotFound, format!("there is no replay `{text}`; GET /v1/replays lists them"));
    query::none(uri)?;
    let id = text.parse::<JobId>().map_err(|_| unknown())?;
    let job = act(daemon.jobs.clone(), id).await?.ok_or_else(unknown)?;
    let waiting = if job.pending > 0 { daemon.jobs.waits(id).await? } else { vec![] };
    let waiting = waiting.into_iter().filter_map(|wait| Waiting::of(daemon, wait)).collect();
    body::json(StatusCode::OK, &Shown { job, waiting })
}

/// A job, and what it waits for.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    job: Job,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waiting: Vec<Waiting>,
}

/// Deliveries of one channel that a job has begun, and that are not attempted now.
#[derive(Serialize)]
struct Waiting {
    channel: ChannelName,
    deliveries: u64,
    waiting_for: WaitingFor,
    /// When the first of them goes on, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl Waiting {
    fn of(daemon: &Daemon, wait: JobWait) -> Option<Self> {
        let JobWait { channel, deliveries, waiting } = wait;
        let (waiting_for, until) = waits::of_lane(daemon, &channel).or(waiting)?;
        Some(Self { channel, deliveries, waiting_for, until: until.map(rfc3339) })
    }
}
