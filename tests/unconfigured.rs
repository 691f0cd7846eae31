//! Files in the plugins' folder that no channel uses, and that would fail without configuration.

use std::fs;

use serde_json::Value;

use crate::support::{
    SAMPLE,
    daemon::{Daemon, Home, fanfare},
    receiver::Receiver,
    until,
};

const NEEDS_A_URL: &str = "\
[schema]
required = [\"url\"]
properties = { url = { type = \"string\", examples = [\"https://example.com/in\"], x-fanfare-grant = \"http POST\" } }
";

const STANZA: &str = "\
[channels.hello]
settings = { url = \"https://example.com/in\" }
grant = { http = [\"POST example.com\"] }";

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

const LOG: &str = "[channels.log]\nplugin = \"builtin:log\"\n";

/// Puts a plugin with this sidecar into the folder.
fn put(home: &Home, name: &str, sidecar: &str) {
    fs::write(home.path(&format!("plugins/{name}.toml")), sidecar).unwrap();
    home.install(name, fanfare_artifacts::hostile());
}

async fn channel(daemon: &Daemon, name: &str) -> Value {
    daemon.api.get(&format!("/v1/channels/{name}")).await.json()
}

async fn is(daemon: &Daemon, name: &str, state: &str) -> Value {
    until(&format!("{name} to be {state}"), || async {
        Some(channel(daemon, name).await).filter(|channel| channel["state"] == state)
    })
    .await
}

async fn targets(daemon: &Daemon) -> Vec<String> {
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    assert_eq!(result["overall_status"], "success", "{result:#}");
    result["channels"].as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn a_plugin_that_needs_configuration_is_listed_with_what_to_add() {
    let home = Home::new(LOG);
    let daemon = home.start().await;
    put(&home, "hello", NEEDS_A_URL);
    let hello = is(&daemon, "hello", "unconfigured").await;
    assert_eq!((hello["configure"].as_str(), hello["kind"].as_str()), (Some(STANZA), Some("channel")), "{hello:#}");
    assert_eq!(hello["error"], "no channel uses it, and it needs settings and grants");
    assert_eq!(targets(&daemon).await, ["log"]);

    let plugins = daemon.api.get("/v1/plugins").await.expect(200).json();
    let listed = plugins["plugins"].as_array().unwrap().iter().find(|plugin| plugin["name"] == "hello").unwrap();
    assert_eq!((listed["configure"].as_str(), listed["channels"].as_array().map(Vec::len)), (Some(STANZA), Some(0)));
    let line = "hello.wasm: unconfigured: no channel uses it, and it needs settings and grants; add `[channels.hello]` \
                with `settings = { url = \"https://example.com/in\" }` and `grant = { http = [\"POST example.com\"] }` \
                to config.toml";
    until("the log's line", || async { home.log().contains(line).then_some(()) }).await;
    let reload = daemon.api.send(hyper::Method::POST, "/v1/reload", &JSON, "").await.expect(200).json();
    assert_eq!(reload["outcome"], "ok", "it is not a mistake: {reload:#}");
    let ready = daemon.api.get("/readyz").await.expect(200).json();
    assert_eq!((&ready["status"], &ready["channels"]["unconfigured"]), (&"ready".into(), &1.into()), "{ready:#}");
    for arguments in [&["status"][..], &["channels", "list"]] {
        let output = fanfare().args(arguments).env("FANFARE_URL", &daemon.api.base).output().await.unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        let stanza = STANZA.replace('\n', "\n  ");
        let told = format!("hello is unconfigured and gets no events; add to config.toml:\n  {stanza}\n");
        assert!(shown.contains(&told), "{arguments:?}: {shown}");
    }
    let test = daemon.api.send(hyper::Method::POST, "/v1/channels/hello/test", &JSON, "{}").await.expect(404);
    assert!(test.text().contains("`hello` is not configured yet"), "{}", test.text());
    let output = fanfare().arg("check").arg("--config").arg(home.path("config.toml")).output().await.unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success()
            && shown.contains("hello is unconfigured")
            && shown.contains("is valid, with 1 channel\n"),
        "{shown}"
    );

    // The shown lines are sufficient.
    let receiver = Receiver::start().await;
    let (url, address) = (receiver.url(), receiver.address.to_string());
    let stanza = STANZA.replace("https://example.com/in", &url).replace("example.com", &address);
    home.configure(&format!("{LOG}{stanza}\n"));
    is(&daemon, "hello", "active").await;
    assert_eq!(targets(&daemon).await, ["hello", "log"]);
}

#[tokio::test]
async fn an_unconfigured_file_gets_no_events_and_others_run() {
    let home = Home::new(LOG);
    put(&home, "hello", NEEDS_A_URL);
    put(&home, "plain", "settings = { mode = \"echo\" }\n");
    home.install("sender", fanfare_artifacts::hostile_http());
    let daemon = home.start().await;
    assert_eq!(targets(&daemon).await, ["log", "plain"]);
    assert_eq!(channel(&daemon, "hello").await["pending"], 0);
    let sender = is(&daemon, "sender", "unconfigured").await;
    assert_eq!(sender["configure"], "[channels.sender]\ngrant = { http = [\"example.com\"] }");
}

#[tokio::test]
async fn without_auto_a_backlog_stays_until_the_file_is_configured() {
    let plain = "[channels.log]\nplugin = \"builtin:log\"\n";
    let home = Home::new(plain);
    put(&home, "plain", "retries = 100\nsettings = { mode = \"fail\", disposition = \"retry\" }\n");
    let daemon = home.start().await;
    is(&daemon, "plain", "active").await;
    daemon.api.publish_async(r#"{"type":"t","id":"kept"}"#).await.expect(202);
    until("an attempt", || async { (channel(&daemon, "plain").await["attempts"] != 0).then_some(()) }).await;

    let config = |auto: bool, channels: &str| {
        let text = Home::configuration(channels).replace("[plugins]\n", &format!("[plugins]\nauto = {auto}\n"));
        fs::write(home.path("config.toml"), text).unwrap();
    };
    config(false, plain);
    let waiting = is(&daemon, "plain", "unconfigured").await;
    assert_eq!((&waiting["pending"], &waiting["configure"]), (&1.into(), &"[channels.plain]".into()), "{waiting:#}");
    assert_eq!(targets(&daemon).await, ["log"]);
    let stats = daemon.api.get("/v1/stats").await.expect(200).json();
    assert_eq!(stats["removed"][0]["channel"], "plain", "it keeps later events from being pruned: {stats:#}");
    assert_eq!(daemon.api.event("kept").await["result"]["channels"]["plain"]["status"], "pending");

    config(false, &format!("{plain}[channels.plain]\nsettings = {{ mode = \"echo\" }}\n"));
    is(&daemon, "plain", "active").await;
    until("the backlog", || async {
        (daemon.api.event("kept").await["result"]["channels"]["plain"]["status"] == "success").then_some(())
    })
    .await;
    // As a channel by itself again.
    config(true, plain);
    until("the sidecar's settings", || async {
        Some(channel(&daemon, "plain").await)
            .filter(|plain| plain["settings"].as_array().is_some_and(|keys| keys.len() == 2))
    })
    .await;
}

#[tokio::test]
async fn a_version_that_needs_configuration_does_not_replace_a_running_one() {
    let home = Home::new(LOG);
    home.install("hello", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    is(&daemon, "hello", "active").await;
    put(&home, "hello", NEEDS_A_URL);
    until("the reason", || async {
        let hello = channel(&daemon, "hello").await;
        hello["error"].as_str().is_some_and(|error| error.contains("the newest version waits")).then_some(())
    })
    .await;
    assert_eq!(channel(&daemon, "hello").await["state"], "active");
    assert_eq!(targets(&daemon).await, ["hello", "log"]);
}

#[tokio::test]
async fn a_channel_does_not_keep_running_without_its_table() {
    let receiver = Receiver::start().await;
    let table = format!(
        "[channels.hello]\nsettings = {{ mode = \"http\", url = \"{}\", method = \"POST\" }}\n\
         grant = {{ http = [\"{}\"] }}\n",
        receiver.url(),
        receiver.address
    );
    let home = Home::new(&format!("{LOG}{table}"));
    put(&home, "hello", NEEDS_A_URL);
    let daemon = home.start().await;
    is(&daemon, "hello", "active").await;
    assert_eq!(targets(&daemon).await, ["hello", "log"]);
    home.configure(LOG);
    let hello = is(&daemon, "hello", "unconfigured").await;
    assert_eq!(hello["grants"]["http"].as_array().map(Vec::len), Some(0), "{hello:#}");
    assert_eq!(targets(&daemon).await, ["log"]);
    assert_eq!(receiver.count(), 1);
}
