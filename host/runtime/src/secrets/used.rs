//! What has to be watched over once secrets are in a request: where it goes, what is said of it, and what comes back.

use std::borrow::Cow;

use bytes::Bytes;
use fanfare_core::Payload;
use memchr::memmem::find;

use super::{Held, Vault, encode, escape};
use crate::{
    egress::{EgressError, Problem, Received},
    grants::Target,
};

/// Which secrets went into one request.
#[derive(Debug)]
pub(crate) struct Used<'a> {
    pub(super) vault: &'a Vault,
    /// What was made of values, and what the guest has in its place: `Basic` credentials.
    pub(super) derived: Vec<(String, String)>,
    /// Each once.
    pub(super) held: Vec<&'a Held>,
    /// Some of them into its URL.
    pub(super) in_url: bool,
    /// One of them is its URL, host and all.
    pub(super) is_url: bool,
}

impl<'a> Used<'a> {
    pub(super) fn add(&mut self, held: &'a Held) {
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
    pub(crate) fn hide(&self, error: EgressError, channel: &str) -> EgressError {
        if !self.in_url {
            return error;
        }
        let says = match error.problem {
            Problem::Denied => format!(
                "the URL that a secret is part of is not granted: see channels.{channel}.grant.http in config.toml, and the value \
                 behind channels.{channel}.secrets"
            ),
            _ => format!(
                "the request is none that can be sent once the secret is in its URL: see the value behind \
                 channels.{channel}.secrets"
            ),
        };
        EgressError::new(error.problem, says)
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
