//! `fanfare man`: the man pages, for the release archive.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory as _;

use super::{Cli, failure::Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder that the pages are written into
    dir: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let written = clap_mangen::generate_to(Cli::command(), &args.dir);
    Ok(written.with_context(|| format!("the man pages cannot be written to {}", args.dir.display()))?)
}
