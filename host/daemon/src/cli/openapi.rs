//! `fanfare openapi`: the HTTP interface as an OpenAPI document, without a daemon.

use super::{failure::Failure, output::print};
use crate::http;

pub(crate) fn run() -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(&http::document())?;
    print(&format!("{text}\n"))?;
    Ok(())
}
