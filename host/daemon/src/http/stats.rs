//! `GET /v1/stats`: the daemon at a glance.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use fanfare_core::ChannelName;
use fanfare_journal::Restored;
use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::{
    body,
    channels::{Counts, rate},
    health::JournalHealth,
    problem::Problem,
    query,
};
use crate::{
    daemon::Daemon,
    metrics::RecentFailure,
    overview::{Overview, ReloadReport},
};

#[derive(Serialize)]
struct Stats<'a> {
    version: &'static str,
    uptime_seconds: u64,
    journal: Journal,
    last_reload: Option<&'a ReloadReport>,
    totals: Sum,
    channels: BTreeMap<&'a ChannelName, Counts>,
    /// Channels that have left the configuration, and for which deliveries are pending: they keep every event after them.
    removed: Vec<Removed<'a>>,
    /// Attempts of this run, newest first.
    recent_failures: Vec<RecentFailure>,
}

#[derive(Serialize)]
struct Removed<'a> {
    channel: &'a ChannelName,
    pending: u64,
    dead_letters: u64,
}

#[derive(Serialize)]
struct Journal {
    /// Another one after the journal was put back from a copy.
    id: Uuid,
    #[serde(flatten)]
    health: JournalHealth,
    /// When it was last put back from a copy; `null` when it never was.
    restored: Option<Restored>,
}

/// Over all channels there ever were, since the journal was made.
#[derive(Serialize)]
struct Sum {
    /// Events.
    accepted: u64,
    delivered: u64,
    dead: u64,
    /// Ended without being delivered, as that was not wanted any more.
    skipped: u64,
    attempts: u64,
    pending: u64,
    /// Delivered, of the deliveries that reached their end; `null` before the first.
    success_rate: Option<f64>,
    /// Attempts per delivery that reached its end; `null` before the first.
    mean_attempts: Option<f64>,
}

fn is_configured(overview: &Overview, name: &ChannelName) -> bool {
    overview.channels.get(name).is_some_and(|info| info.configure.is_none())
}

pub(super) async fn show(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let totals = daemon.history.totals().await?;
    let overview = daemon.overview.load();
    let sum = |count: fn(&fanfare_journal::ChannelTotals) -> u64| totals.channels.iter().map(count).sum::<u64>();
    let (delivered, dead, attempts) = (sum(|c| c.delivered), sum(|c| c.dead), sum(|c| c.attempts));
    let journal = Journal {
        id: daemon.history.journal_id().await?,
        health: JournalHealth::of(&daemon),
        restored: daemon.history.restored(),
    };
    let uptime = daemon.clock.now().duration_since(daemon.metrics.started());
    let stats = Stats {
        version: env!("CARGO_PKG_VERSION"),
        uptime_seconds: uptime.as_secs().try_into().unwrap_or_default(),
        journal,
        last_reload: overview.last_reload.as_ref(),
        totals: Sum {
            accepted: totals.events,
            delivered,
            dead,
            skipped: sum(|c| c.skipped),
            attempts,
            // A channel that has left the configuration still has its backlog.
            pending: sum(|c| c.pending),
            success_rate: rate(delivered, delivered + dead),
            mean_attempts: rate(attempts, delivered + dead),
        },
        channels: overview.channels.keys().map(|name| (name, Counts::of(&daemon, name, &totals))).collect(),
        removed: totals
            .channels
            .iter()
            .filter(|left| left.pending > 0 && !is_configured(&overview, &left.channel))
            .map(|left| Removed { channel: &left.channel, pending: left.pending, dead_letters: left.dead_letters })
            .collect(),
        recent_failures: daemon.metrics.recent_failures(),
    };
    body::json(StatusCode::OK, &stats)
}
