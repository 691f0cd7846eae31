//! `fanfare plugin build`: builds the plugin of a project, whatever its language.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use fanfare_author::build::{Built, build};
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
    let built = build(&dir, args.out.as_deref(), &|what| anstream::eprintln!("{what}"))?;
    if context.json {
        print_json(&json!({ "file": built.file, "language": built.language, "size": built.size }))?;
    } else {
        let here = env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
        print(&render(&built, &dir, &here, args.out.is_some()))?;
    }
    Ok(())
}

/// What was built, and the next commands. `is_out`: it is where a daemon loads it from.
fn render(built: &Built, dir: &Path, here: &Path, is_out: bool) -> String {
    let name = built.file.file_stem().unwrap_or_default().to_string_lossy();
    let shown = |path: &Path| path.strip_prefix(here).unwrap_or(path).display().to_string();
    let file = shown(&built.file);
    let mut text =
        format!("{BOLD}{file}{BOLD:#} {DIM}{}, {}{DIM:#}\n\nNext:\n", bytes(built.size as u64), built.language);
    let event = dir.join("event.json");
    let event = if event.is_file() { format!(" --event {}", shown(&event)) } else { String::new() };
    text += &format!("  fanfare plugin run {file}{event}  {DIM}# one delivery, without a daemon{DIM:#}\n");
    if is_out {
        text += &format!("  fanfare channel add {name}  {DIM}# in the daemon's folder{DIM:#}\n");
    } else {
        // The sidecar first: the daemon may look between the two.
        let sidecar = built.file.with_extension("toml");
        let sidecar = if sidecar.is_file() { format!("{} ", shown(&sidecar)) } else { String::new() };
        text += &format!(
            "  cp {sidecar}{file} ../my-fanfare/plugins/  {DIM}# into a daemon's folder; there, `fanfare channel add \
             {name}`{DIM:#}\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_commands_name_what_was_built() {
        let project = tempfile::tempdir().unwrap();
        let dir = project.path();
        fs::create_dir(dir.join("dist")).unwrap();
        let built = Built { file: dir.join("dist/hello.wasm"), size: 2048, language: "Python" };
        let said = |is_out| anstream::adapter::strip_str(&render(&built, dir, dir, is_out)).to_string();
        let run = "dist/hello.wasm 2.0 KiB, Python\n\nNext:\n  fanfare plugin run dist/hello.wasm";
        let one = "  # one delivery, without a daemon\n";
        let there = "../my-fanfare/plugins/  # into a daemon's folder; there, `fanfare channel add hello`\n";
        assert_eq!(said(false), format!("{run}{one}  cp dist/hello.wasm {there}"));
        fs::write(dir.join("event.json"), "{}").unwrap();
        fs::write(dir.join("dist/hello.toml"), "").unwrap();
        let event = " --event event.json";
        assert_eq!(said(false), format!("{run}{event}{one}  cp dist/hello.toml dist/hello.wasm {there}"));
        assert_eq!(said(true), format!("{run}{event}{one}  fanfare channel add hello  # in the daemon's folder\n"));
    }
}
