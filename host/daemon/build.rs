//! Builds the plugins in `plugins/` and lists them for embedding: `static BUILTIN: &[(name, Wasm, sidecar)]` in
//! `$OUT_DIR/builtin.rs`.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use xtask::guests;

fn main() -> Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("Cargo sets CARGO_MANIFEST_DIR")?);
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").context("Cargo sets OUT_DIR")?);
    let plugins = here.join("../../plugins");

    for source in guests::sources(&plugins, &here.join("../../plugin-sdk"))? {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    let built = guests::build(&plugins, &guests::target_dir(&out_dir)?)?;
    let list = list(&guests::copy_into(&built, &out_dir)?, &plugins)?;
    let file = out_dir.join("builtin.rs");
    fs::write(&file, list).with_context(|| format!("cannot write {}", file.display()))
}

fn list(guests: &[guests::Guest], plugins: &Path) -> Result<String> {
    let mut list = String::from(
        "/// The embedded plugins: name, component, and the sidecar with the default policy.\n\
         pub static BUILTIN: &[(&str, &[u8], &str)] = &[\n",
    );
    for guests::Guest { name, wasm } in guests {
        let sidecar = plugins.join(name).join(format!("{name}.toml"));
        let sidecar = fs::canonicalize(&sidecar)
            .with_context(|| format!("{} is missing; it must have the plugin's default policy", sidecar.display()))?;
        writeln!(list, "    ({name:?}, include_bytes!({wasm:?}), include_str!({sidecar:?})),")?;
    }
    list.push_str("];\n");
    Ok(list)
}
