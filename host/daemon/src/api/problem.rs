//! Refusals, as RFC 9457 has them.

use fanfare_core::{Class, FieldError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{plugins::ReloadReport, word::Word};

/// Why a request was not done (RFC 9457).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Problem {
    /// What programs tell problems apart by.
    #[serde(rename = "type")]
    #[schemars(regex(pattern = "^urn:fanfare:problem:[a-z0-9-]+$"))]
    pub kind: String,
    /// The kind of problem in words; the same for all of a kind.
    pub title: String,
    /// The status code of the answer.
    pub status: u16,
    /// What is wrong here, and what to do about it.
    pub detail: String,
    /// Every member or query parameter that is wrong. Absent where the problem is not in the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// How the reload went; of `reload-rejected` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<ReloadReport>,
    /// The stage that refused the event; of a batch, the first. Only of `stage-rejected` and `stage-unavailable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// How the stage failed. Beside `stage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Word<Class>>,
    /// What failed in the stage, as a word for programs. Beside `stage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}
