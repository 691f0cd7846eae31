//! The report of a reload: what has changed, and what was wrong.

use std::collections::BTreeSet;

use fanfare_core::ChannelName;
use fanfare_runtime::Plugin;

use crate::{
    overview::{ReloadOutcome, ReloadReport},
    plugins::{Assembly, Built, BuiltStage},
    text::is_misleading,
};

/// What a reload reports. File names, export names and texts of guests may contain anything; here each is one line.
#[derive(Default)]
pub(super) struct Notes {
    changes: Vec<String>,
    pub(super) errors: Vec<String>,
}

impl Notes {
    /// Records and logs a change.
    pub(super) fn changed(&mut self, change: String) {
        let change = one_line(&change);
        tracing::info!("{change}");
        self.changes.push(change);
    }

    pub(super) fn into_report(self, at: jiff::Timestamp) -> ReloadReport {
        // Each error is bounded where it is made, but a folder may have thousands of them.
        const MOST: usize = 100;
        let more = self.errors.len().saturating_sub(MOST);
        let mut errors: Vec<_> = self.errors.iter().take(MOST).map(|error| one_line(error)).collect();
        if more > 0 {
            errors.push(format!("and {more} more; run `fanfare check` to see all"));
        }
        let outcome = if errors.is_empty() { ReloadOutcome::Ok } else { ReloadOutcome::Rejected };
        ReloadReport { at, outcome, changes: self.changes, errors }
    }
}

pub(super) fn one_line(text: &str) -> String {
    text.replace(is_misleading, " ")
}

/// Logs the errors that were not logged before.
pub(super) fn log_errors(report: &ReloadReport, said: &[String]) {
    for error in report.errors.iter().filter(|error| !said.contains(error)) {
        tracing::error!("{error}");
    }
}

/// One line for each channel that is new, removed or different.
pub(super) fn changes(before: &Assembly, after: &Assembly) -> Vec<String> {
    let mut lines = Vec::new();
    let digest = |built: &Built| digest(built.plugin.as_ref());
    for (name, built) in &after.channels {
        match before.channels.get(name) {
            None => lines.push(format!("channel {name}: added, plugin {} ({})", built.resolved.plugin, digest(built))),
            Some(was) if digest(was) != digest(built) => {
                lines.push(format!(
                    "channel {name}: plugin {} {} → {}{}",
                    built.resolved.plugin,
                    digest(was),
                    digest(built),
                    difference(was.plugin.as_ref(), built.plugin.as_ref()),
                ));
            }
            Some(was) if was.resolved != built.resolved => lines.push(format!("channel {name}: configuration changed")),
            Some(_) => {}
        }
    }
    for (name, waiting) in &after.unconfigured {
        let before = before.unconfigured.get(name).map(|was| (&was.reason, &was.stanza));
        if before != Some((&waiting.reason, &waiting.stanza)) {
            let stanza = waiting.stanza.in_a_line();
            lines.push(format!("{name}.wasm: unconfigured: {}; add {stanza} to config.toml", waiting.reason));
        }
    }
    lines.extend(stage_changes(before, after));
    for name in before.channels.keys().filter(|name| !after.channels.contains_key(*name)) {
        lines.push(format!("channel {name}: removed; its backlog stays in the journal"));
    }
    lines
}

/// The same for stages, whose order counts.
fn stage_changes(before: &Assembly, after: &Assembly) -> Vec<String> {
    let mut lines = Vec::new();
    let name = |stage: &BuiltStage| stage.built.resolved.setup.name.clone();
    for stage in &after.stages {
        let Built { resolved, plugin, .. } = &stage.built;
        let Some(was) = before.stages.iter().find(|was| name(was) == resolved.setup.name) else {
            lines.push(format!(
                "stage {}: added, plugin {} ({})",
                resolved.setup.name,
                resolved.plugin,
                digest(plugin.as_ref())
            ));
            continue;
        };
        let (old, new) = (digest(was.built.plugin.as_ref()), digest(plugin.as_ref()));
        if old != new {
            let difference = difference(was.built.plugin.as_ref(), plugin.as_ref());
            lines.push(format!("stage {}: plugin {} {old} → {new}{difference}", resolved.setup.name, resolved.plugin));
        } else if was.built.resolved != *resolved || was.on_error != stage.on_error {
            lines.push(format!("stage {}: configuration changed", resolved.setup.name));
        }
    }
    let is_gone = |was: &&BuiltStage| !after.stages.iter().any(|stage| name(stage) == name(was));
    lines.extend(before.stages.iter().filter(is_gone).map(|was| format!("stage {}: removed", name(was))));
    let order = |assembly: &Assembly| assembly.stages.iter().map(name).collect::<Vec<_>>();
    let (was, is) = (order(before), order(after));
    let mut sorted = (was.clone(), is.clone());
    sorted.0.sort();
    sorted.1.sort();
    if was != is && sorted.0 == sorted.1 {
        let names: Vec<_> = is.iter().map(ChannelName::as_str).collect();
        lines.push(format!("stages: new order, {}", names.join(", ")));
    }
    lines
}

fn digest(plugin: Option<&Plugin>) -> String {
    plugin.map_or("none", |plugin| &plugin.digest()[..16]).to_owned()
}

/// How the imports and exports of two versions of a plugin differ: the first thing to review when a third party's
/// plugin changes.
fn difference(before: Option<&Plugin>, after: Option<&Plugin>) -> String {
    let (Some(before), Some(after)) = (before, after) else { return String::new() };
    let kind = match (before.kind(), after.kind()) {
        (was, is) if was != is => format!("; kind {was} → {is}"),
        _ => String::new(),
    };
    kind + &names("imports", before.imports(), after.imports()) + &names("exports", before.exports(), after.exports())
}

/// The names that were added and removed, as far as they fit on a line: a file may have thousands.
fn names(what: &str, was: &[String], is: &[String]) -> String {
    const LISTED: usize = 20;
    let (was, is): (BTreeSet<_>, BTreeSet<_>) = (was.iter().collect(), is.iter().collect());
    let new = is.difference(&was).map(|name| format!("+{name}"));
    let gone = was.difference(&is).map(|name| format!("-{name}"));
    let mut all: Vec<_> = new.chain(gone).collect();
    let more = all.len().saturating_sub(LISTED);
    all.truncate(LISTED);
    match (all.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!("; {what} {}", all.join(" ")),
        (false, more) => format!("; {what} {} and {more} more", all.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_report_has_a_clean_line_for_each_change_and_error_and_counts_the_rest() {
        let mut notes = Notes::default();
        notes.changed("plugin a\nb\u{202e}c: loaded".to_owned());
        notes.errors = (0..103).map(|n| format!("{n}\r\u{1b}[31m")).collect();
        let report = notes.into_report(Timestamp::UNIX_EPOCH);
        assert_eq!(report.changes, ["plugin a b c: loaded"]);
        assert_eq!(report.errors[0], "0  [31m");
        assert_eq!((report.errors.len(), &*report.errors[100]), (101, "and 3 more; run `fanfare check` to see all"));
    }

    #[test]
    fn two_long_lists_are_compared_quickly_and_listed_in_part() {
        let list = |prefix: &str| (0..100_000).map(|n| format!("{prefix}{n:06}")).collect::<Vec<_>>();
        assert_eq!(names("exports", &list("a"), &list("a")), "");
        // 10^10 comparisons of names would take minutes.
        let line = names("exports", &list("a"), &list("b"));
        assert!(line.starts_with("; exports +b000000 +b000001") && line.ends_with(" and 199980 more"), "{line}");
        assert_eq!(names("imports", &["a".into(), "b".into()], &["b".into(), "c".into()]), "; imports +c -a");
    }
}
