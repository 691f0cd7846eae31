//! Sends each event to a URL as a CloudEvent over HTTP, or many of them in one request where the channel has a `batch` policy. The host
//! does the sending, the signing and the secrets.

use std::collections::BTreeMap;

use fanfare_plugin_sdk::{
    BatchHttpChannel, Delivery, Event, Failure, HttpChannel, Payload, Receipt, Request, Response,
    export_batch_http_channel, export_http_channel, json, published_json, settings,
};
use serde::Deserialize;

mod binary;

struct Webhook;

export_http_channel!(Webhook);
export_batch_http_channel!(Webhook);

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
        Ok(with_headers(request, headers))
    }

    fn interpret(delivery: &Delivery, response: &Response) -> Result<Receipt, Failure> {
        response.error_for_status()?;
        let Settings { mode, .. } = settings()?;
        let payload_bytes = body(mode, &delivery.event).as_bytes().len();
        Ok(json!({ "delivery_id": delivery.id, "status": response.status, "payload_bytes": payload_bytes }).into())
    }
}

/// Many events are one body, the JSON batch format of CloudEvents, whatever the mode: binary mode has no form for them. The
/// receiver's key against repeats is each event's id, and the `webhook-id` that the host sends.
impl BatchHttpChannel for Webhook {
    fn compose(_: &[Delivery]) -> Result<Request, Failure> {
        let Settings { url, method, headers, .. } = settings()?;
        let request = Request::new(method, url).body(published_json());
        Ok(with_headers(request.header("content-type", "application/cloudevents-batch+json"), headers))
    }

    fn interpret(batch: &[Delivery], response: &Response) -> Vec<Result<Receipt, Failure>> {
        let judge = |delivery: &Delivery| {
            response.error_for_status()?;
            Ok(json!({ "delivery_id": delivery.id, "status": response.status, "batch": batch.len() }).into())
        };
        batch.iter().map(judge).collect()
    }
}

/// With the operator's headers, each in the place of ours of its name.
fn with_headers(mut request: Request, headers: BTreeMap<String, String>) -> Request {
    request.headers.retain(|(name, _)| !headers.keys().any(|own| own.eq_ignore_ascii_case(name)));
    request.headers.extend(headers);
    request
}

fn body(mode: Mode, event: &Event) -> Payload {
    match mode {
        Mode::Structured => published_json().into(),
        Mode::Binary => event.data.clone().unwrap_or_else(|| "".into()),
    }
}

#[cfg(test)]
mod tests;
