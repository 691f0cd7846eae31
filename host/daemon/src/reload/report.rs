//! What a reload has to tell: what has changed, and what was wrong.

use fanfare_runtime::Plugin;

use crate::{
    overview::{ReloadOutcome, ReloadReport},
    plugins::{Assembly, Built},
};

/// What a reload has to tell.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) changes: Vec<String>,
    pub(super) errors: Vec<String>,
}

impl Notes {
    pub(super) fn into_report(self, at: jiff::Timestamp) -> ReloadReport {
        // Names of files, of exports and what a guest said may hold anything; here each is one line.
        let one_line = |text: String| text.replace(char::is_control, " ");
        let cleaned = |lines: Vec<String>| lines.into_iter().map(one_line).collect::<Vec<_>>();
        let (changes, errors) = (cleaned(self.changes), cleaned(self.errors));
        let outcome = if errors.is_empty() { ReloadOutcome::Ok } else { ReloadOutcome::Rejected };
        ReloadReport { at, outcome, changes, errors }
    }
}

pub(super) fn log(report: &ReloadReport) {
    for change in &report.changes {
        tracing::info!("{change}");
    }
    for error in &report.errors {
        tracing::error!("{error}");
    }
}

/// One line for each channel that is new, gone or different.
pub(super) fn changes(before: &Assembly, after: &Assembly) -> Vec<String> {
    let mut lines = Vec::new();
    let digest = |built: &Built| built.plugin.as_ref().map_or("none", |plugin| &plugin.digest()[..16]).to_owned();
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
    for name in before.channels.keys().filter(|name| !after.channels.contains_key(*name)) {
        lines.push(format!("channel {name}: removed; what is pending stays in the journal"));
    }
    lines
}

/// What another version of a plugin asks for and offers that the one before did not, and the other way round: the first
/// thing to look at when a stranger's plugin changes.
fn difference(before: Option<&Plugin>, after: Option<&Plugin>) -> String {
    let (Some(before), Some(after)) = (before, after) else { return String::new() };
    let compare = |what: &str, was: &[String], is: &[String]| {
        let new = is.iter().filter(|name| !was.contains(name)).map(|name| format!("+{name}"));
        let gone = was.iter().filter(|name| !is.contains(name)).map(|name| format!("-{name}"));
        let all: Vec<_> = new.chain(gone).collect();
        if all.is_empty() { String::new() } else { format!("; {what} {}", all.join(" ")) }
    };
    let kind = match (before.kind(), after.kind()) {
        (was, is) if was != is => format!("; kind {was} → {is}"),
        _ => String::new(),
    };
    kind + &compare("imports", before.imports(), after.imports())
        + &compare("exports", before.exports(), after.exports())
}
