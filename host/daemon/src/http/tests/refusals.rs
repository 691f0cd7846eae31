use axum::body::Body;
use fanfare_dispatch::{Clock, Journal};
use futures_util::stream;
use jiff::Timestamp;

use super::support::{Does, Fixture, MAX_BODY, close, request};
use crate::{
    daemon::Daemon,
    http::Api,
    overview::ReloadOutcome,
    response_memory::{Budget, ResponseMemory},
};

/// Method, path, headers and body; then the status, the slug and a word of the detail or the errors.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, u16, &'a str, &'a str);

const JSON: (&str, &str) = ("content-type", "application/json");
const STRUCTURED: (&str, &str) = ("content-type", "application/cloudevents+json");
const GOOD: &str = r#"{"type":"a"}"#;

async fn check(fixture: &Fixture, cases: &[Case<'_>]) {
    for &(method, path, headers, body, status, slug, word) in cases {
        let what = format!("{method} {path} {headers:?} {body:.80}");
        let mut request = request(method, path);
        if headers.iter().any(|(name, _)| *name == "host") {
            request.headers_mut().unwrap().remove("host");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = fixture.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
        let problem = answer.json();
        assert_eq!(problem["type"], format!("urn:fanfare:problem:{slug}"), "{what}");
        assert_eq!(problem["status"], status, "{what}");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{what}");
        let said = format!("{}{}", problem["detail"], problem["errors"]);
        assert!(said.contains(word), "{what}: {said}");
    }
}

#[tokio::test]
async fn every_rejection_says_what_was_wrong() {
    let fixture = Fixture::with(&[("log", Does::Deliver)], Some(ReloadOutcome::Rejected)).await;
    let answer = fixture.publish(r#"{"type":"a","id":"taken"}"#).await;
    assert_eq!(answer.status, 200);
    let long = format!(r#"{{"type":"a","data":"{}"}}"#, "x".repeat(MAX_BODY));
    let binary: &[_] = &[JSON, ("ce-specversion", "1.0")];
    let latin: &[_] = &[("content-type", "application/json; charset=latin1")];
    let avro: &[(&str, &str)] = &[("content-type", "application/cloudevents+avro")];
    let batch: &[_] = &[("content-type", "application/cloudevents-batch+json")];
    let post = "/v1/events";
    let deep = format!(r#"{{"type":"a","data":   {}{}}}"#, "[".repeat(500), "]".repeat(500));
    let deep_batch = format!("[{deep}]");
    let deep_binary: &[_] = &[JSON, ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/"), ("ce-type", "a")];
    let cases: &[Case<'_>] = &[
        // Where
        ("GET", "/v1/nothing", &[], "", 404, "unknown-path", "/v1/nothing"),
        ("GET", "/v1/events/none", &[], "", 404, "event-not-found", "none"),
        ("GET", "/v1/events/taken?source=elsewhere", &[], "", 404, "event-not-found", "elsewhere"),
        ("GET", "/v1/channels/none", &[], "", 404, "channel-not-found", "log"),
        ("GET", "/v1/dead-letters/none", &[], "", 404, "dead-letter-not-found", "none"),
        (
            "GET",
            "/v1/dead-letters/dlv_01934567000070008000000000000000_1",
            &[],
            "",
            404,
            "dead-letter-not-found",
            "dlv_",
        ),
        ("GET", "/v1/events/%ff", &[], "", 400, "malformed", "path"),
        ("DELETE", post, &[], "", 405, "method-not-allowed", "DELETE"),
        ("GET", "/v1/reload", &[], "", 405, "method-not-allowed", "GET"),
        // Who
        ("GET", "/healthz", &[("host", "evil.example")], "", 421, "misdirected-host", "evil.example"),
        ("GET", "/nothing", &[("host", "evil.example:8080")], "", 421, "misdirected-host", "evil.example"),
        ("GET", "http://evil.example/healthz", &[], "", 421, "misdirected-host", "evil.example"),
        ("GET", "/healthz", &[("host", "localhost"), ("host", "evil.example")], "", 400, "malformed", "several"),
        ("POST", "/v1/reload", &[("origin", "https://evil.example")], "", 403, "cross-origin", "evil.example"),
        ("POST", post, &[JSON, ("origin", "null")], GOOD, 403, "cross-origin", "null"),
        ("POST", post, &[JSON, ("origin", "http://127.0.0.1:3000")], GOOD, 403, "cross-origin", "3000"),
        ("POST", "/v1/channels/log/pause", &[("origin", "http://localhost:3000")], "", 403, "cross-origin", "3000"),
        ("GET", "/v1/events", &[("origin", "http://localhost:3000")], "", 403, "cross-origin", "3000"),
        ("GET", "/v1/events", &[("sec-fetch-site", "cross-site")], "", 403, "cross-origin", "cross-site"),
        ("GET", "/v1/stats", &[("sec-fetch-site", "same-site")], "", 403, "cross-origin", "same-site"),
        ("OPTIONS", post, &[("origin", "https://evil.example")], "", 403, "cross-origin", "evil.example"),
        // What form
        (
            "POST",
            post,
            &[JSON, ("transfer-encoding", "gzip, chunked")],
            GOOD,
            501,
            "unsupported-transfer-coding",
            "gzip",
        ),
        ("POST", post, &[JSON], "[{}]", 415, "unsupported-media-type", "application/cloudevents-batch+json"),
        ("POST", post, &[STRUCTURED], " [", 415, "unsupported-media-type", "application/cloudevents-batch+json"),
        ("POST", post, &[JSON], &deep, 400, "malformed", "at byte 149"),
        ("POST", post, &[STRUCTURED], &deep, 400, "malformed", "at byte 149"),
        ("POST", post, batch, &deep_batch, 400, "malformed", "at byte 150"),
        ("POST", post, deep_binary, &deep[22..], 400, "malformed", "at byte 128"),
        ("POST", post, &[], GOOD, 415, "unsupported-media-type", "no Content-Type"),
        ("POST", post, &[("content-type", "text/plain")], GOOD, 415, "unsupported-media-type", "application/json"),
        ("POST", post, binary, GOOD, 422, "invalid-event", "/ce-id"),
        ("POST", post, batch, "{}", 400, "malformed", "list"),
        ("POST", post, batch, "[1,2]", 422, "invalid-event", "/1"),
        ("POST", post, batch, "[1,2,3,4]", 413, "batch-too-large", "server.max_batch"),
        ("POST", post, avro, GOOD, 415, "unsupported-media-type", "avro"),
        ("POST", post, &[JSON, ("idempotency-key", "\"open")], GOOD, 400, "malformed", "Idempotency-Key"),
        ("POST", post, latin, GOOD, 415, "unsupported-media-type", "latin1"),
        // What content
        ("POST", post, &[JSON], "", 400, "malformed", "JSON object"),
        ("POST", post, &[JSON], "[]", 415, "unsupported-media-type", "batch"),
        ("POST", post, &[JSON], "{}", 422, "invalid-event", "/type"),
        ("POST", post, &[JSON], r#"{"type":"a","x":1,"id":2}"#, 422, "invalid-event", "/x"),
        ("POST", post, &[STRUCTURED], r#"{"type":"a"}"#, 422, "invalid-event", "/specversion"),
        ("POST", post, &[JSON], &long, 413, "body-too-large", "server.max_body"),
        ("POST", post, &[JSON], r#"{"type":"b","id":"taken"}"#, 422, "identity-conflict", "offset 1"),
        // Which part
        ("GET", "/v1/events?limit=0", &[], "", 400, "bad-parameter", "/limit"),
        ("GET", "/v1/events?limit=1001", &[], "", 400, "bad-parameter", "/limit"),
        ("GET", "/v1/events?limit=ten&after=x", &[], "", 400, "bad-parameter", "/after"),
        ("GET", "/v1/events?type=", &[], "", 400, "bad-parameter", "/type"),
        ("GET", "/v1/events?status=odd", &[], "", 400, "bad-parameter", "unrouted"),
        ("GET", "/v1/events?since=today", &[], "", 400, "bad-parameter", "RFC 3339"),
        ("GET", "/v1/events?limit=1&limit=2", &[], "", 400, "bad-parameter", "more than once"),
        ("GET", "/v1/events?colour=red", &[], "", 400, "bad-parameter", "it takes after"),
        ("POST", "/v1/channels/log/pause?x=1", &[JSON], "{}", 400, "bad-parameter", "takes no parameters"),
        ("POST", "/v1/dead-letters/purge?all=true", &[], "", 400, "bad-parameter", "takes no parameters"),
        ("POST", "/v1/replays/1/pause?x=1", &[], "", 400, "bad-parameter", "takes no parameters"),
        ("GET", "/v1/replays/1?x=1", &[], "", 400, "bad-parameter", "takes no parameters"),
        ("POST", "/v1/explain?x=1", &[JSON], GOOD, 400, "bad-parameter", "takes no parameters"),
        ("PUT", "/v1/recipients/u?x=1", &[JSON], "{}", 400, "bad-parameter", "takes no parameters"),
        ("PUT", "/v1/recipients/u", &[JSON], r#"{"a":1,"a":2}"#, 422, "invalid-request", "`a` appears more than once"),
        ("DELETE", "/v1/recipients/u?x=1", &[], "", 400, "bad-parameter", "takes no parameters"),
        ("DELETE", "/v1/dead-letters/x?x=1", &[], "", 400, "bad-parameter", "takes no parameters"),
        ("GET", "/v1/events/taken?after=1", &[], "", 400, "bad-parameter", "source"),
        ("GET", "/v1/dead-letters?channel=No!", &[], "", 400, "bad-parameter", "/channel"),
        ("GET", "/v1/stats?x=1", &[], "", 400, "bad-parameter", "no parameters"),
        // What to do
        ("POST", "/v1/channels/nobody/pause", &[], "", 404, "channel-not-found", "nobody"),
        ("POST", "/v1/channels/nobody/test", &[], "", 404, "channel-not-found", "nobody"),
        ("POST", "/v1/channels/nobody/pause", &[JSON], r#"{"why":"x"}"#, 422, "invalid-request", "why"),
        ("POST", "/v1/channels/nobody/pause", &[JSON], "{", 400, "malformed", "JSON"),
        (
            "POST",
            "/v1/channels/nobody/pause",
            &[("content-type", "text/plain")],
            "{}",
            415,
            "unsupported-media-type",
            "json",
        ),
        ("POST", "/v1/dead-letters/purge", &[], "", 422, "invalid-request", "all"),
        ("POST", "/v1/dead-letters/replay", &[JSON], r#"{"all":true,"code":"x"}"#, 422, "invalid-request", "all"),
        ("POST", "/v1/dead-letters/replay", &[JSON], r#"{"channel":"nobody"}"#, 422, "invalid-request", "nobody"),
        ("DELETE", "/v1/dead-letters/dlv_x", &[], "", 404, "dead-letter-not-found", "dlv_x"),
        ("POST", "/v1/replays", &[JSON], r#"{"channels":[]}"#, 422, "invalid-request", "channels"),
        ("POST", "/v1/replays", &[JSON], r#"{"channels":["nobody"]}"#, 422, "invalid-request", "nobody"),
        ("POST", "/v1/replays", &[JSON], r#"{"channels":["a"],"after":"noon"}"#, 422, "invalid-request", "RFC 3339"),
        ("GET", "/v1/replays/7", &[], "", 404, "replay-not-found", "7"),
        ("POST", "/v1/replays/7/pause", &[], "", 404, "replay-not-found", "7"),
        ("GET", "/v1/events/stream?after=x", &[], "", 400, "bad-parameter", "/after"),
        ("GET", "/v1/events/stream", &[("last-event-id", "x")], "", 400, "malformed", "Last-Event-ID"),
        // What was found
        ("POST", "/v1/reload", &[], "", 422, "reload-rejected", "config.toml:3:1"),
    ];
    check(&fixture, cases).await;
    let after = fixture.get("/v1/stats").await.json();
    assert_eq!(after["totals"]["accepted"], 1, "nothing that was rejected was recorded");
    close(fixture).await;
}

#[tokio::test]
async fn a_rejection_has_the_header_that_helps() {
    let fixture = Fixture::new(&[]).await;
    let answer = fixture.send(request("PUT", "/v1/events").body(Body::empty()).unwrap()).await;
    let allowed: Vec<_> = answer.header("allow").split(',').collect();
    assert!(allowed.contains(&"POST") && allowed.contains(&"GET"), "{allowed:?}");
    let answer = fixture.send(request("POST", "/v1/events").body(Body::empty()).unwrap()).await;
    assert_eq!(
        answer.header("accept"),
        "application/json, application/cloudevents+json, application/cloudevents-batch+json"
    );
    close(fixture).await;
}

#[tokio::test]
async fn lists_wait_for_memory_and_are_rejected_if_other_clients_do_not_read() {
    let mut fixture = Fixture::new(&[]).await;
    fixture.publish(GOOD).await;
    let response_memory = ResponseMemory { lists: Budget::new(1), ..ResponseMemory::default() };
    let daemon = Daemon { response_memory, ..Daemon::clone(&fixture.daemon) };
    fixture.api = Api::new(std::sync::Arc::new(daemon), super::support::LISTEN.parse().unwrap());
    for path in ["/v1/events", "/v1/dead-letters", "/v1/events?limit=1"] {
        let unread = fixture.api.call(request("GET", path).body(Body::empty()).unwrap()).await;
        assert_eq!(unread.status(), 200);
        // No call gets as far as the journal, whose thread ignores paused time.
        tokio::time::pause();
        check(&fixture, &[("GET", "/v1/events", &[], "", 503, "too-much-unread", "read")]).await;
        check(&fixture, &[("GET", "/v1/dead-letters", &[], "", 503, "too-much-unread", "read")]).await;
        tokio::time::resume();
        drop(unread);
        assert_eq!(fixture.get("/v1/events").await.status, 200, "there is room again");
    }
    close(fixture).await;
}

#[tokio::test]
async fn a_rejection_does_not_grow_far_beyond_the_request() {
    let fixture = Fixture::new(&[]).await;
    let many = (0..10_000).map(|n| format!("{n}")).collect::<Vec<_>>().join("&");
    let answer = fixture.get(&format!("/v1/events?{many}")).await;
    assert_eq!((answer.status.as_u16(), answer.json()["errors"].as_array().unwrap().len()), (400, 20));
    close(fixture).await;
}

#[tokio::test]
async fn a_body_in_chunks_has_the_same_limit() {
    let fixture = Fixture::new(&[]).await;
    let chunks = (0..=MAX_BODY / 1_000).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1_000]));
    let body = Body::from_stream(stream::iter(chunks));
    let answer = fixture.send(request("POST", "/v1/events").header(JSON.0, JSON.1).body(body).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("connection")), (413, "close"));
    close(fixture).await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up() {
    let fixture = Fixture::new(&[]).await;
    // Only now: the journal's thread ignores paused time.
    tokio::time::pause();
    let body = Body::from_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let answer = fixture.send(request("POST", "/v1/events").header(JSON.0, JSON.1).body(body).unwrap()).await;
    tokio::time::resume();
    assert_eq!(answer.status, 408);
    assert_eq!(answer.json()["type"], "urn:fanfare:problem:body-timeout");
    close(fixture).await;
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_acknowledged() {
    let fixture = Fixture::new(&[]).await;
    fixture.journal.set_max_bytes(Some(1));
    let big = format!(r#"{{"type":"a","data":"{}"}}"#, "x".repeat(MAX_BODY - 100));
    // The file has room left in its last page for a while.
    let mut answer = fixture.publish(&big).await;
    for _ in 0..100 {
        if answer.status == 503 {
            break;
        }
        answer = fixture.publish(&big).await;
    }
    assert_eq!(answer.json()["type"], "urn:fanfare:problem:journal-unavailable", "{answer:?}");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    let ready = fixture.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.json()["journal"]["status"]), (503, &"failing".into()));
    close(fixture).await;

    let fixture = Fixture::new(&[]).await;
    fixture.journal.close().await;
    let answer = fixture.publish(r#"{"type":"a"}"#).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["type"]), (503, &"urn:fanfare:problem:shutting-down".into()));
    close(fixture).await;
}

struct NoClock;

impl Clock for NoClock {
    fn now(&self) -> Timestamp {
        panic!("no time for this")
    }
}

#[tokio::test]
async fn a_panic_returns_500_and_its_message_goes_to_the_log_alone() {
    let mut fixture = Fixture::with(&[], None).await;
    let broken = Daemon { clock: std::sync::Arc::new(NoClock), ..Daemon::clone(&fixture.daemon) };
    fixture.api = Api::new(std::sync::Arc::new(broken), super::support::LISTEN.parse().unwrap());
    // In the request's own task, and in one that it waits for.
    check(&fixture, &[("POST", "/v1/events", &[JSON], GOOD, 500, "internal", "log")]).await;
    check(&fixture, &[("POST", "/v1/reload", &[], "", 500, "internal", "log")]).await;
    assert_eq!(fixture.get("/healthz").await.status, 200);
    close(fixture).await;
}
