//! The channel's settings, parsed into a type of yours.

use std::cell::RefCell;

use serde::de::DeserializeOwned;

use crate::{Failure, host};

mod tree;

thread_local! {
    /// The operator's table for what runs, so that an error can name the key as it was written.
    static TABLE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Reads the channel's settings into a type.
///
/// The host passes settings flat, with nested keys joined by dots and every value as text. Here `headers.x-env` is the
/// member `x-env` of `headers` again, `hosts.0` is the first of `hosts`, and numbers and booleans are read from their
/// text. An empty table or list leaves no trace, so give such a member `#[serde(default)]`.
///
/// ```
/// # use fanfare_plugin_sdk::{Failure, settings};
/// #[derive(serde::Deserialize)]
/// struct Settings {
///     url: String,
///     #[serde(default)]
///     headers: std::collections::BTreeMap<String, String>,
/// }
///
/// # fn main() -> Result<(), Failure> {
/// # let _host = fanfare_plugin_sdk::testing::Host::new().setting("url", "http://localhost").install();
/// let settings: Settings = settings()?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// A rejecting [`Failure`] with the code `invalid_settings` that names the key.
pub fn settings<T: DeserializeOwned>() -> Result<T, Failure> {
    let mut settings = host::config::all();
    settings.sort_unstable();
    tree::read(&settings).map_err(|error| {
        let table = TABLE.with_borrow(|table| if table.is_empty() { "channels.<name>".into() } else { table.clone() });
        Failure::reject("invalid_settings", error.in_table(&table))
    })
}

/// One setting as text, without a type for all of them; `None` when the operator has not set it.
#[must_use]
pub fn setting(key: &str) -> Option<String> {
    host::config::get(key)
}

pub(crate) fn remember_table(kind: &str, name: &str) {
    TABLE.with_borrow_mut(|table| {
        table.clear();
        table.reserve(kind.len() + 1 + name.len());
        table.extend([kind, ".", name]);
    });
}
