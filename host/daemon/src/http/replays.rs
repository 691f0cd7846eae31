//! `/v1/replays`: sends events of the history again, and shows the progress.

use std::{future::Future, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use fanfare_record::{End, Job, JobError, JobId, JobWait, Jobs, ReplayRequest, Start};
use http::{HeaderValue, StatusCode, Uri, header::LOCATION};

use super::{
    body,
    problem::{Kind, Problem},
    query, visible, waits,
};
use crate::{
    access::Caller,
    api::{self, Counted, Place, Replay, Replays, Waiting},
    daemon::Daemon,
};

pub(super) async fn begin(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Replay { after, until, types, mut channels, dry_run } = body::command(request).await?;
    if channels.is_empty() {
        return Err(Problem::new(Kind::InvalidRequest, "`channels` must name at least one channel"));
    }
    channels.iter().try_for_each(|channel| visible::check(&caller, channel.as_str()))?;
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
    let id = job.id;
    let mut response = body::json(StatusCode::ACCEPTED, &api::Job::from(job))?;
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/replays/{id}")) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

pub(super) async fn list(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let jobs = daemon.jobs.list().await?.into_iter().filter(|job| visible::is_job_of(job, &caller));
    let replays = jobs.map(Into::into).collect();
    body::json(StatusCode::OK, &Replays { replays, next: None })
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    answer(&daemon, &caller, id?, request.uri(), |jobs, id| async move { jobs.get(id).await }).await
}

pub(super) async fn pause(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    answer(&daemon, &caller, id?, request.uri(), |jobs, id| async move { jobs.pause(id).await }).await
}

pub(super) async fn resume(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    answer(&daemon, &caller, id?, request.uri(), |jobs, id| async move { jobs.resume(id).await }).await
}

pub(super) async fn cancel(
    State(daemon): State<Arc<Daemon>>,
    id: Result<Path<String>, PathRejection>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    answer(&daemon, &caller, id?, request.uri(), |jobs, id| async move { jobs.cancel(id).await }).await
}

/// Runs `act` on the replay with this id.
async fn answer<F: Future<Output = Result<Option<Job>, JobError>>>(
    daemon: &Daemon,
    caller: &Caller,
    Path(text): Path<String>,
    uri: &Uri,
    act: impl FnOnce(Arc<dyn Jobs>, JobId) -> F,
) -> Result<Response, Problem> {
    let unknown =
        || Problem::new(Kind::ReplayNotFound, format!("there is no replay `{text}`; GET /v1/replays lists them"));
    query::none(uri)?;
    let id = text.parse::<JobId>().map_err(|_| unknown())?;
    if caller.channels().is_some() {
        let job = daemon.jobs.get(id).await?;
        job.filter(|job| visible::is_job_of(job, caller)).ok_or_else(unknown)?;
    }
    let job = act(daemon.jobs.clone(), id).await?.ok_or_else(unknown)?;
    let waiting = if job.pending > 0 { daemon.jobs.waits(id).await? } else { vec![] };
    let waiting = waiting.into_iter().filter_map(|wait| self::waiting(daemon, wait)).collect();
    body::json(StatusCode::OK, &api::Job { waiting, ..job.into() })
}

fn waiting(daemon: &Daemon, wait: JobWait) -> Option<Waiting> {
    let JobWait { channel, deliveries, waiting } = wait;
    let (waiting_for, until) = waits::of_lane(daemon, &channel).or(waiting)?;
    Some(Waiting { channel: channel.to_string(), deliveries, waiting_for: waiting_for.into(), until })
}
