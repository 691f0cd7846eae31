//! Secrets that a guest uses and never sees: it reads an opaque placeholder, and the host puts the value in on the way out,
//! towards the hosts that the operator bound the secret to.
//!
//! A placeholder is of use to nobody else: it is random, of this process and this channel alone. What a receiver says back is
//! searched for the values that were sent to it, so that an echo does not hand a guest what it may not have.

use std::{borrow::Cow, fmt};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fanfare_core::Payload;

use crate::{
    HostPattern,
    egress::{EgressError, Outgoing, Problem, Received},
    grants::Target,
    limits,
};

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

/// Which secrets went into one request.
#[derive(Debug)]
pub(crate) struct Used<'a> {
    vault: &'a Vault,
    /// What was made of values, and what the guest has in its place: `Basic` credentials.
    derived: Vec<(String, String)>,
    /// Each once.
    held: Vec<&'a Held>,
    /// Some of them into its URL.
    in_url: bool,
    /// One of them is its URL, host and all.
    is_url: bool,
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
        if self.0.is_empty() {
            return Ok(None);
        }
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

impl<'a> Used<'a> {
    fn add(&mut self, held: &'a Held) {
        if !self.held.iter().any(|have| have.placeholder == held.placeholder) {
            self.held.push(held);
        }
    }

    /// Whether every secret in the request may go where it goes, the way it goes.
    pub(crate) fn check(&self, target: &Target, secure: bool, channel: &str) -> Result<(), EgressError> {
        let stray = self.held.iter().find(|held| !held.secret.hosts.iter().any(|host| host.matches(target)));
        if let Some(Held { secret, .. }) = stray {
            let target = if self.is_url { "the host of its URL".to_owned() } else { target.to_string() };
            let name = &secret.name;
            return Err(EgressError::new(
                Problem::Denied,
                format!(
                    "the secret `{name}` may not be sent to {target}: see channels.{channel}.secrets.{name}.hosts in config.toml"
                ),
            ));
        }
        let open = self.held.iter().find(|held| !secure && !held.secret.plain && !target.is_this_machine());
        let Some(Held { secret, .. }) = open else { return Ok(()) };
        let name = &secret.name;
        Err(EgressError::new(
            Problem::Denied,
            format!(
                "the secret `{name}` is not sent over http://, where everybody on the way reads it: use https://, or set \
                 channels.{channel}.secrets.{name}.plain = true in config.toml"
            ),
        ))
    }

    /// An error's text may quote the URL, and must not show what a secret put there.
    pub(crate) fn hide(&self, error: EgressError) -> EgressError {
        let bound = error.message.contains(".secrets.");
        match (self.in_url && !bound, error.problem) {
            (true, Problem::Invalid) => {
                EgressError::new(Problem::Invalid, "the URL is no URL once the secret's value is in it")
            }
            (true, Problem::Denied) => EgressError::new(
                Problem::Denied,
                "the URL that a secret is part of is not granted: add its host to grant.http of this channel in config.toml",
            ),
            _ => error,
        }
    }

    /// Takes the channel's values out of what came back, in each form that a receiver may give them: not only of this request,
    /// since one may be kept there and asked for later.
    pub(crate) fn scrub(&self, mut received: Received) -> Received {
        for Held { secret, placeholder } in &self.vault.0 {
            let value = secret.value.as_str();
            // Of an address, what comes behind the host is the secret.
            let path = value.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
            let path = path.filter(|path| path.len() >= 8);
            let forms =
                [Some(Cow::Borrowed(value)), path.map(Cow::Borrowed), Some(encode(value)), Some(escape(value).into())];
            for form in forms.into_iter().flatten() {
                take_out(&mut received, &form, placeholder);
            }
        }
        for (value, placeholder) in &self.derived {
            take_out(&mut received, value, placeholder);
        }
        received
    }
}

fn take_out(received: &mut Received, value: &str, placeholder: &str) {
    if value.is_empty() {
        return;
    }
    for (_, header) in &mut received.headers {
        if header.contains(value) {
            *header = header.replace(value, placeholder);
        }
    }
    match &mut received.body {
        Payload::Text(text) if text.contains(value) => *text = text.replace(value, placeholder),
        // An echo amid what is not text: none of it is worth the secret.
        Payload::Binary(bytes) if find(bytes, value.as_bytes()).is_some() => *bytes = Bytes::new(),
        _ => {}
    }
}

fn is_placeholder(text: &str) -> bool {
    text.len() == PLACEHOLDER && text[PREFIX.len()..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// As it stands within the quotes of a JSON text.
fn escape(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
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

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(name: &str, value: &str, body: bool) -> Secret {
        let hosts = vec![HostPattern::parse("api.example.com").unwrap()];
        Secret { name: name.to_owned(), value: value.to_owned(), hosts, body, plain: false }
    }

    fn vault() -> Vault {
        Vault::new(&[
            secret("token", "a/b \"c\"", false),
            secret("url", "https://api.example.com/T0/B0?x=1", false),
            secret("key", "k\"1", true),
        ])
    }

    fn placeholder(vault: &Vault, name: &str) -> String {
        vault.placeholders().find(|(have, _)| *have == name).unwrap().1.to_owned()
    }

    fn request(url: &str, headers: &[(&str, &str)], body: &str) -> Outgoing {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Outgoing { method: "POST".to_owned(), url: url.to_owned(), headers, body: body.to_owned().into(), own: vec![] }
    }

    fn target(url: &str) -> Target {
        Target::of(&url.parse().unwrap()).unwrap()
    }

    #[track_caller]
    fn denied(outgoing: &mut Outgoing, vault: &Vault, says: &str) {
        let error = vault.fill(outgoing, "c").unwrap_err();
        assert_eq!(error.problem, Problem::Denied);
        assert!(error.message.contains(says), "{}", error.message);
    }

    #[test]
    fn values_go_into_headers_and_urls_each_as_its_place_needs() {
        let vault = vault();
        let token = placeholder(&vault, "token");
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("me:{token}")));
        let url = format!("https://api.example.com/bot{token}/send");
        let mut sent = request(&url, &[("x-key", &format!("Bearer {token}")), ("Authorization", &basic)], "");
        let used = vault.fill(&mut sent, "c").unwrap();
        assert_eq!(sent.url, "https://api.example.com/bota%2Fb%20%22c%22/send");
        assert_eq!(sent.headers[0].1, "Bearer a/b \"c\"");
        assert_eq!(sent.headers[1].1, format!("Basic {}", BASE64_STANDARD.encode("me:a/b \"c\"")));
        assert_eq!(used.check(&target("https://api.example.com/"), true, "c"), Ok(()));
        let error = used.check(&target("https://evil.example/"), true, "c").unwrap_err();
        assert!(error.message.contains("channels.c.secrets.token.hosts"), "{}", error.message);
        let error = used.check(&target("http://api.example.com/"), false, "c").unwrap_err();
        assert!(error.message.contains("channels.c.secrets.token.plain"), "{}", error.message);
        let mut whole = request(&format!("{}&y=2", placeholder(&vault, "url")), &[], "");
        assert!(vault.fill(&mut whole, "c").unwrap().is_url);
        assert_eq!(whole.url, "https://api.example.com/T0/B0?x=1&y=2");
    }

    #[test]
    fn a_body_gets_a_value_only_where_the_operator_said_so() {
        let vault = vault();
        let (key, token) = (placeholder(&vault, "key"), placeholder(&vault, "token"));
        let mut json = request(
            "https://api.example.com/",
            &[("Content-Type", "application/json")],
            &format!("{{\"k\":\"{key}\"}}"),
        );
        vault.fill(&mut json, "c").unwrap();
        assert_eq!(&json.body[..], br#"{"k":"k\"1"}"#);
        denied(&mut request("https://api.example.com/", &[], &token), &vault, "channels.c.secrets.token.body = true");
    }

    #[test]
    fn a_forged_placeholder_and_one_in_the_host_are_denied() {
        let vault = vault();
        let forged = format!("{PREFIX}{}", "0".repeat(32));
        denied(&mut request("https://api.example.com/", &[("x", &forged)], ""), &vault, "none of this channel's");
        let token = placeholder(&vault, "token");
        for host in [
            format!("https://{token}.evil.example/"),
            format!("https://{token}@api.example.com/"),
            format!("https://x{token}"),
        ] {
            denied(&mut request(&host, &[], ""), &vault, "cannot be part of a host's name");
        }
        // Text that only begins like one is nobody's business, nor is any text where there are no secrets.
        let odd = format!("{PREFIX}{}", "\u{e9}".repeat(40));
        for (text, vault) in [(PREFIX, &vault), (&odd, &vault), (&token, &Vault::default())] {
            let mut sent = request(&format!("{text}/x"), &[("x", text)], text);
            let before = sent.clone();
            assert!(vault.fill(&mut sent, "c").unwrap().held.is_empty());
            assert_eq!(sent, before);
        }
        // What a publisher wrote into a body fails no delivery.
        let mut body = request("https://api.example.com/", &[], &forged);
        vault.fill(&mut body, "c").unwrap();
        assert_eq!(body.body, forged);
    }

    #[test]
    fn nothing_that_is_said_shows_a_value() {
        let vault = vault();
        let token = placeholder(&vault, "token");
        let mut sent = request("https://api.example.com/", &[("x", &token)], "");
        let used = vault.fill(&mut sent, "c").unwrap();
        let echo = Received {
            status: 401,
            headers: vec![("x-echo".to_owned(), "a/b \"c\"".to_owned())],
            body: Payload::Text("bad: a/b \"c\" or a%2Fb%20%22c%22".to_owned()),
        };
        let scrubbed = used.scrub(echo);
        assert_eq!(scrubbed.headers[0].1, token);
        assert_eq!(scrubbed.body, Payload::Text(format!("bad: {token} or {token}")));
        let url = "https://api.example.com/T0/B0?x=1";
        let echo =
            Received { status: 404, headers: vec![], body: Payload::Text("no /T0/B0?x=1 here; k\\\"1".to_owned()) };
        let text = String::from_utf8(used.scrub(echo).body.as_bytes().to_vec()).unwrap();
        assert!(!text.contains("/T0/B0") && !text.contains("k\\\"1"), "{text} {url}");
        assert!(!format!("{vault:?}").contains("a/b"));
        let used = Used { in_url: true, is_url: true, ..used };
        let invalid = EgressError::new(Problem::Invalid, "`https://a/b`: no");
        assert!(!used.hide(invalid).message.contains("a/b"));
    }
}
