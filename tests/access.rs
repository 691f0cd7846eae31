//! Tokens: which calls each one may make, and what a bound token sees.

use std::{fmt::Write as _, fs};

use hyper::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    streams::Follower,
    support::{
        PATIENCE,
        client::{Answer, Api},
        daemon::{Home, fanfare},
        receiver::{Answering, Receiver},
        until, webhook,
    },
};

/// A table of `[[server.tokens]]` for the token `ff_<name>`. `more` are its other keys.
pub fn token(name: &str, scopes: &[&str], more: &str) -> String {
    let hash: String = Sha256::digest(secret(name)).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    format!("[[server.tokens]]\nname = \"{name}\"\nsha256 = \"{hash}\"\nscopes = {scopes:?}\n{more}\n")
}

pub fn secret(name: &str) -> String {
    format!("ff_{name}")
}

/// A client that sends one token.
pub struct Holder<'a> {
    pub api: &'a Api,
    authorization: String,
}

impl<'a> Holder<'a> {
    pub fn new(api: &'a Api, name: &str) -> Self {
        Self { api, authorization: format!("Bearer {}", secret(name)) }
    }

    pub async fn send(&self, method: Method, path: &str, body: &str) -> Answer {
        let mut headers = vec![("authorization", self.authorization.as_str())];
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        self.api.send(method, path, &headers, body.to_owned()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(Method::POST, path, body).await
    }
}

const LOG: &str = "[channels.log]\nplugin = \"builtin:log\"\n";

/// Every call of the OpenAPI document, by method and path.
async fn calls(api: &Api) -> Vec<(Method, String)> {
    let document = api.get("/openapi.json").await.expect(200).json();
    let mut calls = vec![];
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            calls.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    calls
}

/// A path whose parameters are replaced by values that do not exist.
fn concrete(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "none" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// What a caller gets: the status if the gate refuses the call, `yes` if it is made, whatever its result.
async fn outcome(api: &Api, method: &Method, path: &str, authorization: Option<&str>) -> String {
    let headers: Vec<_> = authorization.iter().map(|value| ("authorization", *value)).collect();
    let path = concrete(path);
    let answer = if path == "/v1/events/stream" {
        // The stream never ends; its head suffices.
        api.send(Method::HEAD, &path, &headers, "").await
    } else {
        api.send(method.clone(), &path, &headers, "").await
    };
    match answer.status.as_u16() {
        // These depend on the caller even though they need no token.
        status @ (401 | 403) => {
            assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{method} {path}");
            status.to_string()
        }
        429 => panic!("{method} {path} is limited"),
        _ => "yes".to_owned(),
    }
}

const COLUMNS: [&str; 7] = ["no token", "wrong token", "expired token", "`publish`", "`read`", "`operate`", "`admin`"];

#[tokio::test]
async fn the_table_of_the_page_is_what_the_daemon_does() {
    let tokens: String = ["publish", "read", "operate", "admin"].map(|scope| token(scope, &[scope], "")).concat();
    let expired = token("expired", &["admin"], "expires = \"2020-01-01T00:00:00Z\"");
    let home = Home::new(&format!("{LOG}{tokens}{expired}"));
    let daemon = home.start_quietly().await;
    let callers = ["", "wrong", "expired", "publish", "read", "operate", "admin"];
    let bearers = callers.map(|name| (!name.is_empty()).then(|| format!("Bearer {}", secret(name))));
    let mut table = format!("| call | {} |\n|---|{}\n", COLUMNS.join(" | "), "---|".repeat(COLUMNS.len()));
    for (method, path) in calls(&daemon.api).await {
        write!(table, "| `{method} {path}`").unwrap();
        for bearer in &bearers {
            write!(table, " | {}", outcome(&daemon.api, &method, &path, bearer.as_deref()).await).unwrap();
        }
        table.push_str(" |\n");
    }
    assert!(table.lines().count() > 40, "{table}");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/access.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("| call | no token").expect("the table of calls");
    let printed: String = rest.lines().take_while(|line| line.starts_with('|') || line.starts_with(" |")).fold(
        "| call | no token".to_owned(),
        |mut printed, line| {
            printed.push_str(line);
            printed.push('\n');
            printed
        },
    );
    assert_eq!(printed, table, "docs/access.md (left) has the table of what the daemon does:\n{table}");
    let denied = Holder::new(&daemon.api, "read").get("/metrics").await.expect(200).text();
    for reason in ["missing", "unknown", "expired", "scope"] {
        assert!(denied.contains(&format!("fanfare_http_denied_total{{reason=\"{reason}\"}}")), "{denied}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_is_needed_and_never_repeats_the_token() {
    let home = Home::new(&format!("{LOG}{}", token("reader", &["read"], "")));
    let daemon = home.start().await;
    let missing = daemon.api.get("/v1/events").await.expect(401);
    assert_eq!(missing.headers["www-authenticate"], "Bearer realm=\"fanfare\"");
    assert_eq!(missing.json()["type"], "urn:fanfare:problem:unauthorized");
    let wrong = Holder::new(&daemon.api, "wrong").get("/v1/events").await.expect(401);
    assert_eq!(wrong.headers["www-authenticate"], "Bearer realm=\"fanfare\", error=\"invalid_token\"");
    let reader = Holder::new(&daemon.api, "reader");
    let refused = reader.post("/v1/events", r#"{"type":"a"}"#).await.expect(403).json();
    assert_eq!(refused["type"], "urn:fanfare:problem:forbidden");
    assert!(refused["detail"].as_str().unwrap().contains("`publish`"), "{refused}");
    // Other schemes do not count, and neither do two headers.
    for headers in [
        &[("authorization", "Basic cmVhZGVyOmZmX3JlYWRlcg==")][..],
        &[("authorization", "Bearer ")],
        &[("authorization", "ff_reader")],
        &[("authorization", "Bearer ff_reader"), ("authorization", "Bearer ff_reader")],
    ] {
        daemon.api.send(Method::GET, "/v1/events", headers, "").await.expect(401);
    }
    daemon.api.send(Method::GET, "/v1/events", &[("authorization", "bearer   ff_reader")], "").await.expect(200);
    for answer in [missing, wrong] {
        assert!(!answer.text().contains("ff_"), "{}", answer.text());
    }
    assert!(!home.log().contains("ff_"), "{}", home.log());
}

#[tokio::test]
async fn readiness_has_its_details_for_readers_only() {
    let bound = token("bound", &["read"], "channels = [\"log\"]");
    let home =
        Home::new(&format!("{LOG}{}{}{bound}", token("reader", &["read"], ""), token("sender", &["publish"], "")));
    let daemon = home.start_quietly().await;
    let ready = daemon.api.get("/readyz").await.expect(200).json();
    assert_eq!(ready, json!({ "status": "ready" }));
    for other in ["sender", "bound", "wrong"] {
        assert_eq!(Holder::new(&daemon.api, other).get("/readyz").await.expect(200).json(), ready, "{other}");
    }
    let told = Holder::new(&daemon.api, "reader").get("/readyz").await.expect(200).json();
    assert_eq!(told["channels"]["active"], 1, "{told}");
}

#[tokio::test]
async fn a_reader_never_sees_a_secret() {
    let receiver = Receiver::start().await;
    let channel = format!(
        "[channels.hook]\nplugin = \"builtin:webhook\"\nsettings = {{ url = \"{}\", headers = {{ x-key = \
         \"${{secrets.key}}\" }} }}\n\
         secrets = {{ key = {{ from = \"file:key\", hosts = [\"{}\"] }} }}\ngrant = {{ http = [\"{}\"], \
         private_network = true }}\n\
         sign = {{ scheme = \"standard-webhooks\", secrets = [\"file:signing\"] }}\n",
        receiver.url(),
        receiver.address,
        receiver.address
    );
    let home = Home::new("");
    fs::write(home.path("key"), "s3cr3t-of-the-hook").unwrap();
    fs::write(home.path("signing"), "whsec_c2lnbmluZy1rZXktb2YtdGhlLWhvb2suLi4u").unwrap();
    let tokens = format!("{}{}", token("reader", &["read"], ""), token("sender", &["publish"], ""));
    home.configure(&format!("{channel}{tokens}"));
    let daemon = home.start_quietly().await;
    let reader = Holder::new(&daemon.api, "reader");
    Holder::new(&daemon.api, "sender").post("/v1/events", r#"{"type":"a","id":"1"}"#).await.expect(200);
    let seen = receiver.received();
    assert!(seen.iter().any(|request| format!("{request:?}").contains("s3cr3t-of-the-hook")), "the secret is in use");
    let mut asked = 0;
    for (method, path) in calls(&daemon.api).await {
        if method != Method::GET || path == "/v1/events/stream" {
            continue;
        }
        let path = path.replace("{id}", "1").replace("{name}", "hook").replace("{type}", "a");
        let answer = reader.get(&path).await;
        asked += usize::from(answer.status == 200);
        let hash = token("reader", &[], "");
        let hash = hash.split('"').nth(3).unwrap();
        for hidden in ["s3cr3t-of-the-hook", "c2lnbmluZy1rZXk", "ff_reader", "ff_sender", hash] {
            assert!(!answer.text().contains(hidden), "{path} shows {hidden}: {}", answer.text());
        }
    }
    assert!(asked > 12, "{asked}");
    for (method, path) in [("POST", "/v1/events"), ("POST", "/v1/channels/hook/pause"), ("POST", "/v1/reload")] {
        reader.send(method.parse().unwrap(), path, r#"{"type":"a"}"#).await.expect(403);
    }
}

#[tokio::test]
async fn a_publisher_is_held_to_its_sources_types_and_rate() {
    let bounds = "sources = [\"/shop\", \"/shop/*\"]\ntypes = [\"order.>\"]";
    let tokens = format!("{}{}", token("shop", &["publish"], bounds), token("slow", &["publish"], "rate = \"3/h\""));
    let home = Home::new(&format!("{LOG}{tokens}"));
    let daemon = home.start_quietly().await;
    let shop = Holder::new(&daemon.api, "shop");
    shop.post("/v1/events", r#"{"type":"order.paid","source":"/shop"}"#).await.expect(200);
    shop.post("/v1/events", r#"{"type":"order.paid.late","source":"/shop/eu"}"#).await.expect(200);
    let refused = shop.post("/v1/events", r#"{"type":"user.signup"}"#).await.expect(403).json();
    let pointers: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/source", "/type"]);
    // A batch is accepted as a whole or refused as a whole.
    let batch = r#"[{"specversion":"1.0","id":"b1","source":"/shop","type":"order.a"},
        {"specversion":"1.0","id":"b2","source":"/shop","type":"x"}]"#;
    let bearer = format!("Bearer {}", secret("shop"));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/cloudevents-batch+json")];
    let refused = daemon.api.send(Method::POST, "/v1/events", &headers, batch).await.expect(403).json();
    assert_eq!(refused["errors"][0]["pointer"], "/1/type");
    let headers = [
        ("authorization", bearer.as_str()),
        ("ce-specversion", "1.0"),
        ("ce-id", "c"),
        ("ce-source", "/elsewhere"),
        ("ce-type", "order.a"),
    ];
    let refused = daemon.api.send(Method::POST, "/v1/events", &headers, "").await.expect(403).json();
    assert_eq!(refused["errors"][0]["pointer"], "/ce-source");

    let slow = Holder::new(&daemon.api, "slow");
    for _ in 0..3 {
        slow.post("/v1/events", r#"{"type":"a"}"#).await.expect(200);
    }
    let limited = slow.post("/v1/events", r#"{"type":"a"}"#).await.expect(429);
    assert_eq!(limited.json()["type"], "urn:fanfare:problem:rate-limited");
    let wait: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1_000..=1_200).contains(&wait), "{wait}");
    shop.post("/v1/events", r#"{"type":"order.paid","source":"/shop"}"#).await.expect(200);
}

/// A channel that accepts everything, and one whose deliveries all die.
async fn two_channels(receiver: &Receiver) -> Home {
    let dead = webhook("theirs", receiver, "retries = 0\nfallback = [\"other\"]");
    let mine = "[channels.mine]\nplugin = \"builtin:log\"\nfilter = { types = [\"m.*\", \"both.*\"] }\n";
    let other = "[channels.other]\nplugin = \"builtin:log\"\nfilter = { types = [\"o.*\"] }\n";
    let theirs = dead.replace("retries = 0", "retries = 0\nfilter = { types = [\"t.*\", \"both.*\"] }");
    let tokens = [
        token("all", &["admin"], ""),
        token("bound", &["publish", "operate"], "channels = [\"mine\"]"),
        token("other", &["operate"], "channels = [\"other\", \"none\"]"),
    ];
    Home::new(&format!("{mine}{theirs}{other}{}", tokens.concat()))
}

#[tokio::test]
async fn a_token_bound_to_channels_sees_and_touches_only_those() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(500));
    let home = two_channels(&receiver).await;
    let daemon = home.start_quietly().await;
    let (all, bound, other) =
        (Holder::new(&daemon.api, "all"), Holder::new(&daemon.api, "bound"), Holder::new(&daemon.api, "other"));
    for (id, ty) in [("m", "m.a"), ("t", "t.a"), ("both", "both.a"), ("nobody", "x")] {
        all.post("/v1/events", &json!({ "id": id, "type": ty }).to_string()).await.expect(200);
    }
    let ids = |list: &Value| -> Vec<String> {
        let events = list["events"].as_array().unwrap().iter();
        events.map(|event| event["event"]["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&all.get("/v1/events").await.expect(200).json()), ["m", "t", "both", "nobody"]);
    let list = bound.get("/v1/events").await.expect(200).json();
    assert_eq!(ids(&list), ["m", "both"]);
    assert_eq!(list["events"][1]["result"]["overall_status"], "success", "as if there were no other channel");
    assert_eq!(list["events"][1]["result"]["summary"]["total_channels"], 1);
    assert!(!list.to_string().contains("theirs"), "{list:#}");
    assert_eq!(ids(&bound.get("/v1/events?status=partial").await.expect(200).json()), [""; 0]);
    // The fallback got what the webhook could not deliver. The token does not see which channel that was.
    let list = other.get("/v1/events").await.expect(200).json();
    assert_eq!(ids(&list), ["t", "both"]);
    assert!(!list.to_string().contains("theirs"), "{list:#}");

    let event = bound.get("/v1/events/both").await.expect(200).json();
    assert_eq!(event["attempts"].as_object().unwrap().keys().collect::<Vec<_>>(), ["mine"]);
    bound.get("/v1/events/t").await.expect(404);
    bound.get("/v1/events/nobody").await.expect(404);
    bound.get("/v1/events?channel=theirs").await.expect(403);
    bound.get("/v1/events?channel=never-was").await.expect(403);
    let published = bound.post("/v1/events", r#"{"type":"both.b","id":"own"}"#).await.expect(200).json();
    assert_eq!(published["channels"].as_object().unwrap().keys().collect::<Vec<_>>(), ["mine"], "{published:#}");
    assert_eq!(published["overall_status"], "success");

    let channels = bound.get("/v1/channels").await.expect(200).json();
    assert_eq!(channels["channels"].as_array().unwrap().len(), 1);
    bound.get("/v1/channels/mine").await.expect(200);
    for path in ["/v1/channels/theirs", "/v1/channels/never-was"] {
        let refused = bound.get(path).await.expect(403).json();
        assert!(refused["detail"].as_str().unwrap().contains("`mine`"), "{refused}");
        bound.post(&format!("{path}/pause"), "{}").await.expect(403);
        bound.post(&format!("{path}/resume"), "").await.expect(403);
        bound.post(&format!("{path}/test"), "").await.expect(403);
    }
    bound.post("/v1/channels/mine/pause", "{}").await.expect(200);
    bound.post("/v1/channels/mine/resume", "").await.expect(200);

    let explained = bound.post("/v1/explain", r#"{"type":"both.a"}"#).await.expect(200).json();
    assert_eq!(explained["channels"].as_object().unwrap().keys().collect::<Vec<_>>(), ["mine"]);
    let stats = bound.get("/v1/stats").await.expect(200).json();
    assert_eq!(stats["totals"]["accepted"], 3, "{stats:#}");
    assert_eq!(stats["totals"]["dead"], 0);
    assert_eq!(stats["recent_failures"], json!([]));
    assert!(!stats.to_string().contains("theirs"), "{stats:#}");
    // One channel is all that it sees, so both are the same.
    assert_eq!(stats["latency"], bound.get("/v1/channels/mine").await.expect(200).json()["latency"], "{stats:#}");
    assert!(stats["latency"]["p50_ms"].is_number(), "{stats:#}");
    let accepted = until("a sample", || async {
        let series = bound.get("/v1/series").await.expect(200).json();
        assert_eq!(
            series["channels"].as_object().unwrap().keys().filter(|name| *name != "mine").count(),
            0,
            "{series}"
        );
        let sum: f64 = series["accepted"].as_array().unwrap().iter().filter_map(Value::as_f64).sum();
        (sum > 0.0).then_some(sum * 10.0)
    });
    assert_eq!(accepted.await.round(), 3.0, "as many as in the totals");
    let plugins = bound.get("/v1/plugins").await.expect(200).json();
    assert_eq!(plugins["plugins"].as_array().unwrap().len(), 1, "{plugins:#}");
    assert!(!plugins.to_string().contains("theirs"), "{plugins:#}");
    assert_eq!(bound.get("/v1/schemas/both.a").await.expect(200).json()["example"]["id"], "both");
    assert_eq!(bound.get("/v1/schemas/t.a").await.expect(200).json()["example"], Value::Null);
    for path in ["/v1/recipients", "/v1/recipients/x", "/metrics"] {
        bound.get(path).await.expect(403);
    }

    let letters = all.get("/v1/dead-letters").await.expect(200).json()["dead_letters"].clone();
    assert_eq!(letters.as_array().unwrap().len(), 3, "{letters:#}");
    assert_eq!(bound.get("/v1/dead-letters").await.expect(200).json()["dead_letters"], json!([]));
    let letter = letters[0]["delivery_id"].as_str().unwrap();
    bound.get(&format!("/v1/dead-letters/{letter}")).await.expect(404);
    bound.post(&format!("/v1/deliveries/{letter}/drop"), r#"{"reason":"x"}"#).await.expect(404);
    let count = bound.post("/v1/dead-letters/replay", r#"{"all":true,"dry_run":true}"#).await.expect(200).json();
    assert_eq!(count["matched"], 0);
    bound.post("/v1/dead-letters/replay", r#"{"channel":"theirs"}"#).await.expect(403);

    bound.post("/v1/replays", r#"{"channels":["mine","theirs"]}"#).await.expect(403);
    let mine = bound.post("/v1/replays", r#"{"channels":["mine"],"types":["m.*"]}"#).await.expect(202).json();
    let theirs = all.post("/v1/replays", r#"{"channels":["theirs"],"types":["none"]}"#).await.expect(202).json();
    let redrive = bound.post("/v1/dead-letters/replay", r#"{"all":true}"#).await.expect(202).json();
    let jobs = bound.get("/v1/replays").await.expect(200).json()["replays"].clone();
    let seen: Vec<_> = jobs.as_array().unwrap().iter().map(|job| job["id"].clone()).collect();
    assert_eq!(seen, [redrive["replay"].clone(), mine["id"].clone()]);
    for action in ["", "/pause", "/resume", "/cancel"] {
        let path = format!("/v1/replays/{}{action}", theirs["id"]);
        let method = if action.is_empty() { Method::GET } else { Method::POST };
        bound.send(method, &path, "").await.expect(404);
    }
    bound.get(&format!("/v1/replays/{}", mine["id"])).await.expect(200);

    let later = |id: &str, ty: &str| json!({ "id": id, "type": ty, "deliverat": "2035-01-01T00:00:00Z" }).to_string();
    for (id, ty) in [("l1", "m.l"), ("l2", "both.l"), ("l3", "t.l")] {
        all.post("/v1/events", &later(id, ty)).await;
    }
    bound.send(Method::DELETE, "/v1/events/l1", "").await.expect(200);
    bound.send(Method::DELETE, "/v1/events/l2", "").await.expect(403);
    bound.send(Method::DELETE, "/v1/events/l3", "").await.expect(404);
}

#[tokio::test]
async fn a_bound_token_learns_nothing_of_events_that_a_filter_kept_away() {
    let mine = "[channels.mine]\nplugin = \"builtin:log\"\nfilter = { when = \"data.regoin == 'eu'\" }\n";
    let tokens = [token("all", &["admin"], ""), token("bound", &["operate"], "channels = [\"mine\"]")];
    let home = Home::new(&format!("{mine}{}", tokens.concat()));
    let daemon = home.start_quietly().await;
    let (all, bound) = (Holder::new(&daemon.api, "all"), Holder::new(&daemon.api, "bound"));
    all.post("/v1/events", r#"{"type":"a","id":"away","data":{"region":"eu"}}"#).await.expect(200);
    bound.get("/v1/events/away").await.expect(404);
    for (holder, errors) in [(&all, 1), (&bound, 0)] {
        let channel = holder.get("/v1/channels/mine").await.expect(200).json();
        assert_eq!(channel["filter_errors"]["events"].as_u64().unwrap_or_default(), errors, "{channel:#}");
        let list = holder.get("/v1/channels").await.expect(200).json();
        assert_eq!(list["channels"][0]["filter_errors"], channel["filter_errors"], "{list:#}");
    }
    let mut status = fanfare();
    status.args(["status", "--url", &daemon.api.base]).env("FANFARE_TOKEN", secret("bound"));
    let status = status.output().await.unwrap();
    let said = String::from_utf8_lossy(&status.stdout);
    assert!(status.status.success() && said.contains("mine") && !said.contains("away"), "{status:?}");
}

#[tokio::test]
async fn a_token_in_a_reason_is_kept_nowhere() {
    let later = "[channels.log]\nplugin = \"builtin:log\"\ndelay = \"1h\"\n";
    let home = Home::new(&format!("{later}{}", token("all", &["admin"], "")));
    let daemon = home.start_quietly().await;
    let (all, token) = (Holder::new(&daemon.api, "all"), "ff_mJ3kXv0-Qw9_aZbYcXdWeVfUgThSiRjQkPlOmNnMoLp");
    let reason = json!({ "reason": format!("as {token} says") }).to_string();
    let paused = all.post("/v1/channels/log/pause", &reason).await.expect(200).json();
    assert_eq!(paused["hold"]["reason"], "as ff_[masked] says", "{paused:#}");
    let sent = all.post("/v1/events", r#"{"type":"a","id":"one"}"#).await.expect(202).json();
    let delivery = sent["channels"]["log"]["delivery_id"].as_str().unwrap().to_owned();
    let dropped = all.post(&format!("/v1/deliveries/{delivery}/drop"), &reason).await.expect(200).json();
    assert_eq!(dropped["reason"], "as ff_[masked] says");
    let letters = all.get("/v1/dead-letters").await.expect(200).json();
    assert_eq!(letters["dead_letters"][0]["error"], "as ff_[masked] says", "{letters:#}");
    let log = home.log();
    assert!(!log.contains(token) && log.contains("an operator ended it"), "{log}");
}

#[tokio::test]
async fn tokens_come_and_go_by_reload_and_a_stream_ends_with_its_token() {
    let old = token("old", &["read", "publish"], "");
    let home = Home::new(&format!("{LOG}{old}"));
    let daemon = home.start_quietly().await;
    let (was, is) = (Holder::new(&daemon.api, "old"), Holder::new(&daemon.api, "new"));
    was.get("/v1/events").await.expect(200);
    is.get("/v1/events").await.expect(401);
    // Both tokens are valid during the rotation.
    home.configure(&format!("{LOG}{old}{}", token("new", &["admin"], "")));
    until("the new token", || async { (is.get("/v1/events").await.status == 200).then_some(()) }).await;
    was.get("/v1/events").await.expect(200);
    let authorization = format!("Bearer {}", secret("old"));
    let base = daemon.api.base.clone();
    let stream = tokio::spawn(async move {
        let headers = [("authorization", authorization.as_str())];
        Api::new(base).send(Method::GET, "/v1/events/stream?after=0", &headers, "").await
    });
    was.post("/v1/events", r#"{"type":"a","id":"seen"}"#).await.expect(200);
    home.configure(&format!("{LOG}{}", token("new", &["admin"], "")));
    let told = tokio::time::timeout(PATIENCE, stream).await.expect("the stream ends").unwrap();
    assert!(told.text().contains("\"seen\""), "{}", told.text());
    was.get("/v1/events").await.expect(401);
    let report = is.post("/v1/reload", "").await.expect(200).json();
    assert_eq!(report["outcome"], "ok");
    // On loopback, the last token may be removed.
    home.configure(LOG);
    is.post("/v1/reload", "").await.expect(200);
    daemon.api.get("/v1/events").await.expect(200);
}

#[tokio::test]
async fn a_removed_token_ends_whatever_else_is_wrong_in_the_file() {
    const TYPO: &str = "fliter = { types = [\"a\"] }\n";
    let admin = token("ops", &["admin"], "");
    let with = |tokens: &[&str], more: &str| format!("{LOG}{more}{}", tokens.concat());
    let (leaked, other) = (token("leaked", &["read", "publish"], ""), token("other", &["read"], ""));
    let home = Home::new(&with(&[&admin, &leaked, &other], ""));
    let daemon = home.start().await;
    let [ops, thief, other_holder, newcomer] =
        ["ops", "leaked", "other", "new"].map(|name| Holder::new(&daemon.api, name));
    thief.post("/v1/events", r#"{"type":"a","id":"seen"}"#).await.expect(200);
    let authorization = format!("Bearer {}", secret("leaked"));
    let base = daemon.api.base.clone();
    let stream = tokio::spawn(async move {
        let headers = [("authorization", authorization.as_str())];
        Api::new(base).send(Method::GET, "/v1/events/stream?after=0", &headers, "").await
    });
    // One token is gone, one is new, one has more scopes, and a channel has a typo.
    let more = token("other", &["admin"], "");
    home.configure(&with(&[&admin, &more, &token("new", &["admin"], "")], TYPO));
    let told = tokio::time::timeout(PATIENCE, stream).await.expect("the stream ends").unwrap();
    assert!(told.text().contains("\"seen\""), "{}", told.text());
    thief.get("/v1/events").await.expect(401);
    newcomer.get("/v1/events").await.expect(401);
    other_holder.get("/v1/audit").await.expect(403);
    let refused = ops.post("/v1/reload", "").await.expect(422).json();
    assert!(refused.to_string().contains("fliter"), "{refused}");
    thief.get("/v1/events").await.expect(401);
    let warned = || async {
        let log = home.log();
        let line = log.lines().find(|line| line.contains("the rest of it was rejected"))?;
        (line.contains("WARN") && line.contains("leaked")).then_some(())
    };
    until("the log to name the token", warned).await;
    let revoked = || async {
        let acts = ops.get("/v1/audit").await.expect(200).json();
        let acts = acts["acts"].as_array().cloned().unwrap_or_default();
        acts.iter().any(|act| act["what"] == "revokeToken" && act["target"] == "leaked").then_some(())
    };
    until("the audit trail to have it", revoked).await;

    // A plugin that does not exist is found later than a typo.
    let unknown = "[channels.none]\nplugin = \"nothing\"\n";
    home.configure(&format!("{LOG}{unknown}{admin}"));
    ops.post("/v1/reload", "").await.expect(422);
    other_holder.get("/v1/events").await.expect(401);

    // A shorter life counts too, and without any token nobody comes in.
    let brief = token("ops", &["admin"], "expires = \"2020-01-01T00:00:00Z\"");
    home.configure(&with(&[&brief], TYPO));
    until("the token to expire", || async { (ops.get("/v1/events").await.status == 401).then_some(()) }).await;
    home.configure(&with(&[], TYPO));
    daemon.api.get("/v1/events").await.expect(401);
    home.configure(&with(&[&other], TYPO));
    other_holder.get("/v1/events").await.expect(401);
    daemon.api.get("/v1/events").await.expect(401);

    // The corrected file is in force as a whole.
    home.configure(&with(&[&admin, &other], ""));
    until("the corrected file", || async { (ops.get("/v1/events").await.status == 200).then_some(()) }).await;
    other_holder.get("/v1/events").await.expect(200);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_ends_no_token() {
    let home = Home::new(&format!("{LOG}{}", token("ops", &["admin"], "")));
    let daemon = home.start_quietly().await;
    let ops = Holder::new(&daemon.api, "ops");
    let broken = format!("{}[channels\n", Home::configuration(LOG));
    for text in ["", "# nothing\n", &broken] {
        fs::write(home.path("config.toml"), text).unwrap();
        ops.post("/v1/reload", "").await.expect(422);
        ops.get("/v1/events").await.expect(200);
        daemon.api.get("/v1/events").await.expect(401);
    }
}

#[tokio::test]
async fn a_refused_call_is_logged_with_the_name_of_its_token() {
    let tokens = [
        token("reader", &["read"], ""),
        token("bound", &["read"], "channels = [\"log\"]"),
        token("old", &["admin"], "expires = \"2020-01-01T00:00:00Z\""),
    ];
    let home = Home::new(&format!("{LOG}{}", tokens.concat()));
    let daemon = home.start().await;
    daemon.api.get("/v1/events").await.expect(401);
    Holder::new(&daemon.api, "wrong").get("/v1/events").await.expect(401);
    let refused = |log: &str, words: &[&str]| {
        log.lines().filter(|line| line.contains("of this token was refused")).any(|line| {
            line.contains("INFO") && line.contains("127.0.0.1:") && words.iter().all(|word| line.contains(word))
        })
    };
    Holder::new(&daemon.api, "reader").post("/v1/channels/log/pause", "").await.expect(403);
    Holder::new(&daemon.api, "bound").get("/v1/config").await.expect(403);
    Holder::new(&daemon.api, "old").get("/v1/events").await.expect(401);
    Holder::new(&daemon.api, "reader").post("/v1/events", r#"{"type":"a"}"#).await.expect(403);
    for words in [
        &["reader", "POST", "/v1/channels/{name}/pause", "scope"][..],
        &["bound", "GET", "/v1/config", "bound"],
        &["old", "GET", "/v1/events", "expired"],
        &["reader", "POST", "/v1/events", "scope"],
    ] {
        until("the log", || async { refused(&home.log(), words).then_some(()) }).await;
    }
    for _ in 0..20 {
        Holder::new(&daemon.api, "reader").post("/v1/reload", "").await.expect(403);
    }
    let counted = || async { home.log().contains("more requests of tokens were refused").then_some(()) };
    until("the count of the others", counted).await;
    let log = home.log();
    // Requests without a known token have no line.
    assert!(log.matches("of this token was refused").count() <= 20, "{log}");
    assert!(!log.contains("ff_"), "{log}");
}

#[tokio::test]
async fn a_stream_of_a_bound_token_reports_only_its_channels() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(500));
    let home = two_channels(&receiver).await;
    let daemon = home.start_quietly().await;
    let all = Holder::new(&daemon.api, "all");
    let [bound, other] = ["bound", "other"].map(|name| {
        let authorization = format!("Bearer {}", secret(name));
        let api = daemon.api.clone();
        async move { Follower::open_with(&api, "?after=0", &[("authorization", &authorization)]).await }
    });
    let (mut bound, mut other) = (bound.await, other.await);
    for (id, ty) in [("t", "t.a"), ("both", "both.a"), ("m", "m.a"), ("o", "o.last")] {
        all.post("/v1/events", &json!({ "id": id, "type": ty }).to_string()).await.expect(200);
    }
    let mine = told(&mut bound, "m").await;
    assert_eq!(named(&mine, "event"), ["both", "m"]);
    assert_eq!(named(&mine, "settled"), ["both", "m"]);
    // What arrived through a fallback is streamed once it has settled.
    let others = told(&mut other, "o").await;
    assert_eq!(named(&others, "settled"), ["t", "both", "o"]);
    for (name, data) in mine.iter().chain(&others) {
        assert!(!data.to_string().contains("theirs"), "{name} {data}");
    }
}

/// Reads a stream up to the end of this event.
async fn told(stream: &mut Follower, last: &str) -> Vec<(String, Value)> {
    let mut messages = vec![];
    loop {
        let message = stream.next().await.expect("the stream goes on");
        let is_last = message.name == "settled" && message.data["event_id"] == last;
        messages.push((message.name, message.data));
        if is_last {
            return messages;
        }
    }
}

/// The events in the messages of one name.
fn named(messages: &[(String, Value)], name: &str) -> Vec<String> {
    let of = |data: &Value| data["event_id"].as_str().or(data["event"]["id"].as_str()).unwrap().to_owned();
    messages.iter().filter(|(other, _)| other == name).map(|(_, data)| of(data)).collect()
}

#[tokio::test]
async fn beyond_loopback_there_is_always_a_token() {
    let home = Home::new(LOG);
    let public = |more: &str| Home::configuration(&format!("{LOG}{more}")).replace("127.0.0.1:0", "0.0.0.0:0");
    fs::write(home.path("config.toml"), public("")).unwrap();
    assert!(home.try_start("warn", &[]).await.is_none());
    assert!(home.log().contains("there are no [[server.tokens]] that say who has access"), "{}", home.log());
    fs::write(home.path("config.toml"), public(&token("one", &["admin"], ""))).unwrap();
    let daemon = home.try_start("warn", &[]).await.expect("it starts");
    assert!(home.log().contains("in clear text"), "{}", home.log());
    let port = daemon.api.base.rsplit_once(':').unwrap().1.to_owned();
    let api = Api::new(format!("http://127.0.0.1:{port}"));
    let one = Holder::new(&api, "one");
    api.get("/v1/events").await.expect(401);
    one.get("/v1/events").await.expect(200);
    // The socket stays public until a restart, so it needs a token whatever the file says now.
    for text in [public(""), Home::configuration(LOG)] {
        fs::write(home.path("config.toml"), text).unwrap();
        let refused = one.post("/v1/reload", "").await.expect(422).json();
        assert!(refused["errors"].to_string().contains("server.tokens"), "{refused}");
        let stays = "the tokens in force stay in force although the file has none: one; to revoke one, put another";
        assert!(refused["errors"].to_string().contains(stays), "{refused}");
        assert!(home.log().lines().any(|line| line.contains("ERROR") && line.contains(stays)), "{}", home.log());
        let mut status = fanfare();
        status.args(["status", "--url", &api.base]).env("FANFARE_TOKEN", secret("one"));
        let status = String::from_utf8(status.output().await.unwrap().stdout).unwrap();
        assert!(status.contains("degraded") && status.contains(stays), "{status}");
        one.get("/v1/events").await.expect(200);
        api.get("/v1/events").await.expect(401);
    }
    let changed = public(&token("two", &["admin"], ""));
    fs::write(home.path("config.toml"), changed).unwrap();
    one.post("/v1/reload", "").await;
    Holder::new(&api, "two").get("/v1/events").await.expect(200);
    one.get("/v1/events").await.expect(401);
}
