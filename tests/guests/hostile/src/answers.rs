//! Results of all kinds.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use fanfare_plugin_sdk::{Delivery, Failure, json, recipient, templates};
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

pub fn recipient() -> Value {
    recipient::current().map_or_else(
        || json!({ "nobody": true }),
        |who| {
            json!({
                "subject": who.subject, "email": who.email, "phone": who.phone, "push": who.push, "locale": who.locale,
                "attributes": who.attributes,
            })
        },
    )
}

pub fn template(params: &Params) -> Result<Value, Failure> {
    let name = params.text("template").unwrap_or_default();
    let mut rendered = templates::render(&name);
    for _ in 1..params.number("times", 1_u64) {
        rendered = templates::render(&name);
    }
    match rendered {
        Err(wrong) if params.text("ignore").is_some() => Ok(json!({ "wrong": wrong.to_string() })),
        rendered => {
            let message = rendered?;
            Ok(json!({ "subject": message.subject, "text": message.text, "html": message.html }))
        }
    }
}

/// How many attempts this instance has served. A static outlives an attempt only if the host reuses the instance.
pub fn count(mode: &str, params: &Params) -> Result<Value, Failure> {
    static SERVED: AtomicU32 = AtomicU32::new(0);
    let count = SERVED.fetch_add(1, Ordering::Relaxed) + 1;
    match mode {
        "count-fail" if count == 2 => Err(Failure::retry("second", "on purpose")),
        "count-panic" if count == 2 => panic!("on purpose"),
        "count-spin" if count == 2 => crate::bounds::spin(),
        "count-sleep" if count == 2 => Ok(crate::bounds::sleep(params)),
        _ => {
            if params.number("ms", 0_u64) > 0 {
                crate::bounds::sleep(params);
            }
            Ok(json!({ "count": count }))
        }
    }
}
