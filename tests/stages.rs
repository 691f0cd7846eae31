//! Stages before the fan-out.

use std::{fs, time::Duration};

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Api},
    daemon::{Daemon, Home, fanfare},
    hostile, until,
};

/// A stage of the guest that does what `mode` says; `more` are other keys of its table.
fn stage(name: &str, settings: &str, more: &str) -> String {
    format!("\n[[stages]]\nname = \"{name}\"\nplugin = \"hostile-stage\"\nsettings = {{ {settings} }}\n{more}\n")
}

const LOG: &str = "\n[channels.log]\nplugin = \"builtin:log\"\n";

fn home(config: &str) -> Home {
    let home = Home::new(config);
    home.install("hostile-stage", fanfare_artifacts::hostile_stage());
    home
}

async fn publish(api: &Api, id: &str, data: Value) -> Answer {
    api.publish(json!({ "type": "order.created", "source": "/shop", "id": id, "data": data }).to_string()).await
}

async fn shown(daemon: &Daemon, id: &str) -> Value {
    daemon.api.get(&format!("/v1/events/{id}?source=/shop")).await.expect(200).json()
}

/// What each stage did: name and word.
fn did(shown: &Value) -> Vec<(&str, &str)> {
    let stages = shown["stages"].as_array().map(Vec::as_slice).unwrap_or_default();
    stages.iter().map(|one| (one["stage"].as_str().unwrap(), one["did"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn events_pass_the_stages_in_order_and_only_their_result_is_recorded() {
    let first = stage("zuerst", "mode = \"mark\", mark = \"1\"", "types = [\"order.*\"]");
    let second = stage("danach", "mode = \"mark\", mark = \"2\"", "when = \"data.twice == true\"");
    let home = home(&format!("{first}{second}{LOG}"));
    let daemon = home.start_quietly().await;
    let result = publish(&daemon.api, "e-1", json!({ "twice": true })).await.expect(200).json();
    assert_eq!(result["overall_status"], "success", "{result:#}");
    let event = shown(&daemon, "e-1").await;
    assert_eq!(event["event"]["data"], json!({ "twice": true, "marks": ["1", "2"] }), "{event:#}");
    assert_eq!(did(&event), [("zuerst", "changed"), ("danach", "changed")]);
    let one = &event["stages"][0];
    assert_eq!((&one["plugin"], &one["changed"]), (&json!("hostile-stage"), &json!(["/data/marks"])));
    assert!(one["digest"].as_str().unwrap().len() == 16 && one["duration_ms"].is_number(), "{one}");

    // Its condition is false, or cannot be evaluated: omitting data does not bypass a stage.
    publish(&daemon.api, "e-2", json!({ "twice": false })).await.expect(200);
    assert_eq!(did(&shown(&daemon, "e-2").await), [("zuerst", "changed")]);
    publish(&daemon.api, "e-3", json!({})).await.expect(200);
    assert_eq!(did(&shown(&daemon, "e-3").await).len(), 2);
    let other = json!({ "type": "user.created", "source": "/shop", "id": "e-4", "data": { "twice": false } });
    daemon.api.publish(other.to_string()).await.expect(200);
    let event = shown(&daemon, "e-4").await;
    assert!(event.get("stages").is_none(), "{event:#}");

    // It is recorded, so a restart does not change it.
    daemon.stop().await;
    let daemon = home.start_quietly().await;
    assert_eq!(did(&shown(&daemon, "e-1").await).len(), 2);
}

#[tokio::test]
async fn a_stage_that_rejects_or_fails_rejects_the_event_with_the_reason() {
    let home = home(&format!(
        "{}{LOG}",
        stage("check", "message = \"no customer\"", "fuel = 50_000_000\ntimeout = \"300ms\"\nmemory = \"4MiB\"")
    ));
    let daemon = home.start_quietly().await;
    let problem = publish(&daemon.api, "e-1", json!({ "stage": "reject" })).await.expect(422).json();
    assert_eq!(problem["type"], "urn:fanfare:problem:stage-rejected", "{problem:#}");
    assert_eq!(
        (&problem["stage"], &problem["class"], &problem["code"]),
        (&json!("check"), &json!("rejected"), &json!("not_wanted"))
    );
    assert!(problem["detail"].as_str().unwrap().contains("no customer"), "{problem:#}");
    for (mode, class) in [
        ("suspend", "suspended"),
        ("trap", "trap"),
        ("panic", "trap"),
        ("spin", "fuel"),
        ("sleep", "timeout"),
        ("memory", "memory"),
        ("http", "denied"),
        ("giant", "memory"),
        ("id", "trap"),
        ("control", "trap"),
        ("system", "trap"),
    ] {
        let problem = publish(&daemon.api, "e-1", json!({ "stage": mode })).await.expect(422).json();
        assert_eq!((&problem["stage"], &problem["class"]), (&json!("check"), &json!(class)), "{mode}: {problem:#}");
    }
    // A passing failure of the stage is not the publisher's fault.
    let problem = publish(&daemon.api, "e-1", json!({ "stage": "retry" })).await.expect(503);
    assert!(problem.headers.contains_key("retry-after"));
    assert_eq!((&problem.json()["stage"], &problem.json()["class"]), (&json!("check"), &json!("retry")));
    // Nothing was recorded, so the identity is free for another event.
    daemon.api.get("/v1/events/e-1?source=/shop").await.expect(404);
    publish(&daemon.api, "e-1", json!({})).await.expect(200);

    // A batch is rejected completely, and every rejected event is named.
    let event = |id: &str, mode: &str| {
        let data = json!({ "stage": mode });
        json!({ "specversion": "1.0", "type": "order.created", "source": "/shop", "id": id, "data": data })
    };
    let batch = json!([event("b-0", "pass"), event("b-1", "reject"), event("b-2", "pass"), event("b-3", "trap")]);
    let headers = [("content-type", "application/cloudevents-batch+json")];
    let problem = daemon.api.send(Method::POST, "/v1/events", &headers, batch.to_string()).await.expect(422).json();
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|one| &one["pointer"]).collect();
    assert_eq!(pointers, ["/1", "/3"], "{problem:#}");
    daemon.api.get("/v1/events/b-0?source=/shop").await.expect(404);
    // A repeat within the batch does not refer to a recorded event.
    let batch = json!([event("b-1", "reject"), event("b-2", "pass"), event("b-1", "reject")]);
    let problem = daemon.api.send(Method::POST, "/v1/events", &headers, batch.to_string()).await.expect(422).json();
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|one| &one["pointer"]).collect();
    assert_eq!(pointers, ["/0", "/2"], "{problem:#}");
    let batch = json!([event("b-0", "mark"), event("b-1", "drop"), event("b-2", "pass")]);
    let results = daemon.api.send(Method::POST, "/v1/events", &headers, batch.to_string()).await.expect(200).json();
    let ids: Vec<_> = results.as_array().unwrap().iter().map(|one| one["event_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["b-0", "b-1", "b-2"]);
    assert_eq!(results[1]["overall_status"], "unrouted");
}

#[tokio::test]
async fn a_dropped_event_is_recognized_again_and_goes_to_no_channel() {
    let home =
        home(&format!("{}{}{LOG}", stage("first", "mode = \"mark\"", ""), stage("second", "mode = \"drop\"", "")));
    let daemon = home.start_quietly().await;
    let event =
        json!({ "type": "order.created", "source": "/shop", "id": "e-1", "subject": "ada", "data": { "a": 1 } });
    let result = daemon.api.publish(event.to_string()).await.expect(200).json();
    assert_eq!((&result["overall_status"], &result["channels"]), (&json!("unrouted"), &json!({})));
    let again = daemon.api.publish(event.to_string()).await.expect(200).json();
    assert_eq!((&again["duplicate"], &again["offset"]), (&json!(true), &result["offset"]));
    let shown = shown(&daemon, "e-1").await;
    assert_eq!(did(&shown), [("first", "changed"), ("second", "dropped")]);
    let kept: Vec<_> = shown["event"].as_object().unwrap().keys().collect();
    assert_eq!(kept, ["id", "source", "specversion", "time", "type"], "{shown:#}");
    publish(&daemon.api, "e-1", json!({ "a": 2 })).await.expect(422);
    let queued =
        daemon.api.publish_async(json!({ "type": "order.created", "id": "e-2" }).to_string()).await.expect(200);
    assert_eq!(queued.json()["overall_status"], "unrouted");

    let job = daemon.api.post("/v1/replays", r#"{"channels":["log"]}"#).await.expect(202).json();
    let job = until("the replay", || async {
        let job = daemon.api.get(&format!("/v1/replays/{}", job["id"])).await.expect(200).json();
        (job["state"] == "done").then_some(job)
    })
    .await;
    assert_eq!((&job["sent"], &job["skipped"]), (&json!(0), &json!(2)), "nor by a replay: {job:#}");
}

#[tokio::test]
async fn an_event_bypasses_a_failing_stage_if_the_operator_allows_it() {
    let home = home(&format!("{}{LOG}", stage("enrich", "", "on_error = \"pass\"\ntimeout = \"300ms\"")));
    let daemon = home.start_quietly().await;
    for (id, mode, class) in [("e-1", "panic", "trap"), ("e-2", "sleep", "timeout"), ("e-3", "id", "trap")] {
        let result = publish(&daemon.api, id, json!({ "stage": mode })).await.expect(200).json();
        assert_eq!(result["overall_status"], "success", "{result:#}");
        let shown = shown(&daemon, id).await;
        assert_eq!(shown["event"]["data"], json!({ "stage": mode }));
        let record = &shown["stages"][0];
        assert_eq!((&record["did"], &record["class"]), (&json!("failed"), &json!(class)), "{record:#}");
        assert!(record["reason"].is_string(), "{record:#}");
    }
    // A rejection is not a failure.
    publish(&daemon.api, "e-4", json!({ "stage": "reject" })).await.expect(422);
    let runs = |did: &str| format!("fanfare_stage_runs_total{{stage=\"enrich\",did=\"{did}\"}}");
    assert_eq!(daemon.api.metric(&runs("failed")).await, Some(4.0));
    assert_eq!(daemon.api.metric("fanfare_stage_duration_seconds_count{stage=\"enrich\"}").await, Some(4.0));
}

#[tokio::test]
async fn a_repeat_is_recognized_by_the_published_event_and_not_by_its_stages() {
    let config = |mark: &str| format!("{}{LOG}", stage("mark", &format!("mode = \"mark\", mark = \"{mark}\""), ""));
    let home = home(&config("1"));
    let daemon = home.start_quietly().await;
    let first = publish(&daemon.api, "e-1", json!({ "a": 1 })).await.expect(200).json();
    assert_eq!(first["duplicate"], false);
    // The stage changes it differently now.
    home.configure(&config("2"));
    daemon.api.post("/v1/reload", "").await.expect(200);
    let again = publish(&daemon.api, "e-1", json!({ "a": 1 })).await.expect(200).json();
    assert_eq!((&again["duplicate"], &again["offset"]), (&json!(true), &first["offset"]));
    // The recorded event differs from the published one.
    publish(&daemon.api, "e-1", json!({ "a": 1, "marks": ["1"] })).await.expect(422);
    // Without the stage, the repeat is still recognized.
    home.configure(LOG);
    daemon.api.post("/v1/reload", "").await.expect(200);
    assert_eq!(publish(&daemon.api, "e-1", json!({ "a": 1 })).await.expect(200).json()["duplicate"], true);
    publish(&daemon.api, "e-1", json!({ "a": 2 })).await.expect(422);
    // And the other way round.
    publish(&daemon.api, "e-2", json!({ "a": 1 })).await.expect(200);
    home.configure(&config("3"));
    daemon.api.post("/v1/reload", "").await.expect(200);
    assert_eq!(publish(&daemon.api, "e-2", json!({ "a": 1 })).await.expect(200).json()["duplicate"], true);
    publish(&daemon.api, "e-2", json!({ "a": 2 })).await.expect(422);
    // A stage that would reject it does not affect a recorded event.
    home.configure(&format!("{}{LOG}", stage("mark", "mode = \"trap\"", "")));
    daemon.api.post("/v1/reload", "").await.expect(200);
    for id in ["e-1", "e-2"] {
        assert_eq!(publish(&daemon.api, id, json!({ "a": 1 })).await.expect(200).json()["duplicate"], true, "{id}");
    }
    let refused = publish(&daemon.api, "e-2", json!({ "a": 2 })).await.expect(422).json();
    assert_eq!(refused["type"], "urn:fanfare:problem:stage-rejected", "{refused:#}");
}

#[tokio::test]
async fn stages_reload_with_the_files_and_a_mistake_changes_nothing() {
    let one = stage("one", "mode = \"mark\", mark = \"1\"", "");
    let two = stage("two", "mode = \"mark\", mark = \"2\"", "");
    let home = home(&format!("{one}{two}{LOG}"));
    let daemon = home.start_quietly().await;
    let marks = async |id: &str| {
        publish(&daemon.api, id, json!({})).await.expect(200);
        shown(&daemon, id).await["event"]["data"]["marks"].clone()
    };
    assert_eq!(marks("e-1").await, json!(["1", "2"]));
    home.configure(&format!("{two}{one}{LOG}"));
    let report = daemon.api.post("/v1/reload", "").await.expect(200).json();
    assert_eq!(report["changes"], json!(["stages: new order, two, one"]));
    assert_eq!(marks("e-2").await, json!(["2", "1"]));

    let wrong = [
        (two.replace("name = \"two\"", "name = \"one\""), "there already is a stage `one`"),
        (two.replace("name = \"two\"", ""), "stages.1.name"),
        (two.replace("hostile-stage", "nothing"), "there is no nothing.wasm"),
        (format!("{two}on_error = \"maybe\"\n"), "on_error"),
        (format!("{two}types = [\"fanfare.>\"]\n"), "bypass stages"),
        (format!("{two}retries = 3\n"), "stages.two.retries: unknown key"),
        (format!("{two}grant = {{ emit = [\"a\"] }}\n"), "emit no events"),
    ];
    for (wrong, says) in wrong {
        home.configure(&format!("{one}{wrong}{LOG}"));
        let problem = daemon.api.post("/v1/reload", "").await.expect(422).text();
        assert!(problem.contains(says), "{says}: {problem}");
    }
    assert_eq!(marks("e-3").await, json!(["2", "1"]), "the previous stages keep running");
    home.configure(&format!("{one}{LOG}"));
    daemon.api.post("/v1/reload", "").await.expect(200);
    // A file that is not a plugin changes nothing either.
    home.install("hostile-stage", b"\0asm broken");
    daemon.api.post("/v1/reload", "").await.expect(422);
    assert_eq!(marks("e-4").await, json!(["1"]));
    let stages = daemon.api.get("/v1/stages").await.expect(200).json();
    let stage = &stages["stages"][0];
    assert_eq!((&stage["name"], &stage["state"]), (&json!("one"), &json!("active")), "{stages:#}");
    assert!(stage["error"].is_string() && stage["runs"]["changed"].as_u64() >= Some(4), "{stages:#}");
}

#[tokio::test]
async fn a_stage_without_its_plugin_rejects_events_unless_the_operator_allows_them() {
    let home = Home::new(&format!("{}{LOG}", stage("check", "", "types = [\"order.*\"]")));
    let daemon = home.start_quietly().await;
    let answer = publish(&daemon.api, "e-1", json!({})).await.expect(503);
    assert_eq!(answer.json()["type"], "urn:fanfare:problem:stage-unavailable");
    assert!(answer.headers.contains_key("retry-after"));
    daemon.api.publish(json!({ "type": "user.created" }).to_string()).await.expect(200);
    let ready = daemon.api.get("/readyz").await.expect(200).json();
    assert_eq!((&ready["status"], &ready["stages"]["missing"]), (&json!("degraded"), &json!(1)), "{ready:#}");
    home.install("hostile-stage", fanfare_artifacts::hostile_stage());
    daemon.api.post("/v1/reload", "").await.expect(200);
    publish(&daemon.api, "e-1", json!({})).await.expect(200);
    daemon.stop().await;

    let home = Home::new(&format!("{}{LOG}", stage("check", "", "on_error = \"pass\"")));
    let daemon = home.start_quietly().await;
    publish(&daemon.api, "e-1", json!({})).await.expect(200);
    let record = &shown(&daemon, "e-1").await["stages"][0];
    assert_eq!((&record["did"], &record["code"]), (&json!("failed"), &json!("no_plugin")), "{record:#}");
    assert!(record.get("digest").is_none(), "{record:#}");
    let ready = daemon.api.get("/readyz").await.expect(200).json();
    assert_eq!(ready["status"], "degraded", "{ready:#}");
}

#[tokio::test]
async fn a_stage_s_file_is_not_a_channel_and_says_what_to_add() {
    let home = home(LOG);
    let daemon = home.start_quietly().await;
    let plugins = daemon.api.get("/v1/plugins").await.expect(200).json();
    let plugin = plugins["plugins"].as_array().unwrap().iter().find(|one| one["name"] == "hostile-stage").unwrap();
    assert_eq!(plugin["kind"], "stage");
    assert_eq!(plugin["configure"], "[[stages]]\nname = \"hostile-stage\"", "{plugin:#}");
    let result = publish(&daemon.api, "e-1", json!({})).await.expect(200).json();
    assert_eq!(result["channels"].as_object().unwrap().len(), 1, "{result:#}");
    home.configure(&format!("[[stages]]\nname = \"hostile-stage\"\n{LOG}"));
    daemon.api.post("/v1/reload", "").await.expect(200);
    let plugins = daemon.api.get("/v1/plugins").await.expect(200).json();
    let plugin = plugins["plugins"].as_array().unwrap().iter().find(|one| one["name"] == "hostile-stage").unwrap();
    assert_eq!((&plugin["stages"], &plugin["channels"]), (&json!(["hostile-stage"]), &json!([])));
    // One kind is replaced by the other.
    home.configure(&format!(
        "[channels.a]\nplugin = \"hostile-stage\"\n[[stages]]\nname = \"b\"\nplugin = \"builtin:log\"\n{LOG}"
    ));
    let problem = daemon.api.post("/v1/reload", "").await.expect(422).text();
    assert!(problem.contains("channels.a.plugin: this plugin is a stage"), "{problem}");
    assert!(problem.contains("stages.b.plugin: this plugin is a channel"), "{problem}");
}

#[tokio::test]
async fn explain_shows_what_the_stages_would_do() {
    let home = home(&format!("{}{LOG}", stage("mark", "mode = \"mark\"", "")));
    let daemon = home.start_quietly().await;
    let explain = async |data: Value| {
        let event = json!({ "type": "order.created", "id": "e-1", "data": data });
        daemon.api.post("/v1/explain", event.to_string()).await.expect(200).json()
    };
    let explained = explain(json!({ "a": 1 })).await;
    assert_eq!(explained["event"]["data"], json!({ "a": 1, "marks": ["mark"] }), "{explained:#}");
    assert_eq!(
        (&explained["stages"][0]["did"], &explained["channels"]["log"]["deliver"]),
        (&json!("changed"), &json!(true))
    );
    let explained = explain(json!({ "stage": "drop" })).await;
    assert_eq!((&explained["stages"][0]["did"], &explained["channels"]), (&json!("dropped"), &json!({})));
    let explained = explain(json!({ "stage": "reject" })).await;
    assert!(explained["refused"].as_str().unwrap().contains("not_wanted"), "{explained:#}");
    assert_eq!(daemon.api.metric("fanfare_stage_runs_total{stage=\"mark\",did=\"changed\"}").await, Some(0.0));
    daemon.api.get("/v1/events/e-1").await.expect(404);
}

/// Emitted events pass the stages like published ones.
#[tokio::test]
async fn emitted_events_pass_the_stages() {
    let emitter = hostile(
        "emitter",
        "emit",
        "type = \"made.up\"",
        "grant = { emit = [\">\"] }\nfilter = { types = [\"order.*\"] }\nretries = 0",
    );
    let config =
        |mode: &str| format!("{}{emitter}{LOG}", stage("check", &format!("mode = \"{mode}\""), "types = [\"made.*\"]"));
    let home = home(&config("mark"));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start_quietly().await;
    let emitted = async |id: &str| {
        let result = publish(&daemon.api, id, json!({})).await.expect(200).json();
        let channel = result["channels"]["emitter"].clone();
        let page = daemon.api.get("/v1/events?type=made.up&after=-1").await.expect(200).json();
        (channel, page["events"][0].clone())
    };
    let (channel, event) = emitted("e-1").await;
    assert_eq!(channel["status"], "success", "{channel:#}");
    assert_eq!(event["event"]["data"]["marks"], json!(["mark"]), "{event:#}");
    home.configure(&config("reject"));
    daemon.api.post("/v1/reload", "").await.expect(200);
    let (channel, _) = emitted("e-2").await;
    assert_eq!((&channel["status"], &channel["class"]), (&json!("failed"), &json!("rejected")), "{channel:#}");
    assert!(channel["error"].as_str().unwrap().contains("the stage `check` rejected the event"), "{channel:#}");
    home.configure(&config("drop"));
    daemon.api.post("/v1/reload", "").await.expect(200);
    let (channel, event) = emitted("e-3").await;
    assert_eq!(channel["status"], "success", "{channel:#}");
    assert_eq!(event["result"]["overall_status"], "unrouted", "{event:#}");
}

/// What a stage removed is in no file, no response and no line of the log.
#[tokio::test]
async fn what_a_stage_removed_is_kept_nowhere() {
    const PRIVATE: &str = "ada-9f3c77@example.com";
    let dead = "\n[channels.dead]\nplugin = \"builtin:webhook\"\nretries = 0\n\
                settings = { url = \"http://127.0.0.1:1/\" }\n\
                grant = { http = [\"127.0.0.1:1\"] }\n";
    let home = home(&format!("{}{dead}{LOG}", stage("redact", "mode = \"remove\", member = \"email\"", "")));
    let daemon = home.try_start("trace", &[]).await.unwrap();
    let data = json!({ "email": PRIVATE, "name": "kept-in-clear" });
    for id in ["e-1", "e-1", "e-2"] {
        publish(&daemon.api, id, data.clone()).await.expect(200);
    }
    let refused = json!({ "email": PRIVATE, "name": "other" });
    publish(&daemon.api, "e-1", refused).await.expect(422);
    publish(&daemon.api, "e-3", json!({ "email": PRIVATE, "stage": "drop" })).await.expect(200);
    publish(&daemon.api, "e-4", json!({ "email": PRIVATE, "stage": "panic" })).await.expect(422);
    let letters = until("the dead letters", || async {
        let letters = daemon.api.get("/v1/dead-letters").await.expect(200).json();
        (letters["dead_letters"].as_array()?.len() == 2).then_some(letters)
    })
    .await;
    let delivery = letters["dead_letters"][0]["delivery_id"].as_str().unwrap().to_owned();
    for path in [
        "/v1/events",
        "/v1/events/e-1?source=/shop",
        "/v1/events/e-3?source=/shop",
        "/v1/dead-letters",
        &format!("/v1/dead-letters/{delivery}"),
        "/v1/stages",
        "/v1/stats",
        "/v1/schemas",
        "/v1/channels",
        "/metrics",
        "/readyz",
    ] {
        let answer = daemon.api.get(path).await.expect(200).text();
        assert!(!answer.contains(PRIVATE), "{path}: {answer}");
    }
    let listed = daemon.api.get("/v1/events").await.text();
    assert!(listed.contains("kept-in-clear"), "{listed}");
    daemon.stop().await;
    let mut looked_at = 0;
    for file in files(&home.path("")) {
        let bytes = fs::read(&file).unwrap();
        let found = bytes.windows(PRIVATE.len()).any(|window| window == PRIVATE.as_bytes());
        assert!(!found, "{} holds what was removed", file.display());
        looked_at += 1;
    }
    assert!(looked_at >= 3, "the journal and the log were searched");
    assert!(
        files(&home.path("")).iter().any(|file| fs::read(file).unwrap().windows(13).any(|w| w == b"kept-in-clear"))
    );
}

fn files(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The event of a publisher that disconnects is not recorded, and delays no other.
#[tokio::test]
async fn an_event_whose_publisher_disconnects_is_not_recorded() {
    let home = home(&format!("{}{LOG}", stage("slow", "", "timeout = \"20s\"\nconcurrency = 1")));
    let daemon = home.start_quietly().await;
    let gone =
        tokio::time::timeout(Duration::from_millis(300), publish(&daemon.api, "e-1", json!({ "stage": "sleep" })));
    assert!(gone.await.is_err());
    // The stage's only slot is free again.
    publish(&daemon.api, "e-2", json!({})).await.expect(200);
    daemon.api.get("/v1/events/e-1?source=/shop").await.expect(404);
}

/// Runs a command; returns whether it succeeded, and its output.
async fn command(home: &Home, args: &[&str]) -> (bool, String) {
    let output = fanfare().args(args).current_dir(home.path("")).output().await.unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(printed).unwrap())
}

#[tokio::test]
async fn the_command_line_shows_stages_and_what_they_did() {
    let home = home(&format!("{}{LOG}", stage("mark", "mode = \"mark\"", "types = [\"order.*\"]")));
    let daemon = home.start_quietly().await;
    publish(&daemon.api, "e-1", json!({ "a": 1 })).await.expect(200);
    let url = daemon.api.base.clone();
    let (ok, listed) = command(&home, &["stages", "list", "--url", &url]).await;
    assert!(ok && listed.contains("hostile-stage") && listed.contains("active"), "{listed}");
    let (ok, shown) = command(&home, &["stages", "show", "mark", "--url", &url]).await;
    assert!(ok && shown.contains("order.*") && shown.contains("1 changed"), "{shown}");
    let (ok, missing) = command(&home, &["stages", "show", "none", "--url", &url]).await;
    assert!(!ok && missing.contains("there is no stage `none`"), "{missing}");
    let (ok, shown) = command(&home, &["events", "show", "e-1", "--url", &url]).await;
    assert!(ok && shown.contains("stage mark  changed") && shown.contains("/data/marks"), "{shown}");
    let (ok, status) = command(&home, &["status", "--url", &url]).await;
    assert!(ok && status.contains("hostile-stage"), "{status}");
    daemon.stop().await;

    let check = async |data: &str| {
        let event = format!(r#"{{"type":"order.created","data":{data}}}"#);
        command(&home, &["check", "--config", "config.toml", "--event", &event]).await
    };
    let (ok, checked) = check("{}").await;
    assert!(ok && checked.contains("stage mark  changed") && checked.contains("would go to log"), "{checked}");
    let (ok, checked) = check(r#"{"stage":"drop"}"#).await;
    assert!(ok && checked.contains("stage mark  dropped") && !checked.contains("would go to"), "{checked}");
    let (ok, checked) = check(r#"{"stage":"reject"}"#).await;
    assert!(ok && checked.contains("it would be rejected: the stage `mark` rejected the event"), "{checked}");

    let run = async |data: &str, more: &[&str]| {
        let event = format!(r#"{{"type":"order.created","data":{data}}}"#);
        let args = [&["plugin", "run", "plugins/hostile-stage.wasm", "--event", &event], more].concat();
        command(&home, &args).await
    };
    let (ok, ran) = run(r#"{"a":1}"#, &["--set", "mode=mark", "--set", "mark=x"]).await;
    assert!(ok && ran.contains("changed") && ran.contains("/data/marks") && ran.contains(r#"+ ["x"]"#), "{ran}");
    let (ok, ran) = run(r#"{"a":1}"#, &["--config", "config.toml", "--channel", "mark", "--json"]).await;
    let ran: Value = serde_json::from_str(&ran).unwrap();
    assert!(ok && ran["changed"][0]["after"] == json!(["mark"]), "{ran:#}");
    let (ok, ran) = run(r#"{"stage":"http"}"#, &[]).await;
    assert!(!ok && ran.contains("give --allow"), "{ran}");
    let (ok, inspected) = command(&home, &["plugin", "inspect", "plugins/hostile-stage.wasm"]).await;
    assert!(ok && inspected.contains("stage"), "{inspected}");
}

/// A sidecar's tests prove that the stage does what its author says.
#[tokio::test]
async fn a_stage_has_to_pass_its_self_tests_before_it_goes_live() {
    let home = home(&format!("{}{LOG}", stage("one", "mode = \"mark\"", "")));
    let sidecar = |expect: &str, word: &str| {
        format!("[[tests]]\nevent = {{ type = \"a\", data = {{ stage = \"{word}\" }} }}\nexpect = \"{expect}\"\n")
    };
    let all: String = [("changed", "mark"), ("unchanged", "pass"), ("dropped", "drop"), ("not_wanted", "reject")]
        .map(|(expect, word)| sidecar(expect, word))
        .concat();
    fs::write(home.path("plugins/hostile-stage.toml"), all).unwrap();
    let daemon = home.start_quietly().await;
    publish(&daemon.api, "e-1", json!({})).await.expect(200);
    for (expect, word, says) in [
        ("unchanged", "mark", "was expected to leave the event unchanged, but the event is changed"),
        ("delivered", "drop", "was expected to deliver, but the event is dropped"),
        ("changed", "trap", "was expected to leave the event changed, but failed with `trap`"),
    ] {
        fs::write(home.path("plugins/hostile-stage.toml"), sidecar(expect, word)).unwrap();
        let problem = daemon.api.post("/v1/reload", "").await.expect(422).text();
        assert!(problem.contains(says), "{problem}");
    }
    publish(&daemon.api, "e-2", json!({})).await.expect(200);
}

/// Schemas see the events that come out of the stages, and a stage's metrics are its own.
#[tokio::test]
async fn schemas_validate_what_the_stages_return() {
    let schema = "[schemas.\"order.*\"]\nfile = \"order.json\"\n";
    let home = home(&format!("{schema}{}{LOG}", stage("mark", "mode = \"mark\"", "")));
    fs::write(home.path("order.json"), r#"{ "type": "object", "required": ["marks"] }"#).unwrap();
    let daemon = home.start_quietly().await;
    publish(&daemon.api, "e-1", json!({})).await.expect(200);
    let problem = publish(&daemon.api, "e-2", json!({ "stage": "pass" })).await.expect(422).json();
    assert_eq!(problem["type"], "urn:fanfare:problem:schema-mismatch", "{problem:#}");
    publish(&daemon.api, "e-3", json!({ "stage": "drop" })).await.expect(200);
    publish(&daemon.api, "e-4", json!({ "stage": "metrics", "marks": [] })).await.expect(200);
    assert_eq!(daemon.api.metric("fanfare_plugin_staged_total{stage=\"mark\"}").await, Some(1.0));
}

/// If a stage cannot run, an attempt that emits is retried, and nothing of it is lost.
#[tokio::test]
async fn emitted_events_wait_for_a_stage_that_cannot_run() {
    let emitter = hostile(
        "emitter",
        "emit",
        "type = \"made.up\"",
        "grant = { emit = [\">\"] }\nfilter = { types = [\"order.*\"] }\nretries = 0",
    );
    let home = Home::new(&format!("{}{emitter}", stage("check", "mode = \"mark\"", "types = [\"made.*\"]")));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start_quietly().await;
    let event = json!({ "type": "order.created", "source": "/shop", "id": "e-1" });
    daemon.api.publish_async(event.to_string()).await.expect(202);
    let tried = "fanfare_attempts_total{channel=\"emitter\",class=\"host\"}";
    until("an attempt", || async { daemon.api.metric(tried).await.filter(|count| *count > 0.0) }).await;
    home.install("hostile-stage", fanfare_artifacts::hostile_stage());
    daemon.api.post("/v1/reload", "").await.expect(200);
    until("the delivery", || async {
        (shown(&daemon, "e-1").await["result"]["overall_status"] == "success").then_some(())
    })
    .await;
    let page = daemon.api.get("/v1/events?type=made.up").await.expect(200).json();
    assert_eq!(page["events"].as_array().unwrap().len(), 1, "{page:#}");
    assert_eq!(page["events"][0]["event"]["data"]["marks"], json!(["mark"]));
}

/// `builtin:enrich` with a file in a granted folder.
fn enrich(into: &str) -> String {
    format!(
        "[[stages]]\nname = \"enrich\"\nplugin = \"builtin:enrich\"\n\
         settings = {{ file = \"/enrich/customers.json\", key = \"data.id\", into = \"{into}\" }}\n\
         grant = {{ files = [{{ host = \"enrich\", guest = \"/enrich\" }}] }}\n{LOG}"
    )
}

#[tokio::test]
async fn enrich_does_not_change_a_byte_of_other_data() {
    let home = Home::new("");
    fs::create_dir(home.path("enrich")).unwrap();
    fs::write(home.path("enrich/customers.json"), r#"{"c-1":{"limit":1e400}}"#).unwrap();
    home.configure(&enrich("data.customer"));
    let daemon = home.start_quietly().await;
    let event = r#"{"type":"a","id":"e-1","data":{"id":"c-1", "e":1e400,"big":12345678901234567890123,"f":1.10}}"#;
    daemon.api.publish(event).await.expect(200);
    let shown = daemon.api.get("/v1/events/e-1").await.expect(200).text();
    let want = r#""data":{"id":"c-1", "e":1e400,"big":12345678901234567890123,"f":1.10,"customer":{"limit":1e400}}"#;
    assert!(shown.contains(want), "{shown}");
}

#[tokio::test]
async fn enrich_s_missing_file_is_reported_before_any_event() {
    let home = Home::new("");
    fs::create_dir(home.path("enrich")).unwrap();
    home.configure(&enrich("data.customer"));
    let (ok, checked) = command(&home, &["check"]).await;
    assert!(ok && checked.contains("stages.enrich.settings.file: is /enrich/customers.json, but "), "{checked}");
    assert!(checked.contains("enrich/customers.json does not exist"), "{checked}");
    let daemon = home.start_quietly().await;
    assert!(home.log().contains("enrich/customers.json does not exist"), "{}", home.log());
    let event = json!({ "type": "a", "id": "e-1", "data": { "id": "c-1" } }).to_string();
    let refused = daemon.api.publish(event.clone()).await.expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    let problem = refused.json();
    assert_eq!(problem["type"], "urn:fanfare:problem:stage-unavailable", "{problem:#}");
    assert_eq!((&problem["class"], &problem["code"]), (&json!("retry"), &json!("unreadable_file")), "{problem:#}");
    fs::write(home.path("enrich/customers.json"), r#"{"c-1":1}"#).unwrap();
    daemon.api.publish(event).await.expect(200);
    let (ok, checked) = command(&home, &["check"]).await;
    assert!(ok && !checked.contains("does not exist"), "{checked}");

    // A key that it may not write to is reported before any event.
    for into in ["id", "subject", "data.", "data..a", "customer"] {
        home.configure(&enrich(into));
        let (ok, checked) = command(&home, &["check"]).await;
        assert!(!ok && checked.contains("stages.enrich.settings.into"), "{into}: {checked}");
    }
}
