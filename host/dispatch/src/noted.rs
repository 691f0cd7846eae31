//! What a policy remembers about a key, in its channel's state. Settlements of one key may be committed in a different
//! order from the one they were decided in. So each note has a number, and an older note never replaces a newer one.

use std::time::Duration;

use fanfare_core::StateWrite;
use serde::{Serialize, de::DeserializeOwned};

/// Hexadecimal digits of the number, so that notes compare as text.
const DIGITS: usize = 16;

/// A note and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Noted<T> {
    pub(crate) number: u64,
    pub(crate) note: T,
}

impl<T: Serialize + DeserializeOwned> Noted<T> {
    /// The note after `before` of the same key.
    pub(crate) fn after(before: Option<&Self>, note: T) -> Self {
        Self { number: before.map_or(0, |before| before.number.saturating_add(1)), note }
    }

    /// Reads a value of the state; `None` if it is something else.
    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        let (number, note) = value.split_at_checked(DIGITS)?;
        let number = u64::from_str_radix(std::str::from_utf8(number).ok()?, 16).ok()?;
        Some(Self { number, note: serde_json::from_slice(note).ok()? })
    }

    pub(crate) fn write(&self, key: &str, ttl: Duration) -> StateWrite {
        let mut value = format!("{:0DIGITS$x}", self.number).into_bytes();
        // Notes are made here, so they always serialize.
        serde_json::to_writer(&mut value, &self.note).unwrap_or_default();
        StateWrite::SetNewer { key: key.to_owned(), value, ttl }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_reads_back_and_a_later_one_compares_as_greater() {
        let written = |noted: &Noted<u64>| match noted.write("k", Duration::from_secs(1)) {
            StateWrite::SetNewer { value, .. } => value,
            other => panic!("{other:?}"),
        };
        let mut before: Option<Noted<u64>> = None;
        for note in [900, 5, 70] {
            let next = Noted::after(before.as_ref(), note);
            assert_eq!(Noted::read(&written(&next)), Some(next));
            assert!(before.is_none_or(|before| written(&before) < written(&next)));
            before = Some(next);
        }
        assert_eq!(Noted::<u64>::read(b"7"), None);
    }
}
