//! Secrets that a guest uses without seeing them: it reads an opaque placeholder, and the host fills in the value on
//! the way out, only towards the hosts that the operator bound the secret to.
//!
//! A placeholder is useless elsewhere: it is random, and valid only in the instance that reads it. So text of a
//! publisher never contains a valid one, even if it repeats what an earlier attempt gave away. What a guest returns for
//! the record has none anyway: they are masked. Responses are searched for the channel's values, so that an echo does
//! not reveal a secret to the guest.

mod mask;
mod search;
mod used;

use std::{borrow::Cow, fmt, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use memchr::memmem::find;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    HostPattern, limits,
    message::{Cause, EgressError, Outgoing},
};

pub(crate) use used::Used;

use search::Search;

/// A secret of one channel, and where it may go.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The setting under which the guest reads the placeholder.
    pub name: String,
    pub value: String,
    /// Hosts it may be sent to.
    pub hosts: Vec<HostPattern>,
    /// Whether it is also filled into request bodies, besides headers and URLs.
    pub body: bool,
    /// Whether it may be sent over `http://` to another machine, readable by anyone on the way.
    pub plain: bool,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("name", &self.name).field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

const PREFIX: &str = "fanfare-secret-";
const PLACEHOLDER: usize = PREFIX.len() + 32;

/// One channel's secrets, with their placeholders in one instance.
#[derive(Default)]
pub(crate) struct Vault {
    hidden: Vec<Hidden>,
    /// Finds their values in responses.
    search: Arc<Search>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hidden.fmt(f)
    }
}

#[derive(Debug)]
struct Hidden {
    secret: Arc<Secret>,
    placeholder: String,
}

impl Hidden {
    fn new(secret: Arc<Secret>) -> Self {
        Self { secret, placeholder: format!("{PREFIX}{}", uuid::Uuid::new_v4().simple()) }
    }
}

impl Vault {
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        let hidden: Vec<_> = secrets.iter().map(|secret| Hidden::new(Arc::new(secret.clone()))).collect();
        Self { search: Arc::new(Search::new(&hidden)), hidden }
    }

    /// The same secrets with new placeholders.
    pub(crate) fn renewed(&self) -> Self {
        let hidden = self.hidden.iter().map(|hidden| Hidden::new(Arc::clone(&hidden.secret)));
        Self { hidden: hidden.collect(), search: Arc::clone(&self.search) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    /// What the guest reads, by the secret's name.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = (&str, &str)> {
        self.hidden.iter().map(|hidden| (hidden.secret.name.as_str(), hidden.placeholder.as_str()))
    }

    /// Fills the values into URL and headers. A channel without secrets has no placeholders: text that looks like one
    /// is just text.
    ///
    /// An unknown placeholder is denied: it was forged, or belongs to another channel or an earlier instance.
    pub(crate) fn fill_head<'a>(&'a self, outgoing: &mut Outgoing, table: &'a str) -> Result<Used<'a>, EgressError> {
        let mut used = Used { vault: self, table, hidden: vec![], derived: vec![], in_url: false, is_url: false };
        if self.hidden.is_empty() {
            return Ok(used);
        }
        if outgoing.url.contains(PREFIX) {
            outgoing.url = self.fill_url(&outgoing.url, &mut used)?;
            used.in_url = !used.hidden.is_empty();
        }
        for (name, value) in &mut outgoing.headers {
            if value.contains(PREFIX) {
                *value = self.replace(value, &mut used, |value| value.into())?;
            } else if name.eq_ignore_ascii_case("authorization")
                && let Some(filled) = self.fill_basic(value, &mut used)?
            {
                *value = filled;
            }
        }
        // A compressed or partial response could not be searched for the values. This applies to every request of the
        // channel, because one may ask for what a receiver has stored from another.
        let hides = ["accept-encoding", "range", "te"];
        outgoing.headers.retain(|(name, _)| !hides.iter().any(|hides| name.eq_ignore_ascii_case(hides)));
        Ok(used)
    }

    /// A URL that begins with a secret is replaced as a whole (a webhook's address is often the secret). After the
    /// host, values are percent-encoded. Within the host they are not allowed.
    fn fill_url<'a>(&'a self, url: &str, used: &mut Used<'a>) -> Result<String, EgressError> {
        if url.starts_with(PREFIX) {
            used.is_url = true;
            let (head, rest) = url.split_at_checked(PLACEHOLDER).unwrap_or((url, ""));
            let head = self.replace(head, used, |value| value.into())?;
            return Ok(head + &self.replace(rest, used, encode)?);
        }
        let host = url.find("://").map_or(0, |at| at + 3);
        let path = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
        if url[..path].contains(PREFIX) {
            let message = "a secret cannot be part of a host name; it may be the whole URL, or come after the host";
            return Err(EgressError::new(Cause::Denied, message));
        }
        self.replace(url, used, encode)
    }

    /// `Basic` credentials hide a placeholder in base64.
    fn fill_basic<'a>(&'a self, value: &str, used: &mut Used<'a>) -> Result<Option<String>, EgressError> {
        let Some((scheme, encoded)) = value.split_once(' ') else { return Ok(None) };
        let decoded = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(encoded.trim()).ok());
        let Some(text) = decoded.flatten().and_then(|bytes| String::from_utf8(bytes).ok()) else { return Ok(None) };
        if !text.contains(PREFIX) {
            return Ok(None);
        }
        let filled = BASE64_STANDARD.encode(self.replace(&text, used, |value| value.into())?);
        used.derived.push((filled.clone(), encoded.trim().to_owned()));
        Ok(Some(format!("{scheme} {filled}")))
    }

    /// Fills the values into a body; returns whether there were any. Unknown placeholders are left as they are: bodies
    /// contain publishers' text, and a publisher must not be able to fail a delivery.
    pub(crate) fn fill_body<'a>(
        &'a self,
        outgoing: &mut Outgoing,
        used: &mut Used<'a>,
        table: &str,
    ) -> Result<bool, EgressError> {
        let holds = |hidden: &&Hidden| find(&outgoing.body, hidden.placeholder.as_bytes()).is_some();
        let Some(first) = self.hidden.iter().find(holds) else { return Ok(false) };
        let allowed = |Secret { name, body, .. }: &Secret| match body {
            true => Ok(()),
            false => Err(EgressError::new(
                Cause::Denied,
                format!(
                    "the secret `{name}` is put into headers and URLs only: set {table}.secrets.{name}.body = \
                     true in config.toml to have it in bodies"
                ),
            )),
        };
        allowed(&first.secret)?;
        let Ok(text) = std::str::from_utf8(&outgoing.body) else {
            return Err(EgressError::new(Cause::Denied, "a secret cannot be filled into a body that is not text"));
        };
        let media = outgoing.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media = media.map(|(_, value)| value.to_ascii_lowercase()).unwrap_or_default();
        let encode = |value| match value {
            value if media.contains("json") => Cow::Owned(escape(value)),
            value if media.contains("x-www-form-urlencoded") => encode(value),
            value => Cow::Borrowed(value),
        };
        let filled = self.each(text, |filled, placeholder, hidden| {
            match hidden {
                Some(hidden) => {
                    allowed(&hidden.secret)?;
                    filled.push_str(&encode(&hidden.secret.value));
                    used.add(hidden);
                }
                None => filled.push_str(placeholder),
            }
            if filled.len() > limits::REQUEST_BODY {
                return Err(EgressError::new(
                    Cause::LargeBody,
                    format!("with its secrets the request's body is larger than {} MiB", limits::REQUEST_BODY >> 20),
                ));
            }
            Ok(())
        })?;
        outgoing.body = filled.into();
        Ok(true)
    }

    fn replace<'a>(
        &'a self,
        text: &str,
        used: &mut Used<'a>,
        encode: impl for<'v> Fn(&'v str) -> Cow<'v, str>,
    ) -> Result<String, EgressError> {
        let table = used.table;
        self.each(text, |filled, _, hidden| {
            let Some(hidden) = hidden else {
                return Err(EgressError::new(
                    Cause::Denied,
                    format!(
                        "the request contains a placeholder that does not belong to this instance: it was forged, or \
                         kept from an earlier attempt instead of read again (see {table}.secrets)"
                    ),
                ));
            };
            filled.push_str(&encode(&hidden.secret.value));
            used.add(hidden);
            Ok(())
        })
    }

    /// Copies a text and lets `put` replace each placeholder. One pass only, so that no value, or text that begins in
    /// one, is ever taken for a placeholder.
    fn each<'a>(
        &'a self,
        text: &str,
        mut put: impl FnMut(&mut String, &str, Option<&'a Hidden>) -> Result<(), EgressError>,
    ) -> Result<String, EgressError> {
        let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find(PREFIX) {
            match rest.get(at..at + PLACEHOLDER).filter(|text| is_placeholder(text)) {
                // Text that merely begins like a placeholder.
                None => {
                    filled.push_str(&rest[..at + PREFIX.len()]);
                    rest = &rest[at + PREFIX.len()..];
                }
                Some(placeholder) => {
                    filled.push_str(&rest[..at]);
                    put(&mut filled, placeholder, self.hidden.iter().find(|hidden| hidden.placeholder == placeholder))?;
                    rest = &rest[at + PLACEHOLDER..];
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// What may have a meaning of its own in the path or the query of a URL, or in a form.
const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// For the path and the query of a URL, and for forms.
fn encode(value: &str) -> Cow<'_, str> {
    utf8_percent_encode(value, UNSAFE).into()
}

fn is_placeholder(text: &str) -> bool {
    text.len() == PLACEHOLDER && text[PREFIX.len()..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The value inside the quotes of a JSON string.
fn escape(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests;
