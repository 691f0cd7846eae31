//! `/healthz` says that the process answers, `/readyz` whether events are taken.
//!
//! A journal in which reads meet damage is `degraded`, with 200: events are still recorded and delivered, and to send publishers
//! away would not mend it. So is a daemon with a stage that has no plugin: events that pass it are refused, or are let
//! by, and the others are taken. It needs an operator, whom the metric `fanfare_journal_damage_total` calls.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use fanfare_dispatch::{Health, TableState};
use http::StatusCode;
use serde::Serialize;

use super::{body, channels, problem::Problem, stages};
use crate::{
    daemon::Daemon,
    overview::{Overview, ReloadReport},
};

#[derive(Serialize)]
struct Alive {
    status: &'static str,
}

pub(super) async fn alive() -> Result<Response, Problem> {
    body::json(StatusCode::OK, &Alive { status: "ok" })
}

#[derive(Serialize)]
struct Ready<'a> {
    status: &'static str,
    journal: JournalHealth,
    table: TableHealth,
    channels: Channels,
    /// Absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    stages: Option<Stages>,
    /// Absent when everything that is followed is watched.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    unwatched: &'a [String],
    /// Absent when the last reload took everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_reload: Option<&'a ReloadReport>,
}

/// Whether the journal can write, and what it holds can be read.
#[derive(Serialize)]
pub(super) struct JournalHealth {
    /// `ok`, `degraded` or `failing`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Reads that met damage since the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<u64>,
}

impl JournalHealth {
    pub(super) fn of(daemon: &Daemon) -> Self {
        let damage = daemon.history.damage();
        let found = damage.as_ref().map(|damage| damage.found);
        match (daemon.journal.health(), damage) {
            (Health::Ok, None) => Self { status: "ok", error: None, damage: None },
            (Health::Ok, Some(damage)) => {
                let error = format!("it is damaged, `fanfare doctor` shows the extent; found last: {}", damage.last);
                Self { status: "degraded", error: Some(error), damage: found }
            }
            (Health::Failing(error), _) => Self { status: "failing", error: Some(error), damage: found },
        }
    }
}

/// Whether events go to the channels that are configured.
#[derive(Serialize)]
struct TableHealth {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl TableHealth {
    /// That, and whether events are refused.
    fn of(daemon: &Daemon) -> (Self, bool) {
        match daemon.dispatcher.table() {
            TableState::Current => (Self { status: "ok", error: None }, false),
            TableState::Behind { reason, refuses } => {
                (Self { status: "behind", error: Some(reason.to_string()) }, refuses)
            }
            TableState::Missing { reason } => (Self { status: "missing", error: Some(reason.to_string()) }, true),
        }
    }
}

/// How many channels there are, by state.
#[derive(Default, Serialize)]
struct Channels {
    active: usize,
    missing: usize,
    failed: usize,
    paused: usize,
    suspended: usize,
    open: usize,
    unconfigured: usize,
}

/// How many stages there are, by state.
#[derive(Default, Serialize)]
struct Stages {
    active: usize,
    missing: usize,
    failed: usize,
}

impl Stages {
    fn of(overview: &Overview) -> Option<Self> {
        let mut stages = Self::default();
        for stage in &overview.stages {
            *match stages::State::of(stage) {
                stages::State::Active => &mut stages.active,
                stages::State::Missing => &mut stages.missing,
                stages::State::Failed => &mut stages.failed,
            } += 1;
        }
        (!overview.stages.is_empty()).then_some(stages)
    }

    /// Some events are refused, or pass it by.
    fn is_short(&self) -> bool {
        self.missing + self.failed > 0
    }
}

/// A channel that cannot be called is detail, not a reason to send publishers away: its events are kept.
pub(super) async fn ready(State(daemon): State<Arc<Daemon>>) -> Result<Response, Problem> {
    let journal = JournalHealth::of(&daemon);
    let overview = daemon.overview.load();
    let mut channels = Channels::default();
    for info in overview.channels.values() {
        *match channels::state(&daemon, info) {
            channels::State::Active => &mut channels.active,
            channels::State::Missing => &mut channels.missing,
            channels::State::Failed => &mut channels.failed,
            channels::State::Paused => &mut channels.paused,
            channels::State::Suspended => &mut channels.suspended,
            channels::State::Open => &mut channels.open,
            channels::State::Unconfigured => &mut channels.unconfigured,
        } += 1;
    }
    let stages = Stages::of(&overview);
    let (table, refuses) = TableHealth::of(&daemon);
    let (code, status) = match journal.status {
        "failing" => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        _ if refuses => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        _ if daemon.stopping.is_cancelled() => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        "degraded" => (StatusCode::OK, "degraded"),
        _ if stages.as_ref().is_some_and(Stages::is_short) => (StatusCode::OK, "degraded"),
        _ => (StatusCode::OK, "ready"),
    };
    let rejected_reload = overview.last_reload.as_ref().filter(|report| !report.errors.is_empty());
    body::json(
        code,
        &Ready { status, journal, table, channels, stages, unwatched: &overview.unwatched, rejected_reload },
    )
}
