//! `fanfare top`, with and without a terminal.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    os::fd::OwnedFd,
    process::Stdio,
    sync::{Arc, Mutex},
};

use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};
use serde_json::Value;
use tokio::process::Child;

use crate::support::{
    daemon::{Home, fanfare},
    until,
};

/// A terminal that runs a program.
struct Pty {
    keys: File,
    terminal: OwnedFd,
    shown: Arc<Mutex<String>>,
    program: Child,
}

impl Pty {
    fn start(url: &str) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let terminal = rustix::fs::open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        tcsetwinsize(&terminal, Winsize { ws_row: 24, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let mut command = fanfare();
        command.args(["top", "--interval", "100ms"]).env("FANFARE_URL", url).env("NO_COLOR", "1").env("TERM", "xterm");
        let stdio = || Stdio::from(terminal.try_clone().unwrap());
        let program = command.stdin(stdio()).stdout(stdio()).stderr(stdio()).spawn().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let mut output = File::from(master.try_clone().unwrap());
        let collected = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                collected.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
        });
        Self { keys: File::from(master), terminal, shown, program }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until a text is shown, and discards everything before it.
    async fn sees(&self, text: &str) {
        until(text, || async {
            let mut shown = self.shown.lock().unwrap();
            let at = shown.find(text)?;
            drop(shown.drain(..at + text.len()));
            Some(())
        })
        .await;
    }

    fn is_raw(&self) -> bool {
        !tcgetattr(&self.terminal).unwrap().local_modes.contains(LocalModes::ECHO)
    }
}

#[tokio::test]
async fn channels_are_watched_paused_and_resumed_and_a_lost_daemon_is_found_again() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n");
    let daemon = home.start_quietly().await;
    let url = daemon.api.base.clone();
    let mut top = Pty::start(&url);
    top.sees("log").await;
    top.sees("active").await;
    assert!(top.is_raw());
    top.press("p");
    top.sees("pause log?").await;
    top.press("y");
    top.sees("log: done").await;
    top.sees("paused").await;
    let channel = daemon.api.get("/v1/channels/log").await.expect(200).json();
    assert_eq!(channel["hold"]["reason"], "fanfare top", "{channel:#}");
    daemon.api.publish_async(r#"{"type":"t"}"#).await.expect(202);
    top.sees("1 pending").await;
    top.press("ry");
    top.sees("log: done").await;
    top.sees("active").await;

    let address = url.strip_prefix("http://").unwrap().to_owned();
    assert!(daemon.stop().await.success());
    top.sees("not reachable since").await;
    let config = std::fs::read_to_string(home.path("config.toml")).unwrap().replace("127.0.0.1:0", &address);
    std::fs::write(home.path("config.toml"), config).unwrap();
    let daemon = home.start_quietly().await;
    top.sees("1 delivered").await;

    top.press("q");
    top.sees("\u{1b}[?1049l").await;
    let status = tokio::time::timeout(crate::support::PATIENCE, top.program.wait()).await.unwrap().unwrap();
    assert!(status.success());
    assert!(!top.is_raw(), "the terminal is as it was");
    drop(daemon);
}

#[tokio::test]
async fn a_signal_gives_the_terminal_back() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n");
    let daemon = home.start_quietly().await;
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let mut top = Pty::start(&daemon.api.base);
        top.sees("active").await;
        let id = rustix::process::Pid::from_raw(top.program.id().unwrap().cast_signed()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
        top.sees("\u{1b}[?1049l").await;
        assert!(top.program.wait().await.unwrap().success());
        assert!(!top.is_raw());
    }
}

#[tokio::test]
async fn out_of_a_terminal_it_prints_one_table() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n[channels.other]\nplugin = \"builtin:log\"\n");
    let daemon = home.start_quietly().await;
    daemon.api.publish(r#"{"type":"t"}"#).await.expect(200);
    let run = async |more: &[&str]| {
        let mut command = fanfare();
        command.args(["top", "--interval", "100ms"]).args(more).env("FANFARE_URL", &daemon.api.base);
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = run(&[]).await;
    assert!(shown.contains("1 event (0/s), 2 delivered (0/s)") && shown.contains("\nother "), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    assert!(!run(&["--filter", "log"]).await.contains("\nother "));
    let said: Value = serde_json::from_str(&run(&["--json"]).await).unwrap();
    assert_eq!((&said["totals"]["accepted"], said["channels"].as_array().unwrap().len()), (&1.into(), 2), "{said:#}");
    assert_eq!(said["channels"][0]["channel"], "log");
}
