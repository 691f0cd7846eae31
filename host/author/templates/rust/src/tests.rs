use fanfare_plugin_sdk::testing::{Host, delivery};
use fanfare_plugin_sdk::{Disposition, Response};

use super::*;

fn receiver(status: u16) -> Host {
    let (headers, body) = (vec![], "".into());
    Host::new()
        .setting("url", "https://example.com/hook")
        .response(Ok(Response {
            status,
            headers,
            body,
        }))
}

#[test]
fn the_message_is_posted() {
    let host = receiver(200).install();
    let mut delivery = delivery("user.signup", "{}");
    delivery.event.extensions = vec![("message".into(), "New user".into())];

    let receipt = Notify::deliver(&delivery).unwrap();

    let request = &host.requests()[0];
    assert_eq!(request.url, "https://example.com/hook");
    assert_eq!(request.body.as_text(), Some(r#"{"text":"New user"}"#));
    assert_eq!(receipt.as_str(), r#"{"status":200}"#);
}

#[test]
fn a_delivery_is_retried_if_the_receiver_is_down() {
    let _host = receiver(503).install();
    let failure = Notify::deliver(&delivery("user.signup", "{}")).unwrap_err();
    assert_eq!(failure.disposition, Disposition::Retry);
    assert_eq!(failure.code, "http_503");
}
