//! Secrets that a channel uses and its guest never sees, each bound to the hosts it may be sent to.

use fanfare_runtime::{HostPattern, Secret};

use super::{
    Sources, grants,
    reader::{Field, Section},
    secret,
};

/// Reads `secrets = { <name> = { from, hosts, body } }`.
pub(super) fn read(channel: &mut Section<'_>, sources: &Sources<'_>) -> Vec<Secret> {
    let entries = channel.section("secrets").map(Section::entries);
    entries.into_iter().flatten().filter_map(|(name, key, field)| entry(name, &key, &field, sources)).collect()
}

fn entry(name: &str, key: &Field<'_>, field: &Field<'_>, sources: &Sources<'_>) -> Option<Secret> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || !name.chars().all(plain) {
        key.problem("is not a valid secret name", "use letters, digits, `_`, `-` and `.`");
    }
    let Some(mut section) = field.section() else {
        // It may be the secret itself.
        field.mask();
        return None;
    };
    let from = match section.get("from") {
        Some(field) => secret::read(&field, sources),
        None => {
            section.problem("from", "is missing", "write from = \"env:NAME\", \"file:PATH\" or \"credential:NAME\"");
            None
        }
    };
    let listed = section.get("hosts");
    let named = listed.is_some();
    let hosts = grants::members(listed, |field| field.parse("", HostPattern::parse));
    if !named {
        section.problem(
            "hosts",
            "is missing",
            "name the hosts that the secret may be sent to: hosts = [\"api.example.com\"]",
        );
    }
    let body = section.get("body").map_or(Some(false), |field| field.boolean());
    let plain = section.get("plain").map_or(Some(false), |field| field.boolean());
    section.finish();
    Some(Secret { name: name.to_owned(), value: from?.into_text(), hosts, body: body?, plain: plain? })
}
