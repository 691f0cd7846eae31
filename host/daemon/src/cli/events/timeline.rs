//! What each stage did, and every attempt of every channel, in the order in which they began.

use std::{collections::BTreeMap, fmt::Write as _};

use fanfare_core::{AttemptRecord, StageRecord, delivery::Trigger};
use jiff::Timestamp;

use crate::api::{ChannelResult, EventResult};
use crate::cli::{
    output::{BOLD, DIM, clean, milliseconds},
    result::mark,
    stages,
};

pub(super) fn render(
    result: &EventResult,
    stages: &[StageRecord],
    attempts: &BTreeMap<String, Vec<AttemptRecord>>,
) -> String {
    let tried =
        attempts.iter().flat_map(|(channel, records)| records.iter().map(move |record| Step::of(channel, record)));
    let skipped = result.channels.iter().filter_map(|(channel, view)| Step::skip(channel, view));
    let mut all: Vec<_> = tried.chain(skipped).collect();
    all.sort_by_key(|step| step.at);

    let since = |moment: Timestamp| format!("+{:.3} s", moment.duration_since(result.broadcast_at).as_secs_f64());
    let times = all.iter().map(|step| since(step.at).len()).max().unwrap_or(0).max("+0.000 s".len());
    let names = all.iter().map(|step| clean(step.channel).chars().count()).max().unwrap_or(0);

    let mut text = String::new();
    for record in stages {
        let name = clean(record.stage.as_str());
        writeln!(text, "{:>times$}  stage {BOLD}{name}{BOLD:#}  {}", "", stages::record(record)).unwrap_or_default();
    }
    writeln!(text, "{:>times$}  accepted at {}", "+0.000 s", result.broadcast_at).unwrap_or_default();
    for Step { at, channel, status, what, trace } in all {
        let (mark, name) = (mark(status), clean(channel));
        writeln!(text, "{:>times$}  {mark} {BOLD}{name:names$}{BOLD:#}  {what}", since(at)).unwrap_or_default();
        for line in trace {
            writeln!(text, "{:indent$}{DIM}{}{DIM:#}", "", clean(line), indent = times + names + 6).unwrap_or_default();
        }
    }
    text
}

/// One line of the timeline.
struct Step<'a> {
    at: Timestamp,
    channel: &'a str,
    status: &'static str,
    what: String,
    trace: &'a [String],
}

impl<'a> Step<'a> {
    fn of(channel: &'a str, record: &'a AttemptRecord) -> Self {
        let (number, time) = (record.number, milliseconds(record.duration_ms));
        Self {
            at: record.started,
            channel,
            status: if record.class.is_some() { "failed" } else { "success" },
            what: format!("attempt {number}{}  {time}  {}", again(record.trigger), outcome(record)),
            trace: &record.trace,
        }
    }

    /// If the delivery, or its last replay, was skipped in the end.
    fn skip(channel: &'a str, view: &ChannelResult) -> Option<Self> {
        let (at, again, reason, detail) = match &view.skipped_replay {
            Some(replay) => (replay.at, " (replay)", replay.reason.as_str(), replay.detail.as_str()),
            None => {
                let reason = view.reason.as_deref().filter(|_| view.status == "skipped")?;
                let fallback = if view.fallback_for.is_some() { " (as a fallback)" } else { "" };
                (view.timestamp, fallback, reason, view.detail.as_deref().unwrap_or_default())
            }
        };
        let what = format!("skipped{again}  {}: {}", clean(reason), clean(detail));
        Some(Self { at, channel, status: "skipped", what, trace: &[] })
    }
}

/// Why the channel got the event again. The first attempt and its retries only have a number.
fn again(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::First | Trigger::Retry => "",
        Trigger::Replay => " (replay)",
        Trigger::Manual => " (redrive)",
        Trigger::Fallback => " (as a fallback)",
    }
}

fn outcome(record: &AttemptRecord) -> String {
    let Some(class) = record.class else { return "delivered".to_owned() };
    let code = record.code.as_deref().unwrap_or_default();
    let error = record.error.as_deref().unwrap_or_default();
    format!("{class} {}: {}", clean(code), clean(error))
}
