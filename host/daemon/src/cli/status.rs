//! `fanfare status`: the state of the daemon.

use std::{fmt::Write as _, time::Duration};

use comfy_table::{Cell, CellAlignment};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Context,
    client::{Client, ClientArgs},
    failure::Failure,
    output::{
        BOLD, DIM, GREEN, RED, YELLOW, clean, counted, lines, milliseconds, print, print_json, print_raw, span,
        state_cell, table, unconfigured,
    },
    stages,
};
use crate::api::{
    Channel, Channels, Gathered, Journal, LastError, ReloadOutcome, ReloadReport, Removed, Restored, Stats, Totals,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    client: ClientArgs,
}

/// The daemon's responses as they are.
#[derive(Serialize)]
struct Told {
    stats: Box<RawValue>,
    channels: Box<RawValue>,
    stages: Box<RawValue>,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let (stats, channels, stages) =
        tokio::try_join!(client.get("/v1/stats"), client.get("/v1/channels"), client.get("/v1/stages"))?;
    if context.json {
        print_json(&Told { stats: stats.read()?, channels: channels.read()?, stages: stages.read()? })?;
    } else {
        let mut text = render(&stats.read()?, &channels.read()?, &args.client.url());
        let stages = stages::list(&stages.read()?);
        if !stages.is_empty() {
            text = format!("{text}\n{stages}");
        }
        print(&text)?;
    }
    Ok(())
}

/// Only the channels, for `fanfare channels list`.
pub(crate) async fn channels_of(args: &ClientArgs, context: Context) -> Result<(), Failure> {
    let answer = Client::new(args)?.get("/v1/channels").await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    let page: Channels = answer.read()?;
    let waiting = page.channels.iter().filter_map(|channel| Some((&channel.name, channel.configure.as_ref()?)));
    let waiting: String = waiting.map(|(name, stanza)| unconfigured(name, stanza)).collect();
    let shown = if page.channels.is_empty() { NO_CHANNELS.to_owned() } else { lines(&channels(&page)) };
    print(&(shown + &waiting))?;
    Ok(())
}

const NO_CHANNELS: &str = "no channels; add one to config.toml, or put a .wasm file into the plugins' folder\n";

fn render(stats: &Stats, page: &Channels, url: &str) -> String {
    let uptime = Duration::from_secs(stats.uptime_seconds);
    let mut text = format!("{BOLD}fanfare {}{BOLD:#} at {}, up {}\n", clean(&stats.version), clean(url), span(uptime));
    let Totals { accepted, delivered, dead, skipped, pending, attempts, .. } = stats.totals;
    writeln!(
        text,
        "{}: {delivered} delivered, {pending} pending, {dead} given up, {skipped} skipped; {}",
        counted(accepted, "event"),
        counted(attempts, "attempt")
    )
    .unwrap_or_default();
    text += &journal(&stats.journal);
    text += &reload(stats.last_reload.as_ref());
    for Removed { channel, pending, .. } in &stats.removed {
        let channel = clean(channel);
        writeln!(
            text,
            "{YELLOW}{channel}{YELLOW:#} has left the configuration with {pending} pending deliveries, which keep \
             all later events from being pruned; configure it again, or run `fanfare channels forget \
             {channel}`"
        )
        .unwrap_or_default();
    }
    text.push('\n');
    if page.channels.is_empty() {
        text += NO_CHANNELS;
        return text;
    }
    text += &lines(&channels(page));
    for channel in &page.channels {
        text += &trouble(channel);
    }
    text
}

fn channels(page: &Channels) -> comfy_table::Table {
    let mut rows =
        table(["channel", "state", "plugin", "delivered", "pending", "in flight", "dead letters", "success", "p99"]);
    for channel in &page.channels {
        let success =
            channel.counts.success_rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.1} %", rate * 100.0));
        let p99 = channel.latency.map(|latency| latency.p99_ms).map_or_else(|| "-".to_owned(), milliseconds);
        let number = |n: u64| Cell::new(n).set_alignment(CellAlignment::Right);
        let text = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        rows.add_row(vec![
            Cell::new(clean(&channel.name)),
            state_cell(&channel.state),
            Cell::new(clean(channel.plugin.as_deref().unwrap_or("-"))),
            number(channel.counts.delivered),
            number(channel.counts.pending),
            number(channel.counts.in_flight),
            number(channel.counts.dead_letters),
            text(success),
            text(p99),
        ]);
    }
    for column in rows.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    rows
}

/// A channel's errors, what waits for its batch, and its last failure.
fn trouble(channel: &Channel) -> String {
    let name = clean(&channel.name);
    let mut text = String::new();
    if let Some(stanza) = &channel.configure {
        text += &unconfigured(&channel.name, stanza);
    } else if let Some(error) = &channel.loaded.error {
        writeln!(text, "\n{RED}{name}{RED:#}: {}", clean(error)).unwrap_or_default();
    }
    if let Some(Gathered { deliveries, until, .. }) = channel.gathered {
        let wait = if deliveries == 1 { "delivery waits" } else { "deliveries wait" };
        writeln!(text, "\n{DIM}{name}:{DIM:#} {deliveries} {wait} for a batch, the first until {until:.0}")
            .unwrap_or_default();
    }
    if !channel.counts.deferred.is_empty() {
        let waits: Vec<_> =
            channel.counts.deferred.iter().map(|(wait, count)| format!("{count} for {}", clean(wait))).collect();
        writeln!(text, "\n{DIM}{name}:{DIM:#} deferred: {}", waits.join(", ")).unwrap_or_default();
    }
    if let Some(last) = &channel.last_error {
        let LastError { at, class, code, error } = last;
        let (class, code, error) = (clean(class), clean(code), clean(error));
        writeln!(text, "\n{DIM}{name}: last error at {at:.0}:{DIM:#} {class} {code}: {error}").unwrap_or_default();
    }
    text
}

fn journal(journal: &Journal) -> String {
    let mut text = match journal.health.status.as_str() {
        "ok" => format!("journal {GREEN}ok{GREEN:#}\n"),
        other => {
            let reason = journal.health.error.as_deref().unwrap_or("unknown reason");
            format!("journal {RED}{}{RED:#}: {}\n", clean(other), clean(reason))
        }
    };
    if let Some(Restored { at, last_offset, .. }) = &journal.restored {
        writeln!(text, "{DIM}restored {at:.0} from a backup that ended with offset {last_offset}{DIM:#}")
            .unwrap_or_default();
    }
    text
}

fn reload(report: Option<&ReloadReport>) -> String {
    let Some(report) = report else { return String::new() };
    let mut text = match report.outcome {
        ReloadOutcome::Ok => format!("last reload {GREEN}ok{GREEN:#}, {:.0}\n", report.at),
        _ if report.changes.is_empty() => {
            format!("last reload {RED}changed nothing{RED:#}, {:.0}; everything keeps running as before:\n", report.at)
        }
        _ => format!(
            "last reload {YELLOW}applied in part{YELLOW:#}, {:.0}; what is listed here keeps running as before:\n",
            report.at
        ),
    };
    for error in &report.errors {
        writeln!(text, "  {RED}✘{RED:#} {}", clean(error)).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests;
