//! A plugin's JSON Schema for its settings. In effect it is a third party's program that runs in the daemon, so
//! references are not allowed, and the work it may cause is limited.

use std::sync::Arc;

use jsonschema::ValidationError;
use serde_json::Value;

use super::{
    needs::{self, Need},
    reader::Field,
};
use crate::json_schema::{JsonSchema, Limits, TooMuch};

/// About a second of work at most for the settings of one channel.
static LIMITS: Limits = Limits {
    bytes: 64 << 10,
    patterns: 32,
    unevaluated: 4,
    references: false,
    parts: u64::MAX,
    work: 4_000_000,
    values: 20_000,
    errors: 20,
    formats: false,
};

/// A usable schema, compiled once.
#[derive(Clone, Debug)]
pub struct Schema {
    schema: JsonSchema,
    /// The grants that settings need.
    needs: Arc<[Need]>,
}

impl Schema {
    /// Compiles a schema. It may take some milliseconds.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn compile(json: Value) -> Result<Self, String> {
        let schema = JsonSchema::compile(json, &LIMITS).map_err(|unusable| {
            let reasons: Vec<_> = unusable.iter().map(ToString::to_string).collect();
            reasons.join("; ")
        })?;
        let needs = needs::read(schema.json())?.into();
        Ok(Self { schema, needs })
    }

    pub(super) fn read(field: &Field<'_>) -> Option<Self> {
        match Self::compile(field.json()) {
            Ok(schema) => Some(schema),
            Err(error) => {
                field.problem(format!("is not a usable JSON Schema: {error}"), "see json-schema.org");
                None
            }
        }
    }

    /// Checks settings. Calls `tell` for each mistake, up to a limit.
    ///
    /// # Errors
    /// There is too much to check. The plugin's author controls both settings and schema.
    pub fn check<T>(
        &self,
        settings: &Value,
        tell: impl Fn(ValidationError<'_>) -> Option<T>,
    ) -> Result<Vec<T>, String> {
        self.schema.check(settings, tell).map_err(|TooMuch { values, parts }| {
            format!(
                "there are too many settings for their schema: {values} values, each checked against {parts} parts of \
                 it; use fewer settings, or a smaller schema"
            )
        })
    }

    /// The grants that a channel needs because of its settings.
    #[must_use]
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// The schema as written.
    #[must_use]
    pub fn json(&self) -> &Value {
        self.schema.json()
    }
}

/// Two schemas with the same text are equal.
impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.schema == other.schema
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
    fn a_schema_with_many_or_large_patterns_is_rejected_before_it_costs_anything() {
        // 400 of these took 2.6 GB and 12.7 s.
        let bomb = |n: usize| format!("^(a{{{}}}b){{99}}$", 900 + n);
        let properties: serde_json::Map<_, _> =
            (0..400).map(|n| (format!("p{n}"), json!({"type": "string", "pattern": bomb(n)}))).collect();
        assert_eq!(
            refused(json!({"properties": properties})),
            "it has 400 regular expressions; at most 32 are allowed"
        );
        let said = refused(json!({"properties": {"a": {"pattern": bomb(0)}}}));
        assert!(said.contains("takes more than 64 KiB when compiled") && said.contains("(a{900}b){99}"), "{said}");
        let said = refused(json!({"patternProperties": {(bomb(0)): {}}}));
        assert!(said.contains("takes more than 64 KiB when compiled"), "{said}");
        let names: serde_json::Map<_, _> = (0..33).map(|n| (format!("^x{n}"), json!({}))).collect();
        assert!(refused(json!({"patternProperties": names})).contains("33 regular expressions"));
    }

    #[test]
    fn keywords_that_double_the_work_at_each_level_are_limited() {
        for keyword in ["unevaluatedProperties", "unevaluatedItems"] {
            assert!(Schema::compile(nested(4, keyword)).is_ok());
            assert!(refused(nested(5, keyword)).contains("5 times; at most 4 are allowed"));
        }
    }

    #[test]
    fn references_size_and_invalid_schemas_are_reported() {
        assert!(refused(json!({"properties": {"a": {"$ref": "#/x"}}})).contains("`$ref`"));
        assert!(refused(json!({"a": {"$dynamicRef": "#x"}})).contains("`$ref`"));
        assert!(refused(json!({"description": "x".repeat(70_000)})).contains("at most 65536"));
        assert!(refused(json!({"type": "strin"})).contains("strin"));
        assert!(refused(json!({"pattern": "("})).contains('('));
    }

    #[test]
    fn schemas_of_real_plugins_are_accepted() {
        let schema = json!({
            "type": "object",
            "required": ["url"],
            "additionalProperties": false,
            "properties": {
                "url": {"type": "string", "pattern": "^https?://[^\\s/]+(/\\S*)?$", "maxLength": 2048},
                "email": {"type": "string", "format": "email"},
                "date": {
                    "type": "string",
                    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(Z|[+-][0-9]{2}:[0-9]{2})$"
                },
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
    fn checks_that_take_long_are_rejected_and_mistakes_are_reported_in_part() {
        let count = |schema: &Schema, settings: &Value| schema.check(settings, |_| Some(())).map(|wrong| wrong.len());
        // 480,000 values against 2,000 parts took 6 GB and did not end.
        let parts: Vec<_> = (0..2_000).map(|_| json!({"items": {"type": "string"}})).collect();
        let bomb = Schema::compile(json!({"properties": {"a": {"allOf": parts}}})).unwrap();
        let settings = |values: usize| json!({"a": vec![0; values]});
        assert!(count(&bomb, &settings(480_000)).unwrap_err().contains("too many settings for their schema"));
        assert_eq!(count(&bomb, &settings(300)), Ok(1), "the first of 600,000");
        let plain = Schema::compile(json!({"properties": {"a": {"items": {"type": "string"}}}})).unwrap();
        assert_eq!(count(&plain, &settings(100)), Ok(LIMITS.errors));
        assert_eq!(count(&plain, &settings(19_000)), Ok(LIMITS.errors));
        assert!(count(&plain, &settings(20_000)).is_err());
    }
}
