use std::time::Duration;

use axum::body::Body;
use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::support::{Answer, Does, Fixture, MAX_BODY, close, request};

#[tokio::test]
async fn a_publisher_gets_the_documented_result() {
    let fixture = Fixture::new(&[("log", Does::Deliver), ("webhook", Does::Reject)]).await;
    let answer = fixture.publish(r#"{"type":"user.signup","id":"e/1","source":"/shop","data":{"a":1}}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("location"), "/v1/events/e%2F1?source=%2Fshop");
    assert_eq!(answer.header("preference-applied"), "");

    let mut result = answer.json();
    let broadcast_at = result["broadcast_at"].take();
    assert!(broadcast_at.as_str().is_some_and(|at| at.len() == "2026-11-20T10:30:00.000000Z".len()), "{broadcast_at}");
    for channel in ["log", "webhook"] {
        for filled in ["timestamp", "delivery_id"] {
            assert!(result["channels"][channel][filled].take().is_string());
        }
    }
    let want = json!({
        "event_id": "e/1", "event_type": "user.signup", "offset": 1, "broadcast_at": null,
        "overall_status": "partial", "duplicate": false,
        "channels": {
            "log": { "status": "success", "channel": "log", "timestamp": null, "delivery_id": null, "attempts": 1,
                     "duration_ms": 0.4, "receipt": { "log_id": "log_1" } },
            "webhook": { "status": "failed", "channel": "webhook", "timestamp": null, "delivery_id": null,
                         "attempts": 1, "duration_ms": 0.4, "class": "rejected", "code": "http_400",
                         "error": "the receiver rejected it", "next_attempt_at": null },
        },
        "summary": { "total_channels": 2, "successful": 1, "failed": 1, "pending": 0, "skipped": 0 },
    });
    assert_eq!(result, want);
    close(fixture).await;
}

#[tokio::test]
async fn a_structured_event_is_accepted_and_found_at_its_location() {
    let fixture = Fixture::new(&[("log", Does::Deliver)]).await;
    let body = r#"{"specversion":"1.0","type":"a","source":"/","id":"x y","tier":"gold","data_base64":"AAE="}"#;
    let request = request("POST", "/v1/events").header("content-type", "Application/CloudEvents+JSON; charset=UTF-8");
    let answer = fixture.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (200, "/v1/events/x%20y"));
    let shown = fixture.get(answer.header("location")).await.json();
    assert_eq!(shown["event"]["tier"], "gold");
    assert_eq!(shown["event"]["data_base64"], "AAE=");
    close(fixture).await;
}

#[tokio::test]
async fn an_event_without_a_channel_is_recorded_as_unrouted() {
    let fixture = Fixture::new(&[]).await;
    for prefer in [vec![], vec![("prefer", "respond-async")]] {
        let answer = fixture.publish_with(r#"{"type":"a"}"#, &prefer).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["overall_status"]), (200, &"unrouted".into()));
    }
    close(fixture).await;
}

#[tokio::test]
async fn the_publisher_chooses_how_long_to_wait() {
    let fixture = Fixture::new(&[("log", Does::Deliver), ("slow", Does::Hang)]).await;
    let started = tokio::time::Instant::now();
    for prefer in ["respond-async", "wait=0", "respond-async, wait=0"] {
        let answer = fixture.publish_with(r#"{"type":"a"}"#, &[("prefer", prefer)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (202, prefer));
        assert_eq!(answer.json()["summary"]["pending"], 2, "nobody waited for {prefer}");
    }
    let answer = fixture.publish_with(r#"{"type":"a"}"#, &[("prefer", "foo, wait=1")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (202, "wait=1"));
    let result = answer.json();
    assert_eq!(result["overall_status"], "pending");
    assert_eq!(result["channels"]["log"]["status"], "success", "settled channels are in the result");
    assert!(started.elapsed() < Duration::from_secs(20), "the default of 30 s was not waited for");
    close(fixture).await;
}

#[tokio::test]
async fn a_repeat_gets_the_originals_result() {
    let fixture = Fixture::new(&[("log", Does::RetryOnce)]).await;
    let event = r#"{"type":"a","id":"once"}"#;
    let first = fixture.publish(event).await;
    let again = fixture.publish(event).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!(first.header("location"), again.header("location"));
    let (mut first, mut again) = (first.json(), again.json());
    assert_eq!((first["duplicate"].take(), again["duplicate"].take()), (json!(false), json!(true)));
    assert_eq!(first, again);
    assert_eq!(first["channels"]["log"]["attempts"], 2);
    close(fixture).await;
}

#[tokio::test]
async fn a_repeat_of_a_pending_event_is_pending() {
    let fixture = Fixture::new(&[("slow", Does::Hang)]).await;
    let event = r#"{"type":"a","id":"once"}"#;
    for duplicate in [false, true] {
        let answer = fixture.publish_with(event, &[("prefer", "respond-async")]).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["duplicate"]), (202, &duplicate.into()));
    }
    close(fixture).await;
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::default());
    std::io::Write::write_all(&mut encoder, text).unwrap();
    encoder.finish().unwrap()
}

/// Publishes a body that came as these bytes.
async fn send(fixture: &Fixture, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let mut request = request("POST", "/v1/events");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    fixture.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_gzip_body_is_unpacked() {
    let fixture = Fixture::new(&[]).await;
    let json = ("content-type", "application/json");
    let simple = send(&fixture, &[json, ("content-encoding", "gzip")], gzip(br#"{"type":"a","id":"s"}"#)).await;
    assert_eq!(simple.status, 200, "{simple:?}");
    let binary = [
        ("ce-specversion", "1.0"),
        ("ce-id", "b"),
        ("ce-source", "/"),
        ("ce-type", "a"),
        ("content-type", "text/plain"),
        ("content-encoding", "identity, X-GZIP"),
    ];
    // Two members are one body, as RFC 1952 has it.
    let answer = send(&fixture, &binary, [gzip(b"hello, "), gzip(b"world")].concat()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let shown = fixture.get("/v1/events/b").await.json();
    assert_eq!(
        (&shown["event"]["data"], &shown["event"]["datacontenttype"]),
        (&"hello, world".into(), &"text/plain".into())
    );
    close(fixture).await;
}

#[tokio::test]
async fn a_body_that_does_not_unpack_within_the_limit_is_rejected() {
    let fixture = Fixture::new(&[]).await;
    let cases: [(&str, Vec<u8>, u16, &str); 7] = [
        ("gzip", gzip(&vec![b' '; MAX_BODY * 1_000]), 413, "body-too-large"),
        ("gzip", gzip(&vec![b' '; MAX_BODY + 1]), 413, "body-too-large"),
        ("gzip", br#"{"type":"a"}"#.to_vec(), 400, "malformed"),
        ("gzip", gzip(br#"{"type":"a"}"#)[..20].to_vec(), 400, "malformed"),
        ("br", br#"{"type":"a"}"#.to_vec(), 415, "unsupported-encoding"),
        ("gzip, gzip", gzip(&gzip(br#"{"type":"a"}"#)), 415, "unsupported-encoding"),
        ("gzip, zstd", br#"{"type":"a"}"#.to_vec(), 415, "unsupported-encoding"),
    ];
    for (encoding, body, status, slug) in cases {
        let headers = [("content-type", "application/json"), ("content-encoding", encoding)];
        let answer = send(&fixture, &headers, body).await;
        assert_eq!(answer.status, status, "{encoding}: {answer:?}");
        assert_eq!(answer.json()["type"], format!("urn:fanfare:problem:{slug}"), "{encoding}");
        let named = if status == 415 { "gzip" } else { "" };
        assert_eq!(answer.header("accept-encoding"), named, "{encoding}");
    }
    assert!(fixture.get("/v1/events").await.json()["events"].as_array().unwrap().is_empty());
    close(fixture).await;
}

#[tokio::test]
async fn a_cloudevent_sent_as_plain_json_is_recognized() {
    let fixture = Fixture::new(&[]).await;
    let text =
        r#"{"specversion":"1.0","type":"a","source":"/s","id":"1","retries":3,"urgent":true,"data_base64":"AAE="}"#;
    let answer = fixture.publish(text).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let shown = fixture.get("/v1/events/1?source=/s").await.json();
    assert_eq!((&shown["event"]["retries"], &shown["event"]["urgent"]), (&3.into(), &true.into()), "types are kept");
    assert_eq!(shown["event"]["data_base64"], "AAE=");
    close(fixture).await;
}
