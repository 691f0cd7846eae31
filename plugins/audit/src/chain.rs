//! The records' format: a chain in which each record contains the hash of the previous one.
//!
//! A record is one line of JSON. Its last member, `hash`, is the SHA-256 of the line without that member. So
//! verification needs no rules for writing JSON, only the text as it is.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

/// The `previous` hash of the first record.
const ORIGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const HASH_MEMBER: &str = r#","hash":""#;

/// The place in the chain that the next record follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many records there are.
    pub sequence: u64,
    pub hash: String,
}

impl Default for Head {
    fn default() -> Self {
        Self { sequence: 0, hash: ORIGIN.to_owned() }
    }
}

/// The members of a record that verification needs. The event is not parsed.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Record<'a> {
    pub sequence: u64,
    pub audit_id: &'a str,
    pub delivery_id: &'a str,
    pub previous: &'a str,
    pub hash: &'a str,
}

impl<'a> Record<'a> {
    pub fn parse(line: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(line)
    }

    pub fn head(&self) -> Head {
        Head { sequence: self.sequence, hash: self.hash.to_owned() }
    }
}

/// A new record, without its hash.
#[derive(Serialize)]
pub struct Entry<'a> {
    pub sequence: u64,
    pub audit_id: &'a str,
    pub recorded_at: &'a str,
    pub delivery_id: &'a str,
    pub previous: &'a str,
    pub event: &'a RawValue,
}

impl Entry<'_> {
    /// The record's line with its line break, and its hash.
    pub fn seal(&self) -> serde_json::Result<(String, String)> {
        let mut line = serde_json::to_string(self)?;
        let hash = sha256(&line);
        line.pop();
        line.push_str(HASH_MEMBER);
        line.push_str(&hash);
        line.push_str("\"}\n");
        Ok((line, hash))
    }
}

/// Where a chain is broken.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// 1 for the first.
    pub line: usize,
    pub why: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// Checks a whole file and returns its last record. A chain alone cannot show that its end was cut off: compare the
/// result with the last receipt in the daemon's journal.
///
/// # Errors
/// The first line that does not follow from the one before.
#[cfg_attr(not(test), expect(dead_code, reason = "the README's script and the tests follow this definition"))]
pub fn verify(text: &str) -> Result<Head, Broken> {
    let mut head = Head::default();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let broken = |why| Broken { line: index + 1, why };
        let line = line.strip_suffix('\n').ok_or_else(|| broken("it is cut off"))?;
        let record = Record::parse(line.as_bytes()).map_err(|_| broken("it is not a record"))?;
        let (sealed, _) = line.rsplit_once(HASH_MEMBER).ok_or_else(|| broken("it has no hash at its end"))?;
        if record.sequence != head.sequence + 1 {
            return Err(broken("its number does not follow"));
        }
        if record.previous != head.hash {
            return Err(broken("it does not contain the hash of the previous record"));
        }
        if record.hash != sha256(&format!("{sealed}}}")) || line.len() != sealed.len() + HASH_MEMBER.len() + 66 {
            return Err(broken("its text is not the one that was hashed"));
        }
        head = record.head();
    }
    Ok(head)
}

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        _ = write!(hex, "{byte:02x}");
        hex
    })
}
