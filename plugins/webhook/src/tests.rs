#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use fanfare_plugin_sdk::{
    Disposition,
    testing::{Host, delivery},
};

use super::*;

fn header<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    let of_this_name = request.headers.iter().filter(|(have, _)| have.eq_ignore_ascii_case(name));
    of_this_name.map(|(_, value)| value.as_str()).collect()
}

fn answer(status: u16) -> Response {
    Response { status, headers: vec![], body: "".into() }
}

#[test]
fn by_default_the_event_goes_out_as_structured_json_and_the_receipt_tells_its_size() {
    // Numbers among the extension attributes stay numbers, because the host knows their types.
    let published = r#"{"specversion":"1.0","type":"user.signup","severity":5,"data":{"user":"u-1"}}"#;
    let host = Host::new().setting("url", "http://127.0.0.1:9000/hook").setting("headers.x-env", "dev");
    let _host = host.published(published).install();
    let delivery = delivery("user.signup", r#"{"user":"u-1"}"#);

    let request = <Webhook as HttpChannel>::compose(&delivery).unwrap();

    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "http://127.0.0.1:9000/hook"));
    assert_eq!(header(&request, "content-type"), ["application/cloudevents+json"]);
    assert_eq!(header(&request, "x-env"), ["dev"]);
    assert_eq!(header(&request, "idempotency-key"), [format!("\"{}\"", delivery.id)]);
    assert_eq!(request.body.as_text(), Some(published));

    let receipt = <Webhook as HttpChannel>::interpret(&delivery, &answer(202)).unwrap();
    let receipt: serde_json::Value = serde_json::from_str(receipt.as_str()).unwrap();
    let expected = json!({ "delivery_id": delivery.id, "status": 202, "payload_bytes": request.body.as_bytes().len() });
    assert_eq!(receipt, expected);
}

#[test]
fn in_binary_mode_the_data_is_the_body_and_the_attributes_are_headers() {
    let _host = Host::new().setting("url", "http://h/").setting("mode", "binary").setting("method", "PUT").install();
    let mut delivery = delivery("user.signup", r#"{"user":"u-1"}"#);
    delivery.event.subject = Some("ä b".into());
    delivery.event.extensions = vec![("severity".into(), "info".into())];

    let request = <Webhook as HttpChannel>::compose(&delivery).unwrap();

    assert_eq!(request.method, "PUT");
    assert_eq!(request.body.as_text(), Some(r#"{"user":"u-1"}"#));
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", "e-1"),
        ("ce-source", "/test"),
        ("ce-type", "user.signup"),
        ("ce-subject", "%C3%A4%20b"),
        ("ce-severity", "info"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(header(&request, name), [value], "{name}");
    }
}

#[test]
fn an_operators_header_replaces_ours() {
    let _host = Host::new().setting("url", "http://h/").setting("headers.Content-Type", "application/json").install();
    let request = <Webhook as HttpChannel>::compose(&delivery("a", "1")).unwrap();
    assert_eq!(header(&request, "content-type"), ["application/json"]);
}

#[test]
fn a_response_that_is_not_a_success_is_judged_by_its_status() {
    let _host = Host::new().setting("url", "http://h/").install();
    let delivery = delivery("a", "1");
    for (status, expected) in [(503, Disposition::Retry), (410, Disposition::Suspend), (400, Disposition::Reject)] {
        let failure = <Webhook as HttpChannel>::interpret(&delivery, &answer(status)).unwrap_err();
        assert_eq!((failure.disposition, failure.code), (expected, format!("http_{status}")));
    }
}

#[test]
fn without_a_url_the_delivery_is_rejected_and_the_key_is_named() {
    let _host = Host::new().install();
    let failure = <Webhook as HttpChannel>::compose(&delivery("a", "1")).unwrap_err();
    assert_eq!(failure.disposition, Disposition::Reject);
    assert!(failure.message.contains(".settings.url` is missing"), "{}", failure.message);
}

#[test]
fn many_events_are_one_body_and_the_response_applies_to_all() {
    let published = r#"[{"specversion":"1.0","type":"a"},{"specversion":"1.0","type":"b"}]"#;
    let host = Host::new().setting("url", "http://h/").setting("mode", "binary").setting("headers.x-env", "dev");
    let _host = host.published(published).install();
    let batch = [delivery("a", "1"), delivery("b", "2")];

    let request = <Webhook as BatchHttpChannel>::compose(&batch).unwrap();

    assert_eq!(request.body.as_text(), Some(published));
    assert_eq!(header(&request, "content-type"), ["application/cloudevents-batch+json"]);
    assert_eq!(header(&request, "x-env"), ["dev"]);
    let receipts = <Webhook as BatchHttpChannel>::interpret(&batch, &answer(202));
    assert_eq!(receipts.len(), 2);
    assert!(receipts.iter().all(|receipt| receipt.as_ref().unwrap().as_str().contains("\"batch\":2")));
    let failures = <Webhook as BatchHttpChannel>::interpret(&batch, &answer(503));
    assert!(failures.iter().all(|failure| failure.as_ref().unwrap_err().code == "http_503"));
}
