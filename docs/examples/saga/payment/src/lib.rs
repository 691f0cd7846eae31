//! Charges for what was reserved. A declined card is a result, not a failure: the saga continues with it. A provider
//! that is down is a failure: the host tries again.

use fanfare_plugin_sdk::{Channel, Delivery, Failure, Receipt, Request, emit, export_channel, json, settings};
use serde::{Deserialize, Serialize};

struct Payment;

export_channel!(Payment);

#[derive(Deserialize)]
struct Settings {
    /// Where charges are POSTed to.
    url: String,
}

/// What every event of the saga carries.
#[derive(Deserialize, Serialize)]
struct Order {
    order: String,
    sku: String,
    quantity: i32,
    amount: u32,
}

/// The provider's word for a card that it does not charge.
const PAYMENT_REQUIRED: u16 = 402;

impl Channel for Payment {
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
        let Settings { url } = settings()?;
        let order: Order = delivery.event.data_json()?;
        let response = Request::post(url)
            // The same on every attempt: the provider charges once, however often it is asked.
            .header("idempotency-key", &delivery.id)
            .json(&json!({ "order": order.order, "amount": order.amount }))?
            .send()?;
        if response.status == PAYMENT_REQUIRED {
            let data = json!({ "order": order.order, "sku": order.sku, "reason": "card declined" });
            emit::emit(&emit::event("payment.failed").subject(&order.sku).json(&data)?)?;
            return Ok(json!({ "charged": 0 }).into());
        }
        response.error_for_status()?;
        emit::emit(&emit::event("order.confirmed").subject(&order.sku).json(&order)?)?;
        Ok(json!({ "charged": order.amount }).into())
    }
}

#[cfg(test)]
mod tests;
