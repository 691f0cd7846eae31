//! Secrets that a guest uses and never sees: it reads an opaque placeholder, and the host puts the value in on the way out,
//! towards the hosts that the operator bound the secret to.
//!
//! A placeholder is of use to nobody else: it is random, of this process and this channel alone. What a receiver says back is
//! searched for the channel's values, so that an echo does not hand a guest what it may not have.

mod used;

use std::{borrow::Cow, fmt};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use memchr::memmem::find;

use crate::{
    HostPattern,
    egress::{EgressError, Outgoing, Problem},
    limits,
};

pub(crate) use used::Used;

/// A secret of one channel, and where it may go.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The setting under which the guest reads the placeholder.
    pub name: String,
    pub value: String,
    /// Hosts it may be sent to.
    pub hosts: Vec<HostPattern>,
    /// Whether it is put into request bodies too, besides headers and URLs.
    pub body: bool,
    /// Whether it may go over `http://` to a host that is not this machine, for everybody on the way to read.
    pub plain: bool,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("name", &self.name).field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

const PREFIX: &str = "fanfare-secret-";
const PLACEHOLDER: usize = PREFIX.len() + 32;

/// One channel's secrets with their placeholders.
#[derive(Debug, Default)]
pub(crate) struct Vault(Vec<Held>);

#[derive(Debug)]
struct Held {
    secret: Secret,
    placeholder: String,
}

impl Vault {
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        let held = |secret: &Secret| Held {
            secret: secret.clone(),
            placeholder: format!("{PREFIX}{}", uuid::Uuid::new_v4().simple()),
        };
        Self(secrets.iter().map(held).collect())
    }

    /// What the guest reads, by the secret's name.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|held| (held.secret.name.as_str(), held.placeholder.as_str()))
    }

    /// Puts the values in. A channel without secrets has no placeholders either: what looks like one is only text.
    ///
    /// In the URL and in headers, a placeholder that is nobody's here is denied: it was forged, or is another channel's. In a body it
    /// is left as it stands, because bodies hold what publishers wrote, and a publisher must not be able to fail a delivery.
    pub(crate) fn fill(&self, outgoing: &mut Outgoing, channel: &str) -> Result<Used<'_>, EgressError> {
        let mut used = Used { vault: self, held: vec![], derived: vec![], in_url: false, is_url: false };
        if self.0.is_empty() {
            return Ok(used);
        }
        if outgoing.body.len() > limits::REQUEST_BODY {
            return Ok(used); // It is refused for that before anything is sent.
        }
        if outgoing.url.contains(PREFIX) {
            outgoing.url = self.fill_url(&outgoing.url, &mut used, channel)?;
            used.in_url = !used.held.is_empty();
        }
        for (name, value) in &mut outgoing.headers {
            if value.contains(PREFIX) {
                *value = self.replace(value, &mut used, channel, |value| value.into())?;
            } else if name.eq_ignore_ascii_case("authorization")
                && let Some(filled) = self.fill_basic(value, &mut used, channel)?
            {
                *value = filled;
            }
        }
        if find(&outgoing.body, PREFIX.as_bytes()).is_some() {
            outgoing.body = self.fill_body(outgoing, &mut used, channel)?;
        }
        if !used.held.is_empty() {
            // An answer that is compressed, or only a part, could not be searched for the values.
            let hides = ["accept-encoding", "range", "te"];
            outgoing.headers.retain(|(name, _)| !hides.iter().any(|hides| name.eq_ignore_ascii_case(hides)));
        }
        Ok(used)
    }

    /// A URL that begins with a secret is one as a whole (a webhook's address is often the secret); anywhere behind the host it
    /// is put in percent-encoded; within the host it has no business.
    fn fill_url<'a>(&'a self, url: &str, used: &mut Used<'a>, channel: &str) -> Result<String, EgressError> {
        if url.starts_with(PREFIX) {
            used.is_url = true;
            let (head, rest) = url.split_at_checked(PLACEHOLDER).unwrap_or((url, ""));
            let head = self.replace(head, used, channel, |value| value.into())?;
            return Ok(head + &self.replace(rest, used, channel, encode)?);
        }
        let host = url.find("://").map_or(0, |at| at + 3);
        let path = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
        if url[..path].contains(PREFIX) {
            let message = "a secret cannot be part of a host's name; it may be the whole URL, or stand behind the host";
            return Err(EgressError::new(Problem::Denied, message));
        }
        self.replace(url, used, channel, encode)
    }

    /// `Basic` credentials hide a placeholder behind base64.
    fn fill_basic<'a>(
        &'a self,
        value: &str,
        used: &mut Used<'a>,
        channel: &str,
    ) -> Result<Option<String>, EgressError> {
        let Some((scheme, encoded)) = value.split_once(' ') else { return Ok(None) };
        let decoded = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(encoded.trim()).ok());
        let Some(text) = decoded.flatten().and_then(|bytes| String::from_utf8(bytes).ok()) else { return Ok(None) };
        if !text.contains(PREFIX) {
            return Ok(None);
        }
        let filled = BASE64_STANDARD.encode(self.replace(&text, used, channel, |value| value.into())?);
        used.derived.push((filled.clone(), encoded.trim().to_owned()));
        Ok(Some(format!("{scheme} {filled}")))
    }

    fn fill_body<'a>(&'a self, outgoing: &Outgoing, used: &mut Used<'a>, channel: &str) -> Result<Bytes, EgressError> {
        let mut body = outgoing.body.clone();
        let media = outgoing.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media = media.map(|(_, value)| value.to_ascii_lowercase()).unwrap_or_default();
        for held in &self.0 {
            if find(&body, held.placeholder.as_bytes()).is_none() {
                continue;
            }
            let Secret { name, value, body: allowed, .. } = &held.secret;
            if !allowed {
                return Err(EgressError::new(
                    Problem::Denied,
                    format!(
                        "the secret `{name}` is put into headers and URLs only: set channels.{channel}.secrets.{name}.body = \
                         true in config.toml to have it in bodies"
                    ),
                ));
            }
            let Ok(text) = std::str::from_utf8(&body) else {
                return Err(EgressError::new(Problem::Denied, "a secret cannot be put into a body that is not text"));
            };
            let value = if media.contains("json") {
                Cow::Owned(escape(value))
            } else if media.contains("x-www-form-urlencoded") {
                encode(value)
            } else {
                Cow::Borrowed(value.as_str())
            };
            let places = text.matches(&held.placeholder).count();
            if text.len() + places * value.len().saturating_sub(PLACEHOLDER) > limits::REQUEST_BODY {
                let limit = limits::REQUEST_BODY >> 20;
                return Err(EgressError::new(
                    Problem::Invalid,
                    format!("the request's body is larger than {limit} MiB"),
                ));
            }
            body = text.replace(&held.placeholder, &value).into();
            used.add(held);
        }
        Ok(body)
    }

    fn replace<'a>(
        &'a self,
        text: &str,
        used: &mut Used<'a>,
        channel: &str,
        encode: impl for<'v> Fn(&'v str) -> Cow<'v, str>,
    ) -> Result<String, EgressError> {
        let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find(PREFIX) {
            let placeholder = rest.get(at..at + PLACEHOLDER);
            if !placeholder.is_some_and(is_placeholder) {
                // Somebody's text that only begins like one.
                filled.push_str(&rest[..at + PREFIX.len()]);
                rest = &rest[at + PREFIX.len()..];
                continue;
            }
            let Some(held) = self.0.iter().find(|held| Some(held.placeholder.as_str()) == placeholder) else {
                return Err(EgressError::new(
                    Problem::Denied,
                    format!(
                        "the request holds a placeholder that is none of this channel's: see channels.{channel}.secrets"
                    ),
                ));
            };
            filled.push_str(&rest[..at]);
            filled.push_str(&encode(&held.secret.value));
            used.add(held);
            rest = &rest[at + PLACEHOLDER..];
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// For the path and the query of a URL, and for forms.
fn encode(value: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':');
    if value.bytes().all(plain) {
        return Cow::Borrowed(value);
    }
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    Cow::Owned(value.bytes().map(one).collect())
}

fn is_placeholder(text: &str) -> bool {
    text.len() == PLACEHOLDER && text[PREFIX.len()..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// As it stands within the quotes of a JSON text.
fn escape(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests;
