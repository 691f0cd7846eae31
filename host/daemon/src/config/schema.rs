//! A plugin's JSON Schema for its settings: a stranger's program, in effect, that runs in the daemon. It gets nothing
//! whose cost explodes: no references, no backtracking, few patterns and small ones, and little of what is checked more
//! than once.

use std::{fmt, sync::Arc};

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

use super::{
    needs::{self, Need},
    reader::Field,
};

/// Bytes of a schema, as JSON.
const LARGEST: usize = 64 << 10;
/// Regular expressions in one schema: `pattern`, and the names in `patternProperties`.
const PATTERNS: usize = 32;
/// Bytes of one compiled expression. A date or a URL takes some thousand; a repetition of repetitions a million.
const PATTERN: usize = 64 << 10;
/// Bytes of what one search keeps of the states that it has seen.
const PATTERN_CACHE: usize = 256 << 10;
/// `unevaluatedProperties` and `unevaluatedItems`: each doubles the work for what is below it.
const UNEVALUATED: usize = 4;

/// Values of the settings times parts of the schema: a second of work at the most.
const MOST_WORK: u64 = 4_000_000;
/// Values of the settings, because some keywords compare them with each other.
const MOST_VALUES: u64 = 20_000;
/// Up to this everything that is wrong is said, and else the first thing.
const WORK_FOR_ALL_ERRORS: u64 = 100_000;
/// Things said to be wrong with the settings of one channel.
const MOST_ERRORS: usize = 20;

/// A schema that can be used, compiled once.
#[derive(Clone)]
pub struct Schema {
    json: Value,
    validator: Arc<Validator>,
    /// What its settings have to be granted.
    needs: Arc<[Need]>,
}

impl Schema {
    /// Compiles a schema. It may take some milliseconds.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn compile(json: Value) -> Result<Self, String> {
        let size = json.to_string().len();
        if size > LARGEST {
            return Err(format!("it has {size} bytes, and may have {LARGEST} (64KiB)"));
        }
        let mut count = Count::default();
        count.schema(&json);
        if count.references > 0 {
            return Err("it has `$ref`, and references are not followed here: write what they refer to in their place"
                .to_owned());
        }
        if count.patterns > PATTERNS {
            let found = count.patterns;
            return Err(format!("it has {found} regular expressions, and may have {PATTERNS}"));
        }
        if count.unevaluated > UNEVALUATED {
            let found = count.unevaluated;
            return Err(format!("it says `unevaluated…` {found} times, and may say so {UNEVALUATED} times"));
        }
        let patterns = PatternOptions::regex().size_limit(PATTERN).dfa_size_limit(PATTERN_CACHE);
        let built = jsonschema::options().with_pattern_options(patterns).offline().build(&json);
        let validator = built.map_err(|error| match too_large(&json) {
            Some(pattern) => format!(
                "its regular expression {pattern:?} takes more than {} KiB when compiled: say `maxLength` instead of repeating so often",
                PATTERN >> 10
            ),
            None => error.to_string(),
        })?;
        let needs = needs::read(&json)?.into();
        Ok(Self { json, validator: Arc::new(validator), needs })
    }

    pub(super) fn read(field: &Field<'_>) -> Option<Self> {
        match Self::compile(field.json()) {
            Ok(schema) => Some(schema),
            Err(error) => {
                field.problem(format!("is not a JSON Schema that can be used: {error}"), "see json-schema.org");
                None
            }
        }
    }

    /// What is wrong with these settings: at most so many things, each given to `tell`. Every value is held against
    /// every part of the schema, so the work is known before, and refused where it is too much: whoever wrote the
    /// plugin wrote both.
    ///
    /// # Errors
    /// There is too much to check.
    pub fn check<T>(
        &self,
        settings: &Value,
        tell: impl Fn(ValidationError<'_>) -> Option<T>,
    ) -> Result<Vec<T>, String> {
        let (values, parts) = (weight(settings), weight(&self.json));
        if values > MOST_VALUES || values.saturating_mul(parts) > MOST_WORK {
            return Err(format!(
                "there are too many settings for their schema: {values} values, each to be held against {parts} parts of it; use fewer \
                 settings, or a smaller schema"
            ));
        }
        if self.validator.is_valid(settings) {
            return Ok(vec![]);
        }
        // All errors of some keywords are made before the first is told, so there must not be many to make.
        let small = values.saturating_mul(parts) <= WORK_FOR_ALL_ERRORS;
        Ok(match small {
            true => self.validator.iter_errors(settings).filter_map(tell).take(MOST_ERRORS).collect(),
            false => self.validator.validate(settings).err().and_then(tell).into_iter().collect(),
        })
    }

    /// What a channel has to be granted because of its settings.
    #[must_use]
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// As it was written.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }
}

/// How much there is to a value: what is in it, and its texts by their length.
fn weight(value: &Value) -> u64 {
    match value {
        Value::Array(values) => 1 + values.iter().map(weight).sum::<u64>(),
        Value::Object(members) => 1 + members.iter().map(|(key, value)| text(key) + weight(value)).sum::<u64>(),
        Value::String(string) => 1 + text(string),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

fn text(text: &str) -> u64 {
    text.len() as u64 / 32
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

/// What a schema is made of, as far as it can be dear. Names of properties are taken for keywords as well, which errs
/// on the safe side.
#[derive(Default)]
struct Count {
    references: usize,
    patterns: usize,
    unevaluated: usize,
}

impl Count {
    fn schema(&mut self, schema: &Value) {
        match schema {
            Value::Object(members) => {
                for (key, value) in members {
                    match (key.as_str(), value) {
                        ("pattern", _) => self.patterns += 1,
                        ("patternProperties", Value::Object(named)) => self.patterns += named.len(),
                        ("unevaluatedProperties" | "unevaluatedItems", _) => self.unevaluated += 1,
                        (key, _) if key.starts_with('$') && key.to_lowercase().ends_with("ref") => self.references += 1,
                        _ => {}
                    }
                    self.schema(value);
                }
            }
            Value::Array(members) => members.iter().for_each(|member| self.schema(member)),
            _ => {}
        }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.json).finish()
    }
}

/// Two that say the same are the same.
impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.validator, &other.validator) || self.json == other.json
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(schema: Value) -> String {
        Schema::compile(schema).unwrap_err()
    }

    fn nested(depth: usize, keyword: &str) -> Value {
        (0..depth).fold(json!({"type": "object"}), |inner, n| {
            let name = format!("p{n}");
            json!({keyword: false, "allOf": [{"properties": {name: {}}}, inner]})
        })
    }

    #[test]
    fn a_schema_of_many_or_large_patterns_is_refused_before_it_costs_anything() {
        // 400 of these took 2.6 GB and 12.7 s.
        let bomb = |n: usize| format!("^(a{{{}}}b){{99}}$", 900 + n);
        let properties: serde_json::Map<_, _> =
            (0..400).map(|n| (format!("p{n}"), json!({"type": "string", "pattern": bomb(n)}))).collect();
        assert_eq!(refused(json!({"properties": properties})), "it has 400 regular expressions, and may have 32");
        let said = refused(json!({"properties": {"a": {"pattern": bomb(0)}}}));
        assert!(said.contains("takes more than 64 KiB when compiled") && said.contains("(a{900}b){99}"), "{said}");
        let said = refused(json!({"patternProperties": {(bomb(0)): {}}}));
        assert!(said.contains("takes more than 64 KiB when compiled"), "{said}");
        let names: serde_json::Map<_, _> = (0..33).map(|n| (format!("^x{n}"), json!({}))).collect();
        assert!(refused(json!({"patternProperties": names})).contains("33 regular expressions"));
    }

    #[test]
    fn what_doubles_the_work_at_each_level_is_capped() {
        for keyword in ["unevaluatedProperties", "unevaluatedItems"] {
            assert!(Schema::compile(nested(4, keyword)).is_ok());
            assert!(refused(nested(5, keyword)).contains("5 times, and may say so 4 times"));
        }
    }

    #[test]
    fn references_size_and_nonsense_are_named() {
        assert!(refused(json!({"properties": {"a": {"$ref": "#/x"}}})).contains("`$ref`"));
        assert!(refused(json!({"a": {"$dynamicRef": "#x"}})).contains("`$ref`"));
        assert!(refused(json!({"description": "x".repeat(70_000)})).contains("may have 65536"));
        assert!(refused(json!({"type": "strin"})).contains("strin"));
        assert!(refused(json!({"pattern": "("})).contains('('));
    }

    #[test]
    fn what_real_plugins_ask_for_is_taken() {
        let schema = json!({
            "type": "object",
            "required": ["url"],
            "additionalProperties": false,
            "properties": {
                "url": {"type": "string", "pattern": "^https?://[^\\s/]+(/\\S*)?$", "maxLength": 2048},
                "email": {"type": "string", "format": "email"},
                "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(Z|[+-][0-9]{2}:[0-9]{2})$"},
                "word": {"type": "string", "pattern": "^\\w{1,64}$"},
            },
            "patternProperties": {"^x-": {"type": "string"}},
        });
        let schema = Schema::compile(schema).unwrap();
        let wrong = |settings| schema.check(&settings, |error| Some(error.to_string())).unwrap();
        assert_eq!(wrong(json!({"url": "https://a/b", "word": "green"})), Vec::<String>::new());
        assert_eq!(wrong(json!({"url": "ftp://a", "word": 1})).len(), 2);
    }

    #[test]
    fn what_takes_long_to_check_is_refused_and_what_is_wrong_is_said_in_part() {
        let count = |schema: &Schema, settings: &Value| schema.check(settings, |_| Some(())).map(|wrong| wrong.len());
        // 480,000 values against 2,000 parts took 6 GB and went on.
        let parts: Vec<_> = (0..2_000).map(|_| json!({"items": {"type": "string"}})).collect();
        let bomb = Schema::compile(json!({"properties": {"a": {"allOf": parts}}})).unwrap();
        let settings = |values: usize| json!({"a": vec![0; values]});
        assert!(count(&bomb, &settings(480_000)).unwrap_err().contains("too many settings for their schema"));
        assert_eq!(count(&bomb, &settings(300)), Ok(1), "the first of 600,000");
        let plain = Schema::compile(json!({"properties": {"a": {"items": {"type": "string"}}}})).unwrap();
        assert_eq!(count(&plain, &settings(100)), Ok(MOST_ERRORS));
        assert_eq!(count(&plain, &settings(19_000)), Ok(MOST_ERRORS));
        assert!(count(&plain, &settings(20_000)).is_err());
    }
}
