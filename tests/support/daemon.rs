//! The real binary as a child process, in its own folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::{PATIENCE, client::Api};

/// A folder with a configuration and plugins, in which daemons are started.
pub struct Home {
    dir: TempDir,
}

/// A running daemon. Dropping it kills it like `kill -9`.
pub struct Daemon {
    child: Child,
    pub api: Api,
}

pub fn fanfare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fanfare"));
    // Independent of the user's files: commands compile into the build folder.
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    for name in ["RUST_LOG", "FANFARE_URL", "FANFARE_TOKEN", "FANFARE_TOKEN_FILE", "FANFARE_CA"] {
        command.env_remove(name);
    }
    command.env("XDG_CACHE_HOME", cache).kill_on_drop(true);
    command
}

impl Home {
    /// `channels` is the part of the configuration after `[server]` and `[plugins]`.
    pub fn new(channels: &str) -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(home.path("plugins")).unwrap();
        home.configure(channels);
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn configure(&self, channels: &str) {
        fs::write(self.path("config.toml"), Self::configuration(channels)).unwrap();
    }

    /// A complete `config.toml`.
    pub fn configuration(channels: &str) -> String {
        let cache = shared_cache();
        format!("[server]\nlisten = \"127.0.0.1:0\"\ndrain = \"10s\"\n\n[plugins]\ncache = {cache:?}\n\n{channels}\n")
    }

    /// Puts a plugin into the folder like a careful deployment: written beside, then renamed.
    pub fn install(&self, name: &str, wasm: &[u8]) {
        let temporary = self.path(&format!("plugins/.{name}.tmp"));
        fs::write(&temporary, wasm).unwrap();
        fs::rename(temporary, self.path(&format!("plugins/{name}.wasm"))).unwrap();
    }

    pub async fn start(&self) -> Daemon {
        self.start_logging("fanfare=info,fanfare_dispatch=debug,info").await
    }

    /// Without debug lines in the log.
    pub async fn start_quietly(&self) -> Daemon {
        self.start_logging("warn").await
    }

    /// With more environment variables.
    pub async fn start_with(&self, environment: &[(&str, PathBuf)]) -> Daemon {
        self.spawn("warn", environment).await
    }

    /// With its configuration elsewhere in the folder.
    pub async fn start_at(&self, config: &str) -> Daemon {
        self.spawn_at(config, "fanfare=info,info", &[]).await
    }

    async fn start_logging(&self, filter: &str) -> Daemon {
        self.spawn(filter, &[]).await
    }

    async fn spawn(&self, filter: &str, environment: &[(&str, PathBuf)]) -> Daemon {
        self.spawn_at("config.toml", filter, environment).await
    }

    async fn spawn_at(&self, config: &str, filter: &str, environment: &[(&str, PathBuf)]) -> Daemon {
        let started = self.try_start_at(config, filter, environment).await;
        started.unwrap_or_else(|| panic!("it did not start:\n{}", self.log()))
    }

    /// `None` if it ended before it listened.
    pub async fn try_start(&self, filter: &str, environment: &[(&str, PathBuf)]) -> Option<Daemon> {
        self.try_start_at("config.toml", filter, environment).await
    }

    async fn try_start_at(&self, config: &str, filter: &str, environment: &[(&str, PathBuf)]) -> Option<Daemon> {
        let mut command = fanfare();
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.arg("serve").arg("--json").arg("--config").arg(self.path(config));
        command.env("RUST_LOG", filter).stdout(Stdio::piped());
        // Kept for the investigation of failed tests.
        let log = fs::File::options().create(true).append(true).open(self.path("daemon.log")).unwrap();
        let mut child = command.stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it starts in time").unwrap();
        let Some(line) = line else {
            child.wait().await.unwrap(); // its output is complete now
            return None;
        };
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        Some(Daemon { child, api: Api::new(said["listening"].as_str().unwrap().to_owned()) })
    }

    /// What the daemons in this folder have logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("daemon.log")).unwrap_or_default()
    }
}

impl Daemon {
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// `kill -9`, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Whether it ends within this time.
    pub async fn ends_within(&mut self, patience: std::time::Duration) -> bool {
        tokio::time::timeout(patience, self.child.wait()).await.is_ok()
    }

    /// SIGTERM, and waits for the orderly end.
    pub async fn stop(mut self) -> std::process::ExitStatus {
        let status = Command::new("kill").arg("-TERM").arg(self.pid().to_string()).status().await.unwrap();
        assert!(status.success());
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it stops in time").unwrap()
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

/// All tests share compiled code: they test the daemon, and not Cranelift.
pub fn shared_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile-cache")
}
