//! Posts each event as `{"text": …}` to a URL.

use fanfare_plugin_sdk::{
    Channel, Delivery, Failure, Receipt, Request, export_channel, json, settings,
};
use serde::Deserialize;

struct Notify;

export_channel!(Notify);

#[derive(Deserialize)]
struct Settings {
    url: String,
}

impl Channel for Notify {
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
        let Settings { url } = settings()?;
        let event = &delivery.event;
        let response = Request::post(url)
            // The same on every attempt, so that the receiver can detect repeats.
            .header("idempotency-key", &delivery.id)
            .json(&json!({ "text": event.message().unwrap_or(&event.type_) }))?
            .send()?;
        // A 503 is retried and a 400 becomes a dead letter: the status decides the failure.
        response.error_for_status()?;
        Ok(json!({ "status": response.status }).into())
    }
}

#[cfg(test)]
mod tests;
