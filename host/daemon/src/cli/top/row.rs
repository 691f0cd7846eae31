//! One channel as a line of the table.

use std::{cmp::Ordering, time::Duration};

use jiff::Timestamp;
use serde::Serialize;

use crate::api::{Channel, Counts};

/// The sort order of channels. Channels that need attention come first in every order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Sort {
    #[default]
    Name,
    State,
    In,
    Out,
    Pending,
    Oldest,
    P99,
    Success,
}

impl Sort {
    const ALL: [Self; 8] =
        [Self::Name, Self::State, Self::In, Self::Out, Self::Pending, Self::Oldest, Self::P99, Self::Success];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::State => "state",
            Self::In => "in",
            Self::Out => "out",
            Self::Pending => "pending",
            Self::Oldest => "oldest",
            Self::P99 => "p99",
            Self::Success => "success",
        }
    }

    pub(crate) fn next(self) -> Self {
        let at = Self::ALL.iter().position(|sort| *sort == self).unwrap_or_default();
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// The change of a channel between two samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Row {
    pub(crate) channel: String,
    pub(crate) state: String,
    /// Deliveries per second that began, and that ended. `null` before there are two samples.
    pub(crate) in_per_second: Option<f64>,
    pub(crate) out_per_second: Option<f64>,
    pub(crate) pending: u64,
    pub(crate) in_flight: u64,
    pub(crate) oldest_seconds: Option<u64>,
    /// Why deliveries wait; empty if none does.
    pub(crate) waits_for: String,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) success_rate: Option<f64>,
    pub(crate) dead_letters: u64,
}

impl Row {
    pub(crate) fn new(channel: &Channel, before: Option<&Channel>, took: Duration, now: Timestamp) -> Self {
        let counts = &channel.counts;
        let rate = |count: fn(&Counts) -> u64| {
            let before = count(&before?.counts);
            // A journal restored from a backup may have smaller counters.
            (!took.is_zero()).then(|| count(counts).saturating_sub(before) as f64 / took.as_secs_f64())
        };
        let ended = |counts: &Counts| counts.delivered + counts.dead + counts.skipped;
        let began = |counts: &Counts| counts.delivered + counts.dead + counts.skipped + counts.pending;
        let age = |oldest: Timestamp| Duration::try_from(now.duration_since(oldest)).unwrap_or_default().as_secs();
        Self {
            channel: channel.name.clone(),
            state: channel.state.to_string(),
            in_per_second: rate(began),
            out_per_second: rate(ended),
            pending: counts.pending,
            in_flight: counts.in_flight,
            oldest_seconds: counts.oldest_pending_at.map(age),
            waits_for: waits_for(channel),
            p50_ms: channel.latency.map(|latency| latency.p50_ms),
            p99_ms: channel.latency.map(|latency| latency.p99_ms),
            success_rate: counts.success_rate,
            dead_letters: counts.dead_letters,
        }
    }

    pub(crate) fn needs_a_look(&self) -> bool {
        self.state != "active"
    }
}

fn waits_for(channel: &Channel) -> String {
    let counts = &channel.counts;
    if counts.pending == 0 {
        return String::new();
    }
    if let Some(hold) = &channel.hold {
        let until = hold.until.map(|until| format!(" until {until:.0}")).unwrap_or_default();
        let reason = if hold.reason.is_empty() { String::new() } else { format!(": {}", hold.reason) };
        return format!("{}{until}{reason}", hold.kind);
    }
    let deferred: u64 = counts.deferred.values().sum();
    let retries = counts.waiting.saturating_sub(deferred);
    let mut waits: Vec<_> = counts.deferred.iter().map(|(wait, count)| format!("{wait} {count}")).collect();
    if retries > 0 {
        let code = channel.last_error.as_ref().map(|last| format!(" ({})", last.code)).unwrap_or_default();
        waits.push(format!("retry {retries}{code}"));
    }
    if let Some(gathered) = channel.gathered {
        waits.push(format!("batch {}", gathered.deliveries));
    }
    waits.join(", ")
}

/// Sorts the channels; ties are sorted by name.
pub(crate) fn sort(rows: &mut [Row], by: Sort) {
    let most = |a: f64, b: f64| b.partial_cmp(&a).unwrap_or(Ordering::Equal);
    let first = |a: Option<f64>, b: Option<f64>| most(a.unwrap_or(-1.0), b.unwrap_or(-1.0));
    rows.sort_by(|a, b| {
        let order = match by {
            Sort::Name => Ordering::Equal,
            Sort::State => b.needs_a_look().cmp(&a.needs_a_look()).then_with(|| a.state.cmp(&b.state)),
            Sort::In => first(a.in_per_second, b.in_per_second),
            Sort::Out => first(a.out_per_second, b.out_per_second),
            Sort::Pending => b.pending.cmp(&a.pending),
            Sort::Oldest => b.oldest_seconds.cmp(&a.oldest_seconds),
            Sort::P99 => first(a.p99_ms, b.p99_ms),
            // The lowest rate first. Channels without one come last.
            Sort::Success => first(b.success_rate.or(Some(2.0)), a.success_rate.or(Some(2.0))),
        };
        order.then_with(|| a.channel.cmp(&b.channel))
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: &str = "2026-11-20T11:00:00Z";

    fn row(channel: Value, before: Option<Value>) -> Row {
        let read = |value| serde_json::from_value::<Channel>(value).unwrap();
        Row::new(&read(channel), before.map(read).as_ref(), Duration::from_secs(2), NOW.parse().unwrap())
    }

    #[test]
    fn rates_are_what_began_and_ended_between_two_samples() {
        let before = json!({ "name": "a", "state": "active", "delivered": 10, "dead": 1, "pending": 4 });
        let now = json!({ "name": "a", "state": "active", "delivered": 16, "dead": 1, "skipped": 2, "pending": 0 });
        let row1 = row(now.clone(), Some(before.clone()));
        assert_eq!((row1.in_per_second, row1.out_per_second), (Some(2.0), Some(4.0)));
        assert_eq!(row(now.clone(), None).in_per_second, None);
        // A journal restored from a backup has smaller counters.
        assert_eq!(row(before, Some(now)).out_per_second, Some(0.0));
    }

    #[test]
    fn why_deliveries_wait_is_said_while_some_do() {
        for (channel, want) in [
            (json!({ "pending": 0, "hold": { "kind": "paused" } }), ""),
            (json!({ "pending": 2 }), ""),
            (json!({ "pending": 2, "hold": { "kind": "paused", "reason": "moving" } }), "paused: moving"),
            (
                json!({ "pending": 2, "hold": { "kind": "open", "until": "2026-11-20T10:31:00Z" } }),
                "open until 2026-11-20T10:31:00Z",
            ),
            (
                json!({ "pending": 9, "waiting": 5, "deferred": { "quiet": 2, "rate": 1 },
                        "last_error": { "code": "http_503" } }),
                "quiet 2, rate 1, retry 2 (http_503)",
            ),
            (json!({ "pending": 2, "gathered": { "deliveries": 2 } }), "batch 2"),
        ] {
            assert_eq!(row(channel.clone(), None).waits_for, want, "{channel}");
        }
    }

    #[test]
    fn what_needs_a_look_comes_first_whatever_it_is_sorted_by() {
        let mut rows = [
            row(json!({ "name": "b", "state": "active", "pending": 3, "success_rate": 0.5 }), None),
            row(json!({ "name": "a", "state": "active", "oldest_pending_at": "2026-11-20T10:00:00Z" }), None),
            row(json!({ "name": "c", "state": "open", "latency": { "p99_ms": 3.0 }, "success_rate": 0.9 }), None),
        ];
        for (by, want) in [
            (Sort::Name, "abc"),
            (Sort::State, "cab"),
            (Sort::Pending, "bac"),
            (Sort::Oldest, "abc"),
            (Sort::P99, "cab"),
            (Sort::Success, "bca"),
        ] {
            sort(&mut rows, by);
            assert_eq!(rows.iter().map(|row| row.channel.as_str()).collect::<String>(), want, "{by:?}");
        }
        assert_eq!((0..8).fold(Sort::Name, |sort, _| sort.next()), Sort::Name);
    }
}
