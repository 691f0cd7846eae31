//! `GET /v1/stats`: the daemon at a glance.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use fanfare_core::ChannelName;
use http::StatusCode;

use super::{
    body,
    channels::{counts, rate},
    health,
    problem::Problem,
    query,
};
use crate::{
    access::Caller,
    api::{Journal, Removed, Stats, Totals},
    daemon::Daemon,
    overview::Overview,
};

fn is_configured(overview: &Overview, name: &ChannelName) -> bool {
    overview.channels.get(name).is_some_and(|info| info.configure.is_none())
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let mut totals = daemon.history.totals().await?;
    if caller.channels().is_some() {
        totals.channels.retain(|channel| caller.sees(channel.channel.as_str()));
        totals.events = totals.channels.iter().map(|channel| channel.accepted).sum();
    }
    let sees = |name: &ChannelName| caller.sees(name.as_str());
    let whole = caller.channels().is_none();
    let overview = daemon.overview.load();
    let sum = |count: fn(&fanfare_record::ChannelTotals) -> u64| totals.channels.iter().map(count).sum::<u64>();
    let (delivered, dead, attempts) = (sum(|c| c.delivered), sum(|c| c.dead), sum(|c| c.attempts));
    let journal = Journal {
        id: daemon.history.journal_id().await?,
        health: health::journal(&daemon),
        restored: daemon.history.restored().map(Into::into),
    };
    let uptime = daemon.clock.now().duration_since(daemon.metrics.started());
    let stats = Stats {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: uptime.as_secs().try_into().unwrap_or_default(),
        journal,
        // It speaks of all channels.
        last_reload: overview.last_reload.clone().filter(|_| whole),
        totals: Totals {
            accepted: totals.events,
            delivered,
            dead,
            skipped: sum(|c| c.skipped),
            attempts,
            // A removed channel still has its backlog.
            pending: sum(|c| c.pending),
            success_rate: rate(delivered, delivered + dead),
            mean_attempts: rate(attempts, delivered + dead),
        },
        channels: overview
            .channels
            .keys()
            .filter(|name| sees(name))
            .map(|name| (name.to_string(), counts(&daemon, name, &totals)))
            .collect(),
        removed: totals
            .channels
            .iter()
            .filter(|left| left.pending > 0 && !is_configured(&overview, &left.channel))
            .map(|left| Removed {
                channel: left.channel.to_string(),
                pending: left.pending,
                dead_letters: left.dead_letters,
            })
            .collect(),
        latency: daemon.metrics.latency_of(|channel| caller.sees(channel)),
        recent_failures: daemon
            .metrics
            .recent_failures()
            .into_iter()
            .filter(|failure| caller.sees(&failure.channel))
            .collect(),
    };
    body::json(StatusCode::OK, &stats)
}
