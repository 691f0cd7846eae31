//! `fanfare status`: whether the daemon is healthy, and if not why and what to do.

mod diagnosis;

use std::{fmt::Write as _, time::Duration};

use comfy_table::{Cell, CellAlignment};
use fanfare_dispatch::{Clock as _, SystemClock};
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
    Channel, Channels, Gathered, Journal, LastError, Ready, ReloadOutcome, ReloadReport, Restored, Stages, Stats,
    Totals,
};
pub(super) use diagnosis::Verdict;
use diagnosis::{Reason, Told, diagnose, gauge};

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(flatten)]
    client: ClientArgs,

    /// Exit with 1 also if the daemon is degraded
    #[arg(long)]
    strict: bool,
}

const EXIT_CODES: &str = "\
Exit codes: 0 healthy or degraded (events are accepted), 1 failing (events are rejected), 2 wrong usage, 3 daemon not \
reachable";

/// The verdict, and the responses that it is based on.
#[derive(Serialize)]
struct Whole {
    verdict: Verdict,
    reasons: Vec<Reason>,
    ready: Box<RawValue>,
    stats: Box<RawValue>,
    channels: Box<RawValue>,
    stages: Box<RawValue>,
}

/// The free space on the journal's disk. The metrics are about the whole daemon, so not for a token bound to channels.
async fn free(client: &Client) -> Result<Option<u64>, Failure> {
    match client.get("/metrics").await {
        Ok(metrics) => Ok(gauge(&String::from_utf8_lossy(&metrics.body), "fanfare_journal_free_bytes")),
        Err(Failure::Refused(problem)) if problem.status == 403 => Ok(None),
        Err(failure) => Err(failure),
    }
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let (stats, channels, stages, ready, free) = tokio::try_join!(
        client.get("/v1/stats"),
        client.get("/v1/channels"),
        client.get("/v1/stages"),
        client.get("/readyz"),
        free(&client)
    )?;
    let (told_stats, page, told_stages): (Stats, Channels, Stages) = (stats.read()?, channels.read()?, stages.read()?);
    let told_ready: Ready = ready.read()?;
    let (verdict, reasons) = diagnose(&Told {
        stats: &told_stats,
        ready: &told_ready,
        channels: &page.channels,
        stages: &told_stages.stages,
        free,
        now: SystemClock.now(),
    });
    if context.json {
        let (ready, stats) = (ready.read()?, stats.read()?);
        let (channels, stages) = (channels.read()?, stages.read()?);
        print_json(&Whole { verdict, reasons, ready, stats, channels, stages })?;
    } else {
        let mut text = render(verdict, &reasons, &told_stats, &page, &args.client.url());
        let stages = stages::list(&told_stages);
        if !stages.is_empty() {
            text = format!("{text}\n{stages}");
        }
        print(&text)?;
    }
    let fails = verdict == Verdict::Failing || (args.strict && verdict == Verdict::Degraded);
    if fails { Err(Failure::Reported) } else { Ok(()) }
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

fn render(verdict: Verdict, reasons: &[Reason], stats: &Stats, page: &Channels, url: &str) -> String {
    let uptime = Duration::from_secs(stats.uptime_seconds);
    let style = style(verdict).bold();
    let mut text = format!(
        "{style}{}{style:#}: {BOLD}fanfare {}{BOLD:#} at {}, up {}\n",
        verdict.as_str(),
        clean(&stats.version),
        clean(url),
        span(uptime)
    );
    for reason in reasons {
        text += &explained(reason, page);
    }
    text.push('\n');
    let Totals { accepted, delivered, dead, skipped, pending, attempts, .. } = stats.totals;
    writeln!(
        text,
        "{}: {delivered} delivered, {pending} pending, {dead} dead, {skipped} skipped; {}",
        counted(accepted, "event"),
        counted(attempts, "attempt")
    )
    .unwrap_or_default();
    text += &journal(&stats.journal);
    text += &reload(stats.last_reload.as_ref());
    text.push('\n');
    if page.channels.is_empty() {
        text += NO_CHANNELS;
        return text;
    }
    text += &lines(&channels(page));
    for channel in &page.channels {
        text += &detail(channel);
    }
    text
}

fn style(verdict: Verdict) -> anstyle::Style {
    match verdict {
        Verdict::Healthy => GREEN,
        Verdict::Degraded => YELLOW,
        Verdict::Failing => RED,
    }
}

/// A reason, then what to do; for a file that has yet to be configured, the lines to add.
fn explained(reason: &Reason, page: &Channels) -> String {
    let Reason { verdict, about, what, todo } = reason;
    let style = style(*verdict);
    let mark = match verdict {
        Verdict::Failing => "✘",
        Verdict::Degraded => "!",
        Verdict::Healthy => "·",
    };
    let of = page.channels.iter().find(|channel| about.strip_prefix("channel ") == Some(&channel.name));
    let mut text = match of.and_then(|channel| Some((&channel.name, channel.configure.as_ref()?))) {
        Some((name, stanza)) => format!("  {style}{mark}{style:#} {}", unconfigured(name, stanza).trim_start()),
        None => format!("  {style}{mark} {}{style:#}: {}\n", clean(about), clean(what)),
    };
    writeln!(text, "    {DIM}→{DIM:#} {}", clean(todo)).unwrap_or_default();
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

/// Deliveries that wait for a batch or a time, and the last failure.
fn detail(channel: &Channel) -> String {
    let name = clean(&channel.name);
    let mut text = String::new();
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
            format!("last reload {RED}changed nothing{RED:#}, {:.0}; what ran before still runs:\n", report.at)
        }
        _ => format!(
            "last reload {YELLOW}applied in part{YELLOW:#}, {:.0}; what is listed here was not applied:\n",
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
