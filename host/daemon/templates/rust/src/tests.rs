use fanfare_plugin_sdk::{
    Disposition, Response,
    testing::{Host, delivery},
};

use super::*;

fn host(status: u16) -> Host {
    let response = Response { status, headers: vec![], body: "".into() };
    Host::new().setting("url", "https://example.com/hook").response(Ok(response))
}

#[test]
fn the_message_is_posted() {
    let host = host(200).install();
    let mut delivery = delivery("user.signup", "{}");
    delivery.event.extensions = vec![("message".into(), "New user registered".into())];

    let receipt = Notify::deliver(&delivery).unwrap();

    let request = &host.requests()[0];
    assert_eq!(request.url, "https://example.com/hook");
    assert_eq!(request.body.as_text(), Some(r#"{"text":"New user registered"}"#));
    assert_eq!(receipt.as_str(), r#"{"status":200}"#);
}

#[test]
fn a_receiver_that_is_down_is_tried_again() {
    let _host = host(503).install();
    let failure = Notify::deliver(&delivery("user.signup", "{}")).unwrap_err();
    assert_eq!((failure.disposition, failure.code.as_str()), (Disposition::Retry, "http_503"));
}
