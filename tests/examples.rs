//! What the examples' pages promise and their commands do not show.

use serde_json::{Value, json};

use crate::support::{
    daemon::{Daemon, Home},
    receiver::{Answering, Receiver},
    until,
};

/// The saga's own configuration, with this receiver as the payment provider.
fn saga(provider: &Receiver) -> String {
    let config = include_str!("../docs/examples/saga/config.toml");
    let (_, channels) = config.split_once("# Reserves").unwrap();
    let address = provider.url().trim_start_matches("http://").trim_end_matches("/hook").to_owned();
    channels.replace("127.0.0.1:9000", &address).replace("retries = 5", "retries = 0")
}

/// The data of all events of a type.
async fn said(daemon: &Daemon, ty: &str) -> Vec<Value> {
    let events = daemon.api.get(&format!("/v1/events?type={ty}")).await.expect(200).json();
    events["events"].as_array().unwrap().iter().map(|listed| listed["event"]["data"].clone()).collect()
}

#[tokio::test]
async fn the_stock_is_released_if_the_payment_provider_stays_down() {
    let provider = Receiver::start().await;
    provider.answer(Answering::status(503));
    let home = Home::new(&format!("# Reserves{}", saga(&provider)));
    home.install("inventory", fanfare_artifacts::inventory());
    home.install("payment", fanfare_artifacts::payment());
    let daemon = home.start_quietly().await;
    let order = |id: &str| {
        let data = json!({ "order": id, "sku": "horn", "quantity": 2, "amount": 1_980 });
        json!({ "type": "order.placed", "subject": "horn", "data": data }).to_string()
    };
    daemon.api.publish(order("o-1")).await.expect(200);
    let cancelled =
        until("the order to be cancelled", || async { said(&daemon, "order.cancelled").await.into_iter().next() })
            .await;
    assert_eq!(cancelled, json!({ "order": "o-1", "sku": "horn", "reason": "the receiver answered 503" }));

    provider.answer(Answering::status(200));
    daemon.api.publish(order("o-2")).await.expect(200);
    until("the next order to be sold", || async {
        (said(&daemon, "order.confirmed").await.first()?["order"] == "o-2").then_some(())
    })
    .await;
    assert_eq!(said(&daemon, "order.cancelled").await.len(), 1, "the reserved stock was released");
}
