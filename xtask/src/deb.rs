//! The Debian package: `cargo deb` packs what [`dist`](crate::dist) puts into the archive, with the unit and the
//! configuration from `host/daemon/packaging`. `host/daemon/Cargo.toml` lists where each file is installed.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{dist, run};

/// The result.
#[derive(Debug)]
pub struct Deb {
    pub package: PathBuf,
    /// Channels that ship as files and have not been built, so that the package lacks them.
    pub missing_plugins: Vec<String>,
}

/// Packs a program for this machine.
///
/// # Errors
/// The program does not run, a file is missing, or `cargo deb` is not installed.
pub fn make(root: &Path, binary: &Path, out: &Path) -> Result<Deb> {
    let binary = binary.canonicalize().with_context(|| format!("{} is missing", binary.display()))?;
    // The assets in Cargo.toml have this folder.
    let missing_plugins = dist::stage(root, &binary, &root.join("target/deb/stage"))?;
    let mut deb = Command::new(tool(root)?);
    // Cargo passes a subcommand its own name.
    deb.args(["deb", "--no-build", "--no-strip", "--manifest-path"]).arg(root.join("host/daemon/Cargo.toml"));
    let printed = run(deb.arg("--output").arg(out).current_dir(root))?;
    let package = printed.lines().last().map(PathBuf::from).context("cargo deb does not say what it made")?;
    Ok(Deb { package, missing_plugins })
}

/// The tool beside the build, or else on the path.
fn tool(root: &Path) -> Result<OsString> {
    let own = root.join("target/tools/bin/cargo-deb");
    if own.exists() {
        return Ok(own.into());
    }
    let found = Command::new("cargo-deb").arg("--version").output();
    if !found.is_ok_and(|found| found.status.success()) {
        bail!("there is no cargo-deb: `cargo install cargo-deb --locked --root target/tools` installs it");
    }
    Ok("cargo-deb".into())
}
