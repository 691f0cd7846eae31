//! A pure diagnosis of the daemon's responses: whether it is healthy, and if not, why and what to do.

use std::{cmp::Reverse, time::Duration};

use jiff::Timestamp;
use serde::Serialize;

use super::super::output::{bytes, counted, span};
use crate::{
    api::{Certificate, Channel, Collector, FilterErrors, LastError, Ready, Removed, Stage, Stats},
    config::units,
};

/// The overall state of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// Events are accepted and delivered.
    Healthy,
    /// Events are accepted, but some are not delivered.
    Degraded,
    /// Events are rejected.
    Failing,
}

impl Verdict {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
        }
    }
}

/// A finding, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Reason {
    /// How much it degrades the verdict. `healthy`: for information only.
    pub(crate) verdict: Verdict,
    /// `journal`, `channel webhook`.
    pub(crate) about: String,
    pub(crate) what: String,
    /// A command, or what to do in words.
    pub(crate) todo: String,
}

/// The daemon's responses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    pub(crate) stats: &'a Stats,
    pub(crate) ready: &'a Ready,
    pub(crate) channels: &'a [Channel],
    pub(crate) stages: &'a [Stage],
    /// Free bytes for the journal, if the daemon reports them.
    pub(crate) free: Option<u64>,
    pub(crate) now: Timestamp,
}

/// Less free space than this is reported: SQLite needs room to work, and so do backups.
const LITTLE_SPACE: u64 = 1 << 30;

/// A longer wait than this is reported, unless the channel's policy explains it.
const LONG: Duration = Duration::from_secs(5 * 60);

/// Every finding, worst first, and the resulting verdict.
pub(crate) fn diagnose(told: &Told<'_>) -> (Verdict, Vec<Reason>) {
    let mut reasons = whole(told);
    reasons.extend(told.stages.iter().filter_map(stage));
    reasons.extend(told.channels.iter().flat_map(|one| channel(one, told.now)));
    reasons.extend(told.stats.removed.iter().map(removed));
    reasons.extend(told.ready.details.iter().flat_map(|details| &details.unwatched).map(|unwatched| {
        let todo = "changes are found by comparing, some seconds later";
        reason(Verdict::Healthy, "reload", format!("this is not watched: {unwatched}"), todo)
    }));
    reasons.sort_by_key(|reason| Reverse(reason.verdict));
    let verdict = reasons.iter().map(|reason| reason.verdict).max().unwrap_or(Verdict::Healthy);
    (verdict, reasons)
}

fn reason(verdict: Verdict, about: impl Into<String>, what: impl Into<String>, todo: impl Into<String>) -> Reason {
    Reason { verdict, about: about.into(), what: what.into(), todo: todo.into() }
}

/// Findings about the journal, the table of channels and the configuration.
fn whole(told: &Told<'_>) -> Vec<Reason> {
    let Told { stats, ready, free, .. } = told;
    let mut reasons = Vec::new();
    let why = |error: &Option<String>| error.clone().unwrap_or_else(|| "it does not say why".to_owned());
    let health = &stats.journal.health;
    match health.status.as_str() {
        "ok" => {}
        "degraded" => {
            reasons.push(reason(Verdict::Degraded, "journal", why(&health.error), "`fanfare doctor`"));
        }
        _ => reasons.push(reason(
            Verdict::Failing,
            "journal",
            format!("events are rejected, because it cannot write: {}", why(&health.error)),
            "free space on its disk, or repair the disk; the daemon resumes by itself",
        )),
    }
    if let Some(free) = free.filter(|free| *free < LITTLE_SPACE) {
        let what = format!("its disk has only {} left", bytes(free));
        let todo = "free space before you restart the daemon: on a full disk events are rejected, and it cannot start";
        reasons.push(reason(Verdict::Degraded, "journal", what, todo));
    }
    let rejects = ready.status == "unavailable" && health.status != "failing";
    // Absent for a token that is bound to channels.
    let table = ready.details.as_ref().map(|details| &details.table);
    let error = why(&table.and_then(|table| table.error.clone()));
    if rejects || table.is_some_and(|table| table.status == "missing") {
        let what = format!("events are rejected, because no channels are in effect: {error}");
        reasons.push(reason(Verdict::Failing, "channels", what, "`fanfare check`"));
    } else if table.is_some_and(|table| table.status == "behind") {
        let what = format!("events go to the channels of the previous configuration: {error}");
        reasons.push(reason(Verdict::Degraded, "channels", what, "`fanfare check`"));
    }
    if ready.status == "draining" {
        let todo = "wait until it has stopped, and start it again";
        reasons.push(reason(Verdict::Failing, "daemon", "it is shutting down and accepts no events", todo));
    }
    if let Some(report) = stats.last_reload.as_ref().filter(|report| !report.errors.is_empty()) {
        let before = if report.changes.is_empty() { "nothing was applied" } else { "the rest was applied" };
        let what = format!("{} in the last one, {before}", counted(report.errors.len() as u64, "error"));
        reasons.push(reason(Verdict::Degraded, "reload", what, "`fanfare check`; POST /v1/reload repeats it"));
    }
    if let Some(details) = &ready.details {
        reasons.extend(details.certificate.as_ref().and_then(certificate));
        reasons.extend(details.collector.as_ref().and_then(collector));
    }
    reasons
}

fn certificate(certificate: &Certificate) -> Option<Reason> {
    let Certificate { status, not_before, not_after } = certificate;
    let renew = "renew the file of `server.tls.cert`; a new one takes effect at once";
    let (verdict, what, todo) = match status.as_str() {
        "expiring" => (Verdict::Healthy, format!("it expires at {not_after:.0}"), renew),
        "expired" => (Verdict::Degraded, format!("it expired at {not_after:.0}, so clients refuse it"), renew),
        "not_yet_valid" => (
            Verdict::Degraded,
            format!("it is valid only from {not_before:.0}, so clients refuse it"),
            "check the clock of the daemon's machine, and the file of `server.tls.cert`",
        ),
        _ => return None,
    };
    Some(reason(verdict, "certificate", what, todo))
}

/// Traces have gaps, and events are delivered all the same.
fn collector(collector: &Collector) -> Option<Reason> {
    let error = collector.error.as_ref()?;
    let todo = "check the collector and `telemetry.endpoint`; deliveries are not affected";
    Some(reason(Verdict::Healthy, "traces", format!("the collector does not accept them: {error}"), todo))
}

fn stage(stage: &Stage) -> Option<Reason> {
    if stage.state == "active" {
        return None;
    }
    let follows = if stage.on_error == "pass" { "events pass unprocessed" } else { "events for it are rejected" };
    let why = stage.loaded.error.as_deref().unwrap_or("it has no plugin");
    let what = format!("{follows}: {why}");
    Some(reason(Verdict::Degraded, format!("stage {}", stage.name), what, "`fanfare check`"))
}

fn channel(channel: &Channel, now: Timestamp) -> Vec<Reason> {
    let name = &channel.name;
    let about = || format!("channel {name}");
    let counts = &channel.counts;
    // Channels that were removed from the configuration are reported separately.
    if channel.plugin.is_none() {
        return vec![];
    }
    let mut reasons = Vec::new();
    let error = channel.loaded.error.clone();
    let pending = waits(counts.pending);
    let hold = channel.hold.clone().unwrap_or_default();
    let said = if hold.reason.is_empty() { String::new() } else { format!(" ({})", hold.reason) };
    let held = |kind: &str| format!("{kind} since {:.0}{said}; {pending}", hold.since);
    let resume = format!("`fanfare channels resume {name}`");
    match channel.state.as_str() {
        "active" => {
            if let Some(error) = error {
                let what = format!("its newest version failed, so the previous one keeps running: {error}");
                reasons.push(reason(Verdict::Degraded, about(), what, "`fanfare check`"));
            }
            reasons.extend(behind(channel, now));
        }
        "unconfigured" => {
            let what = "its plugin is unconfigured, so it gets no events";
            reasons.push(reason(Verdict::Healthy, about(), what, format!("`fanfare channel add {name}`")));
        }
        "paused" => reasons.push(reason(Verdict::Degraded, about(), held("paused"), resume)),
        "suspended" => {
            let todo = format!("{resume}, once its receiver is back");
            reasons.push(reason(Verdict::Degraded, about(), held("suspended"), todo));
        }
        "open" => {
            let until = hold.until.map(|until| format!(", next attempt at {until:.0}")).unwrap_or_default();
            let last = last(channel.last_error.as_ref());
            let what = format!("its receiver keeps failing; breaker {}{until}{last}", held("open"));
            reasons.push(reason(Verdict::Degraded, about(), what, format!("`fanfare channels show {name}`")));
        }
        state => {
            let why = error.unwrap_or_else(|| "it has no plugin".to_owned());
            let todo =
                if state == "missing" { "put its plugin's file back, then `fanfare check`" } else { "`fanfare check`" };
            reasons.push(reason(Verdict::Degraded, about(), format!("{state}, {pending}: {why}"), todo));
        }
    }
    for warning in &channel.warnings {
        reasons.push(reason(Verdict::Healthy, about(), warning, "`fanfare check`"));
    }
    if let Some(FilterErrors { events, event_id, error, .. }) = &channel.filter_errors {
        let what = format!(
            "it did not get {} since the start, because its filter's condition could not be evaluated: {error}",
            counted(*events, "event")
        );
        reasons.push(reason(Verdict::Healthy, about(), what, format!("`fanfare events show {event_id}`")));
    }
    if counts.dead_letters > 0 {
        let what = format!("{}{}", counted(counts.dead_letters, "dead letter"), last(channel.last_error.as_ref()));
        let todo = format!("`fanfare dead-letters list --channel {name}`");
        reasons.push(reason(Verdict::Healthy, about(), what, todo));
    }
    reasons
}

/// A backlog whose only explanation is a slow or failing receiver.
fn behind(channel: &Channel, now: Timestamp) -> Option<Reason> {
    let counts = &channel.counts;
    let deferred: u64 = counts.deferred.values().sum();
    let oldest = counts.oldest_pending_at.filter(|_| counts.pending > deferred)?;
    let age = Duration::try_from(now.duration_since(oldest)).ok()?;
    let allowed = match channel.policy.as_ref().map(|policy| policy.lagging_after.as_str()) {
        Some("none") => return None,
        Some(text) => units::duration(text).unwrap_or(LONG),
        None => LONG,
    };
    if age < allowed {
        return None;
    }
    let what =
        format!("behind, {}, the oldest for {}{}", waits(counts.pending), span(age), last(channel.last_error.as_ref()));
    let todo = format!("`fanfare events list --channel {} --status pending`", channel.name);
    Some(reason(Verdict::Degraded, format!("channel {}", channel.name), what, todo))
}

fn waits(pending: u64) -> String {
    match pending {
        0 => "nothing is pending".to_owned(),
        1 => "1 delivery waits".to_owned(),
        n => format!("{n} deliveries wait"),
    }
}

fn last(error: Option<&LastError>) -> String {
    error.map(|error| format!("; last: {} {}", error.class, error.code)).unwrap_or_default()
}

fn removed(removed: &Removed) -> Reason {
    let Removed { channel, pending, .. } = removed;
    reason(
        Verdict::Degraded,
        format!("channel {channel}"),
        format!("it is no longer configured, and its {} all later events from being pruned", keep(*pending)),
        format!("configure it again, or restart the daemon and then `fanfare channels forget {channel}`"),
    )
}

fn keep(pending: u64) -> String {
    match pending {
        1 => "1 pending delivery keeps".to_owned(),
        n => format!("{n} pending deliveries keep"),
    }
}

/// The sample of a gauge without labels, from the text of `/metrics`.
pub(crate) fn gauge(metrics: &str, name: &str) -> Option<u64> {
    let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    value.trim().parse::<f64>().ok().filter(|value| *value >= 0.0).map(|value| value as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The diagnosis of a healthy daemon with this change.
    fn said(change: Value) -> (Verdict, Vec<String>) {
        let mut whole = json!({
            "stats": {
                "version": "0.1.0", "uptime_seconds": 200, "journal": { "status": "ok" },
                "last_reload": null, "totals": {},
            },
            "ready": {
                "status": "ready", "journal": { "status": "ok" }, "table": { "status": "ok" }, "channels": {},
            },
            "channels": [{ "name": "hook", "state": "active", "plugin": "builtin:webhook" }],
            "stages": [],
        });
        merge(&mut whole, change);
        let [stats, ready, channels, stages] = ["stats", "ready", "channels", "stages"].map(|key| whole[key].take());
        let told = Told {
            stats: &serde_json::from_value(stats).unwrap(),
            ready: &serde_json::from_value(ready).unwrap(),
            channels: &serde_json::from_value::<Vec<_>>(channels).unwrap(),
            stages: &serde_json::from_value::<Vec<_>>(stages).unwrap(),
            free: whole["free"].as_u64(),
            now: "2026-11-20T11:00:00Z".parse().unwrap(),
        };
        let (verdict, reasons) = diagnose(&told);
        (
            verdict,
            reasons.iter().map(|reason| format!("{}: {} -> {}", reason.about, reason.what, reason.todo)).collect(),
        )
    }

    fn merge(base: &mut Value, change: Value) {
        match (base, change) {
            (Value::Object(base), Value::Object(change)) => {
                change.into_iter().for_each(|(key, value)| merge(base.entry(key).or_insert(Value::Null), value));
            }
            (Value::Array(base), Value::Array(change)) if base.len() == 1 && change.len() == 1 => {
                change.into_iter().for_each(|value| merge(&mut base[0], value));
            }
            (base, change) => *base = change,
        }
    }

    #[track_caller]
    fn check(change: Value, verdict: Verdict, want: &[&str]) {
        assert_eq!(said(change), (verdict, want.iter().map(|&line| line.to_owned()).collect()));
    }

    #[test]
    fn a_healthy_daemon_has_no_findings() {
        check(json!({}), Verdict::Healthy, &[]);
        let busy = json!({ "pending": 3, "oldest_pending_at": "2026-11-20T10:59:00Z", "policy": null });
        check(json!({ "channels": [busy] }), Verdict::Healthy, &[]);
        // A delivery deferred until tomorrow does not count as backlog.
        let later = json!({ "pending": 1, "deferred": { "quiet": 1 }, "oldest_pending_at": "2026-11-19T10:00:00Z" });
        check(json!({ "channels": [later] }), Verdict::Healthy, &[]);
    }

    #[test]
    fn what_rejects_events_is_failing_and_comes_first() {
        let hold = json!({ "kind": "paused", "reason": "moving", "since": "2026-11-20T10:30:00Z" });
        check(
            json!({
                "stats": { "journal": { "status": "failing", "error": "disk full" } },
                "ready": { "status": "unavailable" },
                "channels": [{ "state": "paused", "pending": 2, "hold": hold }],
            }),
            Verdict::Failing,
            &[
                "journal: events are rejected, because it cannot write: disk full -> free space on its disk, or repair \
                 the \
                 disk; the daemon resumes by itself",
                "channel hook: paused since 2026-11-20T10:30:00Z (moving); 2 deliveries wait -> `fanfare channels \
                 resume \
                 hook`",
            ],
        );
        check(
            json!({ "ready": { "status": "unavailable", "table": { "status": "missing", "error": "no names" } } }),
            Verdict::Failing,
            &["channels: events are rejected, because no channels are in effect: no names -> `fanfare check`"],
        );
        check(
            json!({ "ready": { "status": "draining" } }),
            Verdict::Failing,
            &["daemon: it is shutting down and accepts no events -> wait until it has stopped, and start it again"],
        );
    }

    #[test]
    fn what_keeps_deliveries_waiting_is_degraded() {
        let error = json!({ "at": "2026-11-20T10:30:00Z", "class": "retry", "code": "http_503", "error": "busy" });
        let hold =
            json!({ "kind": "open", "reason": "", "since": "2026-11-20T10:30:00Z", "until": "2026-11-20T10:31:00Z" });
        check(
            json!({ "channels": [{ "state": "open", "pending": 1, "hold": hold, "last_error": error }] }),
            Verdict::Degraded,
            &["channel hook: its receiver keeps failing; breaker open since 2026-11-20T10:30:00Z; 1 delivery waits, \
               next attempt at 2026-11-20T10:31:00Z; last: retry http_503 -> `fanfare channels show hook`"],
        );
        let behind = json!({ "pending": 9, "oldest_pending_at": "2026-11-20T10:00:00Z", "last_error": error });
        check(
            json!({ "channels": [behind] }),
            Verdict::Degraded,
            &["channel hook: behind, 9 deliveries wait, the oldest for 1h 0m; last: retry http_503 -> `fanfare \
                 events list \
               --channel hook --status pending`"],
        );
        check(
            json!({ "channels": [{ "state": "missing", "error": "there is no hook.wasm" }] }),
            Verdict::Degraded,
            &["channel hook: missing, nothing is pending: there is no hook.wasm -> put its plugin's file back, then \
               `fanfare check`"],
        );
        check(
            json!({ "stages": [{ "name": "redact", "state": "failed", "on_error": "reject", "error": "does not \
                                                                                                      link" }] }),
            Verdict::Degraded,
            &["stage redact: events for it are rejected: does not link -> `fanfare check`"],
        );
        check(
            json!({
                "stats": {
                    "last_reload": { "at": "2026-11-20T10:30:00Z", "outcome": "rejected", "errors": ["a", "b"] },
                },
                "free": 1 << 20,
            }),
            Verdict::Degraded,
            &[
                "journal: its disk has only 1.0 MiB left -> free space before you restart the daemon: on a full disk \
                 events are rejected, and it cannot start",
                "reload: 2 errors in the last one, nothing was applied -> `fanfare check`; POST /v1/reload repeats \
                 it",
            ],
        );
        check(
            json!({ "stats": { "removed": [{ "channel": "old", "pending": 4 }] } }),
            Verdict::Degraded,
            &["channel old: it is no longer configured, and its 4 pending deliveries keep all later events from \
                 being pruned -> configure it again, or restart the daemon and then `fanfare channels forget old`"],
        );
        let (_, one) = said(json!({ "stats": { "removed": [{ "channel": "old", "pending": 1 }] } }));
        assert!(one[0].contains("its 1 pending delivery keeps all later"), "{one:?}");
    }

    #[test]
    fn dead_letters_and_new_files_are_worth_knowing_and_no_fault() {
        check(
            json!({ "channels": [{ "dead_letters": 2 }] }),
            Verdict::Healthy,
            &["channel hook: 2 dead letters -> `fanfare dead-letters list --channel hook`"],
        );
        check(
            json!({ "channels": [{ "state": "unconfigured", "configure": "[channels.hook]" }] }),
            Verdict::Healthy,
            &["channel hook: its plugin is unconfigured, so it gets no events -> `fanfare channel add hook`"],
        );
    }

    #[test]
    fn a_certificate_and_a_collector_are_named_when_something_is_wrong_with_them() {
        let dates = json!({ "not_before": "2026-01-01T00:00:00Z", "not_after": "2026-12-01T00:00:00Z" });
        let certificate = |status: &str| {
            let mut certificate = dates.clone();
            certificate["status"] = status.into();
            json!({ "ready": { "certificate": certificate } })
        };
        check(certificate("ok"), Verdict::Healthy, &[]);
        check(
            certificate("expiring"),
            Verdict::Healthy,
            &["certificate: it expires at 2026-12-01T00:00:00Z -> renew the file of `server.tls.cert`; a new one \
                 takes effect at once"],
        );
        check(
            certificate("expired"),
            Verdict::Degraded,
            &["certificate: it expired at 2026-12-01T00:00:00Z, so clients refuse it -> renew the file of \
               `server.tls.cert`; a new one takes effect at once"],
        );
        check(
            certificate("not_yet_valid"),
            Verdict::Degraded,
            &["certificate: it is valid only from 2026-01-01T00:00:00Z, so clients refuse it -> check the clock of \
                 the daemon's machine, and the file of `server.tls.cert`"],
        );
        check(json!({ "ready": { "collector": { "status": "ok" } } }), Verdict::Healthy, &[]);
        check(
            json!({ "ready": { "collector": { "status": "failing", "error": "connection refused" } } }),
            Verdict::Healthy,
            &["traces: the collector does not accept them: connection refused -> check the collector and \
               `telemetry.endpoint`; deliveries are not affected"],
        );
    }

    #[test]
    fn what_may_be_a_mistake_is_worth_knowing() {
        check(
            json!({ "channels": [{ "warnings": ["channels.hook: there is no hook.toml beside hook.wasm"] }] }),
            Verdict::Healthy,
            &["channel hook: channels.hook: there is no hook.toml beside hook.wasm -> `fanfare check`"],
        );
    }

    #[test]
    fn a_condition_that_cannot_be_evaluated_is_named_with_an_event() {
        let errors = json!({ "events": 3, "event_id": "e-3", "error": "the event has no `regoin`" });
        check(
            json!({ "channels": [{ "filter_errors": errors }] }),
            Verdict::Healthy,
            &["channel hook: it did not get 3 events since the start, because its filter's condition could not be \
               evaluated: the event has no `regoin` -> `fanfare events show e-3`"],
        );
    }

    #[test]
    fn a_gauge_is_read_by_its_whole_name() {
        let text = "# TYPE a gauge\na_more 1\na{x=\"y\"} 2\na 3.5e9\n";
        assert_eq!((gauge(text, "a"), gauge(text, "b")), (Some(3_500_000_000), None));
    }
}
