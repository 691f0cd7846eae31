//! The least that a useful channel does, for benchmarks: parses the data and formats a receipt.

use fanfare_plugin_sdk::{Channel, Delivery, Failure, Receipt, export_channel};

mod work;

struct Smallest;

export_channel!(Smallest);

impl Channel for Smallest {
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
        Ok(Receipt::from_json_text(work::receipt(delivery.event.data_bytes())?))
    }
}
