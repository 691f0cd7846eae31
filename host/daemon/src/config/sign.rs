//! The keys that outgoing requests are signed with.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Sources,
    reader::{Field, Section},
    secret::{self, Secret},
};

/// Reads `sign = { scheme, secrets }`. All the keys sign, so that a receiver changes from an old to a new one in its own time.
pub(super) fn read(channel: &mut Section<'_>, sources: &Sources<'_>) -> Vec<Secret> {
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
        if text == "standard-webhooks" { Ok(()) } else { Err(format!("{text:?} is no known scheme")) }
    };
    // There is one scheme, so knowing that it is meant is all there is to know.
    field.parse("the scheme is \"standard-webhooks\"", known);
}

fn keys(field: &Field<'_>, sources: &Sources<'_>) -> Vec<Secret> {
    let Some(list) = field.list() else {
        field.mask();
        return Vec::new();
    };
    if list.is_empty() {
        field.problem(
            "must name at least one key",
            "write [\"env:NAME\"], or leave `sign` out to send unsigned requests",
        );
    }
    list.iter().filter_map(|field| key(field, sources)).collect()
}

fn key(field: &Field<'_>, sources: &Sources<'_>) -> Option<Secret> {
    let secret = secret::read(field, sources)?;
    if !is_signing_key(secret.expose()) {
        let help = "a key is `whsec_` and then the base64 of 24 to 64 random bytes";
        field.problem("names something that is no Standard Webhooks key", help);
        return None;
    }
    Some(secret)
}

/// Standard Webhooks 1.0.0: `whsec_` and the base64 of 24 to 64 bytes.
fn is_signing_key(text: &str) -> bool {
    let bytes = text.strip_prefix("whsec_").and_then(|base64| STANDARD.decode(base64).ok());
    bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len()))
}
