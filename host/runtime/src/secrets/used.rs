//! Checks for a request that contains secrets: where it goes, what errors show, and what comes back.

use std::borrow::Cow;

use bytes::Bytes;
use fanfare_core::Payload;

use super::{Hidden, Vault, search::Instead};
use crate::{
    grants::Target,
    limits,
    message::{Cause, EgressError, Received},
};

/// The secrets in one request.
#[derive(Debug)]
pub(crate) struct Used<'a> {
    pub(super) vault: &'a Vault,
    pub(super) table: &'a str,
    /// Text derived from values, with what the guest has instead: `Basic` credentials.
    pub(super) derived: Vec<(String, String)>,
    /// Each once.
    pub(super) hidden: Vec<&'a Hidden>,
    /// Whether the URL contains some of them.
    pub(super) in_url: bool,
    /// Whether the whole URL is one of them.
    pub(super) is_url: bool,
}

impl<'a> Used<'a> {
    pub(super) fn add(&mut self, hidden: &'a Hidden) {
        if !self.hidden.iter().any(|have| have.placeholder == hidden.placeholder) {
            self.hidden.push(hidden);
        }
    }

    /// Whether every secret in the request may be sent to this target in this way.
    pub(crate) fn check(&self, target: &Target, secure: bool) -> Result<(), EgressError> {
        let table = self.table;
        let stray = self.hidden.iter().find(|hidden| !hidden.secret.hosts.iter().any(|host| host.matches(target)));
        if let Some(Hidden { secret, .. }) = stray {
            let target = if self.is_url { "the host of its URL".to_owned() } else { target.to_string() };
            let name = &secret.name;
            return Err(EgressError::new(
                Cause::Denied,
                format!(
                    "the secret `{name}` may not be sent to {target}: see {table}.secrets.{name}.hosts in config.toml"
                ),
            ));
        }
        let open = self.hidden.iter().find(|hidden| !secure && !hidden.secret.plain && !target.is_this_machine());
        let Some(Hidden { secret, .. }) = open else { return Ok(()) };
        let name = &secret.name;
        Err(EgressError::new(
            Cause::Denied,
            format!(
                "the secret `{name}` is not sent over http://, where anyone on the way can read it: use https://, or \
                 set {table}.secrets.{name}.plain = true in config.toml"
            ),
        ))
    }

    /// An error's text may quote the URL, and must not show a secret in it.
    pub(crate) fn hide(&self, error: EgressError) -> EgressError {
        let table = self.table;
        if !self.in_url {
            return error;
        }
        let says = match error.cause {
            Cause::Denied => format!(
                "the URL that a secret is part of is not granted: see {table}.grant.http in config.toml, and the value \
                 behind {table}.secrets"
            ),
            _ => format!(
                "the request cannot be sent once the secret is in its URL: see the value behind \
                 {table}.secrets"
            ),
        };
        EgressError::new(error.cause, says)
    }

    /// Removes the channel's values from a response, in every form. All of them, not only this request's: a receiver
    /// may have stored one from an earlier request.
    pub(crate) fn scrub(&self, mut received: Received) -> Received {
        if self.vault.hidden.is_empty() {
            return received;
        }
        let derived =
            self.derived.iter().map(|(value, placeholder)| (value.clone(), Instead::Text(placeholder.as_str().into())));
        let search = match self.derived.is_empty() {
            true => Cow::Borrowed(&*self.vault.search),
            false => Cow::Owned((*self.vault.search).clone().and(derived)),
        };
        let hidden = &self.vault.hidden;
        if received.truncated {
            // A value may begin right before the cut.
            let whole = received.body.as_bytes().len().saturating_sub(search.longest().saturating_sub(1));
            received.cut(whole);
        }
        // A header's name could contain a value too, as far as its characters allow.
        received.headers.retain(|(name, _)| !search.finds_lowercase(name));
        for (_, value) in &mut received.headers {
            if let Some((clean, _)) = search.take_out(value, usize::MAX, hidden) {
                *value = clean;
            }
        }
        match &mut received.body {
            Payload::Text(text) => {
                if let Some((clean, whole)) = search.take_out(text, limits::RESPONSE_BODY, hidden) {
                    *text = clean;
                    received.truncated |= !whole;
                }
            }
            // An echo within binary data: the whole body is dropped.
            Payload::Binary(bytes) => {
                if search.finds(bytes) {
                    *bytes = Bytes::new();
                }
            }
        }
        received
    }
}
