//! Posts a digest of many events as `{"text": …}` to a URL.

use fanfare_plugin_sdk::{
    BatchHttpChannel, Delivery, Failure, Request, export_batch_http_channel, json, settings,
};
use serde::Deserialize;

struct Digest;

export_batch_http_channel!(Digest);

#[derive(Deserialize)]
struct Settings {
    url: String,
}

impl BatchHttpChannel for Digest {
    // The host sends it. Any 2xx delivers all of them; otherwise each is retried or becomes a dead letter separately.
    fn compose(batch: &[Delivery]) -> Result<Request, Failure> {
        let Settings { url } = settings()?;
        let lines = batch.iter().map(|delivery| {
            let event = &delivery.event;
            format!("- {}", event.message().unwrap_or(&event.type_))
        });
        let lines: Vec<_> = lines.collect();
        let title = match batch.len() {
            1 => "1 event".to_owned(),
            events => format!("{events} events"),
        };
        Ok(Request::post(url)
            .json(&json!({ "text": format!("{title}:\n{}", lines.join("\n")) }))?)
    }
}

#[cfg(test)]
mod tests;
