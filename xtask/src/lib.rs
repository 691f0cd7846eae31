//! Development jobs as a library. Build scripts use it, so it depends only on `anyhow`. `cargo xtask` runs the jobs
//! that people start.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

pub mod book;
pub mod circles;
pub mod deb;
pub mod dist;
pub mod guests;
pub mod reference;

use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// Runs a command to its end and returns its output.
fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!(
            "{command:?} ended with {}:\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
