//! Long work of the daemon, followed until it has ended.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Context,
    client::Client,
    failure::Failure,
    output::{DIM, GREEN, YELLOW, clean, counted, print, print_raw},
};
use crate::api::{Job, Waiting};

/// How often to ask how far it has come.
const EVERY: Duration = Duration::from_millis(200);

impl Waiting {
    /// Longer than a moment, so that whoever looks on should know.
    fn is_long(&self) -> bool {
        !matches!(self.waiting_for.as_str(), "rate" | "order" | "batch")
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

    /// Of everything, how much needs no more.
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
            _ => format!("{sent} begun, {delivered} delivered, {dead} dead, {pending} under way, {skipped} skipped"),
        };
        let error = self.error.as_deref().map(|error| format!(": {}", clean(error))).unwrap_or_default();
        let waiting: String = self.waiting.iter().map(|waiting| format!("  {}", waiting.line())).collect();
        format!("{kind} {id}  {color}{state}{color:#}  {counts}{error}\n{waiting}")
    }

    /// What to say where it waits for something that takes its time, and how to go on.
    fn waits(&self) -> Option<String> {
        let long: String = self.waiting.iter().filter(|waiting| waiting.is_long()).map(Waiting::line).collect();
        let Self { id, kind, .. } = self;
        let kind = clean(kind);
        (!long.is_empty()).then(|| {
            format!(
                "{long}{DIM}{kind} {id} goes on by itself then; this waits for it, and can be interrupted: \
                 `fanfare replay status {id}` says how far it is{DIM:#}\n"
            )
        })
    }
}

/// Shows how far a job comes until it has ended, or only that it was begun.
///
/// # Errors
/// When the daemon cannot be asked, or the job failed.
pub(crate) async fn follow(client: &Client, id: i64, wait: bool, context: Context) -> Result<(), Failure> {
    let path = format!("/v1/replays/{id}");
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    let mut bar: Option<ProgressBar> = None;
    let mut said = None;
    loop {
        let answer = client.get(&path).await?;
        let job: Job = answer.read()?;
        if !wait || job.has_ended() || job.state == "paused" {
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
            if context.json {
                print_raw(&answer.body)?;
            } else {
                print(&job.line())?;
            }
            return if job.state == "failed" { Err(Failure::Reported) } else { Ok(()) };
        }
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(0).with_message(job.kind.to_string());
            crate::telemetry::progress().add(if let Ok(style) = &style { bar.with_style(style.clone()) } else { bar })
        });
        // A replay sends an event to several channels, so what it has to do only shows while it does it.
        bar.set_length(job.matched.max(job.over() + job.pending));
        bar.set_position(job.over());
        // A count that goes down is not news.
        let waits: Vec<_> =
            job.waiting.iter().map(|waiting| (waiting.channel.clone(), waiting.waiting_for.clone())).collect();
        if let Some(text) = job.waits().filter(|_| said.as_ref() != Some(&waits)) {
            bar.suspend(|| anstream::eprint!("{text}"));
            said = Some(waits);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Asks on a terminal; elsewhere `--yes` has to stand for the answer.
///
/// # Errors
/// [`Failure::Usage`] where nobody can be asked, and [`Failure::Reported`] for a no.
pub(crate) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    use std::io::{BufRead as _, IsTerminal as _, Write as _};
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            format!("{question} needs an answer"),
            "add --yes, or --dry-run to see how many there are",
        ));
    }
    let mut out = anstream::stderr().lock();
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(Failure::Reported) }
}
