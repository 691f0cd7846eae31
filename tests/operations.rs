//! What an operator may face: a second daemon, damage, a restored backup, a removed channel, a delivery that cannot
//! succeed.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Stdio};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::support::{
    PATIENCE,
    client::Api,
    daemon::{Home, fanfare},
    receiver::{Answering, Receiver},
    until, webhook,
};

/// Runs a command; returns its exit code and its output.
async fn run(api: Option<&Api>, arguments: &[&str]) -> (i32, String, String) {
    let mut command = fanfare();
    command.args(arguments);
    if let Some(api) = api {
        command.env("FANFARE_URL", &api.base);
    }
    let output = command.output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

async fn doctor(home: &Home, more: &[&str]) -> (i32, Value) {
    let config = home.path("config.toml");
    let mut arguments = vec!["--json", "doctor", "--config", config.to_str().unwrap()];
    arguments.extend(more);
    let (code, out, err) = run(None, &arguments).await;
    (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{err}")))
}

/// Publishes this many events: `e1` and so on.
async fn publish(api: &Api, count: usize) {
    for n in 1..=count {
        api.publish(format!(r#"{{"type":"t","id":"e{n}"}}"#)).await.expect(200);
    }
}

const LOG: &str = "[channels.log]\nplugin = \"builtin:log\"\n";

/// Starts a daemon from a shell that has run `first`, and waits until it listens.
async fn start_after(first: &str, home: &Home) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{first} && exec \"$0\" serve --json --config \"$1\""), env!("CARGO_BIN_EXE_fanfare")]);
    shell.arg(home.path("config.toml")).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut daemon = shell.spawn().unwrap();
    let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it starts in time").unwrap().unwrap();
    assert!(line.contains("listening"), "{line}");
    daemon
}

#[tokio::test]
async fn a_new_journal_is_for_its_user_alone() {
    let home = Home::new(LOG);
    let _daemon = start_after("umask 000", &home).await;
    let files: Vec<_> = fs::read_dir(home.path("data")).unwrap().map(|entry| entry.unwrap()).collect();
    let modes = files.iter().filter(|file| file.file_type().unwrap().is_file()).map(|file| {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        (file.file_name().into_string().unwrap(), format!("{mode:o}"))
    });
    let modes: BTreeMap<_, _> = modes.collect();
    assert!(modes.contains_key("journal.db") && modes.contains_key("journal.db-wal"), "{modes:?}");
    assert!(modes.values().all(|mode| mode == "600"), "{modes:?}");
}

#[tokio::test]
async fn serve_raises_its_limit_of_open_files_to_the_maximum() {
    let home = Home::new(LOG);
    let daemon = start_after("ulimit -Sn 128", &home).await;
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.id().unwrap())).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let numbers: Vec<_> = line.split_whitespace().take(2).collect();
    assert_eq!(numbers[0], numbers[1], "the soft and the hard limit");
    assert_ne!(numbers[0], "128");
}

#[tokio::test]
async fn a_second_daemon_on_the_journal_is_refused_even_through_a_link() {
    let home = Home::new(LOG);
    let daemon = home.start().await;
    publish(&daemon.api, 3).await;
    let other = Home::new(LOG);
    std::os::unix::fs::symlink(home.path("data"), other.path("data")).unwrap();
    for config in [home.path("config.toml"), other.path("config.toml")] {
        let mut second = fanfare();
        let output = second.args(["serve", "--config"]).arg(config).output().await.unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("journal.db") && said.contains("in use"), "{said}");
    }
    publish_one(&daemon.api, "later").await;
    assert_eq!(daemon.api.event("later").await["offset"], 4);
}

async fn publish_one(api: &Api, id: &str) {
    api.publish(format!(r#"{{"type":"t","id":"{id}"}}"#)).await.expect(200);
}

/// Damages the text of the event with this id in the file.
fn break_event(file: &Path, id: &str) {
    let mut bytes = fs::read(file).unwrap();
    let wanted = format!("\"id\":\"{id}\"");
    let mut found = 0;
    for at in 0..bytes.len() - wanted.len() {
        if &bytes[at..at + wanted.len()] == wanted.as_bytes() {
            bytes[at] = b'?';
            found += 1;
        }
    }
    assert!(found > 0);
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn damage_is_reported_by_lists_readiness_metrics_log_and_doctor() {
    let home = Home::new(LOG);
    let daemon = home.start().await;
    publish(&daemon.api, 20).await;
    assert!(daemon.stop().await.success());
    assert_eq!(doctor(&home, &[]).await.0, 0);
    break_event(&home.path("data/journal.db"), "e7");

    let daemon = home.start().await;
    assert_eq!(daemon.api.get("/readyz").await.expect(200).json()["status"], "ready", "no read has found it yet");
    let list = daemon.api.get("/v1/events?limit=100").await.expect(200).json();
    assert_eq!((list["events"].as_array().unwrap().len(), &list["incomplete"]), (19, &json!(true)));
    assert_eq!((&list["holes"][0]["after"], &list["holes"][0]["before"]), (&json!(6), &json!(8)));
    let problem = daemon.api.get("/v1/events/e7").await.expect(500).json();
    assert_eq!(problem["type"], "urn:fanfare:problem:journal-damaged");
    assert!(daemon.api.get("/v1/events?after=7").await.expect(200).json().get("incomplete").is_none());
    let ready = daemon.api.get("/readyz").await.expect(200).json();
    assert_eq!((&ready["status"], &ready["journal"]["status"]), (&json!("degraded"), &json!("degraded")));
    assert!(daemon.api.metric("fanfare_journal_damage_total").await.unwrap() >= 2.0);
    assert!(home.log().contains("damaged"), "{}", home.log());
    let (_, status, _) = run(Some(&daemon.api), &["status"]).await;
    assert!(status.contains("degraded"), "{status}");
    // While the daemon runs, the doctor only checks, and says what it cannot do.
    let (code, told) = doctor(&home, &[]).await;
    assert_eq!((code, &told["ok"]), (1, &json!(false)));
    assert!(told["journal"]["findings"].to_string().contains("offset 7"), "{told}");
    let config = home.path("config.toml");
    let (code, _, err) = run(None, &["doctor", "--repair", "--config", config.to_str().unwrap()]).await;
    assert_eq!((code, err.contains("in use")), (1, true), "{err}");
    // Undamaged events are still delivered.
    publish_one(&daemon.api, "later").await;
}

#[tokio::test]
async fn a_restore_is_reported_in_the_log_and_the_statistics() {
    let home = Home::new(LOG);
    let daemon = home.start().await;
    publish(&daemon.api, 3).await;
    let (config, to) = (home.path("config.toml"), home.path("backup.db"));
    let (code, _, err) = run(None, &["backup", to.to_str().unwrap(), "--config", config.to_str().unwrap()]).await;
    assert_eq!(code, 0, "{err}");
    publish_one(&daemon.api, "later").await;
    let before = daemon.api.get("/v1/stats").await.expect(200).json()["journal"].clone();
    assert_eq!(before["restored"], Value::Null);
    assert!(daemon.stop().await.success());
    fs::copy(&to, home.path("data/journal.db")).unwrap();

    let daemon = home.start().await;
    let after = daemon.api.get("/v1/stats").await.expect(200).json()["journal"].clone();
    assert_eq!(after["restored"]["last_offset"], 3);
    assert!(after["restored"]["copied_at"].is_string());
    assert_ne!(after["id"], before["id"]);
    assert!(home.log().contains("restored from a copy"), "{}", home.log());
    let ready = daemon.api.get("/readyz").await.expect(200).json();
    assert_eq!(ready["status"], "ready", "{ready}");
    until("the events of the copy", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
}

#[tokio::test]
async fn a_removed_channel_is_reported_and_forgotten_on_request() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n\n[channels.gone]\nplugin = \"nowhere\"\n");
    let daemon = home.start().await;
    for n in 0..5 {
        daemon.api.publish_async(format!(r#"{{"type":"t","id":"e{n}"}}"#)).await.expect(202);
    }
    let forget = ["channels", "forget", "gone"];
    let (code, _, err) = run(Some(&daemon.api), &forget).await;
    assert_eq!((code, err.contains("is configured")), (1, true), "{err}");
    home.configure(LOG);
    until("its removal", || async {
        let stats = daemon.api.get("/v1/stats").await.expect(200).json();
        (stats["removed"] != json!([])).then_some(())
    })
    .await;
    let (code, _, err) = run(Some(&daemon.api), &forget).await;
    assert_eq!((code, err.contains("restart the daemon, then forget the channel")), (1, true), "{err}");
    assert!(daemon.stop().await.success());
    let daemon = home.start().await;
    let stats = daemon.api.get("/v1/stats").await.expect(200).json();
    assert_eq!(stats["removed"], json!([{ "channel": "gone", "pending": 5, "dead_letters": 0 }]));
    let (code, out, err) = run(Some(&daemon.api), &["status"]).await;
    assert_eq!((code, out.contains("channels forget gone")), (0, true), "{out}{err}");
    let (code, _, err) = run(Some(&daemon.api), &forget).await;
    assert_eq!((code, err.contains("add --yes")), (2, true), "without a terminal to ask on: {err}");
    let (code, out, _) = run(Some(&daemon.api), &["channels", "forget", "gone", "--dry-run"]).await;
    assert_eq!((code, out.contains("5 pending")), (0, true), "{out}");
    assert_eq!(daemon.api.pending().await, 5, "a dry run ends nothing");
    let (code, out, err) = run(Some(&daemon.api), &["channels", "forget", "gone", "--yes"]).await;
    assert_eq!((code, out.contains("5 of its deliveries")), (0, true), "{out}{err}");
    let stats = daemon.api.get("/v1/stats").await.expect(200).json();
    assert_eq!((&stats["removed"], &stats["totals"]["pending"]), (&json!([]), &json!(0)));
    let letters = daemon.api.get("/v1/dead-letters?channel=gone&code=forgotten").await.expect(200).json();
    assert_eq!(letters["dead_letters"].as_array().unwrap().len(), 5);
    assert!(home.log().contains("was forgotten"), "{}", home.log());
    assert_eq!(doctor(&home, &[]).await.0, 0);
    let (code, _, err) = run(Some(&daemon.api), &["channels", "forget", "nobody"]).await;
    assert_eq!((code, err.contains("nobody")), (1, true), "{err}");
}

#[tokio::test]
async fn a_redrive_that_nobody_can_deliver_is_not_waited_for() {
    let table = |plugin: &str| {
        format!(
            "[channels.hook]\nplugin = \"{plugin}\"\nretries = 0\nsettings = {{ url = \"http://127.0.0.1:9/\" }}\n\
             grant = {{ http = [\"127.0.0.1:9\"] }}\n"
        )
    };
    let home = Home::new(&table("builtin:webhook"));
    let daemon = home.start().await;
    daemon.api.publish(r#"{"type":"t","id":"e1"}"#).await.expect(200);
    daemon.api.publish(r#"{"type":"t","id":"e2"}"#).await.expect(200);
    let state = async || daemon.api.get("/v1/channels/hook").await.expect(200).json()["state"].clone();
    let redrive = async |id: &str| {
        let event = daemon.api.event(id).await;
        let delivery = event["result"]["channels"]["hook"]["delivery_id"].as_str().unwrap().to_owned();
        let redrive = ["dead-letters", "replay", &delivery, "--yes"];
        tokio::time::timeout(PATIENCE, run(Some(&daemon.api), &redrive)).await.expect("it ends")
    };

    daemon.api.post("/v1/channels/hook/pause", "{}").await.expect(200);
    let (code, out, err) = redrive("e1").await;
    assert_eq!((code, out.contains("1 pending")), (0, true), "{out}{err}");
    assert!(err.contains("hook: `fanfare channels resume hook`") && err.contains("fanfare replay status 1"), "{err}");
    daemon.api.post("/v1/channels/hook/resume", "{}").await.expect(200);
    until("the end of the first", || async { (daemon.api.pending().await == 0).then_some(()) }).await;

    home.configure(&table("gone"));
    until("the channel to be without a plugin", || async { (state().await == "missing").then_some(()) }).await;
    let (code, out, err) = redrive("e2").await;
    assert_eq!((code, out.contains("1 delivery waits (plugin)")), (0, true), "{out}{err}");
    assert!(err.contains("its plugin is missing or does not load; `fanfare status` says why"), "{err}");
    assert_eq!(daemon.api.pending().await, 1, "it waits for the plugin");
}

#[tokio::test]
async fn a_delivery_that_keeps_suspending_its_channel_can_be_dropped() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(410));
    let home = Home::new(&webhook("hook", &receiver, ""));
    let daemon = home.start().await;
    daemon.api.publish_async(r#"{"type":"t","id":"poison"}"#).await.expect(202);
    let state = async || daemon.api.get("/v1/channels/hook").await.expect(200).json()["state"].clone();
    until("the suspension", || async { (state().await == "suspended").then_some(()) }).await;
    daemon.api.publish_async(r#"{"type":"t","id":"next"}"#).await.expect(202);
    let event = daemon.api.event("poison").await;
    let id = event["result"]["channels"]["hook"]["delivery_id"].as_str().unwrap().to_owned();
    let (code, _, err) = run(Some(&daemon.api), &["deliveries", "drop", &id, "--reason", " "]).await;
    assert_eq!((code, err.contains("reason")), (1, true), "{err}");
    let (code, out, err) = run(Some(&daemon.api), &["deliveries", "drop", &id, "--reason", "gone for good"]).await;
    assert_eq!((code, out.contains("dead letter")), (0, true), "{out}{err}");
    let letter = daemon.api.get(&format!("/v1/dead-letters/{id}")).await.expect(200).json();
    assert_eq!((&letter["code"], &letter["error"]), (&json!("dropped"), &json!("gone for good")));
    let (path, form) = (format!("/v1/deliveries/{id}/drop"), [("content-type", "application/json")]);
    let again = daemon.api.send(hyper::Method::POST, &path, &form, r#"{"reason":"x"}"#).await;
    assert_eq!(again.expect(404).json()["type"], "urn:fanfare:problem:delivery-not-pending");
    receiver.answer(Answering::status(200));
    let (code, _, err) = run(Some(&daemon.api), &["channels", "resume", "hook"]).await;
    assert_eq!(code, 0, "{err}");
    until("the rest", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    assert_eq!(daemon.api.event("next").await["result"]["overall_status"], "success");
    assert_eq!(daemon.api.event("poison").await["result"]["overall_status"], "failed");
}
