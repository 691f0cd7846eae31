//! `fanfare stages`: what events pass before they go to channels.

use std::fmt::Write as _;

use comfy_table::{Cell, CellAlignment, Table};
use fanfare_core::StageRecord;

use super::{
    Context,
    client::{Client, ClientArgs, escaped},
    failure::Failure,
    output::{BOLD, DIM, RED, clean, lines, milliseconds, print, print_raw, state_cell, table},
};
use crate::api::{Bounds, Latency, Stage, StageError, Stages};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the stages in their order, with what they did
    List(ListArgs),
    /// Show one stage: its plugin, the events that pass it, its bounds, grants and counts
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The stage
    name: String,
}

pub(crate) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    let (client, path) = match &command {
        Command::List(args) => (&args.client, "/v1/stages".to_owned()),
        Command::Show(args) => (&args.client, format!("/v1/stages/{}", escaped(&args.name))),
    };
    let answer = Client::new(client)?.get(&path).await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    print(&match command {
        Command::List(_) => {
            let page: Stages = answer.read()?;
            if page.stages.is_empty() {
                "no stages: name one in [[stages]] of config.toml\n".to_owned()
            } else {
                list(&page)
            }
        }
        Command::Show(_) => show(&answer.read()?),
    })?;
    Ok(())
}

/// The table, with errors below; empty if there are no stages.
pub(super) fn list(page: &Stages) -> String {
    if page.stages.is_empty() {
        return String::new();
    }
    let mut text = lines(&rows(page));
    for stage in &page.stages {
        if let Some(error) = &stage.loaded.error {
            writeln!(text, "\n{RED}{}{RED:#}: {}", clean(&stage.name), clean(error)).unwrap_or_default();
        }
    }
    text
}

fn rows(page: &Stages) -> Table {
    let mut rows = table(["stage", "state", "plugin", "changed", "unchanged", "dropped", "failed", "p99"]);
    for stage in &page.stages {
        let ran = |did: &str| Cell::new(stage.runs.runs.get(did).copied().unwrap_or_default());
        let p99 = stage.runs.latency.as_ref().map_or_else(|| "-".to_owned(), |latency| milliseconds(latency.p99_ms));
        rows.add_row(vec![
            Cell::new(clean(&stage.name)),
            state_cell(&stage.state),
            Cell::new(clean(&stage.plugin)),
            ran("changed"),
            ran("unchanged"),
            ran("dropped"),
            ran("failed"),
            Cell::new(p99),
        ]);
    }
    for column in rows.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    rows
}

fn show(stage: &Stage) -> String {
    let mut text = format!("{BOLD}{}{BOLD:#} is {}\n", clean(&stage.name), clean(&stage.state));
    let mut line = |name: &str, value: &str| {
        writeln!(text, "  {DIM}{name:9}{DIM:#}  {}", clean(value)).unwrap_or_default();
    };
    if let Some(error) = &stage.loaded.error {
        line("error", error);
    }
    let digest =
        stage.loaded.digest.as_deref().map_or_else(String::new, |d| format!(" ({})", d.get(..16).unwrap_or(d)));
    line("plugin", &format!("{}{digest}", stage.plugin));
    line("types", &if stage.types.is_empty() { "all".to_owned() } else { stage.types.join(", ") });
    if let Some(when) = &stage.when {
        line("when", when);
    }
    line("on_error", &stage.on_error);
    let Bounds { timeout, fuel, memory, concurrency, reuse } = &stage.bounds;
    line(
        "bounds",
        &format!("concurrency {concurrency}, fuel {fuel}, memory {memory}, reuse {reuse}, timeout {timeout}"),
    );
    if !stage.settings.is_empty() {
        line("settings", &stage.settings.join(", "));
    }
    let runs: Vec<_> = stage.runs.runs.iter().map(|(did, count)| format!("{count} {did}")).collect();
    line("events", &runs.join(", "));
    if let Some(Latency { p50_ms, p99_ms, .. }) = stage.runs.latency {
        line("latency", &format!("p50 {}, p99 {}", milliseconds(p50_ms), milliseconds(p99_ms)));
    }
    if let Some(StageError { at, class, code }) = &stage.runs.last_error {
        line("failed", &format!("last at {at:.0}: {class} {code}"));
    }
    text
}

/// What a stage did to an event, on one line.
pub(crate) fn record(record: &StageRecord) -> String {
    let mut text = format!("{} ({})", record.did.as_str(), milliseconds(record.duration_ms));
    if !record.changed.is_empty() {
        let members: Vec<_> = record.changed.iter().map(|pointer| clean(pointer)).collect();
        write!(text, "  {}", members.join(" ")).unwrap_or_default();
    }
    if let Some(failure) = &record.failure {
        write!(text, "  {} {}: {}", failure.class, clean(&failure.code), clean(&failure.reason)).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_listed_with_their_counts_and_errors() {
        let page = serde_json::json!({ "stages": [
            {
                "name": "enrich", "state": "active", "plugin": "builtin:enrich", "digest": "0123456789abcdef0123",
                "on_error": "reject", "types": ["order.*"],
                "bounds": { "timeout": "1s", "fuel": 5, "memory": "64MiB", "concurrency": 4, "reuse": 0 },
                "runs": { "changed": 3, "failed": 1 }, "latency": { "p50_ms": 0.1, "p99_ms": 0.25 },
                "last_error": { "at": "2026-11-20T10:30:00Z", "class": "fuel", "code": "fuel" },
            },
            {
                "name": "gone", "state": "missing", "plugin": "gone", "digest": null, "error": "there is no gone.wasm",
                "on_error": "pass", "bounds": {}, "runs": {}, "latency": null, "last_error": null,
            },
        ] });
        let page: Stages = serde_json::from_value(page).unwrap();
        let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
        let listed = plain(&list(&page));
        let want = "\
stage   state    plugin          changed  unchanged  dropped  failed     p99
enrich  active   builtin:enrich        3          0        0       1  0.2 ms
gone    missing  gone                  0          0        0       0       -

gone: there is no gone.wasm
";
        assert_eq!(listed, want);
        let shown = plain(&show(&page.stages[0]));
        for says in [
            "enrich is active",
            "builtin:enrich (0123456789abcdef)",
            "order.*",
            "concurrency 4, fuel 5, memory 64MiB, reuse 0, timeout 1s",
            "3 changed, 1 failed",
        ] {
            assert!(shown.contains(says), "{says}: {shown}");
        }
    }
}
