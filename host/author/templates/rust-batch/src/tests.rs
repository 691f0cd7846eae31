use fanfare_plugin_sdk::testing::{Host, delivery};
use fanfare_plugin_sdk::{Disposition, Response};

use super::*;

#[test]
fn a_batch_becomes_one_text() {
    let _host = Host::new()
        .setting("url", "https://example.com/hook")
        .install();
    let mut first = delivery("user.signup", "{}");
    first.event.extensions = vec![("message".into(), "New user".into())];

    let request = Digest::compose(&[first, delivery("user.left", "{}")]).unwrap();

    assert_eq!(request.url, "https://example.com/hook");
    assert_eq!(
        request.body.as_text(),
        Some(r#"{"text":"2 events:\n- New user\n- user.left"}"#)
    );
}

#[test]
fn each_delivery_is_retried_if_the_receiver_is_down() {
    let (status, headers, body) = (503, vec![], "".into());
    let response = Response {
        status,
        headers,
        body,
    };
    let batch = [delivery("user.signup", "{}"), delivery("user.left", "{}")];
    let results = Digest::interpret(&batch, &response);
    assert_eq!(results.len(), 2);
    assert!(
        results
            .iter()
            .all(|result| result.as_ref().unwrap_err().disposition == Disposition::Retry)
    );
}
