//! `/healthz` says that the process responds, `/readyz` whether it accepts events.
//!
//! Some conditions need an operator and still return 200, because sending publishers elsewhere would not repair them.
//! If reads find damage in the journal, its status is `degraded`: events are still recorded and delivered, and the
//! metric `fanfare_journal_damage_total` raises the alarm. If a stage has no plugin, events that would pass it are
//! rejected or bypass it, and all others are accepted.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use fanfare_dispatch::{Health, TableState};
use http::StatusCode;

use super::{body, channels, problem::Problem, stages};
use crate::{
    access::{Caller, Scope},
    api::{
        Alive, Certificate, ChannelStates, Collector, CollectorStatus, JournalHealth, JournalStatus, Readiness, Ready,
        ReadyDetails, StageStates, Table, TableStatus,
    },
    certificate::Validity,
    daemon::Daemon,
    overview::Overview,
};

pub(super) async fn alive() -> Result<Response, Problem> {
    body::json(StatusCode::OK, &Alive { status: "ok".to_owned() })
}

/// Whether the journal can write, and whether its content can be read.
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
            let last = damage.last;
            let error = format!("the journal is damaged; `fanfare doctor` shows the extent; last damage found: {last}");
            (JournalStatus::Degraded, Some(error), found)
        }
        (Health::Failing(error), _) => (JournalStatus::Failing, Some(error), found),
    }
}

/// Whether events go to the channels in the configuration, and whether events are rejected.
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

/// `None` if there are no stages.
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

/// `None` without TLS.
fn certificate(daemon: &Daemon) -> Option<Certificate> {
    let validity = daemon.tls.as_ref()?.load().validity;
    let Validity { not_before, not_after } = validity;
    Some(Certificate { status: validity.status(daemon.clock.now()).into(), not_before, not_after })
}

/// `None` while nothing is traced.
fn collector(daemon: &Daemon) -> Option<Collector> {
    daemon.tracer.share()?;
    let error = daemon.tracer.failure().map(|reason| reason.to_string());
    let status = if error.is_some() { CollectorStatus::Failing } else { CollectorStatus::Ok };
    Some(Collector { status: status.into(), error })
}

fn readiness(daemon: &Daemon, journal: JournalStatus, refuses: bool, stages: Option<StageStates>) -> Readiness {
    // Some events are rejected, or bypass the stage.
    let short = stages.is_some_and(|stages| stages.missing + stages.failed > 0);
    match journal {
        JournalStatus::Failing => Readiness::Unavailable,
        _ if refuses => Readiness::Unavailable,
        _ if daemon.stopping.is_cancelled() => Readiness::Draining,
        JournalStatus::Degraded => Readiness::Degraded,
        JournalStatus::Ok if short => Readiness::Degraded,
        JournalStatus::Ok => Readiness::Ready,
    }
}

fn is_taken(readiness: Readiness) -> bool {
    matches!(readiness, Readiness::Ready | Readiness::Degraded)
}

/// Whether `/readyz` returns 200.
pub(super) fn takes_events(daemon: &Daemon) -> bool {
    let (journal, ..) = examined(daemon);
    is_taken(readiness(daemon, journal, table(daemon).1, None))
}

/// A channel without a working plugin does not make the daemon unready: its events are kept.
/// The details are for those who may read, and see all channels.
pub(super) async fn ready(State(daemon): State<Arc<Daemon>>, caller: Caller) -> Result<Response, Problem> {
    let (journal, error, damage) = examined(&daemon);
    let overview = daemon.overview.load();
    let stages = stage_states(&overview);
    let (table, refuses) = table(&daemon);
    let status = readiness(&daemon, journal, refuses, stages);
    let code = if is_taken(status) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let details = (caller.may(Scope::Read) && caller.channels().is_none()).then(|| ReadyDetails {
        journal: JournalHealth { status: journal.into(), error, damage },
        table,
        channels: channel_states(&daemon, &overview),
        stages,
        unwatched: overview.unwatched.clone(),
        certificate: certificate(&daemon),
        collector: collector(&daemon),
        rejected_reload: overview.last_reload.as_ref().filter(|report| !report.errors.is_empty()).cloned(),
    });
    body::json(code, &Ready { status: status.into(), details })
}
