//! JSON Schemas that run in the daemon: of a plugin's settings, written by a stranger, and of events, whose data is a
//! stranger's. Either way nothing is taken whose cost explodes: no backtracking, patterns that are few and small,
//! references within the schema alone and none that leads back to itself, and no more work for one value than is known
//! before.

mod measure;

use std::{fmt, sync::Arc};

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

use measure::{Measure, weight};

/// Bytes of one compiled expression. A date or a URL takes some thousand; a repetition of repetitions a million.
const PATTERN: usize = 64 << 10;
/// Bytes of what one search keeps of the states that it has seen.
const PATTERN_CACHE: usize = 256 << 10;
/// What a schema without `$schema` is, too.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Up to this much work everything that is wrong is said, and else the first thing: all errors of some keywords are
/// made before the first is told.
const WORK_FOR_ALL_ERRORS: u64 = 100_000;

/// What a schema may have, and what checking one value against it may cost.
#[derive(Debug)]
pub struct Limits {
    /// Bytes of a schema, as JSON.
    pub bytes: usize,
    /// Regular expressions in one schema: `pattern`, and the names in `patternProperties`.
    pub patterns: usize,
    /// `unevaluatedProperties` and `unevaluatedItems`.
    pub unevaluated: usize,
    /// Whether `$ref` is followed, within the schema.
    pub references: bool,
    /// Parts of a schema once its references are written out.
    pub parts: u64,
    /// Values times parts of the schema.
    pub work: u64,
    /// Values, because some keywords compare them with each other.
    pub values: u64,
    /// Things said to be wrong with one value.
    pub errors: usize,
    /// Whether `format` is checked, as against noted.
    pub formats: bool,
}

/// A schema that can be used, compiled once.
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
    /// Where in the schema, as a JSON pointer; empty for all of it.
    pub pointer: String,
}

/// There is more to check than one value may cost.
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
    /// Everything that keeps it from being used, as far as that can be told at once.
    pub fn compile(json: Value, limits: &'static Limits) -> Result<Self, Vec<Unusable>> {
        let size = json.to_string().len();
        if size > limits.bytes {
            let (most, kib) = (limits.bytes, limits.bytes >> 10);
            return Err(vec![Unusable::whole(format!("it has {size} bytes, and may have {most} ({kib}KiB)"))]);
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
                "its regular expression {pattern:?} takes more than {} KiB when compiled: say `maxLength` instead of repeating so often",
                PATTERN >> 10
            ))],
            None => vec![Unusable::at(&error)],
        })?;
        Ok(Self { json: Arc::new(json), validator: Arc::new(validator), parts, limits })
    }

    /// What is wrong with a value: at most so many things, each given to `tell`. Every value in it is held against
    /// every part of the schema, so the work is known before, and refused where it is too much.
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

    /// As it was written.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }
}

/// What in a schema of the current draft is not as the draft has it. Other drafts are left to the compiler, which tells
/// the first.
fn mistakes(schema: &Value, limits: &Limits) -> Vec<Unusable> {
    if schema.get("$schema").is_some_and(|draft| draft.as_str() != Some(DRAFT)) {
        return vec![];
    }
    let draft = jsonschema::draft202012::meta::validator();
    draft.iter_errors(schema).take(limits.errors).map(|error| Unusable::at(&error)).collect()
}

/// The first expression that only its size keeps from being used.
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

/// Two that say the same are the same.
impl PartialEq for JsonSchema {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.json, &other.json) || self.json == other.json
    }
}
