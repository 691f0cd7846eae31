//! Problem details of RFC 9457: why a request failed.

use fanfare_core::{Class, FieldError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{plugins::ReloadReport, word::Word};

/// Why a request failed (RFC 9457).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "Problem")]
pub struct ProblemDetails {
    /// The kind of problem, for programs.
    #[serde(rename = "type")]
    #[schemars(regex(pattern = "^urn:fanfare:problem:[a-z0-9-]+$"))]
    pub kind: String,
    /// The kind of problem, for people.
    pub title: String,
    /// The status code of the response.
    pub status: u16,
    /// What is wrong with this request, and what to do about it.
    pub detail: String,
    /// Every member or query parameter that is wrong. Absent if the input is not the problem.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The result of the reload. Only with `reload-rejected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<ReloadReport>,
    /// The stage that rejected the event, or the first one for a batch. Only with `stage-rejected` and
    /// `stage-unavailable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The class of the stage's failure. Only with `stage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Word<Class>>,
    /// What failed in the stage, for programs. Only with `stage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}
