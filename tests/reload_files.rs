//! Files that are incomplete, missing, moved or swapped while the daemon watches them: no event is lost.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use hyper::Method;
use serde_json::Value;

use crate::{
    reload::{Load, another, channel, digest, last_errors, reload_error},
    support::{
        SAMPLE,
        daemon::{Daemon, Home, fanfare},
        hostile, until,
    },
};

/// A channel without a plugin, so nothing is compiled, and its events stay pending.
fn waiting(name: &str) -> String {
    format!("[channels.{name}]\nplugin = \"nowhere\"\n")
}

/// The channels that an event published now goes to.
async fn targets(daemon: &Daemon) -> Vec<String> {
    let result = daemon.api.publish_async(SAMPLE).await.json();
    result["channels"].as_object().unwrap_or_else(|| panic!("{result:#}")).keys().cloned().collect()
}

/// The name of a channel that the journal may have no room for.
const LARGE: &str = "one-too-many";

/// A daemon whose disk has no room for that name while this file exists.
async fn start_short_of_room(home: &Home) -> Daemon {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let library = BUILT.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/preload/room.c");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("room-{}.so", std::process::id()));
        // The C compiler that SQLite was built with.
        let mut compiler = std::process::Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&library).arg(&source).arg("-ldl");
        assert!(compiler.status().unwrap().success(), "{} cannot be compiled", source.display());
        library
    });
    home.start_with(&[("LD_PRELOAD", library.clone()), ("FANFARE_NO_ROOM_FOR", home.path("fault"))]).await
}

#[track_caller]
fn refused_for_now(answer: &crate::support::client::Answer) {
    assert_eq!(answer.status.as_u16(), 503, "{}", answer.text());
    assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_start_on_a_full_disk_rejects_events_until_the_channels_are_registered() {
    let home = Home::new(&waiting("one"));
    let daemon = start_short_of_room(&home).await;
    assert_eq!(targets(&daemon).await, ["one"]);
    assert!(daemon.stop().await.success());

    // The disk has room for everything but another channel's name.
    home.configure(&format!("{}{}", waiting("one"), waiting(LARGE)));
    fs::write(home.path("fault"), LARGE).unwrap();
    let daemon = start_short_of_room(&home).await;
    let ready = daemon.api.get("/readyz").await.expect(503).json();
    assert_eq!((&ready["status"], &ready["table"]["status"]), (&"unavailable".into(), &"missing".into()), "{ready:#}");
    assert!(ready["table"]["error"].as_str().unwrap().contains("could not be registered"), "{ready:#}");
    let answer = daemon.api.publish_async(SAMPLE).await;
    refused_for_now(&answer);
    assert_eq!(answer.json()["type"], "urn:fanfare:problem:channels-unavailable");

    // Without a change to any file.
    fs::remove_file(home.path("fault")).unwrap();
    until("it to be ready", || async { (daemon.api.get("/readyz").await.status == 200).then_some(()) }).await;
    assert_eq!(targets(&daemon).await, ["one", LARGE]);
}

#[tokio::test]
async fn a_reload_that_cannot_be_registered_is_retried() {
    let home = Home::new(&waiting("one"));
    let daemon = start_short_of_room(&home).await;
    fs::write(home.path("fault"), LARGE).unwrap();
    home.configure(&format!("{}\n[channels.{LARGE}]\nplugin = \"builtin:log\"\n", waiting("one")));
    reload_error(&daemon, "could not be registered").await;
    let ready = daemon.api.get("/readyz").await.json();
    assert_eq!(ready["table"]["status"], "behind", "{ready:#}");
    assert_eq!(targets(&daemon).await, ["one"], "the previous channels keep running");
    // Without a change to any file.
    fs::remove_file(home.path("fault")).unwrap();
    until("the new channel", || async { (targets(&daemon).await.len() == 2).then_some(()) }).await;
    let ready = daemon.api.get("/readyz").await.expect(200).json();
    assert_eq!(ready["table"]["status"], "ok", "{ready:#}");
}

#[tokio::test]
async fn a_start_with_an_unreadable_plugins_folder_rejects_events() {
    let home = Home::new("");
    fs::remove_dir(home.path("plugins")).unwrap();
    fs::write(home.path("plugins"), "a file").unwrap();
    let daemon = home.start().await;
    refused_for_now(&daemon.api.publish_async(SAMPLE).await);
    let ready = daemon.api.get("/readyz").await.expect(503).json();
    assert!(ready["table"]["error"].as_str().unwrap().contains("cannot be listed"), "{ready:#}");

    fs::remove_file(home.path("plugins")).unwrap();
    fs::create_dir(home.path("plugins")).unwrap();
    home.install("smallest", fanfare_artifacts::smallest());
    until("it to be ready", || async { (daemon.api.get("/readyz").await.status == 200).then_some(()) }).await;
    assert_eq!(targets(&daemon).await, ["smallest"]);
}

#[tokio::test]
async fn a_start_without_the_folder_of_a_known_channel_rejects_events() {
    let home = Home::new("");
    fs::remove_dir(home.path("plugins")).unwrap();
    let daemon = home.start().await;
    assert!(home.path("plugins").is_dir(), "the first start creates it");
    home.install("smallest", fanfare_artifacts::smallest());
    until("the channel", || async { channel(&daemon, "smallest").await }).await;
    assert_eq!(targets(&daemon).await, ["smallest"]);
    assert!(daemon.stop().await.success());

    fs::rename(home.path("plugins"), home.path("elsewhere")).unwrap();
    let daemon = home.start().await;
    refused_for_now(&daemon.api.publish_async(SAMPLE).await);
    assert!(!home.path("plugins").exists());
    fs::rename(home.path("elsewhere"), home.path("plugins")).unwrap();
    until("it to be ready", || async { (daemon.api.get("/readyz").await.status == 200).then_some(()) }).await;
    assert_eq!(targets(&daemon).await, ["smallest"]);
}

#[tokio::test]
async fn an_empty_configuration_is_a_mistake_and_removes_no_channel() {
    let whole = hostile("steady", "echo", "", "");
    let home = Home::new(&whole);
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    let load = Load::start(&daemon.api);
    load.flow(10).await;
    for text in ["", "# Nothing but a comment.\n"] {
        fs::write(home.path("config.toml"), text).unwrap();
        reload_error(&daemon, "is empty").await;
        load.flow(10).await;
        // The channels keep running, whatever else changes.
        let before = digest(&daemon, "steady").await;
        home.install("hostile", &another(fanfare_artifacts::hostile(), text.len() as u8));
        until("the new version", || async { (digest(&daemon, "steady").await != before).then_some(()) }).await;
        load.flow(10).await;
        home.configure(&whole);
        until("the error to go", || async { last_errors(&daemon).await.is_empty().then_some(()) }).await;
    }
    load.finish().await;
}

#[tokio::test]
async fn a_start_with_an_empty_configuration_says_what_to_do() {
    let home = Home::new("");
    fs::write(home.path("config.toml"), "").unwrap();
    let output = fanfare().args(["serve", "--config"]).arg(home.path("config.toml")).output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("config.toml") && said.contains("is empty") && said.contains("fanfare init"), "{said}");
}

#[tokio::test]
async fn removing_every_channel_has_to_be_explicit() {
    let home = Home::new(&format!("{}{}", waiting("one"), waiting("two")));
    let daemon = home.start().await;
    home.configure("");
    let error = reload_error(&daemon, "channels = {}").await;
    assert!(error.contains("one, two") && error.contains("config.toml"), "{error}");
    assert_eq!(targets(&daemon).await, ["one", "two"]);
    let all = Home::configuration("");
    fs::write(home.path("config.toml"), format!("channels = {{}}\n{all}")).unwrap();
    until("the channels to go", || async { targets(&daemon).await.is_empty().then_some(()) }).await;
    assert!(last_errors(&daemon).await.is_empty());
}

#[tokio::test]
async fn one_channel_of_several_can_be_removed() {
    let home = Home::new(&format!("{}{}", waiting("one"), waiting("two")));
    let daemon = home.start().await;
    home.configure(&waiting("two"));
    until("the channel to go", || async { (targets(&daemon).await == ["two"]).then_some(()) }).await;
}

/// A daemon whose channel's plugin is in the folder, and a new version of it after `moved` was run.
async fn follows_after(moved: impl AsyncFn(&Home, &Daemon)) {
    let home = Home::new(&hostile("steady", "echo", "", ""));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    let before = digest(&daemon, "steady").await;
    moved(&home, &daemon).await;
    home.install("hostile", &another(fanfare_artifacts::hostile(), 1));
    until("the new version", || async {
        channel(&daemon, "steady").await.filter(|channel| channel["state"] == "active" && channel["digest"] != before)
    })
    .await;
    until("no error", || async { last_errors(&daemon).await.is_empty().then_some(()) }).await;
    let ready = daemon.api.get("/readyz").await.expect(200).json();
    assert_eq!(ready["unwatched"], Value::Null, "{ready:#}");
}

#[tokio::test]
async fn a_plugins_folder_that_is_moved_away_and_back_is_still_watched() {
    follows_after(async |home: &Home, daemon: &Daemon| {
        fs::rename(home.path("plugins"), home.path("away")).unwrap();
        reload_error(daemon, "does not exist").await;
        let result = daemon.api.publish(SAMPLE).await.json();
        assert_eq!(result["overall_status"], "success", "the loaded plugin keeps running: {result:#}");

        // A manual reload does not create a folder either.
        let answer = daemon.api.send(Method::POST, "/v1/reload", &[], "").await.expect(422);
        assert!(answer.text().contains("does not exist"), "{}", answer.text());
        assert!(!home.path("plugins").exists());
        fs::rename(home.path("away"), home.path("plugins")).unwrap();
        until("the error to go", || async { last_errors(daemon).await.is_empty().then_some(()) }).await;
    })
    .await;
}

#[tokio::test]
async fn a_plugins_folder_that_is_deleted_and_created_again_is_still_watched() {
    follows_after(async |home: &Home, daemon: &Daemon| {
        fs::remove_dir_all(home.path("plugins")).unwrap();
        reload_error(daemon, "does not exist").await;
        fs::create_dir(home.path("plugins")).unwrap();
        until("the plugin to be missed", || async {
            channel(daemon, "steady").await.filter(|channel| channel["state"] == "missing")
        })
        .await;
    })
    .await;
}

/// A release in the layout of deploy tools: configuration and plugins in one folder.
fn release(home: &Home, name: &str, channels: &str) {
    fs::create_dir_all(home.path(name).join("plugins")).unwrap();
    let text = Home::configuration(channels).replace("[plugins]", &journal_at(&home.path("journal.db")));
    fs::write(home.path(name).join("config.toml"), text).unwrap();
}

fn journal_at(path: &Path) -> String {
    format!("[journal]\npath = {path:?}\n\n[plugins]")
}

#[tokio::test]
async fn a_changed_link_to_the_current_release_is_noticed() {
    let home = Home::new("");
    release(&home, "v1", &waiting("one"));
    release(&home, "v2", &format!("{}{}", waiting("one"), "[channels.two]\nplugin = \"builtin:log\"\n"));
    symlink("v1", home.path("current")).unwrap();
    let daemon = home.start_at("current/config.toml").await;
    assert_eq!(targets(&daemon).await, ["one"]);
    symlink("v2", home.path("next")).unwrap();
    fs::rename(home.path("next"), home.path("current")).unwrap();
    until("the new release", || async { channel(&daemon, "two").await }).await;

    // In the new folder too.
    release(&home, "v2", &format!("{}{}", waiting("one"), "[channels.three]\nplugin = \"builtin:log\"\n"));
    until("the new release", || async { channel(&daemon, "three").await }).await;
}

#[tokio::test]
async fn a_swapped_configuration_folder_is_still_watched() {
    let home = Home::new("");
    release(&home, "conf", &waiting("one"));
    release(&home, "next", &format!("{}{}", waiting("one"), "[channels.two]\nplugin = \"builtin:log\"\n"));
    let daemon = home.start_at("conf/config.toml").await;
    fs::rename(home.path("conf"), home.path("before")).unwrap();
    fs::rename(home.path("next"), home.path("conf")).unwrap();
    until("the new configuration", || async { channel(&daemon, "two").await }).await;
}

#[tokio::test]
async fn a_change_without_a_notification_is_found_by_comparing() {
    let home = Home::new(&hostile("steady", "echo", "", ""));
    // The folder is watched, but not the folders in it.
    fs::create_dir(home.path("plugins/versions")).unwrap();
    fs::write(home.path("plugins/versions/1.bin"), fanfare_artifacts::hostile()).unwrap();
    symlink("versions/1.bin", home.path("plugins/hostile.wasm")).unwrap();
    let daemon = home.start().await;
    let before = digest(&daemon, "steady").await;
    fs::write(home.path("plugins/versions/1.bin"), another(fanfare_artifacts::hostile(), 1)).unwrap();
    until("the new version", || async { (digest(&daemon, "steady").await != before).then_some(()) }).await;
}

#[tokio::test]
async fn a_plugin_that_is_moved_away_and_back_removes_no_channel() {
    let home = Home::new("");
    home.install("smallest", fanfare_artifacts::smallest());
    let daemon = home.start().await;
    fs::rename(home.path("plugins/smallest.wasm"), home.path("away")).unwrap();
    // It comes back during a reload, which looks again before it trusts that the file is gone.
    let (reload, ()) = tokio::join!(daemon.api.send(Method::POST, "/v1/reload", &[], ""), async {
        fs::rename(home.path("away"), home.path("plugins/smallest.wasm")).unwrap();
    });
    assert_eq!(reload.status.as_u16(), 200, "{}", reload.text());
    assert_eq!(reload.json()["changes"].as_array().unwrap().len(), 0, "{}", reload.text());
    assert_eq!(targets(&daemon).await, ["smallest"]);
    fs::remove_file(home.path("plugins/smallest.wasm")).unwrap();
    until("the channel to go", || async { targets(&daemon).await.is_empty().then_some(()) }).await;
}

#[tokio::test]
async fn a_rejected_reload_is_repeated_once_a_file_that_it_names_is_there() {
    let log = "[channels.log]\nplugin = \"builtin:log\"\n";
    let home = Home::new(log);
    fs::create_dir(home.path("credentials")).unwrap();
    let daemon = home.start_with(&[("CREDENTIALS_DIRECTORY", home.path("credentials"))]).await;
    let secret = |from: &str| format!("secrets = {{ key = {{ from = \"{from}\", hosts = [\"a.example\"] }} }}\n");
    let cases = [
        ("a", secret("file:key"), "key", "s3cr3t"),
        ("b", secret("credential:key"), "credentials/key", "s3cr3t"),
        ("c", "[schemas.\"x.y\"]\nfile = \"x.json\"\n".to_owned(), "x.json", "{}"),
        ("d", "[templates.t]\nfile = \"t.{locale}.txt\"\n".to_owned(), "t.txt", "Hello"),
        ("e", "[recipients]\nfile = \"who.toml\"\n".to_owned(), "who.toml", "[ann]\nemail = \"a@a.example\"\n"),
    ];
    for (name, names, file, content) in cases {
        home.configure(&format!("{log}[channels.{name}]\nplugin = \"builtin:log\"\n{names}"));
        daemon.api.post("/v1/reload", "").await.expect(422);
        assert!(channel(&daemon, name).await.is_none());
        // Written in place: nobody calls the daemon, and the configuration stays as it is.
        fs::write(home.path(file), content).unwrap();
        until(name, || async { channel(&daemon, name).await.map(drop) }).await;
    }
}
