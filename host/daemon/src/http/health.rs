//! `/healthz` says that the process answers, `/readyz` whether events are taken.
//!
//! A journal in which reads meet damage is `degraded`, with 200: events are still recorded and delivered, and to send publishers
//! away would not mend it. So is a daemon with a stage that has no plugin: events that pass it are refused, or are let
//! by, and the others are taken. It needs an operator, whom the metric `fanfare_journal_damage_total` calls.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use fanfare_dispatch::{Health, TableState};
use http::StatusCode;

use super::{body, channels, problem::Problem, stages};
use crate::{
    access::{Caller, Scope},
    api::{
        Alive, ChannelStates, JournalHealth, JournalStatus, Readiness, Ready, ReadyDetails, StageStates, Table,
        TableStatus,
    },
    daemon::Daemon,
    overview::Overview,
};

pub(super) async fn alive() -> Result<Response, Problem> {
    body::json(StatusCode::OK, &Alive { status: "ok".to_owned() })
}

/// Whether the journal can write, and what it holds can be read.
pub(super) fn journal(daemon: &Daemon) -> JournalHealth {
    let (status, error, damage) = examined(daemon);
    JournalHealth { status: status.into(), error, damage }
}

fn examined(daemon: &Daemon) -> (JournalStatus, Option<String>, Option<u64>) {
    let damage = daemon.history.damage();
    let found = damage.as_ref().map(|damage| damage.found);
    match (daemon.journal.health(), damage) {
        (Health::Ok, None) => (JournalStatus::Ok, None, None),
        (Health::Ok, Some(damage)) => {
            let error = format!("it is damaged, `fanfare doctor` shows the extent; found last: {}", damage.last);
            (JournalStatus::Degraded, Some(error), found)
        }
        (Health::Failing(error), _) => (JournalStatus::Failing, Some(error), found),
    }
}

/// Whether events go to the channels that are configured, and whether they are refused.
fn table(daemon: &Daemon) -> (Table, bool) {
    let (status, error, refuses) = match daemon.dispatcher.table() {
        TableState::Current => (TableStatus::Ok, None, false),
        TableState::Behind { reason, refuses } => (TableStatus::Behind, Some(reason.to_string()), refuses),
        TableState::Missing { reason } => (TableStatus::Missing, Some(reason.to_string()), true),
    };
    (Table { status: status.into(), error }, refuses)
}

fn channel_states(daemon: &Daemon, overview: &Overview) -> ChannelStates {
    let mut states = ChannelStates::default();
    for info in overview.channels.values() {
        *match channels::state(daemon, info) {
            channels::State::Active => &mut states.active,
            channels::State::Missing => &mut states.missing,
            channels::State::Failed => &mut states.failed,
            channels::State::Paused => &mut states.paused,
            channels::State::Suspended => &mut states.suspended,
            channels::State::Open => &mut states.open,
            channels::State::Unconfigured => &mut states.unconfigured,
        } += 1;
    }
    states
}

/// None where there are no stages.
fn stage_states(overview: &Overview) -> Option<StageStates> {
    let mut states = StageStates::default();
    for stage in &overview.stages {
        *match stages::state(stage) {
            stages::State::Active => &mut states.active,
            stages::State::Missing => &mut states.missing,
            stages::State::Failed => &mut states.failed,
        } += 1;
    }
    (!overview.stages.is_empty()).then_some(states)
}

/// A channel that cannot be called is detail, not a reason to send publishers away: its events are kept.
/// The details are for those who may read, and see all channels.
pub(super) async fn ready(State(daemon): State<Arc<Daemon>>, caller: Caller) -> Result<Response, Problem> {
    let (journal, error, damage) = examined(&daemon);
    let overview = daemon.overview.load();
    let stages = stage_states(&overview);
    // Some events are refused, or pass it by.
    let short = stages.is_some_and(|stages| stages.missing + stages.failed > 0);
    let (table, refuses) = table(&daemon);
    let (code, status) = match journal {
        JournalStatus::Failing => (StatusCode::SERVICE_UNAVAILABLE, Readiness::Unavailable),
        _ if refuses => (StatusCode::SERVICE_UNAVAILABLE, Readiness::Unavailable),
        _ if daemon.stopping.is_cancelled() => (StatusCode::SERVICE_UNAVAILABLE, Readiness::Draining),
        JournalStatus::Degraded => (StatusCode::OK, Readiness::Degraded),
        JournalStatus::Ok if short => (StatusCode::OK, Readiness::Degraded),
        JournalStatus::Ok => (StatusCode::OK, Readiness::Ready),
    };
    let details = (caller.may(Scope::Read) && caller.channels().is_none()).then(|| ReadyDetails {
        journal: JournalHealth { status: journal.into(), error, damage },
        table,
        channels: channel_states(&daemon, &overview),
        stages,
        unwatched: overview.unwatched.clone(),
        rejected_reload: overview.last_reload.as_ref().filter(|report| !report.errors.is_empty()).cloned(),
    });
    body::json(code, &Ready { status: status.into(), details })
}
