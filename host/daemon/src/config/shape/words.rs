//! Values that are written as text, and alternatives.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A type that is written as text.
macro_rules! text {
    ($(#[doc = $doc:literal])* $name:ident, $pattern:literal, [$($example:literal),*]) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "examples": [$($example),*] })
            }
        }
    };
}

text!(
    /// A number and its unit.
    Duration, r"^ *([0-9]+(\.[0-9]+)? *[a-zµ]+ *,? *)+$", ["200ms", "30s", "5m", "24h", "7d"]
);
text!(
    /// Bytes: powers of 1024, or of 1000.
    Size, "^[0-9]+ *(B|kB|KB|MB|GB|KiB|MiB|GiB)$", ["512KiB", "64MiB", "1MB"]
);
text!(
    /// The name of a channel or a stage.
    Name, "^[a-z0-9][a-z0-9_-]{0,62}$", ["webhook"]
);
text!(
    /// An event type, or a pattern of types.
    TypePattern, r"^\S+$", ["user.signup", "user.*", "order.>"]
);
text!(
    /// A condition in CEL.
    Condition, ".", ["event.severity != 'debug'"]
);
text!(
    /// An attribute of the event, or a CEL expression.
    Key, ".", ["subject", "data.account.id"]
);
text!(
    /// A number per second, minute, hour or day.
    PerTime, "/", ["100/min", "10/s"]
);
text!(
    /// Where a secret is. The file never contains the secret itself.
    Reference, "^(env|file|credential):.", ["env:WEBHOOK_SECRET", "file:/run/secrets/webhook"]
);
/// A time with its zone, as text or as a date of TOML.
#[derive(Debug)]
pub struct Moment;

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Editors see a TOML date as text; as JSON it may be an object.
        json_schema!({ "type": ["string", "object"], "examples": ["2027-01-01T00:00:00Z"] })
    }
}

text!(
    /// A time of day.
    TimeOfDay, "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$", ["22:00"]
);
text!(
    /// Removes what a layer below has set.
    NoneWord, "^none$", ["none"]
);
text!(
    /// Keeps forever.
    Forever, "^forever$", ["forever"]
);

/// One form or another.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Or<A, B> {
    One(A),
    Other(B),
}
