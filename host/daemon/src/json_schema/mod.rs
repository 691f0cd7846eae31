//! JSON Schemas that run in the daemon: of plugins' settings, which third parties write, and of events, whose data
//! comes from others. Neither may explode in cost. So there is no backtracking, patterns are few and small, references
//! stay within the schema and never lead back to themselves, and the work for a value is known before it is done.

mod measure;

use std::{fmt, sync::Arc};

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

use measure::{Measure, weight};

/// The largest compiled expression in bytes. A date or a URL takes some thousand, nested repetitions a million.
const PATTERN: usize = 64 << 10;
/// The memory for the states of one search, in bytes.
const PATTERN_CACHE: usize = 256 << 10;
/// The draft of schemas without `$schema`, too.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Up to this much work, all mistakes are reported, and beyond it only the first: some keywords collect all errors
/// before they return one.
const WORK_FOR_ALL_ERRORS: u64 = 100_000;

/// The limits of a schema, and of the work for one value.
#[derive(Debug)]
pub struct Limits {
    /// Bytes of the schema, as JSON.
    pub bytes: usize,
    /// Regular expressions: `pattern`, and the names in `patternProperties`.
    pub patterns: usize,
    /// `unevaluatedProperties` and `unevaluatedItems`.
    pub unevaluated: usize,
    /// Whether `$ref` is followed, within the schema.
    pub references: bool,
    /// Parts of the schema with its references expanded.
    pub parts: u64,
    /// Values times parts of the schema.
    pub work: u64,
    /// Values, because some keywords compare them with each other.
    pub values: u64,
    /// Mistakes reported for one value.
    pub errors: usize,
    /// Whether `format` is validated or only an annotation.
    pub formats: bool,
}

/// A usable schema, compiled once.
#[derive(Clone)]
pub struct JsonSchema {
    json: Arc<Value>,
    validator: Arc<Validator>,
    parts: u64,
    limits: &'static Limits,
}

/// Why a schema cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    pub reason: String,
    /// The place in the schema, as a JSON pointer; empty for all of it.
    pub pointer: String,
}

/// Checking the value would cost more than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch {
    pub values: u64,
    pub parts: u64,
}

impl Unusable {
    fn whole(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), pointer: String::new() }
    }

    fn at(error: &ValidationError<'_>) -> Self {
        Self { reason: error.to_string(), pointer: error.instance_path().as_str().to_owned() }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl JsonSchema {
    /// Compiles a schema. It may take some milliseconds.
    ///
    /// # Errors
    /// All reasons why it cannot be used, as far as they can be found at once.
    pub fn compile(json: Value, limits: &'static Limits) -> Result<Self, Vec<Unusable>> {
        let size = json.to_string().len();
        if size > limits.bytes {
            let (most, kib) = (limits.bytes, limits.bytes >> 10);
            return Err(vec![Unusable::whole(format!("it has {size} bytes; at most {most} ({kib}KiB) are allowed"))]);
        }
        let parts = Measure::of(&json, limits).map_err(|unusable| vec![unusable])?;
        let mistakes = mistakes(&json, limits);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let patterns = PatternOptions::regex().size_limit(PATTERN).dfa_size_limit(PATTERN_CACHE);
        let options = jsonschema::options().with_pattern_options(patterns).should_validate_formats(limits.formats);
        let validator = options.offline().build(&json).map_err(|error| match too_large(&json) {
            Some(pattern) => vec![Unusable::whole(format!(
                "its regular expression {pattern:?} takes more than {} KiB when compiled; use `maxLength` instead of \
                 large repetitions",
                PATTERN >> 10
            ))],
            None => vec![Unusable::at(&error)],
        })?;
        Ok(Self { json: Arc::new(json), validator: Arc::new(validator), parts, limits })
    }

    /// Checks a value and calls `tell` for each mistake, up to the limit. In the worst case every value in it is
    /// checked against every part of the schema, so the work is known in advance, and too much is rejected.
    ///
    /// # Errors
    /// There is too much to check.
    pub fn check<T>(&self, value: &Value, tell: impl Fn(ValidationError<'_>) -> Option<T>) -> Result<Vec<T>, TooMuch> {
        let (values, parts) = (weight(value), self.parts);
        let work = values.saturating_mul(parts);
        if values > self.limits.values || work > self.limits.work {
            return Err(TooMuch { values, parts });
        }
        if self.validator.is_valid(value) {
            return Ok(vec![]);
        }
        Ok(match work <= WORK_FOR_ALL_ERRORS {
            true => self.validator.iter_errors(value).filter_map(tell).take(self.limits.errors).collect(),
            false => self.validator.validate(value).err().and_then(tell).into_iter().collect(),
        })
    }

    /// The schema as written.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }
}

/// The mistakes of a schema in the current draft. For other drafts, the compiler reports the first mistake.
fn mistakes(schema: &Value, limits: &Limits) -> Vec<Unusable> {
    if schema.get("$schema").is_some_and(|draft| draft.as_str() != Some(DRAFT)) {
        return vec![];
    }
    let draft = jsonschema::draft202012::meta::validator();
    draft.iter_errors(schema).take(limits.errors).map(|error| Unusable::at(&error)).collect()
}

/// The first expression that is only too large.
fn too_large(schema: &Value) -> Option<String> {
    let refused = |pattern: &str| {
        let compiled = regex::RegexBuilder::new(pattern).size_limit(PATTERN).build();
        matches!(compiled, Err(regex::Error::CompiledTooBig(_)))
    };
    match schema {
        Value::Object(members) => members.iter().find_map(|(key, value)| match value {
            Value::String(pattern) if key == "pattern" => refused(pattern).then(|| pattern.clone()),
            Value::Object(named) if key == "patternProperties" => {
                named.keys().find(|pattern| refused(pattern)).cloned().or_else(|| too_large(value))
            }
            _ => too_large(value),
        }),
        Value::Array(members) => members.iter().find_map(too_large),
        _ => None,
    }
}

impl fmt::Debug for JsonSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsonSchema").field(&self.json).finish()
    }
}

/// Two schemas with the same text are equal.
impl PartialEq for JsonSchema {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.json, &other.json) || self.json == other.json
    }
}
