//! Plugins and configuration change under load; nothing fails and nothing is lost.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::support::{
    SAMPLE,
    client::Api,
    daemon::{Daemon, Home},
    hostile, until,
};

/// Publishes steadily and waits for each result. The steady channel must deliver every event, and no other may fail
/// any.
pub struct Load {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
    task: JoinHandle<Vec<Value>>,
}

impl Load {
    pub fn start(api: &Api) -> Self {
        let (stop, sent) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (api, stopped, counter) = (api.clone(), Arc::clone(&stop), Arc::clone(&sent));
        let task = tokio::spawn(async move {
            let mut bad = Vec::new();
            while !stopped.load(Ordering::SeqCst) {
                // Long enough for any attempt. A channel whose plugin was just removed keeps its delivery pending.
                let headers = [("content-type", "application/json"), ("prefer", "wait=3")];
                let result = api.send(hyper::Method::POST, "/v1/events", &headers, SAMPLE).await.json();
                counter.fetch_add(1, Ordering::SeqCst);
                if result["summary"]["failed"] != 0 || result["channels"]["steady"]["status"] != "success" {
                    bad.push(result);
                }
            }
            bad
        });
        Self { stop, sent, task }
    }

    /// Waits until at least this many more events have passed.
    pub async fn flow(&self, events: usize) {
        let target = self.sent.load(Ordering::SeqCst) + events;
        until("the load", || async { (self.sent.load(Ordering::SeqCst) >= target).then_some(()) }).await;
    }

    pub async fn finish(self) {
        self.stop.store(true, Ordering::SeqCst);
        let bad = self.task.await.unwrap();
        assert!(bad.is_empty(), "{} of {} failed: {:#}", bad.len(), self.sent.load(Ordering::SeqCst), bad[0]);
    }
}

pub async fn channel(daemon: &Daemon, name: &str) -> Option<Value> {
    let answer = daemon.api.get(&format!("/v1/channels/{name}")).await;
    (answer.status == 200).then(|| answer.json())
}

pub async fn digest(daemon: &Daemon, name: &str) -> String {
    // A start does not wait for the compiler.
    until("the plugin", || async { channel(daemon, name).await?["digest"].as_str().map(str::to_owned) }).await
}

/// The same plugin with another digest: it has one more custom section.
pub fn another(wasm: &[u8], mark: u8) -> Vec<u8> {
    [wasm, &[0, 3, 1, b'x', mark]].concat()
}

#[tokio::test]
async fn plugins_are_replaced_removed_and_added_under_load_without_a_failure() {
    let home = Home::new(&hostile("steady", "echo", "", ""));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    let load = Load::start(&daemon.api);
    load.flow(20).await;

    let first = digest(&daemon, "steady").await;
    for mark in 0..3 {
        let before = digest(&daemon, "steady").await;
        home.install("hostile", &another(fanfare_artifacts::hostile(), mark));
        until("the new version", || async { (digest(&daemon, "steady").await != before).then_some(()) }).await;
        load.flow(20).await;
    }
    assert_ne!(digest(&daemon, "steady").await, first);

    // A file that no channel names becomes a channel, is removed, and comes back to its backlog.
    fs::write(home.path("plugins/extra.toml"), "settings = { mode = \"echo\" }\n").unwrap();
    home.install("extra", fanfare_artifacts::hostile());
    until("the new channel", || async { channel(&daemon, "extra").await.filter(|c| c["state"] == "active") }).await;
    load.flow(20).await;
    fs::remove_file(home.path("plugins/extra.wasm")).unwrap();
    until("the channel to go", || async {
        let gone = channel(&daemon, "extra").await.is_none_or(|channel| channel["state"] == "missing");
        gone.then_some(())
    })
    .await;
    load.flow(20).await;
    home.install("extra", fanfare_artifacts::hostile());
    until("its backlog", || async {
        channel(&daemon, "extra").await.filter(|c| c["state"] == "active" && c["dead"] == 0)
    })
    .await;
    load.flow(20).await;

    // The configuration changes: a setting, and one more channel.
    home.configure(&format!(
        "{}{}",
        hostile("steady", "echo", "x = 1", "retries = 7"),
        hostile("more", "echo", "", "")
    ));
    until("the new configuration", || async { channel(&daemon, "more").await }).await;
    assert_eq!(channel(&daemon, "steady").await.unwrap()["policy"]["retries"], 7);
    load.flow(20).await;
    load.finish().await;
    until("all to be delivered", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    let dead = daemon.api.get("/v1/dead-letters").await.expect(200).json();
    assert_eq!(dead["dead_letters"].as_array().unwrap().len(), 0, "{dead:#}");
}

#[tokio::test]
async fn a_broken_plugin_or_configuration_changes_nothing_and_says_why() {
    let good = hostile("steady", "echo", "", "");
    let home = Home::new(&good);
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    let load = Load::start(&daemon.api);
    load.flow(10).await;
    let before = digest(&daemon, "steady").await;

    let whole = fanfare_artifacts::hostile();
    for broken in [&b"not wasm at all"[..], &[], &whole[..whole.len() / 2]] {
        home.install("hostile", broken);
        let error = reload_error(&daemon, "hostile.wasm").await;
        assert!(error.len() > 20, "{error}");
        assert_eq!(digest(&daemon, "steady").await, before);
        load.flow(10).await;
        home.install("hostile", whole);
        until("the error to go", || async { last_errors(&daemon).await.is_empty().then_some(()) }).await;
    }

    home.configure(&format!("{good}\n[channels.other]\ntimeout = \"soon\"\nretrys = 3\n"));
    let line =
        fs::read_to_string(home.path("config.toml")).unwrap().lines().position(|l| l.contains("soon")).unwrap() + 1;
    let error = reload_error(&daemon, "timeout").await;
    assert!(error.contains(&format!("config.toml:{line}:")), "{error}");
    let errors = last_errors(&daemon).await;
    assert!(errors.iter().any(|error| error.contains("retrys")), "all errors at once: {errors:?}");
    load.flow(10).await;

    home.configure(&format!("{good}\n[channels.other]\nplugin = \"nowhere\"\n"));
    let error = reload_error(&daemon, "nowhere").await;
    assert!(error.contains("config.toml:") && error.contains("channels.other"), "{error}");
    assert!(channel(&daemon, "other").await.is_none());
    load.finish().await;
}

#[tokio::test]
async fn a_channel_without_its_plugin_keeps_its_backlog() {
    let home = Home::new(&hostile("steady", "echo", "", ""));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    fs::remove_file(home.path("plugins/hostile.wasm")).unwrap();
    until("the plugin to go", || async { channel(&daemon, "steady").await.filter(|c| c["state"] == "missing") }).await;
    for _ in 0..10 {
        daemon.api.publish_async(SAMPLE).await.expect(202);
    }
    assert_eq!(channel(&daemon, "steady").await.unwrap()["pending"], 10);
    home.install("hostile", fanfare_artifacts::hostile());
    until("the backlog", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    let delivered = daemon.api.metric(r#"fanfare_deliveries_total{channel="steady",outcome="delivered"}"#).await;
    assert_eq!(delivered, Some(10.0));
}

#[tokio::test]
async fn a_sidecar_may_set_policy_but_not_grants() {
    let home = Home::new("");
    home.install("smallest", fanfare_artifacts::smallest());
    fs::write(home.path("plugins/smallest.toml"), "retries = 9\n").unwrap();
    let daemon = home.start().await;
    assert_eq!(channel(&daemon, "smallest").await.unwrap()["policy"]["retries"], 9);
    fs::write(home.path("plugins/smallest.toml"), "retries = 4\n[grant]\nhttp = [\"*.example.com\"]\n").unwrap();
    let error = reload_error(&daemon, "grant").await;
    assert!(error.contains("smallest.toml:2"), "{error}");
    assert_eq!(channel(&daemon, "smallest").await.unwrap()["policy"]["retries"], 9, "nothing has changed");
    fs::write(home.path("plugins/smallest.toml"), "retries = 4\n").unwrap();
    until("the new policy", || async { (channel(&daemon, "smallest").await?["policy"]["retries"] == 4).then_some(()) })
        .await;
}

pub async fn last_errors(daemon: &Daemon) -> Vec<String> {
    let stats = daemon.api.get("/v1/stats").await.expect(200).json();
    // There is none before the first load has ended.
    serde_json::from_value(stats["last_reload"]["errors"].clone()).unwrap_or_default()
}

pub async fn reload_error(daemon: &Daemon, about: &str) -> String {
    until(about, || async { last_errors(daemon).await.into_iter().find(|error| error.contains(about)) }).await
}
