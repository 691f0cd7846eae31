//! Sends each event to a URL as a CloudEvent over HTTP. The host does the sending, the signing and the secrets.

use std::collections::BTreeMap;

use fanfare_plugin_sdk::{
    Delivery, Event, Failure, HttpChannel, Payload, Receipt, Request, Response, export_http_channel, json,
    published_json, settings,
};
use serde::Deserialize;

mod binary;

struct Webhook;

export_http_channel!(Webhook);

#[derive(Deserialize)]
struct Settings {
    url: String,
    #[serde(default = "post")]
    method: String,
    #[serde(default)]
    mode: Mode,
    /// Sent besides our own; one of the same name takes the place of ours.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

fn post() -> String {
    "POST".to_owned()
}

/// The two ways of CloudEvents' HTTP binding.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// The whole event is the body, as JSON.
    #[default]
    Structured,
    /// The data is the body, the attributes are headers.
    Binary,
}

impl HttpChannel for Webhook {
    fn compose(delivery: &Delivery) -> Result<Request, Failure> {
        let Settings { url, method, mode, headers } = settings()?;
        let mut request = Request::new(method, url).body(body(mode, &delivery.event));
        let ours = match mode {
            Mode::Structured => vec![("content-type".to_owned(), "application/cloudevents+json".to_owned())],
            Mode::Binary => binary::headers(&delivery.event),
        };
        request.headers.push(("idempotency-key".to_owned(), format!("\"{}\"", delivery.id)));
        request.headers.extend(ours);
        request.headers.retain(|(name, _)| !headers.keys().any(|own| own.eq_ignore_ascii_case(name)));
        request.headers.extend(headers);
        Ok(request)
    }

    fn interpret(delivery: &Delivery, response: &Response) -> Result<Receipt, Failure> {
        response.error_for_status()?;
        let Settings { mode, .. } = settings()?;
        let payload_bytes = body(mode, &delivery.event).as_bytes().len();
        Ok(json!({ "delivery_id": delivery.id, "status": response.status, "payload_bytes": payload_bytes }).into())
    }
}

fn body(mode: Mode, event: &Event) -> Payload {
    match mode {
        Mode::Structured => published_json().into(),
        Mode::Binary => event.data.clone().unwrap_or_else(|| "".into()),
    }
}

#[cfg(test)]
mod tests;
