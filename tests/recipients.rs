//! Whom events are for, and what they want: files, the API, preferences and quiet hours.

use std::fs;

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    reload::reload_error,
    support::{
        client::Answer,
        daemon::{Daemon, Home, fanfare},
        receiver::{Answering, Receiver},
        until, webhook,
    },
};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// A folder with these recipients, and more in its configuration.
fn home(recipients: &str, config: &str) -> Home {
    let home = Home::new("");
    fs::write(home.path("recipients.toml"), recipients).unwrap();
    home.configure(&format!("[recipients]\nfile = \"recipients.toml\"\n{config}"));
    home
}

async fn put(daemon: &Daemon, subject: &str, recipient: &Value) -> Answer {
    daemon.api.send(Method::PUT, &format!("/v1/recipients/{subject}"), &JSON, recipient.to_string()).await
}

async fn send(daemon: &Daemon, event: &Value) -> Value {
    daemon.api.publish(event.to_string()).await.json()
}

/// A channel's result for an event, once it has that status.
async fn in_status(daemon: &Daemon, id: &str, channel: &str, status: &str) -> Value {
    until(status, || async {
        let shown = daemon.api.event(id).await["result"]["channels"][channel].clone();
        (shown["status"] == status).then_some(shown)
    })
    .await
}

/// Quiet hours that last all day except for one second, whatever time it is.
fn all_day() -> Value {
    json!({ "from": "00:00", "to": "23:59:59", "zone": "UTC" })
}

#[tokio::test]
async fn what_a_recipient_turned_off_is_skipped_with_the_reason() {
    let receiver = Receiver::start().await;
    let home = home(
        "[usr_1]\nemail = \"ada@example.com\"\nchannels.hook = { off = [\"promo.*\"], on = [\"promo.sale\"] }\n\
         [usr_2.channels.hook]\noff = true\n",
        &format!(
            "except = \"event.severity == 'critical'\"\n\
             defaults = {{ channels = {{ hook = {{ off = [\"news.>\"] }} }} }}\n{}{}",
            webhook("hook", &receiver, ""),
            webhook("other", &receiver, "")
        ),
    );
    let daemon = home.start_quietly().await;
    let result = send(&daemon, &json!({ "type": "promo.spring", "id": "e1", "subject": "usr_1" })).await;
    let skipped = &result["channels"]["hook"];
    assert_eq!((&skipped["status"], &skipped["reason"]), (&json!("skipped"), &json!("preference")), "{result:#}");
    assert_eq!(skipped["detail"], "the recipient `usr_1` has switched off `promo.*` on this channel");
    assert_eq!((&skipped["attempts"], &result["overall_status"]), (&json!(0), &json!("success")));
    assert_eq!((&result["channels"]["other"]["status"], &result["summary"]["skipped"]), (&json!("success"), &json!(1)));

    let status = async |event: Value| send(&daemon, &event).await["channels"]["hook"]["status"].clone();
    assert_eq!(status(json!({ "type": "promo.sale", "subject": "usr_1" })).await, "success", "an exception");
    assert_eq!(status(json!({ "type": "order.paid", "subject": "usr_1" })).await, "success");
    assert_eq!(status(json!({ "type": "news.a.b", "subject": "usr_1" })).await, "success", "it has its own `off`");
    assert_eq!(status(json!({ "type": "order.paid", "subject": "usr_2" })).await, "skipped");
    assert_eq!(status(json!({ "type": "news.a.b", "subject": "nobody" })).await, "skipped", "the defaults");
    assert_eq!(status(json!({ "type": "news.a.b" })).await, "success", "nobody's");
    let critical = json!({ "type": "order.paid", "subject": "usr_2", "severity": "critical" });
    assert_eq!(status(critical).await, "success", "an exception for everybody");
    assert_eq!(daemon.api.metric("fanfare_deliveries_total{channel=\"hook\",outcome=\"skipped\"}").await, Some(3.0));

    let explained =
        daemon.api.post("/v1/explain", r#"{"type":"promo.spring","subject":"usr_1"}"#).await.expect(200).json();
    assert_eq!(explained["channels"]["hook"]["reason"], "preference", "{explained:#}");
    assert_eq!(explained["channels"]["hook"]["detail"], skipped["detail"]);
    assert_eq!(explained["channels"]["other"], json!({ "deliver": true }));
    let event = r#"{"type":"promo.spring","subject":"usr_1"}"#;
    let config = home.path("config.toml");
    let checked = fanfare().args(["check", "--event", event, "--config"]).arg(config).output().await.unwrap();
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(said.contains("not to hook: the recipient `usr_1` has switched off `promo.*`"), "{said}");

    assert!(!home.log().contains("ada@example.com"));
    assert!(!daemon.api.get("/metrics").await.text().contains("ada@example.com"));
}

#[tokio::test]
async fn the_api_sets_recipients_durably_and_overrides_the_files() {
    let receiver = Receiver::start().await;
    let channel = webhook("hook", &receiver, "");
    let home = home("[usr_1]\nlocale = \"de\"\n[\"a/b ü\"]\n", &channel);
    let daemon = home.start_quietly().await;
    let shown = daemon.api.get("/v1/recipients/usr_1").await.expect(200).json();
    assert_eq!(shown, json!({ "subject": "usr_1", "source": "file", "locale": "de" }));
    daemon.api.get("/v1/recipients/a%2Fb%20%C3%BC").await.expect(200);
    daemon.api.get("/v1/recipients/usr_9").await.expect(404);

    let off = json!({ "channels": { "hook": { "off": true } }, "attributes": { "name": "Ada" } });
    let set = put(&daemon, "usr_1", &off).await.expect(200).json();
    assert_eq!((&set["source"], &set["attributes"]["name"]), (&json!("api"), &json!("Ada")), "{set:#}");
    put(&daemon, "usr_9", &set).await.expect(422);
    let mut again = set.clone();
    again["subject"] = json!("usr_9");
    put(&daemon, "usr_9", &again).await.expect(201);
    put(&daemon, "usr_9", &off).await.expect(200);
    let event = json!({ "type": "a", "subject": "usr_1" });
    assert_eq!(
        send(&daemon, &event).await["channels"]["hook"]["status"],
        "skipped",
        "it applies from the next turn on"
    );

    daemon.kill().await;
    let daemon = home.start_quietly().await;
    assert_eq!(send(&daemon, &event).await["channels"]["hook"]["status"], "skipped", "it is durable");
    let page = |path: &'static str| daemon.api.get(path);
    let subjects = |answer: Answer| {
        let page = answer.expect(200).json();
        let of = |list: &Value| list.as_array().unwrap().iter().map(|one| one["subject"].clone()).collect::<Vec<_>>();
        (of(&page["recipients"]), page["next"].clone())
    };
    assert_eq!(
        subjects(page("/v1/recipients").await),
        (vec![json!("a/b ü"), json!("usr_1"), json!("usr_9")], Value::Null)
    );
    assert_eq!(subjects(page("/v1/recipients?limit=1&prefix=usr").await), (vec![json!("usr_1")], json!("usr_1")));
    assert_eq!(
        subjects(page("/v1/recipients?limit=1&prefix=usr&after=usr_1").await),
        (vec![json!("usr_9")], Value::Null)
    );
    daemon.api.get("/v1/recipients?perfix=a").await.expect(400);

    let delete =
        async |subject: &str| daemon.api.send(Method::DELETE, &format!("/v1/recipients/{subject}"), &[], "").await;
    delete("usr_1").await.expect(204);
    let problem = delete("usr_1").await.expect(404).json();
    assert!(problem["detail"].as_str().unwrap().contains("it comes from a file"), "{problem:#}");
    assert_eq!(daemon.api.get("/v1/recipients/usr_1").await.expect(200).json()["source"], "file");
    assert_eq!(send(&daemon, &event).await["channels"]["hook"]["status"], "success");
    delete("usr_9").await.expect(204);
    daemon.api.get("/v1/recipients/usr_9").await.expect(404);
    let report = fanfare().args(["doctor", "--json", "--config"]).arg(home.path("config.toml")).output().await.unwrap();
    assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stdout));
}

#[tokio::test]
async fn an_invalid_recipient_is_rejected_with_pointers_and_changes_nothing() {
    let home = Home::new("");
    let daemon = home.start_quietly().await;
    put(&daemon, "usr_1", &json!({ "locale": "de" })).await.expect(201);
    let wrong =
        json!({ "email": "secret", "channels": { "a": { "off": ["b..c"] } }, "quiet": { "from": "22:00" }, "x": 1 });
    let problem = put(&daemon, "usr_1", &wrong).await.expect(422).json();
    assert_eq!(problem["type"], "urn:fanfare:problem:invalid-recipient");
    let mut pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/channels/a/off/0", "/email", "/quiet/to", "/quiet/zone", "/x"]);
    assert!(!problem.to_string().contains("secret"), "{problem:#}");
    assert_eq!(daemon.api.get("/v1/recipients/usr_1").await.expect(200).json()["locale"], "de");
    put(&daemon, "usr_1", &json!([])).await.expect(422);
    daemon.api.send(Method::PUT, "/v1/recipients/usr_1", &JSON, "{").await.expect(400);
    daemon.api.send(Method::PUT, "/v1/recipients/usr_1", &[], "{}x").await.expect(415);
    put(&daemon, "a%0Ab", &json!({})).await.expect(422);
    let large = json!({ "attributes": { "a": "x".repeat(20_000) } });
    put(&daemon, "usr_1", &large).await.expect(422);
}

#[tokio::test]
async fn a_file_with_a_mistake_changes_nothing_until_it_is_fixed() {
    let receiver = Receiver::start().await;
    let home = home("[usr_1.channels.hook]\noff = true\n", &webhook("hook", &receiver, ""));
    let daemon = home.start_quietly().await;
    let event = json!({ "type": "a", "subject": "usr_1" });
    assert_eq!(send(&daemon, &event).await["channels"]["hook"]["status"], "skipped");

    let broken = "[usr_1]\nemail = \"private\"\nlocle = \"de\"\n";
    fs::write(home.path("recipients.toml"), broken).unwrap();
    let first = reload_error(&daemon, "recipients.toml:2:9: usr_1.email: is not an e-mail address").await;
    let second =
        reload_error(&daemon, "recipients.toml:3:9: usr_1.locle: is unknown here: did you mean `locale`?").await;
    assert!(!first.contains("private") && !second.contains("private"), "{first}\n{second}");
    assert_eq!(send(&daemon, &event).await["channels"]["hook"]["status"], "skipped", "the older one is still in force");
    let ready = daemon.api.get("/readyz").await;
    assert!(ready.text().contains("recipients.toml"), "{}", ready.text());
    let config = home.path("config.toml");
    let checked = fanfare().args(["check", "--config"]).arg(&config).output().await.unwrap();
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(!checked.status.success() && said.contains("recipients.toml:2:9") && !said.contains("private"), "{said}");
    assert!(!home.log().contains("private"));

    fs::write(home.path("recipients.toml"), "[usr_1.channels]\nhook.off = [\"b\"]\nemial.off = true\n").unwrap();
    until("the mended file", || async {
        (send(&daemon, &event).await["channels"]["hook"]["status"] == "success").then_some(())
    })
    .await;
    let checked = fanfare().args(["check", "--config"]).arg(&config).output().await.unwrap();
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        checked.status.success() && said.contains("the recipient `usr_1` has a preference for a channel `emial`"),
        "{said}"
    );
    daemon.kill().await;
    fs::write(home.path("recipients.toml"), broken).unwrap();
    let started = fanfare().args(["serve", "--config"]).arg(&config).output().await.unwrap();
    assert!(!started.status.success(), "a daemon does not start without the configured preferences");
}

#[tokio::test]
async fn a_folder_of_recipients_is_watched() {
    let receiver = Receiver::start().await;
    let home = Home::new("");
    fs::create_dir(home.path("people")).unwrap();
    fs::write(home.path("people/a.json"), r#"{"usr_1": {"channels": {"hook": {"off": true}}}}"#).unwrap();
    home.configure(&format!("[recipients]\nfile = \"people\"\n{}", webhook("hook", &receiver, "")));
    let daemon = home.start_quietly().await;
    let skipped = async |subject: &str| {
        send(&daemon, &json!({ "type": "a", "subject": subject })).await["channels"]["hook"]["status"] == "skipped"
    };
    assert!(skipped("usr_1").await && !skipped("usr_2").await);
    fs::write(home.path("people/b.toml"), "[usr_2.channels.hook]\noff = true\n").unwrap();
    until("the new file", || async { skipped("usr_2").await.then_some(()) }).await;
    fs::write(home.path("people/b.toml"), "[usr_1]\n").unwrap();
    reload_error(&daemon, "the recipient `usr_1` is also in").await;
    fs::remove_file(home.path("people/a.json")).unwrap();
    until("it is alone", || async { (!skipped("usr_1").await && !skipped("usr_2").await).then_some(()) }).await;
}

#[tokio::test]
async fn personal_quiet_hours_defer_until_the_recipient_changes_them() {
    let receiver = Receiver::start().await;
    let home = home("", &webhook("hook", &receiver, "order = \"subject\"\n"));
    let daemon = home.start_quietly().await;
    for subject in ["usr_1", "usr_2"] {
        put(&daemon, subject, &json!({ "quiet": all_day() })).await.expect(201);
        let event = json!({ "type": "a", "id": format!("{subject}-1"), "subject": subject });
        daemon.api.publish_async(event.to_string()).await.expect(202);
        until("the wait", || async {
            let shown = daemon.api.event(&format!("{subject}-1")).await["result"]["channels"]["hook"].clone();
            (shown["waiting_for"] == "quiet" && shown["until"].is_string()).then_some(())
        })
        .await;
    }
    // The next delivery with its key is held back behind it.
    daemon.api.publish_async(r#"{"type":"b","id":"usr_1-2","subject":"usr_1"}"#).await.expect(202);
    let explained = daemon.api.post("/v1/explain", r#"{"type":"a","subject":"usr_1"}"#).await.expect(200).json();
    assert_eq!(explained["channels"]["hook"]["waiting_for"], "quiet", "{explained:#}");
    assert_eq!(receiver.count(), 0);

    // A delivery that was turned off meanwhile is skipped at its next turn, and the next with its key continues.
    put(&daemon, "usr_1", &json!({ "channels": { "hook": { "off": ["a"] } } })).await.expect(200);
    in_status(&daemon, "usr_1-1", "hook", "skipped").await;
    in_status(&daemon, "usr_1-2", "hook", "success").await;
    let other = daemon.api.event("usr_2-1").await["result"]["channels"]["hook"].clone();
    assert_eq!(other["waiting_for"], "quiet", "other recipients' changes do not affect it: {other:#}");
    // The same through a file: the recipient that was set over HTTP is deleted, and the file has no quiet hours.
    daemon.api.send(Method::DELETE, "/v1/recipients/usr_2", &[], "").await.expect(204);
    in_status(&daemon, "usr_2-1", "hook", "success").await;
    assert_eq!(receiver.count(), 2);
}

#[tokio::test]
async fn once_fallbacks_replays_and_redrives_obey_preferences() {
    let receiver = Receiver::start().await;
    let home = Home::new("");
    let fails = Receiver::start().await;
    fails.answer(Answering::status(400));
    home.configure(
        &[
            webhook("hook", &receiver, "once = { per = \"data.k\", within = \"1h\" }\n"),
            webhook("main", &fails, "filter = { types = [\"f\"] }\nfallback = [\"spare\"]\n"),
            webhook("spare", &receiver, ""),
        ]
        .concat(),
    );
    let daemon = home.start_quietly().await;
    put(&daemon, "u", &json!({ "channels": { "hook": { "off": ["a"] }, "spare": { "off": true } } })).await.expect(201);
    let event = |id: &str, ty: &str| json!({ "type": ty, "id": id, "subject": "u", "data": { "k": 1 } });
    assert_eq!(send(&daemon, &event("e1", "a")).await["channels"]["hook"]["reason"], "preference");
    assert_eq!(
        send(&daemon, &event("e2", "b")).await["channels"]["hook"]["status"],
        "success",
        "e1 did not count for `once`"
    );
    assert_eq!(send(&daemon, &event("e3", "b")).await["channels"]["hook"]["reason"], "once");

    let failed = send(&daemon, &event("e4", "f")).await;
    assert_eq!(failed["channels"]["main"]["status"], "failed", "{failed:#}");
    let spare = in_status(&daemon, "e4", "spare", "skipped").await;
    assert_eq!((&spare["reason"], &spare["fallback_for"]), (&json!("preference"), &json!("main")), "{spare:#}");

    // A redrive ignores preferences, and a replay obeys them.
    put(&daemon, "u", &json!({ "channels": { "main": { "off": true } } })).await.expect(200);
    fails.answer(Answering::status(200));
    let dead = daemon.api.get("/v1/dead-letters").await.expect(200).json();
    let redrive = json!({ "delivery_id": dead["dead_letters"][0]["delivery_id"] }).to_string();
    daemon.api.post("/v1/dead-letters/replay", redrive).await.expect(202);
    in_status(&daemon, "e4", "main", "success").await;
    let replay = daemon.api.post("/v1/replays", r#"{"channels":["main"],"types":["f"]}"#).await.expect(202).json();
    let job = until("the replay", || async {
        let job = daemon.api.get(&format!("/v1/replays/{}", replay["id"])).await.expect(200).json();
        (job["state"] == "done").then_some(job)
    })
    .await;
    assert_eq!((&job["sent"], &job["skipped"], &job["delivered"]), (&json!(0), &json!(1), &json!(0)), "{job:#}");
    let event = daemon.api.get("/v1/events/e4").await.expect(200).json();
    let main = &event["result"]["channels"]["main"];
    let told = (&main["status"], &main["attempts"], &main["skipped_replay"]["reason"]);
    assert_eq!(told, (&json!("success"), &json!(1), &json!("preference")), "the delivery stays delivered: {main:#}");
    assert_eq!(fails.count(), 2);
}

#[tokio::test]
async fn a_dead_letter_stays_when_its_replay_is_skipped() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(400));
    let home = Home::new(&webhook("hook", &receiver, ""));
    let daemon = home.start_quietly().await;
    let failed = send(&daemon, &json!({ "type": "a", "id": "e1", "subject": "u" })).await;
    let letter = format!("/v1/dead-letters/{}", failed["channels"]["hook"]["delivery_id"].as_str().unwrap());
    let before = daemon.api.get(&letter).await.expect(200).json();
    put(&daemon, "u", &json!({ "channels": { "hook": { "off": true } } })).await.expect(201);
    let replay = async || {
        let job = daemon.api.post("/v1/replays", r#"{"channels":["hook"]}"#).await.expect(202).json();
        until("the replay", || async {
            let job = daemon.api.get(&format!("/v1/replays/{}", job["id"])).await.expect(200).json();
            (job["state"] == "done").then_some(job)
        })
        .await
    };
    let job = replay().await;
    assert_eq!((&job["sent"], &job["skipped"], &job["dead"]), (&json!(0), &json!(1), &json!(0)), "{job:#}");
    let after = daemon.api.get(&letter).await.expect(200).json();
    for member in ["code", "error", "at", "attempts"] {
        assert_eq!(after[member], before[member], "{after:#}");
    }
    let result = &after["result"];
    let hook = &result["channels"]["hook"];
    assert_eq!((&hook["status"], &hook["skipped_replay"]["reason"]), (&json!("failed"), &json!("preference")));
    assert_eq!((&result["overall_status"], &hook["code"]), (&json!("failed"), &before["code"]), "{result:#}");
    let failed = daemon.api.get("/v1/events?status=failed").await.expect(200).json();
    assert_eq!(failed["events"].as_array().map(Vec::len), Some(1), "{failed:#}");
    let shown = fanfare().args(["events", "show", "e1", "--url", &daemon.api.base]).output().await.unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("skipped (replay)  preference: "), "{shown}");
    let channel = daemon.api.get("/v1/channels/hook").await.expect(200).json();
    assert_eq!((&channel["dead_letters"], &channel["pending"]), (&json!(1), &json!(0)), "{channel:#}");

    // A replay that is wanted again delivers it, and it is no longer a dead letter.
    put(&daemon, "u", &json!({})).await.expect(200);
    receiver.answer(Answering::status(200));
    assert_eq!(replay().await["delivered"], 1);
    daemon.api.get(&letter).await.expect(404);
    daemon.kill().await;
    let report = fanfare().args(["doctor", "--json", "--config"]).arg(home.path("config.toml")).output().await.unwrap();
    assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stdout));
}

#[tokio::test]
async fn an_unwanted_fallback_passes_the_event_to_the_next_one() {
    let (broken, receiver) = (Receiver::start().await, Receiver::start().await);
    broken.answer(Answering::status(400));
    let home = Home::new(
        &[
            webhook("email", &broken, "fallback = [\"push\", \"sms\"]\n"),
            webhook("push", &receiver, "fallback = [\"post\"]\n"),
            webhook("sms", &receiver, ""),
            webhook("post", &receiver, ""),
        ]
        .concat(),
    );
    let daemon = home.start_quietly().await;
    let off = |names: &[&str]| {
        let channels: serde_json::Map<_, _> =
            names.iter().map(|name| ((*name).to_owned(), json!({ "off": true }))).collect();
        json!({ "channels": channels })
    };
    put(&daemon, "u1", &off(&["push"])).await.expect(201);
    put(&daemon, "u2", &off(&["push", "sms"])).await.expect(201);
    put(&daemon, "u3", &off(&["push", "sms", "post"])).await.expect(201);
    for (subject, id) in [("u1", "e1"), ("u2", "e2"), ("u3", "e3")] {
        send(&daemon, &json!({ "type": "a", "id": id, "subject": subject })).await;
    }
    let sms = in_status(&daemon, "e1", "sms", "success").await;
    assert_eq!(sms["fallback_for"], "push", "{sms:#}");
    assert_eq!(in_status(&daemon, "e1", "push", "skipped").await["fallback_for"], "email");
    let post = in_status(&daemon, "e2", "post", "success").await;
    assert_eq!(post["fallback_for"], "sms", "{post:#}");
    in_status(&daemon, "e3", "post", "skipped").await;
    until("all of it", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    assert_eq!((broken.count(), receiver.count()), (3, 2));
    let first = daemon.api.event("e1").await;
    assert!(first["result"]["channels"]["post"].is_null(), "one of the chain is enough: {first:#}");

    // No channel gets it twice, across a replay and a restart.
    daemon.kill().await;
    let daemon = home.start_quietly().await;
    daemon.api.post("/v1/dead-letters/replay", r#"{"all":true}"#).await.expect(202);
    until("the redrive", || async { (broken.count() == 6).then_some(()) }).await;
    until("its end", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    assert_eq!(receiver.count(), 2);
}

#[tokio::test]
async fn an_event_that_is_no_longer_wanted_leaves_its_digest() {
    let batch = "[channels.many]\nplugin = \"hostile-batch\"\nbatch = { max = 3, linger = \"1h\" }\n";
    let home = Home::new(batch);
    home.install("hostile-batch", fanfare_artifacts::hostile_batch());
    let daemon = home.start_quietly().await;
    let publish = async |id: &str, subject: &str| {
        let event = json!({ "type": "a", "id": id, "subject": subject, "data": {} });
        daemon.api.publish_async(event.to_string()).await.expect(202);
    };
    publish("e1", "u1").await;
    publish("e2", "u2").await;
    until("two in the batch", || async {
        let shown = daemon.api.get("/v1/channels/many").await.expect(200).json();
        (shown["gathered"]["deliveries"] == 2).then_some(())
    })
    .await;
    put(&daemon, "u1", &json!({ "channels": { "many": { "off": true } } })).await.expect(201);
    publish("e3", "u1").await;
    in_status(&daemon, "e3", "many", "skipped").await;
    publish("e4", "u2").await;
    in_status(&daemon, "e1", "many", "skipped").await;
    let sent = in_status(&daemon, "e2", "many", "success").await;
    assert_eq!(sent["receipt"]["ids"], json!(["e2", "e4"]), "{sent:#}");
}

#[tokio::test]
async fn the_api_and_the_command_show_what_a_replay_waits_for() {
    let receiver = Receiver::start().await;
    let home = home("", &webhook("hook", &receiver, ""));
    let daemon = home.start_quietly().await;
    send(&daemon, &json!({ "type": "a", "id": "e1", "subject": "u" })).await;
    assert_eq!(daemon.api.get("/v1/channels/hook").await.expect(200).json()["oldest_pending_at"], Value::Null);
    put(&daemon, "u", &json!({ "quiet": all_day() })).await.expect(201);
    let mut replaying = fanfare()
        .args(["replay", "--channel", "hook", "--yes", "--url", &daemon.api.base])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let job = until("the wait", || async {
        let job = daemon.api.get("/v1/replays/1").await;
        (job.status == 200).then(|| job.json()).filter(|job| job["waiting"].is_array())
    })
    .await;
    let waiting = &job["waiting"][0];
    assert_eq!((&waiting["channel"], &waiting["waiting_for"]), (&json!("hook"), &json!("quiet")), "{job:#}");
    assert!(waiting["deliveries"] == 1 && waiting["until"].is_string(), "{job:#}");
    let channel = daemon.api.get("/v1/channels/hook").await.expect(200).json();
    assert!(
        channel["oldest_pending_at"].is_string(),
        "what waits is shown, also where a job has begun it: {channel:#}"
    );
    let listed = fanfare().args(["replay", "status", "1", "--url", &daemon.api.base]).output().await.unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("hook: 1 delivery waits until ") && listed.contains("(quiet)"), "{listed}");

    // The command reports the wait before the replay ends.
    let mut lines = tokio::io::BufReader::new(replaying.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("fanfare replay status 1") {
        assert!(
            tokio::io::AsyncBufReadExt::read_line(&mut lines, &mut said).await.unwrap() > 0,
            "it says nothing: {said}"
        );
    }
    assert!(said.contains("hook: 1 delivery waits until ") && said.contains("(quiet)"), "{said}");
    put(&daemon, "u", &json!({})).await.expect(200);
    let ended = replaying.wait_with_output().await.unwrap();
    assert!(ended.status.success() && String::from_utf8_lossy(&ended.stdout).contains("1 delivered"), "{ended:?}");
}

#[tokio::test]
async fn skipped_deliveries_are_counted_and_in_the_timeline() {
    let receiver = Receiver::start().await;
    let home = home("[u.channels.hook]\noff = true\n", &webhook("hook", &receiver, ""));
    let daemon = home.start_quietly().await;
    send(&daemon, &json!({ "type": "a", "id": "e1", "subject": "u" })).await;
    let stats = daemon.api.get("/v1/stats").await.expect(200).json();
    assert_eq!((&stats["totals"]["skipped"], &stats["totals"]["pending"]), (&json!(1), &json!(0)), "{stats:#}");
    let shown = async |args: &[&str]| {
        let output = fanfare().args(args).args(["--url", &daemon.api.base]).output().await.unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let event = shown(&["events", "show", "e1"]).await;
    let line = event.lines().find(|line| line.contains("– hook  skipped")).unwrap_or_default();
    assert!(
        line.starts_with('+') && line.ends_with("preference: the recipient `u` has switched this channel off"),
        "{event}"
    );
    assert!(shown(&["status"]).await.contains("1 skipped"));
}

#[tokio::test]
async fn duplicate_members_and_invalid_subjects_of_recipients_are_rejected() {
    let home = home("", "");
    let daemon = home.start_quietly().await;
    let set = put(&daemon, "u", &json!({ "locale": "de" })).await.expect(201).json();
    assert_eq!(set["changed_at"].as_str().unwrap().len(), "2026-11-20T10:30:00.000000Z".len(), "{set:#}");
    let twice = r#"{"locale":"de","channels":{"a":{"off":true,"off":false}}}"#;
    let problem = daemon.api.send(Method::PUT, "/v1/recipients/u", &JSON, twice).await.expect(422).text();
    assert!(problem.contains("the member `off` appears more than once; send it once"), "{problem}");
    let command = async |args: &[&str]| {
        let output =
            fanfare().args(["recipients"]).args(args).args(["--url", &daemon.api.base]).output().await.unwrap();
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, said) = command(&["set", "u", r#"{"locale":"de","locale":"en"}"#]).await;
    assert!(code == Some(1) && said.contains("the member `locale` appears more than once; send it once"), "{said}");
    for args in [&["set", "", "{}"][..], &["show", ""], &["delete", ""]] {
        let (code, said) = command(args).await;
        assert!(code == Some(2) && said.contains("the subject is empty"), "{args:?}: {said}");
    }
    let long = format!("a{}z", "x".repeat(1_000));
    put(&daemon, &long, &json!({ "locale": "de" })).await.expect(201);
    let (_, listed) = command(&["list"]).await;
    assert!(listed.lines().all(|line| line.chars().count() < 120) && listed.contains('…'), "{listed}");
    assert!(command(&["list", "--wide"]).await.1.contains(&long));
}
