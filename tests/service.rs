//! Notifications to systemd, and its signals. A socket stands in for it.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{net::UnixDatagram, process::Child};

use crate::support::{
    PATIENCE,
    client::Api,
    daemon::{Home, fanfare},
    receiver::Receiver,
    webhook,
};

/// The service manager's end of `NOTIFY_SOCKET`, and a daemon that uses it.
struct Service {
    socket: UnixDatagram,
    daemon: Child,
}

impl Service {
    fn start(home: &Home, more: &[(&str, PathBuf)]) -> Self {
        let path = home.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let log = fs::File::create(home.path("daemon.log")).unwrap();
        let mut command = fanfare();
        command.args(["serve", "--config"]).arg(home.path("config.toml")).env("NOTIFY_SOCKET", path);
        command.envs(more.iter().map(|(name, value)| (name, value)));
        let daemon = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Self { socket, daemon }
    }

    /// Waits for a notification with this line.
    async fn hears(&self, line: &str) -> String {
        let mut buffer = [0; 4096];
        loop {
            let told = tokio::time::timeout(PATIENCE, self.socket.recv(&mut buffer)).await;
            let told = told.unwrap_or_else(|_| panic!("never told: {line}")).unwrap();
            let told = String::from_utf8_lossy(&buffer[..told]).into_owned();
            if told.lines().any(|have| have == line || (line.ends_with('=') && have.starts_with(line))) {
                return told;
            }
        }
    }

    fn send(&self, signal: Signal) {
        let pid = Pid::from_raw(self.daemon.id().unwrap().cast_signed()).unwrap();
        kill_process(pid, signal).unwrap();
    }
}

#[tokio::test]
async fn the_service_manager_is_notified_of_start_reload_stop_and_progress() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n");
    let mut service = Service::start(&home, &[("WATCHDOG_USEC", "200000".into())]);
    service.hears("EXTEND_TIMEOUT_USEC=60000000").await;
    let ready = service.hears("READY=1").await;
    let url = ready.lines().find_map(|line| line.strip_prefix("STATUS=Accepting events at ")).unwrap().to_owned();
    let api = Api::new(url);
    // A daemon that is ready accepts events.
    api.publish(r#"{"type":"t"}"#).await.expect(200);
    for _ in 0..3 {
        service.hears("WATCHDOG=1").await;
    }

    home.configure("[channels.log]\nplugin = \"builtin:log\"\n[channels.more]\nplugin = \"builtin:log\"\n");
    service.send(Signal::HUP);
    let told = service.hears("RELOADING=1").await;
    assert!(told.contains("MONOTONIC_USEC="), "{told}");
    service.hears("READY=1").await;
    assert_eq!(api.get("/v1/channels/more").await.expect(200).json()["state"], "active");

    service.send(Signal::TERM);
    service.hears("STOPPING=1").await;
    assert!(tokio::time::timeout(PATIENCE, service.daemon.wait()).await.unwrap().unwrap().success());
}

#[tokio::test]
async fn a_stopped_daemon_sends_no_watchdog_notification() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n");
    let service = Service::start(&home, &[("WATCHDOG_USEC", "400000".into())]);
    service.hears("WATCHDOG=1").await;
    // A stopped process sends no watchdog notifications.
    service.send(Signal::STOP);
    let mut buffer = [0; 4096];
    while tokio::time::timeout(Duration::from_secs(1), service.socket.recv(&mut buffer)).await.is_ok() {}
    service.send(Signal::CONT);
    service.hears("WATCHDOG=1").await;
}

#[tokio::test]
async fn a_credential_that_systemd_loads_is_used_and_shown_nowhere() {
    let receiver = Receiver::start().await;
    let secret = "credential-4711";
    let channel = webhook("hook", &receiver, "").replace(
        "settings = {",
        &format!(
            "secrets = {{ token = {{ from = \"credential:hook-token\", hosts = [\"{}\"] }} }}\nsettings = {{ headers = \
             {{ authorization = \"Bearer ${{secrets.token}}\" }}, ",
            receiver.address
        ),
    );
    let home = Home::new(&channel);
    fs::create_dir(home.path("credentials")).unwrap();
    fs::write(home.path("credentials/hook-token"), format!("{secret}\n")).unwrap();
    fs::set_permissions(home.path("credentials/hook-token"), fs::Permissions::from_mode(0o400)).unwrap();
    let daemon = home.start_with(&[("CREDENTIALS_DIRECTORY", home.path("credentials"))]).await;
    let result = daemon.api.publish(r#"{"type":"t"}"#).await.expect(200).json();
    assert_eq!(result["channels"]["hook"]["status"], "success", "{result:#}");
    assert_eq!(receiver.received()[0].header("authorization"), format!("Bearer {secret}"));
    let shown = daemon.api.get("/v1/channels/hook").await.expect(200).text();
    assert!(!shown.contains(secret) && !home.log().contains(secret), "{shown}");
}

#[tokio::test]
async fn init_writes_a_unit_for_the_folder_and_keeps_its_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let init = async |more: &[&str]| {
        let output = fanfare().args(["init", "--json"]).args(more).arg(dir.path()).output().await.unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(init(&[]).await.0, 0);
    let config = fs::read_to_string(dir.path().join("config.toml")).unwrap() + "# mine\n";
    fs::write(dir.path().join("config.toml"), &config).unwrap();
    assert_eq!(init(&["--systemd"]).await.0, 0);
    assert_eq!(fs::read_to_string(dir.path().join("config.toml")).unwrap(), config);
    let real = dir.path().canonicalize().unwrap();
    let unit = fs::read_to_string(dir.path().join("fanfare.service")).unwrap();
    let data = format!("ReadWritePaths={}", real.join("data").display());
    assert!(unit.lines().any(|line| line == data) && real.join("data").is_dir(), "{unit}");
    let (code, said) = init(&["--systemd"]).await;
    assert_eq!((code, said.contains("fanfare.service already exists")), (1, true), "{said}");
    // If systemd is installed, it verifies the unit.
    if let Ok(verified) = std::process::Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(dir.path().join("fanfare.service"))
        .output()
    {
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    }
}
