//! The release archive: the program, its documentation, man pages, completions and the shipped channels that are not
//! embedded in it, with `SHA256SUMS` and an `install.sh`. The system's `tar` and `sha256sum` pack it, so that build
//! scripts, which use this crate, do not need more dependencies.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::run;

/// The files of the repository that go into the archive.
const PAGES: [&str; 7] =
    ["ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "config.toml", "docs"];

/// Completions: the shell, and the file name that it looks for.
const COMPLETIONS: [(&str, &str); 3] = [("bash", "fanfare"), ("zsh", "_fanfare"), ("fish", "fanfare.fish")];

const INSTALL: &str = "install.sh";
const SUMS: &str = "SHA256SUMS";

/// The result.
#[derive(Debug)]
pub struct Dist {
    pub archive: PathBuf,
    /// Channels that ship as files and have not been built, so that the archive lacks them.
    pub missing_plugins: Vec<String>,
}

/// Builds the release program.
///
/// # Errors
/// It does not compile.
pub fn build(root: &Path, target: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--locked", "--profile", "dist", "--package", "fanfare", "--bin", "fanfare", "--target-dir"]);
    let status = build.arg(target).current_dir(root).status().context("cannot run cargo")?;
    if !status.success() {
        bail!("the program does not build");
    }
    Ok(target.join("dist/fanfare"))
}

/// Packs a program for this machine, with `SHA256SUMS` and `install.sh` beside the archive.
///
/// # Errors
/// The program does not run, a file cannot be read or written, or `tar` or `sha256sum` is missing.
pub fn make(root: &Path, binary: &Path, out: &Path) -> Result<Dist> {
    let binary = fs::canonicalize(binary).with_context(|| format!("{} is missing", binary.display()))?;
    let version = run(Command::new(&binary).arg("--version"))?;
    let version = version
        .trim()
        .strip_prefix("fanfare ")
        .with_context(|| format!("{} is not fanfare: `--version` printed {:?}", binary.display(), version.trim()))?;
    let name = format!("fanfare-{version}-{}", host()?);

    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let folder = out.join(&name);
    let missing_plugins = stage(root, &binary, &folder)?;
    let install = root.join("xtask/dist").join(INSTALL);
    copy(&install, &folder.join(INSTALL))?;
    copy(&install, &out.join(INSTALL))?;

    let files = files(&folder)?;
    let names = files.iter().map(|file| file.strip_prefix(&folder)).collect::<Result<Vec<_>, _>>()?;
    write(&folder.join(SUMS), &run(Command::new("sha256sum").arg("--").args(names).current_dir(&folder))?)?;
    let archive = out.join(format!("{name}.tar.gz"));
    // The same files make the same archive.
    let epoch = std::env::var("SOURCE_DATE_EPOCH").unwrap_or_else(|_| "0".to_owned());
    run(Command::new("tar")
        .args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+rw,go-w,a+rX"])
        .arg(format!("--mtime=@{epoch}"))
        .args(["--use-compress-program=gzip -n", "--file"])
        .arg(&archive)
        .arg("--directory")
        .arg(out)
        .arg(&name))?;
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    let sums = run(Command::new("sha256sum").arg("--").arg(format!("{name}.tar.gz")).current_dir(out))?;
    write(&out.join(SUMS), &sums)?;
    Ok(Dist { archive, missing_plugins })
}

/// Copies everything that is installed into a folder, and returns the channels that have not been built.
pub(crate) fn stage(root: &Path, binary: &Path, folder: &Path) -> Result<Vec<String>> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    copy(binary, &folder.join("bin/fanfare"))?;
    for page in PAGES {
        copy(&root.join(page), &folder.join(page))?;
    }
    for (shell, file) in COMPLETIONS {
        let script = run(Command::new(binary).args(["completions", shell]))?;
        write(&folder.join("completions").join(file), &script)?;
    }
    let man = folder.join("man/man1");
    fs::create_dir_all(&man).with_context(|| format!("cannot make {}", man.display()))?;
    run(Command::new(binary).arg("man").arg(&man))?;
    let channels = folder.join("channels");
    copy(&root.join("host/daemon/packaging/channels-README"), &channels.join("README"))?;
    plugins(&root.join("plugins"), &channels)
}

/// Copies the built channels that are not embedded in the program, each with its sidecar, and returns the names of
/// those that have not been built. A channel is a folder with a sidecar of the same name; those in Rust are embedded.
fn plugins(from: &Path, to: &Path) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for folder in entries(from)? {
        let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { continue };
        let sidecar = folder.join(format!("{name}.toml"));
        if folder.join("Cargo.toml").exists() || !sidecar.exists() {
            continue;
        }
        let wasm = folder.join(format!("dist/{name}.wasm"));
        if wasm.exists() {
            copy(&wasm, &to.join(format!("{name}.wasm")))?;
            copy(&sidecar, &to.join(format!("{name}.toml")))?;
        } else {
            missing.push(name.to_owned());
        }
    }
    Ok(missing)
}

/// The target of this machine's compiler.
fn host() -> Result<String> {
    let version = run(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what it is for")?.to_owned())
}

/// Copies a file, or a folder with its content.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        return entries(from)?.iter().try_for_each(|entry| match entry.file_name() {
            Some(name) => copy(entry, &to.join(name)),
            None => Ok(()),
        });
    }
    make_room(to)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    make_room(file)?;
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn make_room(file: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Every file in a folder and below, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in entries(folder)? {
        if entry.is_dir() { found.extend(files(&entry)?) } else { found.push(entry) }
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || -> std::io::Result<Vec<_>> { fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect() };
    let mut entries = list().with_context(|| format!("cannot list {}", folder.display()))?;
    entries.sort();
    Ok(entries)
}
