use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;

use super::support::{Does, Fixture, close, request};

/// Reads a stream until it contains all of `wanted`.
async fn read_until(fixture: &Fixture, path: &str, wanted: &[&str]) -> String {
    let response = fixture.api.call(request("GET", path).body(Body::empty()).unwrap(), None).await;
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let mut text = String::new();
    while !wanted.iter().all(|part| text.contains(part)) {
        let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await;
        let frame = frame.unwrap_or_else(|_| panic!("no more than:\n{text}"));
        text.push_str(std::str::from_utf8(frame.unwrap().unwrap().data_ref().unwrap()).unwrap());
    }
    text
}

#[tokio::test]
async fn a_follower_gets_a_gap_for_pruned_events() {
    let fixture = Fixture::new(&[("log", Does::Deliver)]).await;
    for n in 1..=3 {
        fixture.publish(&format!(r#"{{"type":"t","id":"e{n}"}}"#)).await;
    }
    fixture.journal.tidy().await;
    fixture.publish(r#"{"type":"t","id":"e4"}"#).await;
    let text = read_until(&fixture, "/v1/events/stream?after=1", &["id: 4\n"]).await;
    assert!(text.contains("event: gap\ndata: {\"after\":1,\"before\":4,\"reason\":\"pruned\"}\n\n"), "{text}");
    assert!(!text.contains("\"e2\"") && text.find("gap").unwrap() < text.find("e4").unwrap(), "{text}");
    // Nothing is missing after the cursor, so there is no gap.
    let text = read_until(&fixture, "/v1/events/stream?after=3", &["id: 4\n"]).await;
    assert!(!text.contains("gap"), "{text}");
    close(fixture).await;
}

#[tokio::test]
async fn a_follower_beyond_the_newest_event_gets_a_gap_and_continues_from_there() {
    let fixture = Fixture::new(&[("log", Does::Deliver)]).await;
    fixture.publish(r#"{"type":"t","id":"e1"}"#).await;
    for query in ["?after=500", "?after=500&type=t"] {
        let path = format!("/v1/events/stream{query}");
        let gap = "id: 1\nevent: gap\ndata: {\"after\":500,\"before\":2,\"reason\":\"restored\"}\n\n";
        let text = read_until(&fixture, &path, &[gap]).await;
        assert!(!text.contains("event: event"), "{text}");
    }
    // It continues with the id of the gap. At the newest event itself nothing is missing.
    fixture.publish(r#"{"type":"t","id":"e2"}"#).await;
    let text = read_until(&fixture, "/v1/events/stream?after=1", &["id: 2\nevent: event"]).await;
    assert!(!text.contains("gap"), "{text}");
    let text = read_until(&fixture, "/v1/events/stream?after=2", &["retry"]).await;
    assert!(!text.contains("gap"), "{text}");
    close(fixture).await;
}

#[tokio::test]
async fn data_with_line_breaks_is_one_message() {
    let fixture = Fixture::new(&[("log", Does::Deliver)]).await;
    let data = "{\n\n  \"a\"\r:\r\n [1,\n2] }";
    fixture.publish(&format!(r#"{{"type":"t","id":"e1","data":{data}}}"#)).await;
    let text = read_until(&fixture, "/v1/events/stream?after=0", &["id: 1\n", "\n\n"]).await;
    let block = text.split("\n\n").find(|block| block.contains("event: event")).unwrap();
    let lines: Vec<_> = block.split(['\n', '\r']).collect();
    assert_eq!(lines.len(), 3, "{block:?}");
    let event: serde_json::Value = serde_json::from_str(lines[2].strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(event["event"]["data"], serde_json::json!({ "a": [1, 2] }));
    close(fixture).await;
}

#[tokio::test]
async fn followers_are_limited_and_a_shutdown_ends_their_streams() {
    let fixture = Fixture::new(&[]).await;
    let follow =
        || async { fixture.api.call(request("GET", "/v1/events/stream").body(Body::empty()).unwrap(), None).await };
    let (first, second) = (follow().await, follow().await);
    assert_eq!((first.status(), second.status()), (http::StatusCode::OK, http::StatusCode::OK));
    let refused = follow().await;
    assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (503, true));
    assert_eq!(fixture.get("/readyz").await.status, 200);
    fixture.daemon.stopping.cancel();
    let rest = tokio::time::timeout(Duration::from_secs(10), first.into_body().collect()).await;
    assert!(rest.is_ok(), "the stream continues");
    let ready = fixture.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), ready.json()["status"].as_str().unwrap()), (503, "draining"));
    close(fixture).await;
}
