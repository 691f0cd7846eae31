//! A channel that takes batches and does with each event what its data says, `{"batch": "<word>"}`:
//!
//! | word | does |
//! |---|---|
//! | none | is delivered; the receipt has the size of its batch and the ids of the events in it |
//! | `trap` `spin` `sleep` `short` `long` | the whole call ends without a result, or with too few or too many |
//! | `retry` `reject` `suspend` | fails like this, and the others do not; `retry` only in its first attempt |
//! | `denied` | asks for something that is not granted, and fails |
//! | `count` | increments `n` in the state, and emits an event of the type in the setting `type` |
//!
//! With the setting `url` it first posts the ids of the events there, in one request.

use fanfare_plugin_sdk::{
    BatchChannel, Delivery, Failure, Receipt, Request, emit, export_batch_channel, json, metrics, setting, state,
};
use serde_json::Value;

struct Hostile;

export_batch_channel!(Hostile);

impl BatchChannel for Hostile {
    fn deliver(batch: &[Delivery]) -> Vec<Result<Receipt, Failure>> {
        if let Err(failure) = post(batch) {
            return vec![Err(failure); batch.len()];
        }
        let mut results: Vec<_> = batch.iter().map(|delivery| one(delivery, batch)).collect();
        for word in batch.iter().filter_map(word) {
            match word.as_str() {
                "trap" => panic!("trapped on purpose in a batch of {}", batch.len()),
                "spin" => loop {
                    std::hint::black_box(());
                },
                "sleep" => std::thread::sleep(std::time::Duration::from_secs(3_600)),
                "short" => drop(results.pop()),
                "long" => results.push(Ok(Receipt::none())),
                _ => {}
            }
        }
        results
    }
}

fn post(batch: &[Delivery]) -> Result<(), Failure> {
    let Some(url) = setting("url") else { return Ok(()) };
    Request::post(url).json(&json!(ids(batch)))?.send()?.error_for_status()
}

fn one(delivery: &Delivery, batch: &[Delivery]) -> Result<Receipt, Failure> {
    match word(delivery).as_deref() {
        Some("retry") if delivery.attempt == 1 => Err(Failure::retry("again", "failed on purpose")),
        Some("reject") => Err(Failure::reject("never", "rejected on purpose")),
        Some("suspend") => Err(Failure::suspend("gone", "suspended on purpose")),
        Some("denied") => Request::get("http://denied.example/").send().map(|_| Receipt::none()).map_err(Into::into),
        Some("count") => {
            let count = state::increment("n", 1)?;
            metrics::counter("counted", 1.0, &[]);
            let id = match setting("type") {
                Some(ty) => emit::emit(&emit::event(ty).json(&json!({ "of": delivery.event.id }))?)?,
                None => String::new(),
            };
            Ok(json!({ "count": count, "emitted": id, "batch": batch.len() }).into())
        }
        _ => Ok(json!({ "batch": batch.len(), "ids": ids(batch) }).into()),
    }
}

fn ids(batch: &[Delivery]) -> Vec<&str> {
    batch.iter().map(|delivery| delivery.event.id.as_str()).collect()
}

fn word(delivery: &Delivery) -> Option<String> {
    let data: Value = delivery.event.data_json().ok()?;
    data.get("batch")?.as_str().map(ToOwned::to_owned)
}
