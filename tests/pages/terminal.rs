//! The reader's terminals: a shell that keeps its folder and variables from block to block, and others for commands
//! that stay running. The pages' ports are replaced by free ones.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{add::release, support::daemon::shared_cache};

/// For one block, including anything it compiles.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program under the name that the pages use. Commands that use a port by default use a free one, and a daemon uses
/// what the tests have compiled before.
const FANFARE: &str = r#"#!/usr/bin/env bash
case "$1" in
  init)
    "$PROGRAM" "$@" || exit
    for dir; do :; done
    case "$dir" in init | --*) dir=. ;; esac
    sed -i "s/8080/$API/; s/9000/$HOOK/" "$dir/config.toml" ;;
  listen) case " $* " in *" --port "*) exec "$PROGRAM" "$@" ;; *) exec "$PROGRAM" "$@" --port "$HOOK" ;; esac ;;
  serve) mkdir -p -m 700 "$CACHE" data && ln -sfn "$CACHE" data/cache && exec "$PROGRAM" "$@" ;;
  *) exec "$PROGRAM" "$@" ;;
esac
"#;

pub struct Terminal {
    dir: TempDir,
    ports: Ports,
    blocks: usize,
    shell: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    kept: Vec<Started>,
}

/// The pages' ports, and the free ones for them.
#[derive(Clone)]
struct Ports([(&'static str, String); 3]);

/// A command that stays running. Dropping this ends it with all that it started.
pub struct Started {
    shell: Child,
    file: PathBuf,
    ports: Ports,
}

impl Terminal {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["bin", "blocks", "home", "here"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        release(&dir.path().join("channels"));
        let program = dir.path().join("bin/fanfare");
        fs::write(&program, FANFARE).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();

        let ports = Ports([("8080", free_port()), ("9000", free_port()), ("9100", free_port())]);
        let mut shell = shell(dir.path(), &ports).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = shell.stdin.take().unwrap();
        let output = BufReader::new(shell.stdout.take().unwrap()).lines();
        Self { dir, ports, blocks: 0, shell, input, output, kept: vec![] }
    }

    /// Puts a file of the project into the folder in which the commands are run.
    pub fn bring(&self, name: &str, text: &str) {
        let file = self.dir.path().join("here").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, self.ports.as_here(text)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Puts a plugin into the plugins' folder there.
    pub fn install(&self, name: &str, wasm: &[u8]) {
        let folder = self.dir.path().join("here/plugins");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name).with_extension("wasm"), wasm).unwrap();
    }

    /// Runs a block to its end.
    ///
    /// # Errors
    /// One of its commands failed, or it took too long; with its output.
    pub async fn run(&mut self, script: &str) -> Result<String, String> {
        let (script, printed) = self.block(script);
        let line = format!(". {} >{} 2>&1 </dev/null; echo done\n", script.display(), printed.display());
        self.input.write_all(line.as_bytes()).await.map_err(|error| error.to_string())?;
        let done = tokio::time::timeout(PATIENCE, self.output.next_line()).await;
        let printed = self.ports.as_on_the_page(&fs::read_to_string(printed).unwrap_or_default());
        match done {
            Ok(Ok(Some(_))) => Ok(printed),
            Ok(_) => {
                let status = self.shell.wait().await.map_err(|error| error.to_string())?;
                Err(format!("a command failed, {status}. It printed:\n{printed}"))
            }
            Err(_) => Err(format!("it took longer than {PATIENCE:?}. It printed:\n{printed}")),
        }
    }

    /// Starts a block in another terminal.
    pub fn start(&mut self, script: &str) -> Started {
        let (script, file) = self.block(script);
        let printed = fs::File::create(&file).unwrap();
        let mut shell = shell(self.dir.path(), &self.ports);
        shell.arg(script).process_group(0).stdin(Stdio::null()).stdout(printed.try_clone().unwrap()).stderr(printed);
        Started { shell: shell.spawn().unwrap(), file, ports: self.ports.clone() }
    }

    /// Until the page ends.
    pub fn keep(&mut self, started: Started) {
        self.kept.push(started);
    }

    /// The files of one more block: its commands, and their output.
    fn block(&mut self, script: &str) -> (PathBuf, PathBuf) {
        self.blocks += 1;
        let file = |kind: &str| self.dir.path().join(format!("blocks/{}.{kind}", self.blocks));
        // A command that fails ends the shell.
        fs::write(file("sh"), format!("set -e\n{}", self.ports.as_here(script))).unwrap();
        (file("sh"), file("out"))
    }
}

impl Started {
    pub fn printed(&self) -> String {
        self.ports.as_on_the_page(&fs::read_to_string(&self.file).unwrap())
    }

    pub fn has_ended(&mut self) -> bool {
        self.shell.try_wait().unwrap().is_some()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended already.
        if let Some(group) = self.shell.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            let _ended = kill_process_group(group, Signal::KILL).is_err();
        }
    }
}

impl Ports {
    fn as_here(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (page, here)| text.replace(page, here))
    }

    fn as_on_the_page(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (page, here)| text.replace(here, page))
    }
}

fn shell(dir: &Path, Ports([(_, api), (_, hook), _]): &Ports) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("bash");
    command
        .current_dir(dir.join("here"))
        .env("HOME", dir.join("home"))
        .env("PATH", format!("{}:{path}", dir.join("bin").display()))
        .env("PROGRAM", env!("CARGO_BIN_EXE_fanfare"))
        .env("CACHE", shared_cache())
        .envs([("API", api), ("HOOK", hook), ("FANFARE_URL", &format!("http://127.0.0.1:{api}"))])
        .env("FANFARE_CHANNELS", dir.join("channels"))
        .env("NO_COLOR", "1")
        .env_remove("RUST_LOG")
        .kill_on_drop(true);
    command
}

/// Below the range that the system uses for connections, so that it is not taken meanwhile.
fn free_port() -> String {
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(|| fastrand::u16(20_000..32_000)).find(free).unwrap().to_string()
}
