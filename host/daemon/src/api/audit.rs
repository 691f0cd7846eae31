//! `/v1/audit`: the audit trail.

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

/// An administrative act.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Act {
    pub id: i64,
    #[serde(serialize_with = "micros")]
    #[schemars(with = "Timestamp")]
    pub at: Timestamp,
    /// The name of the caller's token; `local` without tokens, `file` for a changed file, `daemon` for its start and
    /// stop, `anyone` for refused sign-ins.
    pub who: String,
    /// The operation, by its id in the OpenAPI document; or `start`, `stop`, `reload`, `setToken`, `revokeToken`,
    /// `refuseSignIn`.
    pub what: String,
    /// What it applies to: the path of the call, or a name.
    pub target: String,
    /// The address of the caller; `null` for acts without a connection.
    pub from: Option<String>,
    /// Its parameters; `null` if it has none, or if they are not recorded. Long ones are cut, as text in `truncated`.
    pub details: Option<Value>,
    /// `ok`, the status of the error response, `rejected` for a file, or `refused` for sign-ins; `null` if it has not
    /// ended, or was interrupted by a crash.
    pub outcome: Option<String>,
}
