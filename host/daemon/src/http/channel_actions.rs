//! `POST /v1/channels/{name}/pause`, `/resume`, `/test` and `/forget`.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use fanfare_core::{Defaults, Event, Outcome, Report};
use http::StatusCode;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    body, channels,
    problem::{Kind, Problem},
    visible::Named,
};
use crate::{
    access::{Caller, without_tokens},
    api::{Forget, Forgotten, Nothing, Pause, Tested},
    daemon::Daemon,
};

/// The event that `/test` sends if the request has none.
const SAMPLE: &str = r#"{"type":"fanfare.test","source":"/fanfare","message":"A test of this channel",
"severity":"info","data":{"test":true}}"#;

pub(super) async fn pause(
    State(daemon): State<Arc<Daemon>>,
    Named(name): Named,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Pause { reason } = body::command(request).await?;
    // A reason is kept and shown to everybody who may read.
    match daemon.dispatcher.pause(&name, without_tokens(reason)).await? {
        Some(()) => channels::one(&daemon, &caller, &name).await,
        None => Err(channels::unknown(&daemon, &name).await),
    }
}

pub(super) async fn resume(
    State(daemon): State<Arc<Daemon>>,
    Named(name): Named,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Nothing {} = body::command(request).await?;
    match daemon.dispatcher.resume(&name).await? {
        Some(()) => channels::one(&daemon, &caller, &name).await,
        None => Err(channels::unknown(&daemon, &name).await),
    }
}

pub(super) async fn test(
    State(daemon): State<Arc<Daemon>>,
    Named(name): Named,
    request: Request,
) -> Result<Response, Problem> {
    let event: Box<RawValue> = body::command(request).await?;
    let text = if event.get() == "{}" { SAMPLE } else { event.get() };
    let event = Event::from_simple(text.as_bytes(), Defaults { now: daemon.clock.now(), id: Uuid::now_v7() })?;
    if daemon.dispatcher.lane(&name).is_none() {
        return Err(channels::unknown(&daemon, &name).await);
    }
    let Some((delivery_id, report)) = daemon.dispatcher.test(&name, event).await else {
        let detail = format!("`{name}` has no plugin to call; GET /v1/channels says why");
        return Err(Problem::new(Kind::NothingToCall, detail));
    };
    let Report { outcome, cost, trace, .. } = report;
    let (receipt, fault) = match outcome {
        Outcome::Delivered { receipt } => (receipt.and_then(|text| RawValue::from_string(text).ok()), None),
        Outcome::Failed(fault) => (None, Some(fault)),
    };
    let tested = Tested {
        channel: name,
        delivery_id: delivery_id.to_string(),
        status: if fault.is_none() { "success" } else { "failed" }.to_owned(),
        duration_ms: (cost.duration.as_secs_f64() * 1e6).round() / 1e3,
        fuel: cost.fuel,
        memory: cost.memory,
        receipt,
        class: fault.as_ref().map(|fault| fault.class.into()),
        code: fault.as_ref().map(|fault| fault.code.clone()),
        error: fault.map(|fault| fault.message),
        trace: trace.into_iter().map(|line| line.0).collect(),
    };
    body::json(StatusCode::OK, &tested)
}

/// Ends the backlog of a removed channel. Nothing would ever attempt it, and it keeps all later
/// events from being pruned.
pub(super) async fn forget(
    State(daemon): State<Arc<Daemon>>,
    Named(name): Named,
    request: Request,
) -> Result<Response, Problem> {
    let Forget { dry_run } = body::command(request).await?;
    let overview = daemon.overview.load();
    let configured = overview.channels.get(name.as_str()).is_some_and(|info| info.configure.is_none());
    if daemon.dispatcher.lane(&name).is_some() && !overview.channels.contains_key(name.as_str()) {
        let detail = format!(
            "`{name}` was removed after the daemon started, and deliveries of it may still be in flight; restart the \
             daemon, then forget the channel"
        );
        return Err(Problem::new(Kind::ChannelConfigured, detail));
    }
    if daemon.dispatcher.lane(&name).is_some() || configured {
        let detail =
            format!("`{name}` is configured; remove it from the configuration first, or drop single deliveries");
        return Err(Problem::new(Kind::ChannelConfigured, detail));
    }
    let totals = daemon.history.totals().await?;
    let Some(left) = totals.channels.iter().find(|channel| channel.channel.as_str() == name) else {
        return Err(channels::unknown(&daemon, &name).await);
    };
    let mut ended = 0;
    if !dry_run {
        tracing::warn!(
            channel = name,
            pending = left.pending,
            "forgetting a removed channel; its backlog becomes dead letters"
        );
        let (daemon, name) = (Arc::clone(&daemon), left.channel.clone());
        // Continues if the client disconnects. A reload may bring the channel back meanwhile.
        let forgetting = tokio::spawn(async move {
            daemon.jobs.forget(&name, &|| daemon.dispatcher.lane(name.as_str()).is_none()).await
        });
        ended = forgetting.await.map_err(|error| Problem::internal(&error))??;
        tracing::warn!(channel = %left.channel, ended, "the channel was forgotten");
    }
    let forgotten = Forgotten { channel: left.channel.to_string(), dry_run, pending: left.pending, ended };
    body::json(StatusCode::OK, &forgotten)
}
