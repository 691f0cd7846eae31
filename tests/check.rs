//! `fanfare check`: reports everything that is wrong before anything runs.

use std::fs;

use serde_json::Value;

use crate::support::{
    daemon::{Home, fanfare},
    until,
};

/// Runs `check` in this folder; returns its exit code, stdout and stderr.
async fn check(home: &Home, more: &[&str]) -> (i32, String, String) {
    let output =
        fanfare().arg("check").arg("--config").arg(home.path("config.toml")).args(more).output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn channels_that_cannot_succeed_are_all_reported_at_once() {
    let home = Home::new(
        r#"[channels.hook]
plugin = "builtin:webhook"
settings = { uri = "http://127.0.0.1:9/" }
[channels.other]
plugin = "builtin:webhook"
settings = { url = "http://127.0.0.1:9/" }
[channels.audit]
plugin = "builtin:audit"
[channels.nope]
plugin = "builtin:nope"
[channels.lost]
plugin = "nowhere"
[channels.slow]
plugin = "builtin:log"
timeout = "soon"
"#,
    );
    let file = home.path("config.toml");
    let line =
        |text: &str| fs::read_to_string(&file).unwrap().lines().position(|line| line.contains(text)).unwrap() + 1;
    let (code, out, err) = check(&home, &["--json"]).await;
    assert_eq!(code, 1, "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let problems: Vec<_> = report["problems"].as_array().unwrap().iter().map(|said| said.as_str().unwrap()).collect();
    let at = |text: &str, column: usize| format!("{}:{}:{column}:", file.display(), line(text));
    assert_eq!(
        problems,
        [
            format!(
                "channel audit: {} channels.audit.settings.folder: is /audit, but no folder is granted there (add \
                 `grant = {{ files = [{{ host = \"data/audit\", guest = \"/audit\", write = true }}] }}` to \
                 [channels.audit])",
                at("[channels.audit]", 11)
            ),
            format!(
                "channel hook: {} channels.hook.settings.uri: is not a setting of this plugin (did you mean `url`? The \
                 settings here are headers, method, mode, template, url)",
                at("uri =", 20)
            ),
            format!(
                "channel hook: {} channels.hook.settings.url: is missing (add it to `settings` of [channels.hook], or \
                 to `secrets`)",
                at("uri =", 1)
            ),
            format!(
                "channel lost: {} channels.lost.plugin: there is no nowhere.wasm in {} (put the file there, or name \
                 another plugin; \"builtin:<name>\" is one that ships with fanfare)",
                at("nowhere", 10),
                home.path("plugins").display()
            ),
            format!(
                "channel nope: {} channels.nope.plugin: fanfare has no builtin plugin `nope` (the builtin plugins are \
                 audit, enrich, log, metrics and webhook; without `builtin:`, it is the name of a file in \
                 `plugins.dir`)",
                at("builtin:nope", 10)
            ),
            format!(
                "channel other: {} channels.other.settings.url: leads to 127.0.0.1:9, which is not granted (add `grant \
                 = {{ http = [\"POST 127.0.0.1:9\"] }}` to [channels.other])",
                at("url =", 20)
            ),
        ]
    );
    let said: Value = serde_json::from_str(&err).unwrap();
    let said = said["error"]["problems"].as_array().unwrap();
    assert_eq!((said.len(), said[0]["key"].as_str()), (1, Some("channels.slow.timeout")), "{said:?}");

    let (code, out, err) = check(&home, &[]).await;
    assert_eq!(code, 1);
    assert!(out.contains("✘ channel nope: ") && out.contains("7 problems with "), "{out}");
    assert!(err.starts_with("error: ") && err.contains("channels.slow.timeout: "), "{err}");
}

#[tokio::test]
async fn a_table_with_one_mistake_is_checked_for_others() {
    let home = Home::new(
        r#"[channels.hook]
plugin = "builtin:webhook"
retrys = 5
settings = { uri = "http://127.0.0.1:9/" }
[channels.lost]
plugin = "nowhere"
timeout = "soon"
[channels.misspelt]
plugin = "builtin:webhook"
setings = { url = "http://127.0.0.1:9/" }
[channels.unclear]
plugin = 7
settings = { uri = "http://127.0.0.1:9/" }
[channels.half]
plugin = "builtin:webhook"
settings = { url = "http://127.0.0.1:9/" }
grant = { htpt = ["127.0.0.1:9"] }
[[stages]]
name = "tidy"
plugin = "builtin:enrich"
timeout = 5
settings = { nothing = true }
"#,
    );
    let (code, out, err) = check(&home, &["--json", "--event", r#"{"type":"a"}"#]).await;
    assert_eq!(code, 1, "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let keys = |said: &Value| said.as_str().unwrap().split(' ').nth(3).unwrap().trim_end_matches(':').to_owned();
    let problems: Vec<_> = report["problems"].as_array().unwrap().iter().map(keys).collect();
    // What would only follow from the other mistake is not reported: a missing setting, a missing grant.
    let want = ["channels.hook.settings.uri", "channels.hook.settings.url", "channels.lost.plugin"];
    assert_eq!(problems[..3], want, "{report:#}");
    assert!(problems[3..].iter().all(|key| key.starts_with("stages.tidy.settings.")), "{report:#}");
    assert!(problems.contains(&"stages.tidy.settings.nothing".to_owned()), "{report:#}");
    assert_eq!(report["event"]["channels"], serde_json::json!({}), "where it would go is unknown");
    let said: Value = serde_json::from_str(&err).unwrap();
    let mistakes = said["error"]["problems"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap());
    assert_eq!(
        mistakes.collect::<Vec<_>>(),
        [
            "channels.hook.retrys",
            "channels.lost.timeout",
            "channels.misspelt.setings",
            "channels.unclear.plugin",
            "channels.half.grant.htpt",
            "stages.tidy.timeout"
        ]
    );
}

#[tokio::test]
async fn a_daemon_keeps_the_deliveries_of_a_channel_that_cannot_succeed() {
    let home =
        Home::new("[channels.hook]\nplugin = \"builtin:webhook\"\nsettings = { url = \"http://127.0.0.1:9/\" }\n");
    let daemon = home.start().await;
    let hook = async || daemon.api.get("/v1/channels/hook").await.expect(200).json();
    let failed = until("the channel to fail", || async { Some(hook().await).filter(|hook| hook["state"] == "failed") });
    let error = failed.await["error"].as_str().unwrap().to_owned();
    assert!(error.contains("add `grant = { http = [\"POST 127.0.0.1:9\"] }` to [channels.hook]"), "{error}");
    daemon.api.publish_async(r#"{"type":"t","id":"kept"}"#).await.expect(202);
    assert_eq!(hook().await["pending"], 1);
    // Where its deliveries are shown as waiting, it is said for what.
    for arguments in [&["send", "--type", "t", "--id", "too", "--wait", "0s"][..], &["events", "show", "kept"]] {
        let output = fanfare().args(arguments).env("FANFARE_URL", &daemon.api.base).output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let why = said.lines().find(|line| line.starts_with("hook is failed, and its deliveries wait: "));
        let grant = "add `grant = { http = [\"POST 127.0.0.1:9\"] }` to [channels.hook]";
        assert!(why.is_some_and(|why| why.contains(grant) && why.contains("config.toml:")), "{said}");
    }

    // With a grant it is attempted; nothing listens there.
    home.configure(
        "[channels.hook]\nplugin = \"builtin:webhook\"\nretries = 0\nsettings = { url = \"http://127.0.0.1:9/\" }\n\
         grant = { http = [\"POST 127.0.0.1:9\"] }\n",
    );
    until("the attempt", || async { (hook().await["dead"] == 2).then_some(()) }).await;
    let dead = daemon.api.get("/v1/dead-letters").await.expect(200).json();
    assert_eq!(dead["dead_letters"][0]["class"], "retry", "{dead:#}");
}

#[tokio::test]
async fn a_plugin_without_its_sidecar_is_worth_a_warning() {
    let home = Home::new("");
    home.install("hostile", fanfare_artifacts::hostile());
    let said = "channels.hostile: there is no hostile.toml beside hostile.wasm, so it runs without settings and grants";
    let (code, out, err) = check(&home, &[]).await;
    assert_eq!((code, out.contains(said)), (0, true), "{out}{err}");
    let daemon = home.start_quietly().await;
    let hostile = daemon.api.get("/v1/channels/hostile").await.expect(200).json();
    assert!(hostile["warnings"][0].as_str().unwrap().starts_with(said), "{hostile:#}");
    assert!(home.log().contains(said), "{}", home.log());
    let output = fanfare().arg("status").env("FANFARE_URL", &daemon.api.base).output().await.unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(said), "{output:?}");

    // One that a channel names was configured on purpose.
    home.configure("[channels.hostile]\n");
    let (code, out, err) = check(&home, &[]).await;
    assert_eq!((code, out.contains("hostile.toml")), (0, false), "{out}{err}");
}
