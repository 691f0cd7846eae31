//! `fanfare man`: the man pages of the release archive, and the command reference of the documentation.

mod markdown;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory as _;

use super::{Cli, failure::Failure, output::print_raw};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder for the pages
    #[arg(required_unless_present = "markdown")]
    dir: Option<PathBuf>,

    /// Print the reference of all commands in Markdown instead: docs/reference/cli.md
    #[arg(long, conflicts_with = "dir")]
    markdown: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let Some(dir) = &args.dir else {
        return Ok(print_raw(markdown::page(Cli::command()).as_bytes())?);
    };
    let written = clap_mangen::generate_to(Cli::command(), dir);
    Ok(written.with_context(|| format!("cannot write the man pages to {}", dir.display()))?)
}
