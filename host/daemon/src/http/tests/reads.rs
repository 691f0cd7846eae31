use axum::body::Body;
use fanfare_core::ChannelName;
use fanfare_dispatch::Registration;
use http::Request;
use serde_json::{Value, json};

use super::support::{Does, Fixture, close, request};
use crate::overview::{Overview, ReloadOutcome};

async fn json(fixture: &Fixture, path: &str) -> Value {
    let answer = fixture.get(path).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "application/json"),
        "{path}: {answer:?}"
    );
    answer.json()
}

async fn publish(fixture: &Fixture, ids: &[&str]) {
    for id in ids {
        let answer = fixture.publish(&format!(r#"{{"type":"user.{id}","id":"{id}","data":1}}"#)).await;
        assert_eq!(answer.status, 200);
    }
}

fn ids(list: &Value) -> Vec<&str> {
    list["events"].as_array().unwrap().iter().map(|event| event["event"]["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_event_is_shown_with_its_result_and_every_attempt() {
    let fixture = Fixture::new(&[("log", Does::RetryOnce)]).await;
    publish(&fixture, &["one"]).await;
    let shown = json(&fixture, "/v1/events/one").await;
    assert_eq!((&shown["offset"], &shown["event"]["specversion"]), (&json!(1), &json!("1.0")));
    assert_eq!(shown["event"]["data"], 1);
    assert_eq!((&shown["result"]["overall_status"], &shown["result"]["duplicate"]), (&json!("success"), &json!(false)));
    let attempts = shown["attempts"]["log"].as_array().unwrap();
    let classes: Vec<_> = attempts.iter().map(|attempt| (&attempt["number"], &attempt["class"])).collect();
    assert_eq!(classes, [(&json!(1), &json!("retry")), (&json!(2), &Value::Null)]);
    assert_eq!(attempts[0]["plugin"], "0123456789abcdef");
    close(fixture).await;
}

#[tokio::test]
async fn history_is_read_in_pages_from_either_end_and_with_filters() {
    let fixture = Fixture::new(&[("log", Does::Deliver)]).await;
    publish(&fixture, &["a", "b", "c", "d", "e"]).await;
    let cases: &[(&str, &[&str])] = &[
        ("", &["a", "b", "c", "d", "e"]),
        ("?after=3", &["d", "e"]),
        ("?after=-2", &["d", "e"]),
        ("?type=user.b", &["b"]),
        ("?type=user.*", &["a", "b", "c", "d", "e"]),
        ("?source=%2Felsewhere", &[]),
        ("?channel=log&status=success&limit=1", &["a"]),
        ("?status=failed", &[]),
        ("?until=2020-01-01T00:00:00Z", &[]),
    ];
    for (query, want) in cases {
        assert_eq!(ids(&json(&fixture, &format!("/v1/events{query}")).await), *want, "{query}");
    }
    let (mut path, mut seen) = ("/v1/events?limit=2".to_owned(), vec![]);
    loop {
        let page = json(&fixture, &path).await;
        assert!(ids(&page).len() <= 2);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_i64() else { break };
        path = format!("/v1/events?limit=2&after={next}");
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    close(fixture).await;
}

#[tokio::test]
async fn dead_letters_are_listed_and_shown() {
    let fixture = Fixture::new(&[("log", Does::Deliver), ("webhook", Does::Reject)]).await;
    publish(&fixture, &["a", "b"]).await;
    let list = json(&fixture, "/v1/dead-letters?channel=webhook&type=user.a&code=http_400&limit=5").await;
    let [letter] = list["dead_letters"].as_array().unwrap().as_slice() else { panic!("{list}") };
    assert_eq!(letter["event_id"], "a");
    assert_eq!((&letter["channel"], &letter["class"]), (&json!("webhook"), &json!("rejected")));
    let path = format!("/v1/dead-letters/{}", letter["delivery_id"].as_str().unwrap());
    let shown = json(&fixture, &path).await;
    for (name, value) in letter.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
    assert_eq!(shown["event"]["type"], "user.a");
    assert_eq!(shown["result"]["channels"]["webhook"]["status"], "failed");
    assert_eq!(shown["history"].as_array().unwrap().len(), 1);
    for empty in ["?channel=log", "?code=other", "?type=nothing"] {
        let list = json(&fixture, &format!("/v1/dead-letters{empty}")).await;
        assert_eq!(list, json!({ "dead_letters": [], "next": null }), "{empty}");
    }
    close(fixture).await;
}

#[tokio::test]
async fn a_channel_shows_its_plugin_policy_and_numbers() {
    let fixture = Fixture::new(&[("log", Does::Deliver), ("webhook", Does::Reject)]).await;
    let fresh = json(&fixture, "/v1/channels/webhook").await;
    assert_eq!(
        (&fresh["success_rate"], &fresh["latency"], &fresh["last_error"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    publish(&fixture, &["a", "b"]).await;

    let list = json(&fixture, "/v1/channels").await;
    let names: Vec<_> = list["channels"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!((names, &list["next"]), (vec!["log", "webhook"], &Value::Null));

    let webhook = json(&fixture, "/v1/channels/webhook").await;
    assert_eq!(webhook, list["channels"][1]);
    let want = [
        ("state", json!("active")),
        ("plugin", json!("builtin:webhook")),
        ("kind", json!("channel")),
        ("imports", json!(["fanfare:channel/log@0.1.0"])),
        ("grants", json!({ "http": ["127.0.0.1:9000"], "files": [], "emit": [], "private_network": false, "tcp": [] })),
        ("settings", json!(["url"])),
        ("signed", json!(true)),
        ("pending", json!(0)),
        ("in_flight", json!(0)),
        ("waiting", json!(0)),
        ("oldest_pending_at", Value::Null),
        ("dead", json!(2)),
        ("dead_letters", json!(2)),
        ("delivered", json!(0)),
        ("attempts", json!(2)),
        ("success_rate", json!(0.0)),
        (
            "policy",
            json!({ "timeout": "10s", "retries": 1, "waits": ["1ms"], "fuel": 1_000_000_000, "memory": 67_108_864,
                    "concurrency": 16, "reuse": 0, "order": "none", "priority": 0,
                    "lagging_after": "5m" }),
        ),
    ];
    for (key, value) in want {
        assert_eq!(webhook[key], value, "{key}");
    }
    assert_eq!(
        (&webhook["last_error"]["class"], &webhook["last_error"]["code"]),
        (&json!("rejected"), &json!("http_400"))
    );
    let p50 = webhook["latency"]["p50_ms"].as_f64().unwrap();
    assert!((0.39..=0.41).contains(&p50), "{p50}");
    close(fixture).await;
}

#[tokio::test]
async fn a_channels_state_shows_why_nothing_is_delivered() {
    let fixture = Fixture::new(&[("log", Does::Deliver), ("webhook", Does::Reject)]).await;
    publish(&fixture, &["a"]).await;
    let change = |change: fn(&mut Overview)| {
        let mut overview = Overview::clone(&fixture.daemon.overview.load());
        change(&mut overview);
        fixture.daemon.overview.store(overview.into());
    };
    change(|overview| overview.channels.get_mut("log").unwrap().loaded = None);
    assert_eq!(json(&fixture, "/v1/channels/log").await["state"], "missing");
    change(|overview| overview.channels.get_mut("log").unwrap().error = Some("it does not compile".to_owned()));
    let shown = json(&fixture, "/v1/channels/log").await;
    assert_eq!((&shown["state"], &shown["error"]), (&json!("failed"), &json!("it does not compile")));
    assert_eq!(json(&fixture, "/readyz").await["channels"]["failed"], 1, "detail, not a reason to be unready");

    // Removed from the configuration: its dead letter keeps it in the list.
    change(|overview| overview.channels.clear());
    let list = json(&fixture, "/v1/channels").await;
    let [webhook] = list["channels"].as_array().unwrap().as_slice() else { panic!("{list}") };
    assert_eq!((&webhook["name"], &webhook["state"]), (&json!("webhook"), &json!("missing")));
    assert_eq!((&webhook["plugin"], &webhook["dead_letters"]), (&Value::Null, &json!(1)));
    close(fixture).await;
}

#[tokio::test]
async fn the_stats_add_up() {
    let fixture = Fixture::new(&[("log", Does::RetryOnce), ("slow", Does::Hang), ("webhook", Does::Reject)]).await;
    let answer = fixture.publish_with(r#"{"type":"a"}"#, &[("prefer", "wait=1")]).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["summary"]["pending"]), (202, &json!(1)));
    let stats = json(&fixture, "/v1/stats").await;
    let want = json!({ "accepted": 1, "delivered": 1, "dead": 1, "skipped": 0, "attempts": 3, "pending": 1,
                       "success_rate": 0.5, "mean_attempts": 1.5 });
    assert_eq!(stats["totals"], want);
    assert_eq!(stats["version"], env!("CARGO_PKG_VERSION"));
    assert!(stats["uptime_seconds"].is_u64());
    assert_eq!((&stats["journal"]["status"], &stats["journal"]["restored"]), (&json!("ok"), &json!(null)));
    assert!(stats["journal"]["id"].is_string());
    assert_eq!(stats["last_reload"]["outcome"], "ok");
    assert_eq!(
        (&stats["channels"]["slow"]["in_flight"], &stats["channels"]["slow"]["pending"]),
        (&json!(1), &json!(1))
    );
    let failures = stats["recent_failures"].as_array().unwrap();
    let mut channels: Vec<_> = failures.iter().map(|failure| failure["channel"].as_str().unwrap()).collect();
    channels.sort_unstable();
    assert_eq!(channels, ["log", "webhook"]);
    close(fixture).await;
}

#[tokio::test]
async fn the_backlog_is_right_after_a_replay_and_for_a_removed_channel() {
    let fixture = Fixture::new(&[("log", Does::Deliver)]).await;
    fixture.publish(r#"{"type":"a"}"#).await;
    let replay = fanfare_record::ReplayRequest {
        after: fanfare_record::Start::Offset(0),
        until: fanfare_record::End::Now,
        types: vec![],
        channels: vec![ChannelName::new("log").unwrap()],
    };
    let job = fixture.daemon.jobs.replay(replay).await.unwrap().id;
    tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while fixture.daemon.jobs.get(job).await.unwrap().unwrap().delivered < 1 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    fixture.daemon.dispatcher.pause("log", String::new()).await.unwrap();
    fixture.publish_with(r#"{"type":"b"}"#, &[("prefer", "respond-async")]).await;
    let stats = json(&fixture, "/v1/stats").await;
    assert_eq!(stats["totals"]["pending"], 1, "{stats}");
    // Removed from the configuration: there is no lane to ask.
    fixture.daemon.dispatcher.apply(vec![]).await.unwrap();
    let metrics = String::from_utf8(fixture.get("/metrics").await.body.to_vec()).unwrap();
    assert!(metrics.contains("fanfare_pending{channel=\"log\"} 1\n"), "{metrics}");
    close(fixture).await;
}

#[tokio::test]
async fn a_scrape_includes_configured_channels_and_those_only_in_the_journal() {
    let fixture = Fixture::new(&[("log", Does::Deliver), ("webhook", Does::Reject)]).await;
    publish(&fixture, &["a"]).await;
    fixture
        .daemon
        .journal
        .register(vec![Registration { name: ChannelName::new("earlier").unwrap(), order: None }])
        .await
        .unwrap();
    fixture.get("/v1/channels/nobody").await;
    fixture.get("/nowhere").await;
    let stranger = Request::builder().uri("/v1/stats").header("host", "evil.example");
    fixture.send(stranger.body(Body::empty()).unwrap()).await;
    let answer = fixture.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for line in [
        "fanfare_events_accepted_total 1",
        r#"fanfare_deliveries_total{outcome="dead",channel="webhook"} 1"#,
        r#"fanfare_dead_letters{channel="webhook"} 1"#,
        r#"fanfare_pending{channel="log"} 0"#,
        r#"fanfare_pending{channel="earlier"} 0"#,
        r#"fanfare_channel_state{channel="log",state="active"} 1"#,
        r#"fanfare_channel_state{channel="log",state="paused"} 0"#,
        "fanfare_ready 1",
        "fanfare_journal_writable 1",
        "fanfare_reload_rejected 0",
        r#"fanfare_http_requests_total{method="POST",route="/v1/events",code="200"} 1"#,
        r#"fanfare_http_requests_total{method="GET",route="/v1/channels/{name}",code="404"} 1"#,
        r#"fanfare_http_requests_total{method="none",route="none",code="404"} 1"#,
        r#"fanfare_http_requests_total{method="none",route="none",code="421"} 1"#,
    ] {
        let sorted = |line: &str| {
            let mut parts: Vec<_> = line.split(['{', '}', ',', ' ']).map(str::to_owned).collect();
            parts.sort();
            parts
        };
        assert!(text.lines().any(|have| sorted(have) == sorted(line)), "{line} is not in\n{text}");
    }
    let request = request("GET", "/metrics").header("accept", "application/openmetrics-text");
    let answer = fixture.send(request.body(Body::empty()).unwrap()).await;
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    assert!(answer.body.ends_with(b"# EOF\n"));
    close(fixture).await;
}

#[tokio::test]
async fn health_plugins_and_reload_respond() {
    let fixture = Fixture::with(&[("log", Does::Deliver)], Some(ReloadOutcome::Ok)).await;
    assert_eq!(json(&fixture, "/healthz").await, json!({ "status": "ok" }));
    let ready = json(&fixture, "/readyz").await;
    assert_eq!((&ready["status"], &ready["channels"]["active"]), (&json!("ready"), &json!(1)));
    let plugins = json(&fixture, "/v1/plugins").await;
    assert_eq!((&plugins["plugins"][0]["name"], &plugins["next"]), (&json!("builtin:log"), &Value::Null));
    assert_eq!(plugins["last_reload"]["outcome"], "ok");
    let reload = fixture.send(request("POST", "/v1/reload").body(Body::empty()).unwrap()).await;
    assert_eq!((reload.status.as_u16(), &reload.json()["changes"][0]), (200, &json!("log: replaced")));
    assert_eq!(plugins["reloads"][0]["outcome"], "ok");
    let config = json(&fixture, "/v1/config").await;
    assert_eq!((&config["defaults"]["retries"], &config["last_reload"]["outcome"]), (&json!(2), &json!("ok")));
    let index = fixture.get("/").await;
    assert!(index.status == 200 && index.body.starts_with(b"Fanfare"));
    close(fixture).await;
}
