//! Whether two events with the same identity are the same event.
//!
//! If a stage changes an event, the published original is not stored: the stage may have removed private data. A digest
//! is enough to recognize a repeat. It is keyed, so that the removed data cannot be guessed without this journal.

use fanfare_core::{DELIVER_AT, Event, is_of_trace};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::Connection;
use sha2::Sha256;

use crate::record;

/// Computes the digests of one journal.
#[derive(Clone)]
pub(crate) struct Seal(Hmac<Sha256>);

pub(crate) type Digest = [u8; 32];

/// An event to compare, with the digest of its published form if a stage changed it.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) event: &'a Event,
    pub(crate) published: Option<Digest>,
}

impl Seal {
    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let key: [u8; 64] = connection.query_row("SELECT secret FROM journal", [], |row| row.get(0))?;
        Ok(Self(Hmac::new(&key.into())))
    }

    pub(crate) fn of(&self, event: &Event) -> Digest {
        let mut mac = self.0.clone();
        mac.update(timeless(event).to_structured().as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Whether a recorded event (with its digest if a stage changed it) is the same as the candidate.
    pub(crate) fn is_same(&self, text: &str, digest: Option<Digest>, candidate: Candidate<'_>) -> Result<bool, String> {
        Ok(match (digest, candidate.published) {
            (Some(digest), Some(published)) => digest == published,
            (Some(digest), None) => digest == self.of(candidate.event),
            (None, published) => {
                let before = record::decode_event(text).map_err(|error| error.to_string())?;
                match published {
                    Some(published) => self.of(&before) == published,
                    None => timeless(&before) == timeless(candidate.event),
                }
            }
        })
    }

    /// Whether a recorded event is the same as `published`.
    pub(crate) fn is_known(&self, text: &str, digest: Option<Digest>, published: &Event) -> Result<bool, String> {
        match digest {
            Some(digest) => Ok(digest == self.of(published)),
            None => record::decode_event(text)
                .map(|event| timeless(&event) == timeless(published))
                .map_err(|error| error.to_string()),
        }
    }

    /// Whether two candidates are the same event.
    pub(crate) fn are_same(&self, one: Candidate<'_>, other: Candidate<'_>) -> bool {
        let digest = |it: Candidate<'_>| it.published.unwrap_or_else(|| self.of(it.event));
        match (one.published, other.published) {
            (None, None) => timeless(one.event) == timeless(other.event),
            _ => digest(one) == digest(other),
        }
    }
}

/// Drops what differs between repeats: times that the publisher did not set, the end of a delay, and the trace context.
fn timeless(event: &Event) -> Event {
    let mut event = Event { time: String::new(), ..event.clone() };
    event.extensions.retain(|(name, _)| name != DELIVER_AT && !is_of_trace(name));
    event
}
