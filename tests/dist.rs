//! The release archive with the program under test, and its `install.sh`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use tempfile::TempDir;
use xtask::dist::{self, Dist};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Built once for all tests, because packing takes seconds.
static MADE: LazyLock<(PathBuf, Dist)> = LazyLock::new(|| {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dist");
    let dist = dist::make(Path::new(ROOT), Path::new(env!("CARGO_BIN_EXE_fanfare")), &out).unwrap();
    (out, dist)
});

/// The archive's name without `.tar.gz`.
fn name() -> &'static str {
    MADE.1.archive.file_name().unwrap().to_str().unwrap().strip_suffix(".tar.gz").unwrap()
}

/// A folder with the unpacked archive.
fn unpacked() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let tar = Command::new("tar").arg("-xzf").arg(&MADE.1.archive).arg("-C").arg(dir.path()).status();
    assert!(tar.unwrap().success());
    dir
}

/// Runs an `install.sh` from an unrelated folder, without a network client in its PATH.
fn install(script: &Path, prefix: &Path) -> Output {
    let elsewhere = tempfile::tempdir().unwrap();
    let output = Command::new("sh").arg(script).arg("--prefix").arg(prefix).current_dir(elsewhere.path()).output();
    output.unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn the_archive_has_the_program_and_everything_that_belongs_to_it() {
    let listed = Command::new("tar").arg("-tzf").arg(&MADE.1.archive).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let top = format!("{}/", name());
    let files: BTreeSet<_> = listed.lines().map(|line| line.strip_prefix(&top).expect(line)).collect();
    for wanted in [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "SECURITY.md",
        "SHA256SUMS",
        "bin/fanfare",
        "completions/_fanfare",
        "completions/fanfare",
        "completions/fanfare.fish",
        "config.toml",
        "docs/architecture.svg",
        "docs/config.md",
        "docs/http.md",
        "install.sh",
        "man/man1/fanfare-serve.1",
        "man/man1/fanfare.1",
    ] {
        assert!(files.contains(wanted), "{wanted} is not in the archive:\n{listed}");
    }
    let unknown: Vec<_> = files
        .iter()
        .filter(|file| file.contains('/') && !file.ends_with('/'))
        .filter(|file| {
            !["bin/", "completions/", "docs/", "man/man1/", "channels/"].iter().any(|dir| file.starts_with(dir))
        })
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    // A channel that ships as a file is in the archive, or was reported as missing.
    for name in ["atom", "discord", "influxdb", "maildir", "matrix", "ntfy", "pagerduty", "slack"] {
        let missing = MADE.1.missing_plugins.iter().any(|missing| missing == name);
        assert_ne!(missing, files.contains(format!("channels/{name}.wasm").as_str()), "{name}");
    }

    let dir = unpacked();
    let sums = fs::read_to_string(dir.path().join(name()).join("SHA256SUMS")).unwrap();
    let summed: BTreeSet<_> = sums.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    let unsummed: Vec<_> = files.iter().filter(|file| !file.ends_with('/') && !file.is_empty()).collect();
    for file in unsummed {
        assert!(summed.contains(*file) || *file == "SHA256SUMS", "{file} is in the archive but not in SHA256SUMS");
    }
}

#[test]
fn an_unpacked_archive_installs_itself() {
    let (dir, prefix) = (unpacked(), tempfile::tempdir().unwrap());
    let script = dir.path().join(name()).join("install.sh");
    // Also over an existing program, while it runs.
    for _ in 0..2 {
        let output = install(&script, prefix.path());
        assert!(output.status.success(), "{}", said(&output));
    }
    for file in [
        "share/man/man1/fanfare.1",
        "share/bash-completion/completions/fanfare",
        "share/zsh/site-functions/_fanfare",
        "share/fish/vendor_completions.d/fanfare.fish",
        "share/doc/fanfare/README.md",
        "share/doc/fanfare/docs/http.md",
    ] {
        assert!(prefix.path().join(file).is_file(), "{file}");
    }
    let bin: Vec<_> =
        fs::read_dir(prefix.path().join("bin")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(bin, ["fanfare"], "nothing is left beside it");
    let version = Command::new(prefix.path().join("bin/fanfare")).arg("--version").output().unwrap();
    assert!(name().starts_with(&said(&version).trim().replace(' ', "-")), "{version:?}");
    let page = fs::read_to_string(prefix.path().join("share/man/man1/fanfare-serve.1")).unwrap();
    assert!(page.contains(".TH") && page.contains("Run the daemon"), "{page}");

    // Bash completes the commands.
    let completion = prefix.path().join("share/bash-completion/completions/fanfare");
    let script = format!(
        "source {}; COMP_WORDS=(fanfare se); COMP_CWORD=1; _fanfare fanfare se fanfare; echo \"${{COMPREPLY[@]}}\"",
        completion.display()
    );
    let offered = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(said(&offered).trim(), "serve send");
}

#[test]
fn an_archive_beside_the_script_is_verified_and_installed() {
    let (dir, prefix) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let archive = format!("{}.tar.gz", name());
    for file in [archive.as_str(), "SHA256SUMS", "install.sh"] {
        fs::copy(MADE.0.join(file), dir.path().join(file)).unwrap();
    }
    let script = dir.path().join("install.sh");
    let output = install(&script, prefix.path());
    assert!(output.status.success(), "{}", said(&output));
    assert!(prefix.path().join("bin/fanfare").is_file());

    let (changed, empty) = (dir.path().join(&archive), tempfile::tempdir().unwrap());
    let mut bytes = fs::read(&changed).unwrap();
    bytes.push(0);
    fs::write(&changed, bytes).unwrap();
    refuses(&script, empty.path(), "is not what SHA256SUMS says");
    fs::rename(&changed, dir.path().join("fanfare-other.tar.gz")).unwrap();
    refuses(&script, empty.path(), "does not name fanfare-other.tar.gz");
    fs::remove_file(dir.path().join("fanfare-other.tar.gz")).unwrap();
    refuses(&script, empty.path(), "neither an unpacked archive nor");
    fs::remove_file(dir.path().join("SHA256SUMS")).unwrap();
    refuses(&script, empty.path(), "nothing can be checked");
}

#[test]
fn changed_files_are_not_installed() {
    let (dir, prefix) = (unpacked(), tempfile::tempdir().unwrap());
    let here = dir.path().join(name());
    let mut config = fs::read_to_string(here.join("config.toml")).unwrap();
    config.push('#');
    fs::write(here.join("config.toml"), config).unwrap();
    refuses(&here.join("install.sh"), prefix.path(), "are not what SHA256SUMS says");

    let wrong = Command::new("sh").arg(here.join("install.sh")).arg("--prefxi").output().unwrap();
    assert_eq!((wrong.status.code(), said(&wrong).contains("no option --prefxi")), (Some(2), true));
}

/// And nothing is installed.
#[track_caller]
fn refuses(script: &Path, prefix: &Path, why: &str) {
    let output = install(script, prefix);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains(why), "{}", said(&output));
    assert_eq!(fs::read_dir(prefix).unwrap().count(), 0, "nothing is installed");
}
