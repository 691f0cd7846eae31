//! `fanfare doctor`: is the journal complete and consistent?

mod audit;

use std::{fmt::Write as _, path::PathBuf};

use anyhow::anyhow;
use fanfare_journal::doctor::{self, Finding, Report, Severity};
use serde::Serialize;

use super::{
    Context,
    failure::Failure,
    output::{BOLD, DIM, GREEN, RED, YELLOW, clean, counted, print, print_json},
    serve::environment,
    spinner::Spinner,
};
use crate::config::Config;
use audit::AuditLog;

/// Checks the integrity of the journal and of audit logs. Nothing is changed, and the daemon may be running.
///
/// The exit code is 1 if something is wrong. --repair repairs what can be repaired without loss; the daemon must be
/// stopped for that.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The configuration that names the journal
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
    /// Check this journal instead of the configured one, such as a backup
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Repair what can be repaired without loss
    #[arg(long)]
    repair: bool,
}

#[derive(Serialize)]
struct Output {
    ok: bool,
    journal: Report,
    audit: Vec<AuditLog>,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let (path, logs) = match args.journal {
        Some(path) => (path, vec![]),
        None => {
            let config = Config::load(&args.config, &environment)?;
            (config.journal.path.clone(), audit::logs(&config))
        }
    };
    let looking = tokio::task::spawn_blocking(move || {
        let report = if args.repair { doctor::repair(&path) } else { doctor::examine(&path) }?;
        let audit: Vec<_> = logs.into_iter().filter_map(audit::verify).collect();
        Ok::<_, fanfare_journal::OpenError>((report, audit))
    });
    let looked = {
        let _spinner = Spinner::start("reading every event");
        looking.await
    };
    let (journal, audit) =
        looked.map_err(|error| anyhow!("the check was interrupted: {error}"))?.map_err(|error| anyhow!("{error}"))?;
    let ok = journal.is_sound() && audit.iter().all(|log| log.broken.is_none());
    let output = Output { ok, journal, audit };
    if context.json {
        print_json(&output)?;
    } else {
        print(&render(&output))?;
    }
    if ok { Ok(()) } else { Err(Failure::Reported) }
}

fn render(output: &Output) -> String {
    let Output { journal, audit, .. } = output;
    let path = journal.path.display().to_string();
    let mut text = format!(
        "{BOLD}{}{BOLD:#}: {}, the newest at offset {}; {}\n",
        clean(&path),
        counted(journal.events, "event"),
        journal.last_offset,
        counted(journal.pending, "pending delivery").replace("deliverys", "deliveries")
    );
    for done in &journal.repaired {
        writeln!(text, "{GREEN}repaired{GREEN:#}: {}", clean(done)).unwrap_or_default();
    }
    for check in &journal.checks {
        let mut found = journal.findings.iter().filter(|finding| finding.check == *check).peekable();
        if found.peek().is_none() {
            writeln!(text, "{GREEN}✔{GREEN:#} {check}").unwrap_or_default();
        }
        found.for_each(|finding| text += &shown(finding));
    }
    for AuditLog { path, records, broken } in audit {
        let path = path.display().to_string();
        match broken {
            None => writeln!(text, "{GREEN}✔{GREEN:#} audit log {}: {}", clean(&path), counted(*records, "record")),
            Some(why) => writeln!(
                text,
                "{RED}✘{RED:#} audit log {}: the chain breaks after {}: {}\n    {DIM}the file was changed, or its disk \
                 is damaged; compare it with a backup, and move it away so that a new chain begins{DIM:#}",
                clean(&path),
                counted(*records, "record"),
                clean(why)
            ),
        }
        .unwrap_or_default();
    }
    text
}

fn shown(finding: &Finding) -> String {
    let mark = match finding.severity {
        Severity::Wrong => format!("{RED}✘{RED:#}"),
        Severity::Note => format!("{YELLOW}•{YELLOW:#}"),
    };
    let mut text = format!("{mark} {}: {}\n", finding.check, clean(&finding.what));
    for example in &finding.examples {
        writeln!(text, "    {}", clean(example)).unwrap_or_default();
    }
    writeln!(text, "    {DIM}{}{DIM:#}", finding.remedy).unwrap_or_default();
    text
}
