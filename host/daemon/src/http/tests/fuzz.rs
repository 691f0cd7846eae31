//! Whatever the query, a list returns a page or says what is wrong with the query.

use axum::body::Body;
use proptest::{prelude::*, test_runner::TestRunner};

use super::support::{Does, Fixture, close, request};

const PATHS: [&str; 10] = [
    "/v1/events",
    "/v1/dead-letters",
    "/v1/events/e1",
    "/v1/events/%2e%2e",
    "/v1/dead-letters/x",
    "/v1/replays",
    "/v1/replays/1",
    "/v1/channels",
    "/v1/plugins",
    "/v1/stats",
];
const NAMES: [&str; 14] = [
    "after", "limit", "order", "type", "source", "channel", "status", "since", "until", "class", "code", "%61fter",
    "limit[]", "",
];
const VALUES: [&str; 24] = [
    "",
    "0",
    "-1",
    "1",
    "1000",
    "1001",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "1e3",
    "+1",
    "%2B1",
    "newest",
    "oldest",
    "order.*",
    ">",
    "*",
    "%00",
    "%ff",
    "pending",
    "success",
    "2026-11-20T10:30:00Z",
    "9999-12-31T23:59:59Z",
    "-009999-01-02T01:59:59Z",
];

fn query() -> impl Strategy<Value = String> {
    let value = prop_oneof![4 => prop::sample::select(&VALUES[..]).prop_map(str::to_owned), 1 => "[!-~]{0,40}"];
    let pair = (prop::sample::select(&NAMES[..]), value).prop_map(|(name, value)| format!("{name}={value}"));
    prop_oneof![8 => prop::collection::vec(pair, 0..5).prop_map(|pairs| pairs.join("&")), 1 => "[!-~]{0,80}"]
}

#[test]
fn fuzz_query() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fixture = runtime.block_on(async {
        let fixture = Fixture::new(&[("log", Does::Deliver), ("bad", Does::Reject)]).await;
        for n in 1..=5 {
            fixture.publish(&format!(r#"{{"type":"order.paid","id":"e{n}"}}"#)).await;
        }
        fixture
    });
    let asked = (prop::sample::select(&PATHS[..]), query());
    let check = |(path, query): (&str, String)| {
        // What is not a URI ends before it gets here.
        let Ok(request) = request("GET", &format!("{path}?{query}")).body(Body::empty()) else { return Ok(()) };
        let answer = runtime.block_on(fixture.send(request));
        prop_assert!(matches!(answer.status.as_u16(), 200 | 400 | 404), "{:?}", answer);
        let body = answer.json();
        if answer.status == 200 {
            prop_assert!(body.is_object());
        } else {
            prop_assert_eq!(answer.header("content-type"), "application/problem+json");
            prop_assert!(answer.body.len() < 4_096 + 6 * query.len(), "it grows beyond what was asked: {:?}", answer);
        }
        Ok(())
    };
    TestRunner::default().run(&asked, check).unwrap_or_else(|failure| panic!("{failure}"));
    runtime.block_on(close(fixture));
}
