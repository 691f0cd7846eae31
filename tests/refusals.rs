//! Every rejected request gets a problem+json response with a stable type.

use hyper::Method;

use crate::support::{SAMPLE, daemon::Home};

/// Method, path, headers, body, and the expected status.
type Case<'a> = (Method, &'a str, &'a [(&'a str, &'a str)], &'a str, u16);

#[tokio::test]
async fn every_rejected_request_is_a_problem_with_its_own_type() {
    let home = Home::new("");
    let daemon = home.start().await;
    let json = ("content-type", "application/json");
    let large = format!(r#"{{"type":"a","data":"{}"}}"#, "x".repeat(2 << 20));
    let cases: [Case<'_>; 11] = [
        (Method::POST, "/v1/events", &[json], "{", 400),
        (Method::POST, "/v1/events", &[json], "[]", 415),
        (Method::POST, "/v1/events", &[json], "{}", 422),
        (Method::POST, "/v1/events", &[json], r#"{"type":"a","nope":1}"#, 422),
        (Method::POST, "/v1/events", &[json], &large, 413),
        (Method::POST, "/v1/events", &[("content-type", "text/plain")], SAMPLE, 415),
        (Method::POST, "/v1/events", &[json, ("host", "evil.example")], SAMPLE, 421),
        (Method::PUT, "/v1/events", &[], "", 405),
        (Method::GET, "/v1/nothing", &[], "", 404),
        (Method::GET, "/v1/events/nothing", &[], "", 404),
        (Method::GET, "/v1/events?limit=many", &[], "", 400),
    ];
    for (method, path, headers, body, status) in cases {
        let answer = daemon.api.send(method.clone(), path, headers, body.to_owned()).await;
        let what = format!("{method} {path} {}", &body[..body.len().min(40)]);
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text());
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}");
        let problem = answer.json();
        assert!(problem["type"].as_str().unwrap().starts_with("urn:fanfare:problem:"), "{what}: {problem}");
        assert_eq!(problem["status"], status, "{what}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{what}: {problem}");
        if status == 422 {
            assert!(problem["errors"][0]["pointer"].as_str().unwrap().starts_with('/'), "{what}: {problem}");
        }
        if status == 405 {
            assert!(answer.headers.contains_key("allow"), "{what}");
        }
    }
    let list = daemon.api.get("/v1/events?after=0").await.expect(200).json();
    assert_eq!(list["events"].as_array().unwrap().len(), 0, "nothing that was rejected was recorded");
}
