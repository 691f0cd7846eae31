//! The audit trail: every administrative act, with who did it and how it ended.

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    access::{Holder, secret, token},
    support::{
        client::Api,
        daemon::{Home, fanfare},
        faults::{Disk, Faults},
        until,
    },
};

const LOG: &str = "[channels.log]\nplugin = \"builtin:log\"\n";
const JSON: (&str, &str) = ("content-type", "application/json");

async fn acts(holder: &Holder<'_>, query: &str) -> Vec<Value> {
    let answer = holder.get(&format!("/v1/audit{query}")).await.expect(200).json();
    answer["acts"].as_array().unwrap().clone()
}

/// Who, what, to what and how it ended.
fn short(act: &Value) -> (&str, &str, &str, &str) {
    let text = |name: &str| act[name].as_str().unwrap_or("null");
    (text("who"), text("what"), text("target"), text("outcome"))
}

#[tokio::test]
async fn every_act_is_recorded_with_its_caller_parameters_and_outcome() {
    let tokens = [token("boss", &["admin"], ""), token("ops", &["operate"], ""), token("reader", &["read"], "")];
    let home = Home::new(&format!("{LOG}{}", tokens.concat()));
    let daemon = home.start_quietly().await;
    let (boss, ops, reader) =
        (Holder::new(&daemon.api, "boss"), Holder::new(&daemon.api, "ops"), Holder::new(&daemon.api, "reader"));
    boss.post("/v1/events", r#"{"type":"a","id":"1"}"#).await.expect(200);
    boss.post("/v1/explain", r#"{"type":"a"}"#).await.expect(200);
    let calls = [
        ("ops", "pauseChannel", Method::POST, "/v1/channels/log/pause", r#"{"reason":"tea"}"#, 200),
        ("ops", "pauseChannel", Method::POST, "/v1/channels/none/pause", "{}", 404),
        ("ops", "resumeChannel", Method::POST, "/v1/channels/log/resume", "", 200),
        ("ops", "testChannel", Method::POST, "/v1/channels/log/test", r#"{"type":"t","data":"private"}"#, 200),
        ("boss", "forgetChannel", Method::POST, "/v1/channels/log/forget", "", 409),
        ("ops", "dropDelivery", Method::POST, "/v1/deliveries/none/drop", r#"{"reason":"x"}"#, 404),
        ("ops", "cancelEvent", Method::DELETE, "/v1/events/1", "", 409),
        ("ops", "replayDeadLetters", Method::POST, "/v1/dead-letters/replay", r#"{"all":true}"#, 202),
        ("boss", "purgeDeadLetters", Method::POST, "/v1/dead-letters/purge", r#"{"all":true,"dry_run":true}"#, 200),
        ("boss", "deleteDeadLetter", Method::DELETE, "/v1/dead-letters/none", "", 404),
        ("ops", "beginReplay", Method::POST, "/v1/replays", r#"{"channels":["log"]}"#, 202),
        ("ops", "cancelReplay", Method::POST, "/v1/replays/none/cancel", "", 404),
        ("boss", "setRecipient", Method::PUT, "/v1/recipients/ada", r#"{"email":"private@example.com"}"#, 201),
        ("boss", "deleteRecipient", Method::DELETE, "/v1/recipients/ada", "", 204),
        ("boss", "reload", Method::POST, "/v1/reload", "", 200),
    ];
    for (who, _, method, path, body, status) in &calls {
        let holder = if *who == "boss" { &boss } else { &ops };
        holder.send(method.clone(), path, body).await.expect(*status);
    }
    // The gate rejects these, so they are not acts.
    reader.post("/v1/channels/log/pause", "{}").await.expect(403);
    daemon.api.post("/v1/channels/log/pause", "{}").await.expect(401);
    reader.get("/v1/audit").await.expect(403);
    ops.get("/v1/audit").await.expect(403);

    let recorded = acts(&boss, "").await;
    let first = recorded.first().map(short).unwrap();
    assert_eq!((first.0, first.1, first.3), ("daemon", "start", "ok"));
    let outcomes: Vec<_> =
        calls.iter().map(|call| if call.5 < 300 { "ok".to_owned() } else { call.5.to_string() }).collect();
    let wanted: Vec<_> =
        calls.iter().zip(&outcomes).map(|(call, outcome)| (call.0, call.1, call.3, outcome.as_str())).collect();
    assert_eq!(recorded[1..].iter().map(short).collect::<Vec<_>>(), wanted);
    assert!(recorded[1..].iter().all(|act| act["from"].as_str().unwrap().starts_with("127.0.0.1:")));
    let of = |what: &str| recorded.iter().find(|act| act["what"] == what).unwrap();
    assert_eq!(of("pauseChannel")["details"], json!({ "reason": "tea" }));
    assert_eq!(of("beginReplay")["details"], json!({ "channels": ["log"] }));
    for private in ["private", "ff_"] {
        assert!(!json!(recorded).to_string().contains(private), "{private}");
    }
    assert_eq!(acts(&boss, "?who=ops&what=pauseChannel").await.len(), 2);
    assert_eq!(acts(&boss, "?order=newest&limit=1").await[0]["what"], "reload");
    boss.get("/v1/audit?nobody=knows").await.expect(400);

    let mut command = fanfare();
    command
        .args(["audit", "--what", "pauseChannel"])
        .env("FANFARE_URL", &daemon.api.base)
        .env("FANFARE_TOKEN", secret("boss"));
    let printed = String::from_utf8(command.output().await.unwrap().stdout).unwrap();
    assert!(printed.contains("/v1/channels/log/pause {\"reason\":\"tea\"}"), "{printed}");
    daemon.stop().await;
    let daemon = home.start_quietly().await;
    let boss = Holder::new(&daemon.api, "boss");
    let ends = acts(&boss, "?who=daemon").await;
    assert_eq!(ends.iter().map(|act| act["what"].clone()).collect::<Vec<_>>(), ["start", "stop", "start"]);
}

#[tokio::test]
async fn a_token_that_someone_pastes_is_masked() {
    let home = Home::new(LOG);
    let daemon = home.start_quietly().await;
    let made = fanfare().args(["token", "new", "--name", "x", "--scopes", "read", "--print"]).output().await.unwrap();
    let made = String::from_utf8(made.stdout).unwrap();
    let start = made.find("ff_").unwrap_or_else(|| panic!("no token in {made}"));
    let pasted = made[start..].split_whitespace().next().unwrap();
    assert_eq!(pasted.len(), 46, "{made}");
    let reason = json!({ "reason": format!("is {pasted} leaked?") }).to_string();
    daemon.api.post("/v1/channels/log/pause", reason).await.expect(200);
    let path = format!("/v1/events/{pasted}?source={pasted}");
    daemon.api.send(Method::DELETE, &path, &[], "").await.expect(404);
    // A name in the file is quoted by the error of the reload that rejects it.
    home.configure(&format!("{LOG}{pasted} = 1\n"));
    let by_file = || async {
        let trail = daemon.api.get("/v1/audit?who=file").await.expect(200).json();
        trail["acts"].as_array().unwrap().first().cloned()
    };
    let by_file = until("the rejected reload", by_file).await;
    assert!(by_file["details"]["errors"].to_string().contains("ff_[masked]"), "{by_file}");
    let trail = daemon.api.get("/v1/audit").await.expect(200).json();
    let of = |what: &str| trail["acts"].as_array().unwrap().iter().find(|act| act["what"] == what).unwrap();
    assert_eq!(of("pauseChannel")["details"], json!({ "reason": "is ff_[masked] leaked?" }));
    assert_eq!(of("cancelEvent")["target"], "/v1/events/ff_[masked]?source=ff_[masked]");
    assert!(!trail.to_string().contains(&pasted[..20]), "{trail}");
}

#[tokio::test]
async fn changes_by_files_and_sessions_are_recorded() {
    let boss = token("boss", &["admin"], "");
    let home = Home::new(&format!("{LOG}{boss}{}", token("old", &["read"], "")));
    let daemon = home.start_quietly().await;
    let holder = Holder::new(&daemon.api, "boss");
    home.configure(&format!("{LOG}{boss}{}", token("new", &["read"], "")));
    until("the new token", || async {
        (Holder::new(&daemon.api, "new").get("/v1/events").await.status == 200).then_some(())
    })
    .await;
    let of_files =
        until("the reload", || async { Some(acts(&holder, "?who=file").await).filter(|acts| acts.len() == 3) }).await;
    assert_eq!(
        of_files.iter().map(short).collect::<Vec<_>>(),
        [("file", "setToken", "new", "ok"), ("file", "revokeToken", "old", "ok"), ("file", "reload", "", "ok")]
    );
    home.configure(&format!("[channels.log]\nplugin = 5\n{boss}"));
    let rejected =
        || async { acts(&holder, "?who=file&what=reload").await.into_iter().find(|act| act["outcome"] == "rejected") };
    let rejected = until("the refusal", rejected).await;
    assert!(rejected["details"]["errors"].to_string().contains("channels.log.plugin"), "{rejected}");

    let sign_in = |secret: String| {
        let api: &Api = &daemon.api;
        async move { api.send(Method::POST, "/v1/session", &[JSON], json!({ "token": secret }).to_string()).await }
    };
    let signed_in = sign_in(secret("boss")).await.expect(200);
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let same_page = ("sec-fetch-site", "same-origin");
    daemon.api.send(Method::DELETE, "/v1/session", &[("cookie", cookie), same_page], "").await.expect(204);
    // Without a session, nothing ends.
    daemon.api.send(Method::DELETE, "/v1/session", &[], "").await.expect(204);
    for _ in 0..3 {
        sign_in("ff_guess".to_owned()).await.expect(401);
    }
    let signed_in = acts(&holder, "?what=signIn").await;
    assert_eq!(signed_in.iter().map(short).collect::<Vec<_>>(), [("boss", "signIn", "/v1/session", "ok")]);
    let signed_out = acts(&holder, "?what=signOut").await;
    assert_eq!(signed_out.iter().map(short).collect::<Vec<_>>(), [("boss", "signOut", "/v1/session", "ok")]);
    let refused = acts(&holder, "?what=refuseSignIn").await;
    assert_eq!(
        (refused.len(), &refused[0]["details"]),
        (1, &json!({ "attempts": 1 })),
        "the others are reported in a minute"
    );
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_done_but_files_take_effect_and_the_dashboard_works() {
    let boss = token("boss", &["admin"], "");
    let home = Home::new(&format!("{LOG}{boss}"));
    let faults = Faults::new(&home);
    let daemon = home.start_with(faults.environment()).await;
    let holder = Holder::new(&daemon.api, "boss");
    faults.disk(Disk::Full);
    let refused = holder.post("/v1/channels/log/pause", "{}").await.expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    let refused = refused.json();
    assert_eq!(refused["type"], "urn:fanfare:problem:journal-unavailable");
    assert!(refused["detail"].as_str().unwrap().contains("nothing was done"), "{refused}");
    assert_eq!(holder.get("/v1/channels/log").await.expect(200).json()["state"], "active");
    // A token in the file, at once by a call, and another without one.
    for (name, by_call) in [("first", true), ("second", false)] {
        home.configure(&format!("{LOG}{boss}{}", token(name, &["read"], "")));
        if by_call {
            // Channels are registered in the journal, so they are not replaced yet. If the daemon noticed the changed
            // file before the call, the token is in force already and the call changes nothing.
            let report = holder.post("/v1/reload", "").await.expect(422).json()["report"].clone();
            let changes = &report["changes"];
            assert!(*changes == json!(["token first: in force"]) || *changes == json!([]), "{report}");
        }
        let takes_effect =
            || async { (Holder::new(&daemon.api, name).get("/v1/events").await.status == 200).then_some(()) };
        until("the token to take effect", takes_effect).await;
    }
    let token = json!({ "token": secret("boss") }).to_string();
    daemon.api.send(Method::POST, "/v1/session", &[JSON], token).await.expect(200);
    assert!(home.log().contains("could not be recorded in the audit trail"), "{}", home.log());

    faults.heal();
    until("it to write again", || async {
        (holder.post("/v1/channels/log/pause", "{}").await.status == 200).then_some(())
    })
    .await;
    let paused = acts(&holder, "?what=pauseChannel").await;
    assert_eq!(paused.iter().filter(|act| act["outcome"] == "ok").count(), 1, "{paused:?}");
    assert!(acts(&holder, "?who=file&what=revokeToken").await.is_empty());
}
