//! `GET /v1/channels` and `GET /v1/channels/{name}`: each channel with its state, its backlog and its numbers.

use std::sync::Arc;

use axum::{
    extract::{Request, State as Shared},
    response::Response,
};
use fanfare_core::ChannelName;
use fanfare_dispatch::{Backlog, Hold as LaneHold, HoldKind, LaneState};
use fanfare_record::{ChannelTotals, Totals};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use super::{
    body,
    policy::policy,
    problem::{Kind, Problem},
    query,
    visible::Named,
};
pub(super) use crate::api::State;
use crate::{
    access::Caller,
    api::{Channel, Channels, Counts, Gathered, Hold},
    daemon::Daemon,
    overview::{ChannelInfo, Overview},
};

pub(super) async fn list(
    Shared(daemon): Shared<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let totals = daemon.history.totals().await?;
    let overview = daemon.overview.load();
    let mine = all(&overview, &totals).filter(|(name, _)| caller.sees(name.as_str()));
    let channels = mine.map(|(name, info)| shown(&daemon, &caller, (name, info), &totals)).collect();
    body::json(StatusCode::OK, &Channels { channels, next: None })
}

pub(super) async fn show(
    Shared(daemon): Shared<Arc<Daemon>>,
    Named(wanted): Named,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    one(&daemon, &caller, &wanted).await
}

/// The response for one channel.
pub(super) async fn one(daemon: &Daemon, caller: &Caller, wanted: &str) -> Result<Response, Problem> {
    let totals = daemon.history.totals().await?;
    let overview = daemon.overview.load();
    match all(&overview, &totals).find(|(name, _)| name.as_str() == wanted) {
        Some(found) => body::json(StatusCode::OK, &shown(daemon, caller, found, &totals)),
        None => Err(no_such(wanted, &overview, &totals)),
    }
}

/// The problem for a name that no channel has.
pub(super) async fn unknown(daemon: &Daemon, wanted: &str) -> Problem {
    match daemon.history.totals().await {
        Ok(totals) => no_such(wanted, &daemon.overview.load(), &totals),
        Err(error) => error.into(),
    }
}

fn no_such(wanted: &str, overview: &Overview, totals: &Totals) -> Problem {
    if let Some(stanza) = overview.channels.get(wanted).and_then(|info| info.configure.as_ref()) {
        let stanza = stanza.replace('\n', ", ");
        let detail = format!("`{wanted}` is not configured yet; add to config.toml: {stanza}");
        return Problem::new(Kind::ChannelNotFound, detail);
    }
    let names: Vec<_> = all(overview, totals).map(|(name, _)| name.as_str()).collect();
    let detail = format!("there is no channel `{wanted}`; the channels are: {}", names.join(", "));
    Problem::new(Kind::ChannelNotFound, detail)
}

/// The configured channels, and removed ones with a backlog or dead letters.
fn all<'a>(
    overview: &'a Overview,
    totals: &'a Totals,
) -> impl Iterator<Item = (&'a ChannelName, Option<&'a ChannelInfo>)> {
    let left_behind = totals.channels.iter().filter(|channel| {
        !overview.channels.contains_key(&channel.channel) && (channel.pending > 0 || channel.dead_letters > 0)
    });
    let configured = overview.channels.iter().map(|(name, info)| (name, Some(info)));
    configured.chain(left_behind.map(|channel| (&channel.channel, None)))
}

pub(super) fn state(daemon: &Daemon, info: &ChannelInfo) -> State {
    let lane = daemon.dispatcher.lane(info.name.as_str()).map(|(lane, _)| lane);
    if info.configure.is_some() {
        return State::Unconfigured;
    }
    match (&info.loaded, lane) {
        // What an operator or a receiver decided counts, whether or not there is a plugin to call.
        (_, Some(LaneState::Held(hold))) => held(hold.kind),
        (Some(_), Some(LaneState::Active)) => State::Active,
        _ if info.error.is_some() && !info.missing => State::Failed,
        _ => State::Missing,
    }
}

/// When an open breaker becomes half-open.
pub(super) fn until(daemon: &Daemon, name: &ChannelName, hold: &LaneHold) -> Option<Timestamp> {
    let overview = daemon.overview.load();
    let breaker = overview.channels.get(name)?.policy.breaker.filter(|_| hold.kind == HoldKind::Open)?;
    hold.since.checked_add(SignedDuration::try_from(breaker.open).ok()?).ok()
}

/// How many deliveries wait for their batch; `None` for a channel without batches.
pub(super) fn gathered(daemon: &Daemon, name: &ChannelName) -> Option<u64> {
    daemon.overview.load().channels.get(name)?.policy.batch.as_ref()?;
    Some(daemon.dispatcher.gathered(name.as_str()).map_or(0, |gathered| gathered.deliveries as u64))
}

/// As in `fanfare_breaker_state`: 0 closed, 1 half-open, 2 open; `None` for a channel without a breaker.
pub(super) fn breaker_state(daemon: &Daemon, name: &ChannelName) -> Option<u64> {
    daemon.overview.load().channels.get(name)?.policy.breaker?;
    let Some((LaneState::Held(hold), _)) = daemon.dispatcher.lane(name.as_str()) else { return Some(0) };
    Some(match until(daemon, name, &hold) {
        None => 0,
        Some(until) if until > daemon.clock.now() => 2,
        Some(_) => 1,
    })
}

fn hold(daemon: &Daemon, name: &ChannelName) -> Option<Hold> {
    let Some((LaneState::Held(hold), _)) = daemon.dispatcher.lane(name.as_str()) else { return None };
    let until = until(daemon, name, &hold);
    Some(Hold { kind: held(hold.kind).into(), reason: hold.reason, since: hold.since, until })
}

fn held(kind: HoldKind) -> State {
    match kind {
        HoldKind::Paused => State::Paused,
        HoldKind::Suspended => State::Suspended,
        HoldKind::Open => State::Open,
    }
}

fn shown(
    daemon: &Daemon,
    caller: &Caller,
    (name, info): (&ChannelName, Option<&ChannelInfo>),
    totals: &Totals,
) -> Channel {
    // They are about events that did not go to the channel, which do not exist for a token bound to channels.
    let filter_errors = daemon.metrics.filter_errors(name.as_str()).filter(|_| caller.channels().is_none());
    Channel {
        name: name.to_string(),
        state: info.map_or(State::Missing, |info| state(daemon, info)).into(),
        hold: hold(daemon, name),
        plugin: info.map(|info| info.plugin.clone()),
        loaded: info.map(ChannelInfo::loaded).unwrap_or_default(),
        configure: info.and_then(|info| info.configure.clone()),
        warnings: info.map(|info| info.warnings.clone()).unwrap_or_default(),
        grants: info.map(|info| (&info.grants).into()),
        policy: info.map(|info| policy(&info.policy)),
        policy_from: info.map(|info| info.policy_from.clone()).unwrap_or_default(),
        settings: info.map(|info| info.settings.clone()).unwrap_or_default(),
        secrets: info.map(|info| info.secrets.clone()).unwrap_or_default(),
        signed: info.is_some_and(|info| info.signed),
        counts: counts(daemon, name, totals),
        gathered: daemon
            .dispatcher
            .gathered(name.as_str())
            .map(|fanfare_dispatch::Gathered { deliveries, batches, until }| Gathered { deliveries, batches, until }),
        latency: daemon.metrics.latency(name.as_str()),
        last_error: daemon.metrics.last_error(name.as_str()),
        filter_errors,
    }
}

pub(super) fn counts(daemon: &Daemon, name: &ChannelName, totals: &Totals) -> Counts {
    let behind = totals_of(totals, name);
    let Backlog { pending, in_flight, waiting, deferred, oldest, .. } = backlog(daemon, name, Some(&behind));
    Counts {
        pending,
        in_flight,
        waiting,
        deferred: deferred.iter().map(|(wait, count)| (wait.as_str().to_owned(), count)).collect(),
        oldest_pending_at: oldest.or(behind.oldest_again),
        dead: behind.dead,
        dead_letters: behind.dead_letters,
        delivered: behind.delivered,
        skipped: behind.skipped,
        attempts: behind.attempts,
        success_rate: rate(behind.delivered, behind.delivered + behind.dead),
    }
}

/// The journal's totals of a channel; zeros for a new one.
pub(super) fn totals_of(totals: &Totals, name: &ChannelName) -> ChannelTotals {
    totals.channels.iter().find(|channel| channel.channel == *name).cloned().unwrap_or_else(|| ChannelTotals {
        channel: name.clone(),
        accepted: 0,
        delivered: 0,
        dead: 0,
        dead_letters: 0,
        attempts: 0,
        failed_attempts: 0,
        pending: 0,
        skipped: 0,
        oldest_again: None,
    })
}

/// A channel's backlog. A removed channel has no lane, so its backlog comes from the journal.
pub(super) fn backlog(daemon: &Daemon, name: &ChannelName, totals: Option<&ChannelTotals>) -> Backlog {
    let lane = daemon.dispatcher.lane(name.as_str()).map(|(_, backlog)| backlog);
    lane.unwrap_or_else(|| Backlog { pending: totals.map_or(0, |totals| totals.pending), ..Backlog::default() })
}

/// A ratio with four digits. `None` if the whole is zero.
pub(super) fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1e4).round() / 1e4)
}
