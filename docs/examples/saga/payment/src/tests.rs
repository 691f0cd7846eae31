#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use fanfare_plugin_sdk::{
    Payload, Response,
    testing::{Host, delivery},
};

use super::*;

fn host(status: u16) -> Host {
    let response = Response { status, headers: vec![], body: Payload::Text(String::new()) };
    Host::new().setting("url", "http://pay.example/charges").response(Ok(response))
}

fn reserved() -> Delivery {
    delivery("inventory.reserved", r#"{"order":"o-1","sku":"horn","quantity":1,"amount":990}"#)
}

#[test]
fn a_charge_confirms_and_a_declined_card_fails_the_payment() {
    for (status, emits) in [(200, "order.confirmed"), (402, "payment.failed")] {
        let host = host(status).install();
        Payment::deliver(&reserved()).unwrap();
        assert_eq!(host.emitted()[0].type_, emits);
        assert_eq!(host.requests()[0].headers[0].0, "idempotency-key");
    }
}

#[test]
fn a_provider_that_is_down_is_asked_again() {
    let host = host(503).install();
    assert_eq!(Payment::deliver(&reserved()).unwrap_err().code, "http_503");
    assert!(host.emitted().is_empty());
}
