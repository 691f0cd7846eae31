//! `/v1/audit`: administrative acts.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::word::micros;

/// A page of administrative acts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Acts {
    pub acts: Vec<Act>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<i64>,
}

/// Something that somebody did.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Act {
    pub id: i64,
    #[serde(serialize_with = "micros")]
    #[schemars(with = "Timestamp")]
    pub at: Timestamp,
    /// The name of a token; `local` where none was needed, `file` for what changed in a file, `daemon`, and `anyone` for who was
    /// refused.
    pub who: String,
    /// The operation, by its id in the OpenAPI document; or `start`, `stop`, `reload`, `setToken`, `revokeToken`, `refuseSignIn`.
    pub what: String,
    /// What it was done to: the path of the call, or a name.
    pub target: String,
    /// The address that it came from; `null` for what came from no connection.
    pub from: Option<String>,
    /// Its parameters, without secrets; `null` where there are none, or they are not recorded.
    pub details: Option<Value>,
    /// `ok`, or the status of the refusal; `null` if it has not ended, or the daemon was interrupted.
    pub outcome: Option<String>,
}
