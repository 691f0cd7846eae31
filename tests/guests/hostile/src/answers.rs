//! Answers of all kinds.

use std::time::Duration;

use fanfare_plugin_sdk::{Delivery, Failure, json};
use serde_json::Value;

use crate::params::Params;

pub fn echo(delivery: &Delivery, params: &Params) -> Value {
    json!({
        "delivery_id": delivery.id,
        "channel": delivery.channel,
        "attempt": delivery.attempt,
        "replayed": delivery.replayed,
        "event": delivery.event,
        "settings": params.all(),
    })
}

pub fn failure(params: &Params) -> Failure {
    let code = params.text("code").unwrap_or_else(|| "on_purpose".to_owned());
    let message = params.text("message").unwrap_or_else(|| "failed on purpose".to_owned());
    match params.text("disposition").unwrap_or_default().as_str() {
        "reject" => Failure::reject(code, message),
        "suspend" => Failure::suspend(code, message),
        "retry-after" => Failure::retry_after(Duration::from_millis(params.number("delay_ms", 1_000)), code, message),
        _ => Failure::retry(code, message),
    }
}

pub fn fail_until(delivery: &Delivery, params: &Params) -> Result<Value, Failure> {
    if delivery.attempt <= params.number("attempts", 1) {
        Err(failure(params))
    } else {
        Ok(json!({ "attempt": delivery.attempt }))
    }
}

pub fn big_receipt(params: &Params) -> Value {
    json!({ "filler": "x".repeat(params.number("bytes", 16 << 20)) })
}

pub fn big_failure(params: &Params) -> Failure {
    let filler = "x".repeat(params.number("bytes", 16 << 20));
    Failure::retry(filler.clone(), filler)
}
