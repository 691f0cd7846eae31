//! Sends each event to a URL as a CloudEvent over HTTP, or many of them in one request if the channel has a `batch`
//! policy. The host does the sending, the signing and the secrets.

use std::{cell::RefCell, collections::BTreeMap};

use fanfare_plugin_sdk::{
    BatchHttpChannel, Delivery, Failure, HttpChannel, Payload, Receipt, Request, Response, export_batch_http_channel,
    export_http_channel, json, published_json, settings, templates,
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
    /// Sent in addition to our own. A header with the same name replaces ours.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The template whose text is the body.
    template: Option<String>,
}

fn post() -> String {
    "POST".to_owned()
}

/// The content type of a template, unless the operator's headers override it.
const PLAIN: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

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

/// What a request's body is, for the receipt.
enum Sent {
    Event { bytes: usize },
    Template(String),
}

thread_local! {
    /// The instance that composes a request also interprets its response, so neither the settings nor the event have to
    /// be asked for again.
    static SENT: RefCell<Option<Sent>> = const { RefCell::new(None) };
}

impl HttpChannel for Webhook {
    fn compose(delivery: &Delivery) -> Result<Request, Failure> {
        let Settings { url, method, mode, headers, template } = settings()?;
        let own = |ty: &str| vec![("content-type".to_owned(), ty.to_owned())];
        let (body, ours) = match (&template, mode) {
            (Some(template), _) => {
                let (body, ty) = filled_in(template)?;
                (Payload::from(body), own(ty))
            }
            (None, Mode::Structured) => (published_json().into(), own("application/cloudevents+json")),
            (None, Mode::Binary) => {
                let data = delivery.event.data.clone().unwrap_or_else(|| "".into());
                (data, binary::headers(&delivery.event))
            }
        };
        let sent = template.map_or(Sent::Event { bytes: body.as_bytes().len() }, Sent::Template);
        SENT.set(Some(sent));
        let mut request = Request::new(method, url).body(body);
        request.headers.push(("idempotency-key".to_owned(), format!("\"{}\"", delivery.id)));
        request.headers.extend(ours);
        Ok(with_headers(request, headers))
    }

    fn interpret(delivery: &Delivery, response: &Response) -> Result<Receipt, Failure> {
        response.error_for_status()?;
        let mut receipt = json!({ "delivery_id": delivery.id, "status": response.status });
        match SENT.take() {
            Some(Sent::Event { bytes }) => receipt["payload_bytes"] = bytes.into(),
            Some(Sent::Template(name)) => receipt["template"] = name.into(),
            None => {}
        }
        Ok(receipt.into())
    }
}

/// Many events are one body, the JSON batch format of CloudEvents, whatever the mode: binary mode has no form for them.
/// Receivers detect repeats by each event's id, and by the `webhook-id` that the host sends.
impl BatchHttpChannel for Webhook {
    fn compose(_: &[Delivery]) -> Result<Request, Failure> {
        let Settings { url, method, headers, template, .. } = settings()?;
        let (body, ty) = match template {
            Some(template) => filled_in(&template)?,
            None => (published_json(), "application/cloudevents-batch+json"),
        };
        Ok(with_headers(Request::new(method, url).body(body).header("content-type", ty), headers))
    }

    fn interpret(batch: &[Delivery], response: &Response) -> Vec<Result<Receipt, Failure>> {
        let judge = |delivery: &Delivery| {
            response.error_for_status()?;
            Ok(json!({ "delivery_id": delivery.id, "status": response.status, "batch": batch.len() }).into())
        };
        batch.iter().map(judge).collect()
    }
}

/// A template as a body, with its type: the text or, if the template has none, the HTML.
fn filled_in(template: &str) -> Result<(String, &'static str), Failure> {
    let message = templates::render(template)?;
    match (message.text.is_empty(), message.html.is_empty()) {
        (false, _) => Ok((message.text, PLAIN)),
        (true, false) => Ok((message.html, HTML)),
        (true, true) => {
            let message = format!("the template `{template}` comes to nothing to send: give it `text` or `html`");
            Err(Failure::reject("template", message))
        }
    }
}

/// Adds the operator's headers. Each replaces ours with the same name.
fn with_headers(mut request: Request, headers: BTreeMap<String, String>) -> Request {
    request.headers.retain(|(name, _)| !headers.keys().any(|own| own.eq_ignore_ascii_case(name)));
    request.headers.extend(headers);
    request
}

#[cfg(test)]
mod tests;
