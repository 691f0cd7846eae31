//! The work itself. `fanfare-artifacts` also compiles this file natively, so that a benchmark can separate the
//! sandbox's cost from the work's.

use serde::Deserialize;

#[derive(Deserialize)]
struct Order<'a> {
    #[serde(borrow)]
    order_id: &'a str,
    #[serde(borrow)]
    customer: Customer<'a>,
    #[serde(borrow)]
    items: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Customer<'a> {
    id: u64,
    email: &'a str,
}

#[derive(Deserialize)]
struct Item<'a> {
    sku: &'a str,
    quantity: u32,
}

/// Parses an order and formats a receipt for it.
///
/// # Errors
/// The data is not an order.
pub fn receipt(data: &[u8]) -> serde_json::Result<String> {
    let Order { order_id, customer, items } = serde_json::from_slice(data)?;
    let first = items.first().map_or("", |item| item.sku);
    let quantity: u32 = items.iter().map(|item| item.quantity).sum();
    Ok(format!(
        r#"{{"order":"{order_id}","customer":{},"email":{},"first":"{first}","quantity":{quantity}}}"#,
        customer.id,
        customer.email.len()
    ))
}
