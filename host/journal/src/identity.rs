//! Whether two events of one identity are the same event.
//!
//! Of an event that a stage has changed, the event as it was published is kept nowhere: the stage may have removed what
//! must not be kept. A digest of it is enough to know a repeat by. It is keyed, so that without this journal nobody can
//! try what was removed.

use fanfare_core::{DELIVER_AT, Event};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::Connection;
use sha2::Sha256;

use crate::{queue::Row, record};

/// Makes the digests of one journal.
#[derive(Clone)]
pub(crate) struct Seal(Hmac<Sha256>);

pub(crate) type Digest = [u8; 32];

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

    /// Whether an event that stands in the journal, with this digest if a stage changed it, is the one of a row that
    /// comes.
    pub(crate) fn is_same(&self, text: &str, digest: Option<Digest>, row: &Row) -> Result<bool, String> {
        Ok(match (digest, row.published) {
            (Some(digest), Some(published)) => digest == published,
            (Some(digest), None) => digest == self.of(&row.event),
            (None, published) => {
                let before = record::decode_event(text).map_err(|error| error.to_string())?;
                match published {
                    Some(published) => self.of(&before) == published,
                    None => timeless(&before) == timeless(&row.event),
                }
            }
        })
    }

    /// Whether an event that stands in the journal is this one, as it was published.
    pub(crate) fn is_known(&self, text: &str, digest: Option<Digest>, published: &Event) -> Result<bool, String> {
        match digest {
            Some(digest) => Ok(digest == self.of(published)),
            None => record::decode_event(text)
                .map(|event| timeless(&event) == timeless(published))
                .map_err(|error| error.to_string()),
        }
    }

    /// Whether two rows of one call are.
    pub(crate) fn are_same(&self, one: &Row, other: &Row) -> bool {
        let digest = |row: &Row| row.published.unwrap_or_else(|| self.of(&row.event));
        match (one.published, other.published) {
            (None, None) => timeless(&one.event) == timeless(&other.event),
            _ => digest(one) == digest(other),
        }
    }
}

/// The times are left out: where the publisher gave none, every repeat has another one, and a delay is counted from
/// each.
fn timeless(event: &Event) -> Event {
    let mut event = Event { time: String::new(), ..event.clone() };
    event.extensions.retain(|(name, _)| name != DELIVER_AT);
    event
}
