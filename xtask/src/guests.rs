//! Builds the guests of a workspace into Wasm components, from a build script or by hand.
//!
//! Guests are in separate Cargo workspaces (`plugins/`, `tests/guests/`), because they need another target, profile and
//! lockfile. A build script that needs their bytes runs a second Cargo, which is separated from the outer one in two
//! ways: it has a target folder that the outer one has not locked, and it does not get the outer one's variables, which
//! would pass on Clippy's driver, the flags of a coverage run or the outer target.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::run;

/// The target of Rust guests.
pub const TARGET: &str = "wasm32-wasip2";

/// A guest that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The name of its folder, and so of its plugin.
    pub name: String,
    /// The component.
    pub wasm: PathBuf,
}

/// Builds every guest of the workspace in release mode and returns them by name. A guest is a folder with a
/// `Cargo.toml` directly in the workspace; its library is named like the folder (with `_` for `-`).
///
/// # Errors
/// The target is missing and cannot be installed, a guest does not compile (with the compiler's output), or a folder
/// has no component of its name.
pub fn build(workspace_dir: &Path, target_dir: &Path) -> Result<Vec<Guest>> {
    ensure_target(workspace_dir)?;
    let built = target_dir.join(TARGET).join("release");
    let mut guests = Vec::new();
    for name in members(workspace_dir)? {
        // One by one, because a build of several gives each of them the SDK's features that any of them asks for.
        let dir = workspace_dir.join(&name);
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--release", "--locked", "--target", TARGET, "--target-dir"]).arg(target_dir);
        run(clean(&mut cargo).current_dir(&dir))
            .with_context(|| format!("the guest in {} does not build", dir.display()))?;
        let wasm = built.join(format!("{}.wasm", name.replace('-', "_")));
        if !wasm.is_file() {
            bail!(
                "{} is missing after the build: is {name} a member in {}, and a `cdylib` named like its folder?",
                wasm.display(),
                workspace_dir.join("Cargo.toml").display()
            );
        }
        guests.push(Guest { name, wasm });
    }
    Ok(guests)
}

/// Runs the guests' own tests, natively.
///
/// # Errors
/// A test fails, with its output.
pub fn test(workspace_dir: &Path, target_dir: &Path) -> Result<()> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["test", "--locked", "--target-dir"]).arg(target_dir);
    let printed = run(clean(&mut cargo).current_dir(workspace_dir))
        .with_context(|| format!("the guests' tests in {} do not pass", workspace_dir.display()))?;
    let ran = |line: &str| line.starts_with("test result: ok. ") && !line.contains(" 0 passed");
    if !printed.lines().any(ran) {
        bail!("no test ran in {}", workspace_dir.display());
    }
    Ok(())
}

/// The folder beside `debug` and `release` that all guest builds share, from a build script's `OUT_DIR`.
///
/// # Errors
/// The folder does not have Cargo's layout.
pub fn target_dir(out_dir: &Path) -> Result<PathBuf> {
    out_dir
        .ancestors()
        .find(|dir| dir.file_name().is_some_and(|name| name == "build"))
        .and_then(|build| build.parent()?.parent())
        .map(|target| target.join("guests"))
        .with_context(|| format!("{} is not an OUT_DIR of Cargo's: it has no `build` folder", out_dir.display()))
}

/// Copies the guests to a folder of the caller's, so that a concurrent build cannot replace them while they are read.
/// Unchanged files are not written, so that their time stamps cause no rebuild.
///
/// # Errors
/// A file cannot be read or written.
pub fn copy_into(guests: &[Guest], dir: &Path) -> Result<Vec<Guest>> {
    guests
        .iter()
        .map(|guest| {
            let wasm = dir.join(format!("{}.wasm", guest.name));
            let bytes = fs::read(&guest.wasm).with_context(|| format!("cannot read {}", guest.wasm.display()))?;
            if fs::read(&wasm).ok().as_ref() != Some(&bytes) {
                fs::write(&wasm, bytes).with_context(|| format!("cannot write {}", wasm.display()))?;
            }
            Ok(Guest { name: guest.name.clone(), wasm })
        })
        .collect()
}

/// Everything that a build script must watch when it builds a workspace of guests: the workspace's own files, the files
/// and folders of each member, and the Rust SDK. Folders of other languages are ignored.
///
/// # Errors
/// A folder cannot be listed.
pub fn sources(workspace_dir: &Path, sdk_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<_> = entries(workspace_dir)?.into_iter().filter(|path| path.is_file()).collect();
    for name in members(workspace_dir)? {
        found.extend(entries(&workspace_dir.join(name))?);
    }
    found.extend(["Cargo.toml", "src", "wit"].map(|part| sdk_dir.join(part)));
    Ok(found)
}

/// Installs the target through rustup if the toolchain lacks it.
fn ensure_target(workspace_dir: &Path) -> Result<()> {
    let libdir = || {
        let mut rustc = Command::new("rustc");
        run(clean(&mut rustc).args(["--print", "target-libdir", "--target", TARGET]).current_dir(workspace_dir))
    };
    if Path::new(libdir()?.trim()).is_dir() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    run(clean(&mut rustup).args(["target", "add", TARGET]).current_dir(workspace_dir)).with_context(|| {
        format!(
            "the Rust target {TARGET} is not installed and could not be added; run `rustup target add {TARGET}` in {}",
            workspace_dir.display()
        )
    })?;
    Ok(())
}

/// Removes the outer Cargo's variables from a command, except those for Cargo's home and registries.
fn clean(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_the_outer_builds) {
            command.env_remove(name);
        }
    }
    command
}

fn is_the_outer_builds(name: &str) -> bool {
    const KEPT: [&str; 6] =
        ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRIES_", "CARGO_REGISTRY_", "CARGO_SOURCE_"];
    const TAKEN: [&str; 17] = [
        "CLIPPY_ARGS",
        "CLIPPY_CONF_DIR",
        "DEBUG",
        "HOST",
        "LLVM_PROFILE_FILE",
        "MAKEFLAGS",
        "MFLAGS",
        "NUM_JOBS",
        "OPT_LEVEL",
        "OUT_DIR",
        "PROFILE",
        "RUSTC",
        "RUSTDOC",
        "RUSTDOCFLAGS",
        "RUSTFLAGS",
        "RUSTC_LINKER",
        "TARGET",
    ];
    (name.starts_with("CARGO") && name != "CARGO" && !KEPT.iter().any(|kept| name.starts_with(kept)))
        || TAKEN.contains(&name)
        || (name.starts_with("RUSTC_") && name.ends_with("WRAPPER"))
}

/// The guests' names, sorted.
fn members(workspace_dir: &Path) -> Result<Vec<String>> {
    let folders = entries(workspace_dir)?.into_iter().filter(|dir| dir.join("Cargo.toml").is_file());
    Ok(folders.filter_map(|dir| Some(dir.file_name()?.to_str()?.to_owned())).collect())
}

/// The content of a folder, sorted, without target folders.
fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let list = || -> io::Result<Vec<PathBuf>> { fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect() };
    let mut entries = list().with_context(|| format!("cannot list {}", dir.display()))?;
    entries.retain(|path| path.file_name().is_some_and(|name| name != "target"));
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outer_builds_variables_are_removed_and_the_users_are_kept() {
        for taken in [
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_MAKEFLAGS",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "TARGET",
        ] {
            assert!(is_the_outer_builds(taken), "{taken}");
        }
        for kept in
            ["CARGO", "CARGO_HOME", "CARGO_NET_OFFLINE", "RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "PATH", "HTTP_PROXY"]
        {
            assert!(!is_the_outer_builds(kept), "{kept}");
        }
    }

    #[test]
    fn the_shared_target_folder_is_beside_debug_and_release() {
        for out_dir in ["/r/target/debug/build/fanfare-1f/out", "/r/target/release/build/fanfare/1f/out"] {
            assert_eq!(target_dir(Path::new(out_dir)).unwrap(), Path::new("/r/target/guests"));
        }
        assert!(target_dir(Path::new("/tmp/out")).is_err());
    }
}
