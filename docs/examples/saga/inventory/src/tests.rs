#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use fanfare_plugin_sdk::testing::{Host, Installed, delivery};

use super::*;

fn placed(order: &str, quantity: i32) -> Delivery {
    let data = json!({ "order": order, "sku": "horn", "quantity": quantity, "amount": 990 });
    delivery("order.placed", &data.to_string())
}

/// The types of what was emitted so far.
fn emitted(host: &Installed) -> Vec<String> {
    host.emitted().into_iter().map(|event| event.type_).collect()
}

#[test]
fn what_is_in_stock_is_reserved_and_more_is_cancelled() {
    let host = Host::new().setting("stock.horn", "2").install();
    assert_eq!(Inventory::deliver(&placed("o-1", 2)).unwrap().as_str(), r#"{"left":0,"reserved":2}"#);
    assert_eq!(Inventory::deliver(&placed("o-2", 1)).unwrap().as_str(), r#"{"cancelled":"out of stock"}"#);
    assert_eq!(emitted(&host), ["inventory.reserved", "order.cancelled"]);
}

#[test]
fn a_failed_payment_releases_once() {
    let host = Host::new().setting("stock.horn", "1").install();
    Inventory::deliver(&placed("o-1", 1)).unwrap();
    let failed = delivery("payment.failed", r#"{"order":"o-1","reason":"card declined"}"#);
    assert_eq!(Inventory::deliver(&failed).unwrap().as_str(), r#"{"cancelled":"card declined"}"#);
    assert_eq!(Inventory::deliver(&failed).unwrap().as_str(), r#"{"released":0}"#);
    assert_eq!(Inventory::deliver(&placed("o-2", 1)).unwrap().as_str(), r#"{"left":0,"reserved":1}"#);
    assert_eq!(emitted(&host), ["inventory.reserved", "order.cancelled", "inventory.reserved"]);
}

#[test]
fn an_event_needs_a_positive_quantity() {
    let _host = Host::new().setting("stock.horn", "1").install();
    assert_eq!(Inventory::deliver(&placed("o-1", 0)).unwrap_err().code, "quantity");
}
