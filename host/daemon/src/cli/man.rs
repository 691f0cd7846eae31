//! `fanfare man`: the man pages, for the release archive.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory as _;

use super::{Cli, failure::Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder for the pages
    dir: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let written = clap_mangen::generate_to(Cli::command(), &args.dir);
    Ok(written.with_context(|| format!("cannot write the man pages to {}", args.dir.display()))?)
}
