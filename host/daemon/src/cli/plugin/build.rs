//! `fanfare plugin build`: builds the plugin of a project, whatever its language.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use fanfare_author::build::build;
use serde_json::json;

use super::super::{
    Context,
    failure::Failure,
    output::{BOLD, DIM, bytes, print, print_json},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The project's folder
    #[arg(default_value = ".")]
    dir: PathBuf,

    /// Where to put the plugin and its sidecar; without it, `dist` in the project's folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, context: Context) -> Result<(), Failure> {
    let dir = fs::canonicalize(&args.dir).with_context(|| format!("{} cannot be opened", args.dir.display()))?;
    if !dir.is_dir() {
        let file = args.dir.display();
        return Err(Failure::usage(format!("{file} is a file"), "name the folder of a project"));
    }
    let built = build(&dir, args.out.as_deref())?;
    if context.json {
        print_json(&json!({ "file": built.file, "language": built.language, "size": built.size }))?;
    } else {
        let (file, size) = (built.file.display(), bytes(built.size as u64));
        print(&format!("{BOLD}{file}{BOLD:#} {DIM}{size}, {}{DIM:#}\n", built.language))?;
    }
    Ok(())
}
