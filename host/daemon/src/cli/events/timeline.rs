//! What each stage did, and every attempt of every channel, in the order in which they began.

use std::{collections::BTreeMap, fmt::Write as _};

use fanfare_core::{AttemptRecord, StageRecord, delivery::Trigger};
use jiff::Timestamp;

use crate::cli::{
    output::{BOLD, DIM, clean, milliseconds},
    result::mark,
    stages,
    view::ResultView,
};

pub(super) fn render(
    result: &ResultView,
    stages: &[StageRecord],
    attempts: &BTreeMap<String, Vec<AttemptRecord>>,
) -> String {
    let mut all: Vec<(&str, &AttemptRecord)> = attempts
        .iter()
        .flat_map(|(channel, records)| records.iter().map(|record| (channel.as_str(), record)))
        .collect();
    all.sort_by_key(|(_, record)| record.started);

    let since = |moment: Timestamp| format!("+{:.3} s", moment.duration_since(result.broadcast_at).as_secs_f64());
    let times = all.iter().map(|(_, record)| since(record.started).len()).max().unwrap_or(0).max("+0.000 s".len());
    let names = attempts.keys().map(|name| clean(name).chars().count()).max().unwrap_or(0);

    let mut text = String::new();
    for record in stages {
        let name = clean(record.stage.as_str());
        writeln!(text, "{:>times$}  stage {BOLD}{name}{BOLD:#}  {}", "", stages::record(record)).unwrap_or_default();
    }
    writeln!(text, "{:>times$}  accepted at {}", "+0.000 s", result.broadcast_at).unwrap_or_default();
    for (channel, record) in all {
        let mark = mark(if record.class.is_some() { "failed" } else { "success" });
        let name = clean(channel);
        writeln!(
            text,
            "{:>times$}  {mark} {BOLD}{name:names$}{BOLD:#}  attempt {}{}  {}  {}",
            since(record.started),
            record.number,
            again(record.trigger),
            milliseconds(record.duration_ms),
            outcome(record),
        )
        .unwrap_or_default();
        for line in &record.trace {
            writeln!(text, "{:indent$}{DIM}{}{DIM:#}", "", clean(line), indent = times + names + 6).unwrap_or_default();
        }
    }
    text
}

/// Why the channel had the event again; the first attempt and its retries are told by their number.
fn again(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::First | Trigger::Retry => "",
        Trigger::Replay => " (replay)",
        Trigger::Manual => " (sent again by hand)",
        Trigger::Fallback => " (as a fallback)",
    }
}

fn outcome(record: &AttemptRecord) -> String {
    let Some(class) = record.class else { return "delivered".to_owned() };
    let code = record.code.as_deref().unwrap_or_default();
    let error = record.error.as_deref().unwrap_or_default();
    format!("{class} {}: {}", clean(code), clean(error))
}
