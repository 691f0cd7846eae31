//! An event within other JSON: an object in the CloudEvents JSON format, with its data as written.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Defaults, Event};

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_structured()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        // A serialized event is complete.
        let defaults = Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() };
        Self::from_recorded(raw.get(), defaults).map_err(D::Error::custom)
    }
}
