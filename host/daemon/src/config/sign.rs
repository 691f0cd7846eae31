//! The keys that sign outgoing requests.

use fanfare_runtime::webhook::SigningKey;

use super::{
    Sources,
    reader::{Field, Section},
    secret,
};

/// Reads `sign = { scheme, secrets }`. All keys sign, so that receivers can switch from the old to the new one at their
/// own pace.
pub(super) fn read(channel: &mut Section<'_>, sources: &Sources<'_>) -> Vec<SigningKey> {
    let Some(mut section) = channel.section("sign") else { return Vec::new() };
    match section.get("scheme") {
        Some(field) => scheme(&field),
        None => section.problem("scheme", "is missing", "write scheme = \"standard-webhooks\""),
    }
    let keys = match section.get("secrets") {
        Some(field) => keys(&field, sources),
        None => {
            section.problem("secrets", "is missing", "write secrets = [\"env:NAME\"]");
            Vec::new()
        }
    };
    section.finish();
    keys
}

fn scheme(field: &Field<'_>) {
    let known = |text: &str| {
        if text == "standard-webhooks" { Ok(()) } else { Err("is not a known scheme") }
    };
    if !field.is_text("standard-webhooks") {
        // It may be a key.
        field.mask();
    }
    // There is only one scheme, so there is nothing to store.
    field.parse("the scheme is \"standard-webhooks\"", known);
}

fn keys(field: &Field<'_>, sources: &Sources<'_>) -> Vec<SigningKey> {
    let Some(list) = field.list() else {
        field.mask();
        return Vec::new();
    };
    if list.is_empty() {
        field.problem("must name at least one key", "write [\"env:NAME\"], or remove `sign` to send unsigned requests");
    }
    list.iter().filter_map(|field| key(field, sources)).collect()
}

fn key(field: &Field<'_>, sources: &Sources<'_>) -> Option<SigningKey> {
    let wrong = |error| {
        field.problem(format!("is not a valid Standard Webhooks key: {error}"), "a key is `whsec_` and base64");
    };
    SigningKey::parse(secret::read(field, sources)?.expose()).map_err(wrong).ok()
}
