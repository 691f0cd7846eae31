//! `fanfare channel add`: shipped channels work without a compiler, and the rest of the configuration is unchanged.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    SAMPLE,
    daemon::{Home, fanfare, shared_cache},
    until,
};

const PLUGINS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins");

/// Each shipped plugin, the settings that it needs, and the keys that are reported as missing without them.
const SHIPPED: [(&str, &[&str], &[&str]); 14] = [
    ("atom", &[], &[]),
    ("audit", &[], &[]),
    ("discord", &["DISCORD_WEBHOOK_URL=env:SECRET"], &["secrets.DISCORD_WEBHOOK_URL"]),
    (
        "enrich",
        &["file=/enrich/customers.json", "key=data.customer_id", "into=data.customer"],
        &["settings.file", "settings.into", "settings.key", "grant.files"],
    ),
    (
        "influxdb",
        &["url=https://influx.example.com", "org=o", "bucket=b", "token=env:SECRET"],
        &["settings.bucket", "settings.org", "settings.url", "secrets.token", "grant.http"],
    ),
    ("log", &[], &[]),
    ("maildir", &[], &[]),
    (
        "matrix",
        &["homeserver=https://matrix.example.com", "room=!r:example.com", "token=env:SECRET"],
        &["settings.homeserver", "settings.room", "secrets.token", "grant.http"],
    ),
    ("metrics", &[], &[]),
    ("ntfy", &["topic=ops"], &["settings.topic"]),
    ("pagerduty", &["routing_key=env:SECRET"], &["secrets.routing_key"]),
    ("redact", &["paths=[\"data.email\"]"], &["settings.paths"]),
    ("slack", &["url=env:SECRET"], &["secrets.url"]),
    ("webhook", &["url=https://example.com/hook"], &["settings.url", "grant.http"]),
];

/// A folder as `fanfare init` creates it, with the compiled code of the tests.
struct Fresh(TempDir);

impl Fresh {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let made = fanfare().arg("init").arg(dir.path()).output().await.unwrap();
        assert!(made.status.success(), "{made:?}");
        fs::create_dir(dir.path().join("data")).unwrap();
        fs::create_dir_all(shared_cache()).unwrap();
        fs::set_permissions(shared_cache(), fs::Permissions::from_mode(0o700)).unwrap();
        symlink(shared_cache(), dir.path().join("data/cache")).unwrap();
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn config(&self) -> String {
        fs::read_to_string(self.path("config.toml")).unwrap()
    }

    async fn run(&self, channels: &Path, arguments: &[&str]) -> (i32, String, String) {
        let mut command = fanfare();
        command.args(arguments).current_dir(self.0.path()).env("FANFARE_CHANNELS", channels).env("SECRET", "s3cret");
        let output = command.output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }
}

/// The `channels` folder of a release: the shipped sidecars, with plugins of the same kinds that need no tools of other
/// languages. `tests/languages` adds the real ones.
pub fn release(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    for name in ["atom", "discord", "influxdb", "maildir", "matrix", "ntfy", "pagerduty", "redact", "slack"] {
        let sidecar = fs::read_to_string(Path::new(PLUGINS).join(name).join(format!("{name}.toml"))).unwrap();
        // Only the real plugin could pass the self-tests.
        let sidecar = sidecar.split("\n[[tests]]").next().unwrap();
        fs::write(dir.join(format!("{name}.toml")), sidecar).unwrap();
        let wasm = if name == "redact" { fanfare_artifacts::hostile_stage() } else { fanfare_artifacts::smallest() };
        fs::write(dir.join(format!("{name}.wasm")), wasm).unwrap();
    }
}

fn released() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    release(dir.path());
    dir
}

#[tokio::test]
async fn every_shipped_plugin_is_added_and_valid() {
    let release = released();
    let mut there: Vec<_> = fs::read_dir(PLUGINS).unwrap().map(|entry| entry.unwrap()).collect();
    there.retain(|entry| entry.path().join(entry.file_name()).with_extension("toml").exists());
    assert_eq!(there.len(), SHIPPED.len(), "each plugin that ships is in the table");
    for (name, set, left) in SHIPPED {
        let home = Fresh::new().await;
        let mut add = vec!["channel", "add", name, "--as", "added"];
        add.extend(set.iter().flat_map(|pair| ["--set", pair]));
        let (code, out, err) = home.run(release.path(), &add).await;
        // A folder that is only read must exist.
        let reads = out.contains("grant.files: the folder data/added");
        assert_eq!((code, out.contains("Left to fill in"), reads), (0, reads, name == "enrich"), "{name}: {out}{err}");
        fs::create_dir(home.path("data/added")).unwrap();
        let (code, out, err) = home.run(release.path(), &["check"]).await;
        assert_eq!(code, 0, "{name}: {out}{err}\n{}", home.config());

        // Without settings, the missing ones are reported, and `check` reports the same ones.
        let home = Fresh::new().await;
        let (code, out, err) = home.run(release.path(), &["channel", "add", name, "--as", "added", "--json"]).await;
        assert_eq!(code, 0, "{name}: {err}");
        let said: Value = serde_json::from_str(&out).unwrap();
        let said: Vec<_> = said["left"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let keys: Vec<_> = said.iter().map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!(keys, left, "{name}: {said:?}");
        let (code, out, err) = home.run(release.path(), &["check"]).await;
        assert_eq!(code == 0, left.is_empty(), "{name}: {out}{err}");
        for key in left.iter().filter(|key| !key.starts_with("grant.")) {
            let setting = key.split_once('.').unwrap().1;
            assert!(
                out.contains(&format!(".added.settings.{setting}: is missing")) || err.contains(setting),
                "{name} {key}: {out}{err}"
            );
        }
    }
}

#[tokio::test]
async fn what_can_be_added_is_listed_with_what_it_does() {
    let (release, home) = (released(), Fresh::new().await);
    let (code, out, _) = home.run(release.path(), &["channel", "add", "--list"]).await;
    assert_eq!((code, out.lines().count()), (0, 1 + SHIPPED.len()), "{out}");
    for line in ["slack      channel  ships as a file  posts each event to a Slack channel", "redact     stage "] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    let (_, out, _) = home.run(release.path(), &["channel", "add", "--list", "--json"]).await;
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(said["plugins"].as_array().unwrap().len(), SHIPPED.len());
}

#[tokio::test]
async fn the_rest_of_the_file_stays_as_it_is() {
    let (release, home) = (released(), Fresh::new().await);
    // An unusual file of a user: no final newline, its own mode, and behind a link.
    let odd = "# Grüße\r\n[channels]\r\n\r\n  [channels.a]\r\n\tplugin = 'builtin:log'   # kept";
    fs::write(home.path("real.toml"), odd).unwrap();
    fs::set_permissions(home.path("real.toml"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_file(home.path("config.toml")).unwrap();
    symlink("real.toml", home.path("config.toml")).unwrap();
    let (code, out, err) = home.run(release.path(), &["channel", "add", "ntfy", "--set", "topic=x"]).await;
    assert_eq!(code, 0, "{out}{err}");
    assert!(home.config().starts_with(&format!("{odd}\n\n# ntfy: ")), "{}", home.config());
    assert_eq!(fs::metadata(home.path("real.toml")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(home.path("config.toml")).unwrap().is_symlink());
    assert_eq!(fs::read(home.path("plugins/ntfy.wasm")).unwrap(), fanfare_artifacts::smallest());

    // Added again under another name, the plugin's file is there already.
    let before = home.config();
    let (code, out, _) =
        home.run(release.path(), &["channel", "add", "mine", "--plugin", "ntfy", "--set", "topic=y"]).await;
    assert_eq!((code, out.contains("Copied")), (0, false), "{out}");
    assert!(home.config().starts_with(&format!("{before}\n# mine: ")), "{}", home.config());
    // `--print` and refusals change nothing.
    let before = home.config();
    let (code, out, _) = home.run(release.path(), &["channel", "add", "slack", "--print"]).await;
    assert_eq!((code, out.starts_with("# slack: ")), (0, true), "{out}");
    let (code, _, err) = home.run(release.path(), &["channel", "add", "ntfy"]).await;
    assert_eq!((code, err.contains("a channel `ntfy` already")), (2, true), "{err}");
    assert_eq!((home.config(), home.path("plugins/slack.wasm").exists()), (before, false));

    // An inline table cannot be extended at the end of the file.
    let inline = "channels = { log = { plugin = \"builtin:log\" } }\n";
    fs::write(home.path("real.toml"), inline).unwrap();
    let (code, _, err) = home.run(release.path(), &["channel", "add", "slack"]).await;
    assert_eq!((code, err.contains("cannot take a table at its end")), (1, true), "{err}");
    assert_eq!((home.config(), home.path("plugins/slack.wasm").exists()), (inline.to_owned(), false));
    let left: Vec<_> = fs::read_dir(home.path("plugins")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing is left of what was refused: {left:?}");
}

#[tokio::test]
async fn a_running_daemon_applies_what_is_added() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n");
    let daemon = home.start().await;
    let config = home.path("config.toml");
    let mut add = fanfare();
    add.args(["channel", "add", "audit", "--config"]).arg(&config);
    assert!(add.output().await.unwrap().status.success());
    until("the channel", || async {
        let answer = daemon.api.get("/v1/channels/audit").await;
        (answer.status == 200 && answer.json()["state"] == "active").then_some(())
    })
    .await;
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    assert_eq!(result["channels"]["audit"]["status"], "success", "{result:#}");
}
