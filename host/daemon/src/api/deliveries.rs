//! `/v1/deliveries`: pending deliveries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ends a delivery as dead.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// The reason, in at most 1024 bytes; it is recorded.
    #[schemars(length(min = 1, max = 1024))]
    pub reason: String,
}

/// A delivery that was ended.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Dropped {
    pub delivery_id: String,
    pub reason: String,
}
