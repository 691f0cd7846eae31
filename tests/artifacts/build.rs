//! Builds `tests/guests`, and the plugins of the examples.

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result};
use xtask::guests;

fn main() -> Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("Cargo sets CARGO_MANIFEST_DIR")?);
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").context("Cargo sets OUT_DIR")?);
    for workspace in ["../guests", "../../docs/examples/saga"].map(|workspace| here.join(workspace)) {
        for source in guests::sources(&workspace, &here.join("../../plugin-sdk"))? {
            println!("cargo::rerun-if-changed={}", source.display());
        }
        guests::copy_into(&guests::build(&workspace, &guests::target_dir(&out_dir)?)?, &out_dir)?;
    }
    Ok(())
}
