//! `/v1/session`: the caller, and signing in.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::optional_micros;

/// A token to sign in with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// As `fanfare token new` printed it.
    pub token: String,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn { token: [redacted] }")
    }
}

/// The caller, and what they may do.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// The token's name; `null` where no token is needed.
    pub name: Option<String>,
    /// Everything that the caller may do: of `publish`, `read`, `operate`, `admin`.
    pub scopes: Vec<String>,
    /// The only channels that the caller may see and operate; `null` for all.
    pub channels: Option<Vec<String>>,
    /// When the session, or the token, ends by itself; `null` for never.
    #[serde(serialize_with = "optional_micros")]
    pub expires_at: Option<Timestamp>,
    /// Whether the configuration has tokens, so that calls need one.
    pub required: bool,
}
