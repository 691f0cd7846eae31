//! Reserves what an order asks for, and releases it again when the order cannot be paid.
//!
//! It gets events of one SKU one after the other (`order = "subject"`), so two orders never reserve the same last
//! piece. Everything it remembers and emits is committed together with the delivery: a crash repeats the attempt, and
//! not what it did.

use fanfare_plugin_sdk::{Channel, Delivery, Event, Failure, Receipt, emit, export_channel, json, setting, state};
use serde::{Deserialize, Serialize};

struct Inventory;

export_channel!(Inventory);

/// What every event of the saga carries.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Order {
    order: String,
    sku: String,
    quantity: i32,
    amount: u32,
}

/// The members of `fanfare.delivery.dead` that matter here.
#[derive(Deserialize)]
struct GivenUp {
    event_id: String,
    error: String,
}

#[derive(Deserialize)]
struct Failed {
    order: String,
    reason: String,
}

impl Channel for Inventory {
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
        let event = &delivery.event;
        match event.type_.as_str() {
            "order.placed" => reserve(event),
            "payment.failed" => {
                let Failed { order, reason } = event.data_json()?;
                release(&order, &reason)
            }
            // The payment could not even be tried: its event is a dead letter.
            "fanfare.delivery.dead" => {
                let GivenUp { event_id, error } = event.data_json()?;
                match state::get_json::<String>(&asked(&event_id))? {
                    Some(order) => release(&order, &error),
                    None => Ok(json!({ "unknown": event_id }).into()),
                }
            }
            "order.confirmed" => {
                let order: Order = event.data_json()?;
                state::delete(&reserved(&order.order))?;
                Ok(json!({ "sold": order.quantity }).into())
            }
            other => Err(Failure::reject("unexpected", format!("`{other}` is not an event of this saga"))),
        }
    }
}

fn reserve(event: &Event) -> Result<Receipt, Failure> {
    let order: Order = event.data_json()?;
    if order.quantity < 1 {
        return Err(Failure::reject("quantity", format!("the quantity is {}; order at least 1", order.quantity)));
    }
    let stock: i64 = setting(&format!("stock.{}", order.sku)).and_then(|stock| stock.parse().ok()).unwrap_or(0);
    // Adding up is safe beside a release of the same SKU; reading and writing would not be.
    let taken = state::increment(&taken(&order.sku), order.quantity)?;
    if taken > stock {
        state::increment(&self::taken(&order.sku), -order.quantity)?;
        return cancel(&order, "out of stock");
    }
    state::set_json(&reserved(&order.order), &order)?;
    let id = emit::emit(&emit::event("inventory.reserved").subject(&order.sku).json(&order)?)?;
    // Kept for a day: if the payment becomes a dead letter, that names this event.
    state::set_for(&asked(&id), json!(order.order).to_string().as_bytes(), 24 * 60 * 60)?;
    Ok(json!({ "reserved": order.quantity, "left": stock - taken }).into())
}

/// The compensation. An order that is not reserved has been released before: nothing is released twice.
fn release(order: &str, reason: &str) -> Result<Receipt, Failure> {
    let Some(order) = state::get_json::<Order>(&reserved(order))? else {
        return Ok(json!({ "released": 0 }).into());
    };
    state::delete(&reserved(&order.order))?;
    state::increment(&taken(&order.sku), -order.quantity)?;
    cancel(&order, reason)
}

fn cancel(order: &Order, reason: &str) -> Result<Receipt, Failure> {
    let data = json!({ "order": order.order, "sku": order.sku, "reason": reason });
    emit::emit(&emit::event("order.cancelled").subject(&order.sku).json(&data)?)?;
    Ok(json!({ "cancelled": reason }).into())
}

fn taken(sku: &str) -> String {
    format!("taken.{sku}")
}

fn reserved(order: &str) -> String {
    format!("reserved.{order}")
}

fn asked(event: &str) -> String {
    format!("asked.{event}")
}

#[cfg(test)]
mod tests;
