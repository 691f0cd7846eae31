//! `cargo xtask dist`: see `xtask::dist`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use xtask::dist::{self, Dist};

const USAGE: &str = "\
Usage: cargo xtask dist [--binary PATH] [--out DIR]

Makes the release archive of this machine's target, SHA256SUMS and install.sh.

  --binary PATH   take this program instead of building one with the profile `dist`
  --out DIR       where to [default: target/dist]
";

fn main() -> ExitCode {
    match run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = OsString>) -> Result<()> {
    match arguments.next().as_deref().and_then(|word| word.to_str()) {
        Some("dist") => {}
        Some("--help" | "-h" | "help") => {
            print!("{USAGE}");
            return Ok(());
        }
        Some(other) => bail!("there is no job `{other}`\n\n{USAGE}"),
        None => bail!("which job?\n\n{USAGE}"),
    }
    let (mut binary, mut out) = (None, None);
    while let Some(option) = arguments.next() {
        let value = match option.to_str() {
            Some("--binary") => &mut binary,
            Some("--out") => &mut out,
            _ => bail!("there is no option {}\n\n{USAGE}", option.display()),
        };
        let path = arguments.next().with_context(|| format!("{} needs a path", option.display()))?;
        *value = Some(PathBuf::from(path));
    }

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no folder above it")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let out = out.unwrap_or_else(|| target.join("dist"));
    let binary = binary.map_or_else(|| dist::build(root, &target), Ok)?;
    let Dist { archive, missing_plugins } = dist::make(root, &binary, &out)?;
    println!("{}\n{}\n{}", archive.display(), out.join("SHA256SUMS").display(), out.join("install.sh").display());
    for name in missing_plugins {
        eprintln!("without the channel {name}: `fanfare plugin build plugins/{name}` builds it");
    }
    Ok(())
}
