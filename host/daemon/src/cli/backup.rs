//! `fanfare backup`: a copy of the journal.

use std::{path::PathBuf, time::Duration};

use anyhow::anyhow;
use indicatif::ProgressBar;
use serde_json::json;

use super::{
    Context,
    failure::Failure,
    output::{bytes, print, print_json},
};
use crate::config::Config;

/// Copies the journal to a new file, as it is at this moment. The daemon may be running.
///
/// To restore: stop the daemon, move `journal.db`, `journal.db-wal` and `journal.db-shm` away, copy the backup to
/// `journal.path`, and start the daemon. Deliveries that were pending at the time of the backup are then made, with the
/// same delivery ids.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The file to create
    to: PathBuf,
    /// The configuration that names the journal
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let config = Config::load(&args.config, &|name| std::env::var(name).ok()).map_err(Failure::Config)?;
    let (from, to) = (config.journal.path, args.to);
    let whole = std::fs::metadata(&from).map_or(0, |metadata| metadata.len());
    let bar = crate::telemetry::progress().add(ProgressBar::new(whole));
    let partial = {
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        to.with_file_name(name)
    };
    let mut copying = {
        let (from, to) = (from.clone(), to.clone());
        tokio::task::spawn_blocking(move || fanfare_journal::backup(&from, &to))
    };
    let copied = loop {
        tokio::select! {
            copied = &mut copying => break copied,
            () = tokio::time::sleep(Duration::from_millis(100)) => {
                bar.set_position(std::fs::metadata(&partial).map_or(0, |metadata| metadata.len()));
            }
        }
    };
    bar.finish_and_clear();
    let size =
        copied.map_err(|error| anyhow!("the backup was interrupted: {error}"))?.map_err(|error| anyhow!("{error}"))?;
    if context.json {
        print_json(&json!({ "from": from, "to": to, "bytes": size }))?;
    } else {
        print(&format!("{} copied to {}, {}\n", from.display(), to.display(), bytes(size)))?;
    }
    Ok(())
}
