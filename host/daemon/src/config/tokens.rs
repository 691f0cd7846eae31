//! `[[server.tokens]]`: the tokens with their scopes and bounds.

use std::{collections::BTreeSet, path::Path};

use fanfare_core::{ChannelName, check_type_pattern, rate::Rate};
use jiff::Timestamp;
use toml::de::DeValue;

use super::{
    diagnostics::Diagnostics,
    reader::{self, Field, Section},
};
use crate::access::{Listed, Scope, Scopes, TokenHash, TokenTable};

/// The most tokens. Every request's token is compared with all of them.
const MOST: usize = 1_000;

/// Names that records use for other callers.
const RESERVED: [&str; 4] = ["local", "file", "daemon", "anyone"];

const NEW: &str = "`fanfare token new` creates a token and writes its table";

/// Reads the tokens of a file, whatever other mistakes it has.
///
/// # Errors
/// The mistakes in the tokens.
pub fn of_file(text: &str, path: &Path) -> Result<Vec<TokenTable>, Diagnostics> {
    reader::read(text, path, |root| {
        // Marks the other keys as read.
        drop(root.all());
        let server = root.section("server");
        server.and_then(|mut server| read(&mut server)).unwrap_or_default()
    })
}

/// The entries of the list, whatever mistakes they and the rest of the text have. `None` if the text is not TOML, or
/// the list is not a list.
pub(super) fn listed(text: &str) -> Option<Vec<Listed>> {
    let root: toml::Table = text.parse().ok()?;
    let Some(server) = root.get("server") else { return Some(vec![]) };
    let Some(tokens) = server.as_table()?.get("tokens") else { return Some(vec![]) };
    let entry = |entry: &toml::Value| {
        let text = |key: &str| entry.get(key).and_then(toml::Value::as_str);
        let expires = entry.get("expires").and_then(|value| match value {
            toml::Value::Datetime(datetime) => datetime.to_string().parse().ok(),
            value => value.as_str()?.parse().ok(),
        });
        Listed { name: text("name").map(str::to_owned), hash: text("sha256").and_then(TokenHash::from_hex), expires }
    };
    Some(tokens.as_array()?.iter().map(entry).collect())
}

/// Reads the list. `None` if it has mistakes: then it is not known who has access.
pub(super) fn read(section: &mut Section<'_>) -> Option<Vec<TokenTable>> {
    let Some(field) = section.get("tokens") else { return Some(vec![]) };
    if field.value().as_array().is_none() {
        // The value may be the token itself.
        field.mask();
        field.problem("must be a list of tables", "write [[server.tokens]] above each; `fanfare token new` does");
        return None;
    }
    let fields = field.list()?;
    if fields.len() > MOST {
        field.problem(format!("has {} tokens; at most {MOST} are allowed", fields.len()), "");
        return None;
    }
    let mut tokens: Vec<TokenTable> = vec![];
    let mut holds = true;
    for field in fields {
        let Some(token) = one(&field) else {
            holds = false;
            continue;
        };
        let same = |other: &&TokenTable| other.name == token.name || other.hash == token.hash;
        if let Some(other) = tokens.iter().find(same) {
            let (key, message, help) = match other.name == token.name {
                true => ("name", format!("there already is a token `{}`", token.name), "give each its own name"),
                false => ("sha256", format!("is also the hash of the token `{}`", other.name), NEW),
            };
            field.member(key).unwrap_or(field).problem(message, help);
            holds = false;
        }
        tokens.push(token);
    }
    holds.then_some(tokens)
}

fn one(field: &Field<'_>) -> Option<TokenTable> {
    if field.value().as_table().is_none() {
        field.mask();
    }
    let mut section = field.section()?;
    let name =
        required(&mut section, "name", "write name = \"ci\"; the log and the audit trail show it").map(|f| name(&f));
    if let Some(Some(name)) = &name {
        section.rename("server.tokens", name);
    }
    section.refuse("token", "must not be in the file, which has only the SHA-256 of a token", NEW);
    let hash = required(&mut section, "sha256", NEW).map(|field| hash(&field));
    let scopes = required(&mut section, "scopes", SCOPES_HELP).map(|field| scopes(&field));
    let sources = optional(&mut section, "sources", |field| texts(field, check_source));
    let types = optional(&mut section, "types", |field| texts(field, check_type));
    let channels = optional(&mut section, "channels", channels);
    let rate = optional(&mut section, "rate", rate);
    let expires = optional(&mut section, "expires", moment);
    if let Some(Some(scopes)) = scopes {
        useless_bounds(&section, scopes);
    }
    section.finish();
    Some(TokenTable {
        name: name??,
        hash: hash??,
        scopes: scopes??,
        sources: sources?,
        types: types?,
        channels: channels?,
        rate: rate?,
        expires: expires?,
    })
}

/// Reports bounds without effect: whoever wrote one relies on it.
fn useless_bounds(section: &Section<'_>, scopes: Scopes) {
    for key in ["sources", "types", "channels"].into_iter().filter(|key| section.has(key)) {
        if scopes.include(Scope::Admin) {
            section.problem(key, "has no effect on `admin`", "remove it, or give the token other scopes than `admin`");
        } else if key == "channels" && !scopes.include(Scope::Read) {
            let help = "it limits `read` and `operate`; a published event goes to every channel whose filter matches";
            section.problem(key, "has no effect on the scopes of this token", help);
        } else if key != "channels" && !scopes.include(Scope::Publish) {
            let help = "it limits `publish`; `channels` limits `read` and `operate`";
            section.problem(key, "has no effect on the scopes of this token", help);
        }
    }
}

fn required<'a>(section: &mut Section<'a>, key: &'static str, help: &str) -> Option<Field<'a>> {
    let field = section.get(key);
    if field.is_none() && !(key == "sha256" && section.has("token")) {
        section.problem(key, "is missing", help);
    }
    field
}

/// `Some(None)` if the key is absent, `None` if its value is invalid.
fn optional<'a, T>(
    section: &mut Section<'a>,
    key: &'static str,
    read: impl FnOnce(&Field<'a>) -> Option<T>,
) -> Option<Option<T>> {
    section.get(key).map_or(Some(None), |field| read(&field).map(Some))
}

fn name(field: &Field<'_>) -> Option<String> {
    let text = field.text()?;
    if ChannelName::new(text).is_err() {
        let help = "use 1 to 63 of a-z, 0-9, `-` and `_`, starting with a letter or digit";
        field.problem(format!("`{text}` is not a valid token name"), help);
        return None;
    }
    if RESERVED.contains(&text) {
        field.problem(format!("`{text}` has another meaning in the audit trail"), "choose another name");
        return None;
    }
    Some(text.to_owned())
}

fn hash(field: &Field<'_>) -> Option<TokenHash> {
    let hash = field.value().as_str().and_then(TokenHash::from_hex);
    if hash.is_none() {
        // The value may be the token itself.
        field.mask();
        field.problem("must be the SHA-256 of a token, 64 hexadecimal digits", NEW);
    }
    hash
}

const SCOPES_HELP: &str =
    "write a list such as scopes = [\"publish\"]; the scopes are publish, read, operate and admin";

fn scopes(field: &Field<'_>) -> Option<Scopes> {
    let fields = field.list()?;
    if fields.is_empty() {
        field.problem("must name at least one scope", SCOPES_HELP);
        return None;
    }
    let scope = |field: &Field<'_>| {
        field.parse(SCOPES_HELP, |text| Scope::named(text).ok_or_else(|| format!("`{text}` is not a valid scope")))
    };
    // Every scope is read, so that all mistakes are reported.
    let scopes: Vec<_> = fields.iter().map(scope).collect();
    scopes.into_iter().collect()
}

fn texts(field: &Field<'_>, check: fn(&str) -> Result<(), String>) -> Option<Vec<String>> {
    let fields = field.list()?;
    if fields.is_empty() {
        field.problem("must not be empty, because nothing would be allowed", "remove it to allow everything");
        return None;
    }
    let text = |field: &Field<'_>| field.parse("", |text| check(text).map(|()| text.to_owned()));
    let texts: Vec<_> = fields.iter().map(text).collect();
    texts.into_iter().collect()
}

fn check_source(text: &str) -> Result<(), String> {
    match text.strip_suffix('*').unwrap_or(text) {
        _ if text.is_empty() => Err("must not be empty".to_owned()),
        prefix if prefix.contains('*') => {
            Err(format!("`{text}` has a `*` before its end; only the last character may be one"))
        }
        _ => Ok(()),
    }
}

fn check_type(text: &str) -> Result<(), String> {
    check_type_pattern(text).map_err(|wrong| format!("`{text}` {wrong}"))
}

fn channels(field: &Field<'_>) -> Option<BTreeSet<ChannelName>> {
    let fields = field.list()?;
    if fields.is_empty() {
        field.problem("must not be empty, because no channel would be shown", "remove it to show all channels");
        return None;
    }
    let channel = |field: &Field<'_>| field.parse("", ChannelName::new);
    let names: Vec<_> = fields.iter().map(channel).collect();
    names.into_iter().collect()
}

fn rate(field: &Field<'_>) -> Option<Rate> {
    let rate = field.parse("write it like \"100/s\"", Rate::parse)?;
    Some(Rate { burst: rate.count, ..rate })
}

const MOMENT_HELP: &str = "write a time with its zone, such as \"2027-01-01T00:00:00Z\"";

fn moment(field: &Field<'_>) -> Option<Timestamp> {
    if let DeValue::Datetime(datetime) = field.value() {
        let moment = datetime.to_string().parse().ok();
        if moment.is_none() {
            field.problem(format!("{datetime} has no zone"), MOMENT_HELP);
        }
        return moment;
    }
    field.parse(MOMENT_HELP, |text| text.parse::<Timestamp>().map_err(|_| format!("{text:?} is not a time")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_whatever_is_wrong_around_them() {
        let hash = "0123456789abcdef".repeat(4);
        let text = format!(
            "nonsense = 1\n[[server.tokens]]\nname = \"a\"\nsha256 = \"{hash}\"\nscopes = [\"all\"]\nexpires = \
             2027-01-01T00:00:00Z\n[[server.tokens]]\nname = 1\nsha256 = \"short\"\nexpires = \"soon\"\n"
        );
        let [a, b] = listed(&text).unwrap().try_into().unwrap();
        assert_eq!((a.name.as_deref(), a.hash.map(TokenHash::to_hex)), (Some("a"), Some(hash)));
        assert_eq!(a.expires, "2027-01-01T00:00:00Z".parse().ok());
        assert!(b.name.is_none() && b.hash.is_none() && b.expires.is_none());
        for (text, count) in [
            ("[channels.a]\n", Some(0)),
            ("[server]\nlisten = 1\n", Some(0)),
            ("[server]\ntokens = \"ff_a\"\n", None),
            ("server = 1\n", None),
            ("[server\n", None),
        ] {
            assert_eq!(listed(text).map(|listed| listed.len()), count, "{text}");
        }
    }
}
