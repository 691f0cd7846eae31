//! Follows a job of the daemon until it has ended.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Context,
    client::Client,
    failure::Failure,
    output::{DIM, GREEN, YELLOW, clean, counted, print, print_raw},
};
use crate::api::{Job, Waiting};

/// How often to poll its progress.
const EVERY: Duration = Duration::from_millis(200);

impl Waiting {
    /// Worth telling the user, because it may take long.
    fn is_long(&self) -> bool {
        !matches!(self.waiting_for.as_str(), "rate" | "order" | "batch")
    }

    /// What has to be done before anything happens. `None` if it ends by itself.
    fn remedy(&self) -> Option<String> {
        let channel = clean(&self.channel);
        match self.waiting_for.as_str() {
            "paused" | "suspended" => Some(format!("`fanfare channels resume {channel}`")),
            "plugin" => Some("its plugin is missing or does not load; `fanfare status` says why".to_owned()),
            _ => None,
        }
    }

    fn line(&self) -> String {
        let Self { channel, deliveries, waiting_for, until } = self;
        let until = until.map(|until| format!(" until {until:.0}")).unwrap_or_default();
        let (channel, what) = (clean(channel), clean(waiting_for));
        let verb = if *deliveries == 1 { "delivery waits" } else { "deliveries wait" };
        format!("{YELLOW}{channel}{YELLOW:#}: {deliveries} {verb}{until} ({what})\n")
    }
}

impl Job {
    fn has_ended(&self) -> bool {
        matches!(self.state.as_str(), "done" | "cancelled" | "failed")
    }

    /// How much is finished.
    fn over(&self) -> u64 {
        let ended = if self.kind == "purge" { self.sent } else { self.delivered + self.dead };
        ended + self.skipped
    }

    pub(crate) fn line(&self) -> String {
        let Self { id, sent, skipped, delivered, dead, pending, .. } = self;
        let (kind, state) = (clean(&self.kind), clean(&self.state));
        let color = if self.state == "done" { GREEN } else { YELLOW };
        let counts = match self.kind.as_str() {
            "purge" => counted(*sent, "dead letter") + " deleted",
            _ => format!("{sent} begun, {delivered} delivered, {dead} dead, {pending} pending, {skipped} skipped"),
        };
        let error = self.error.as_deref().map(|error| format!(": {}", clean(error))).unwrap_or_default();
        let waiting: String = self.waiting.iter().map(|waiting| format!("  {}", waiting.line())).collect();
        format!("{kind} {id}  {color}{state}{color:#}  {counts}{error}\n{waiting}")
    }

    /// What has to be done before the rest can be delivered, if nothing happens until somebody does it.
    fn remedies(&self) -> Option<String> {
        let stuck = self.waiting.iter().filter(|waiting| waiting.remedy().is_some());
        let stuck: u64 = stuck.map(|waiting| waiting.deliveries).sum();
        if self.pending == 0 || stuck < self.pending || self.over() + self.pending < self.matched {
            return None;
        }
        let Self { id, kind, .. } = self;
        let lines = self.waiting.iter().filter_map(|waiting| {
            Some(format!("{YELLOW}{}{YELLOW:#}: {}\n", clean(&waiting.channel), waiting.remedy()?))
        });
        let after = format!(
            "{DIM}{} {id} then continues by itself; `fanfare replay status {id}` shows the progress{DIM:#}\n",
            clean(kind)
        );
        Some(lines.chain([after]).collect())
    }

    /// What to tell the user about a wait that may take long.
    fn waits(&self) -> Option<String> {
        let long: String = self.waiting.iter().filter(|waiting| waiting.is_long()).map(Waiting::line).collect();
        let Self { id, kind, .. } = self;
        let kind = clean(kind);
        (!long.is_empty()).then(|| {
            format!(
                "{long}{DIM}{kind} {id} will then continue by itself; this command waits for it and can be \
                 interrupted; `fanfare replay status {id}` shows the progress{DIM:#}\n"
            )
        })
    }
}

/// Shows a job's progress until it has ended or waits for somebody to do something, or only that it was begun.
///
/// # Errors
/// The daemon is not reachable, or the job failed.
pub(crate) async fn follow(client: &Client, id: i64, wait: bool, context: Context) -> Result<(), Failure> {
    let path = format!("/v1/replays/{id}");
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    let mut bar: Option<ProgressBar> = None;
    let mut shown = None;
    loop {
        let answer = client.get(&path).await?;
        let job: Job = answer.read()?;
        let remedies = job.remedies().filter(|_| wait);
        if !wait || remedies.is_some() || job.has_ended() || job.state == "paused" {
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
            if context.json {
                print_raw(&answer.body)?;
            } else {
                print(&job.line())?;
            }
            if let Some(remedies) = remedies {
                anstream::eprint!("{remedies}");
            }
            return if job.state == "failed" { Err(Failure::Reported) } else { Ok(()) };
        }
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(0).with_message(job.kind.to_string());
            crate::telemetry::progress().add(if let Ok(style) = &style { bar.with_style(style.clone()) } else { bar })
        });
        // A replay sends an event to several channels, so its total grows while it runs.
        bar.set_length(job.matched.max(job.over() + job.pending));
        bar.set_position(job.over());
        // A count that only decreases is not worth another line.
        let waits: Vec<_> =
            job.waiting.iter().map(|waiting| (waiting.channel.clone(), waiting.waiting_for.clone())).collect();
        if let Some(text) = job.waits().filter(|_| shown.as_ref() != Some(&waits)) {
            bar.suspend(|| anstream::eprint!("{text}"));
            shown = Some(waits);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Asks on a terminal; elsewhere `--yes` is required.
///
/// # Errors
/// [`Failure::Usage`] if there is no terminal to ask on, and [`Failure::Reported`] for a no.
pub(crate) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    use std::io::{BufRead as _, IsTerminal as _, Write as _};
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            format!("{question} Nothing was done: there is no terminal to ask on"),
            "add --yes to do it, or --dry-run to see only how many there are",
        ));
    }
    let mut out = anstream::stderr().lock();
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(Failure::Reported) }
}
