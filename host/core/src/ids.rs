//! A newtype for every identifier, so that an offset cannot be confused with a count, or a channel's number with its
//! name.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The position of an event in the journal, from 1; never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(pub u64);

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The journal's number for a channel name. It is assigned once and never reused, so that a channel that is removed and
/// added again finds its backlog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelId(pub u32);

/// A channel's name: 1 to 63 of `a-z 0-9 - _`, starting with a letter or digit. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ChannelName(Arc<str>);

/// Why a string is not a valid channel name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid channel name: use 1 to 63 of a-z, 0-9, `-` and `_`, starting with a letter or digit")]
pub struct InvalidName(String);

impl ChannelName {
    /// Checks the rule above.
    ///
    /// # Errors
    /// [`InvalidName`] if the string breaks it.
    pub fn new(name: &str) -> Result<Self, InvalidName> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = name.as_bytes();
        let valid = bytes.len() <= 63
            && bytes.first().is_some_and(|&b| plain(b))
            && bytes.iter().all(|&b| plain(b) || b == b'-' || b == b'_');
        if valid { Ok(Self(name.into())) } else { Err(InvalidName(name.to_owned())) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl schemars::JsonSchema for ChannelName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ChannelName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A channel's name.",
            "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$",
        })
    }
}

impl std::borrow::Borrow<str> for ChannelName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChannelName {
    type Err = InvalidName;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::new(s)
    }
}

impl<'de> Deserialize<'de> for ChannelName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&name).map_err(serde::de::Error::custom)
    }
}

/// What a plugin is used as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It makes deliveries.
    #[default]
    Channel,
    /// Events pass through it before the fan-out.
    Stage,
}

impl Role {
    /// The role in one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Stage => "stage",
        }
    }

    /// The configuration key that holds the tables of this role.
    #[must_use]
    pub fn tables(self) -> &'static str {
        match self {
            Self::Channel => "channels",
            Self::Stage => "stages",
        }
    }

    /// The table of one channel or stage, as messages name it.
    #[must_use]
    pub fn table(self, name: &str) -> String {
        format!("{}.{name}", self.tables())
    }
}

/// Identifies one delivery (one event to one channel). It stays the same on every attempt and across restarts, so that
/// a receiver can use it as an idempotency key. Written as `dlv_<32 hex digits>_<channel number>`: without dots, as
/// Standard Webhooks requires, and parsable without a look-up table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId {
    /// The event's own key, assigned when it was accepted.
    pub event: Uuid,
    pub channel: ChannelId,
}

impl DeliveryId {
    /// What every written delivery id begins with.
    pub const PREFIX: &str = "dlv_";
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}_{}", Self::PREFIX, self.event.simple(), self.channel.0)
    }
}

impl<'de> Deserialize<'de> for DeliveryId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not a valid delivery id")))
    }
}

impl FromStr for DeliveryId {
    type Err = InvalidName;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (event, channel) = s.strip_prefix(Self::PREFIX)?.split_once('_')?;
            Some(Self { event: Uuid::parse_str(event).ok()?, channel: ChannelId(channel.parse().ok()?) })
        };
        parse().ok_or_else(|| InvalidName(s.to_owned()))
    }
}

impl Serialize for DeliveryId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_name_is_short_plain_and_starts_with_a_letter_or_digit() {
        for good in ["log", "a", "0", "web-hook_2", &"x".repeat(63)] {
            assert!(ChannelName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "_a", "Log", "a.b", "a/b", "ü", &"x".repeat(64)] {
            assert!(ChannelName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_delivery_id_reads_back_as_itself_and_has_no_dot() {
        let id = DeliveryId { event: Uuid::from_u128(0x0193_4567), channel: ChannelId(3) };
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(!id.to_string().contains('.'));
        assert!("dlv_xyz_3".parse::<DeliveryId>().is_err());
    }
}
