//! The schemas of events, and which of them applies to an event.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use fanfare_core::{Event, FieldError, Payload, SYSTEM_TYPES, type_matches, type_pattern_rank};
use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde_json::Value;

pub use crate::api::SchemaMode as Mode;
use crate::json_schema::{JsonSchema, Limits, TooMuch};

/// The operator writes these schemas, so they may be larger than a plugin's. The data comes from others, so the work is
/// bounded nevertheless.
pub static LIMITS: Limits = Limits {
    bytes: 256 << 10,
    patterns: 100,
    unevaluated: 16,
    references: true,
    parts: 100_000,
    work: 50_000_000,
    values: u64::MAX,
    errors: 20,
    formats: true,
};

/// The longest detail of one mistake, in bytes.
const LONGEST_DETAIL: usize = 300;

/// The schema of some events.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSchema {
    /// The pattern, with the version after an `@`.
    pub name: String,
    /// Of types.
    pub pattern: String,
    /// It is for events with this `dataschema`. Without one, it is for events that no other version is for.
    pub dataschema: Option<String>,
    pub mode: Mode,
    pub file: PathBuf,
    pub schema: JsonSchema,
}

/// All schemas, the most specific first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchemaSet(Vec<Arc<EventSchema>>);

impl EventSchema {
    #[must_use]
    pub fn name_of(pattern: &str, dataschema: Option<&str>) -> String {
        dataschema.map_or_else(|| pattern.to_owned(), |version| format!("{pattern}@{version}"))
    }

    /// What is wrong with an event, as pointers into it; empty if it matches.
    #[must_use]
    pub fn judge(&self, event: &Event) -> Vec<FieldError> {
        let wrong = |detail: &str| vec![FieldError { pointer: "/data".to_owned(), detail: detail.to_owned() }];
        let data = match &event.data {
            // As in JSON, absent data is `null`.
            None => Ok(Value::Null),
            Some(Payload::Binary(bytes)) if event.is_json() => serde_json::from_slice(bytes),
            Some(Payload::Text(text)) if event.is_json() => serde_json::from_str(text),
            Some(_) => {
                return wrong(&format!("is {}, but its schema needs JSON", event.content_type()));
            }
        };
        let data = match data {
            Ok(data) => data,
            Err(error) => return wrong(&format!("is not JSON: {error}")),
        };
        match self.schema.check(&data, |error| Some(field_errors(&error))) {
            Ok(errors) if errors.is_empty() => vec![],
            Ok(_) if event.data.is_none() => wrong("is missing"),
            Ok(errors) => errors.into_iter().flatten().take(LIMITS.errors).collect(),
            Err(TooMuch { values, parts }) => {
                wrong(&format!("is too much to check: {values} values, each against {parts} parts of the schema"))
            }
        }
    }
}

/// One mistake, without the value, which may be private and long.
fn field_errors(error: &ValidationError<'_>) -> Vec<FieldError> {
    let at = format!("/data{}", error.instance_path());
    let below = |name: &str, detail: &str| FieldError {
        pointer: shortened(&format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))),
        detail: detail.to_owned(),
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => vec![below(property.as_str().unwrap_or_default(), "is missing")],
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().take(LIMITS.errors).map(|name| below(name, "is not in the schema")).collect()
        }
        _ => vec![FieldError { pointer: shortened(&at), detail: shortened(&error.masked_with("it").to_string()) }],
    }
}

fn shortened(text: &str) -> String {
    match text.len() {
        0..=LONGEST_DETAIL => text.to_owned(),
        _ => format!("{}…", &text[..text.floor_char_boundary(LONGEST_DETAIL)]),
    }
}

impl SchemaSet {
    #[must_use]
    pub fn new(schemas: Vec<EventSchema>) -> Self {
        let mut schemas: Vec<_> = schemas.into_iter().map(Arc::new).collect();
        schemas.sort_by_cached_key(|schema| {
            (type_pattern_rank(&schema.pattern), schema.pattern.clone(), schema.dataschema.clone())
        });
        Self(schemas)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<EventSchema>> {
        self.0.iter()
    }

    /// The files with the schemas.
    #[must_use]
    pub fn files(&self) -> BTreeSet<PathBuf> {
        self.0.iter().map(|schema| schema.file.clone()).collect()
    }

    /// The schema for an event of this type and `dataschema`: of the most specific pattern with an entry for it, the
    /// entry for this `dataschema`, or else the entry for any.
    #[must_use]
    pub fn of(&self, ty: &str, dataschema: Option<&str>) -> Option<&Arc<EventSchema>> {
        let mut found: Option<&Arc<EventSchema>> = None;
        for schema in self.of_type(ty) {
            match found {
                Some(found) if found.pattern != schema.pattern => break,
                _ if schema.dataschema.is_none() => found = found.or(Some(schema)),
                _ if schema.dataschema.as_deref() == dataschema => return Some(schema),
                _ => {}
            }
        }
        found
    }

    /// All schemas that events of this type may have, in order of precedence. System events have none.
    pub fn of_type(&self, ty: &str) -> impl Iterator<Item = &Arc<EventSchema>> {
        let is_ours = ty.starts_with(SYSTEM_TYPES);
        self.0.iter().filter(move |schema| !is_ours && type_matches(&schema.pattern, ty))
    }

    /// Schemas that the other set does not have, or has in another version.
    #[must_use]
    pub fn changed_since(&self, before: &Self) -> Vec<Arc<EventSchema>> {
        self.0.iter().filter(|schema| !before.0.contains(schema)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use fanfare_core::Defaults;
    use serde_json::json;

    use super::*;

    fn schema(pattern: &str, dataschema: Option<&str>, json: Value) -> EventSchema {
        EventSchema {
            name: EventSchema::name_of(pattern, dataschema),
            pattern: pattern.to_owned(),
            dataschema: dataschema.map(str::to_owned),
            mode: Mode::Reject,
            file: PathBuf::from("s.json"),
            schema: JsonSchema::compile(json, &LIMITS).unwrap(),
        }
    }

    fn event(body: &Value) -> Event {
        let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
        Event::from_simple(body.to_string().as_bytes(), defaults).unwrap()
    }

    fn judged(schema: &EventSchema, body: &Value) -> Vec<String> {
        schema.judge(&event(body)).into_iter().map(|error| format!("{} {}", error.pointer, error.detail)).collect()
    }

    #[test]
    fn the_most_specific_pattern_counts_then_the_version() {
        let any = || json!(true);
        let set = SchemaSet::new(vec![
            schema(">", None, any()),
            schema("order.*", Some("urn:v1"), any()),
            schema("order.*", None, any()),
            schema("order.paid", Some("urn:v2"), any()),
        ]);
        for (ty, version, want) in [
            ("order.paid", Some("urn:v2"), "order.paid@urn:v2"),
            ("order.paid", Some("urn:v1"), "order.*@urn:v1"),
            ("order.paid", None, "order.*"),
            ("order.new", Some("urn:v3"), "order.*"),
            ("user.signup", Some("urn:v1"), ">"),
        ] {
            assert_eq!(set.of(ty, version).unwrap().name, want, "{ty} {version:?}");
        }
        assert!(SchemaSet::default().of("a", None).is_none());
        assert!(set.of("fanfare.delivery.dead", None).is_none(), "the daemon's own");
        let names: Vec<_> = set.of_type("order.paid").map(|schema| schema.name.as_str()).collect();
        assert_eq!(names, ["order.paid@urn:v2", "order.*", "order.*@urn:v1", ">"]);
    }

    #[test]
    fn each_mistake_has_its_place_but_not_the_value() {
        let schema = schema(
            "a",
            None,
            json!({
                "type": "object",
                "required": ["plan", "a/b"],
                "additionalProperties": false,
                "properties": {
                    "plan": {"enum": ["free", "pro"]}, "a/b": true, "mail": {"format": "email"},
                    "list": {"items": {"type": "integer"}}
                },
            }),
        );
        assert!(judged(&schema, &json!({"type": "a", "data": {"plan": "pro", "a/b": 1}})).is_empty());
        let said = judged(
            &schema,
            &json!({"type": "a", "data": {"plan": "hunter2", "more": 1, "mail": "hunter2", "list": [1, "hunter2"]}}),
        );
        let said = said.join("\n");
        for (pointer, what) in [
            ("/data/a~1b", "is missing"),
            ("/data/more", "is not in the schema"),
            ("/data/plan", "it is not one of"),
            ("/data/mail", "it is not a \"email\""),
            ("/data/list/1", "it is not of type \"integer\""),
        ] {
            assert!(said.contains(&format!("{pointer} {what}")), "{pointer} {what}:\n{said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
        assert_eq!(judged(&schema, &json!({"type": "a"})), ["/data is missing"]);
        let text = json!({"type": "a", "datacontenttype": "text/plain", "data": "x"});
        assert_eq!(judged(&schema, &text), ["/data is text/plain, but its schema needs JSON"]);
        assert!(
            judged(&super::tests::schema("a", None, json!({"type": ["object", "null"]})), &json!({"type": "a"}))
                .is_empty()
        );
    }

    #[test]
    fn many_mistakes_are_listed_in_part_and_too_much_work_is_rejected() {
        let plain = schema("a", None, json!({"items": {"type": "string"}}));
        assert_eq!(judged(&plain, &json!({"type": "a", "data": vec![0; 1_000]})).len(), 20);
        let parts: Vec<_> = (0..15_000).map(|_| json!({"minimum": 1})).collect();
        let large = schema("a", None, json!({"items": {"anyOf": parts}}));
        let said = judged(&large, &json!({"type": "a", "data": vec![1; 2_000]}));
        assert!(said.len() == 1 && said[0].contains("/data is too much to check: 2001 values"), "{said:?}");
        let long = schema("a", None, json!({"additionalProperties": false}));
        let said = judged(&long, &json!({"type": "a", "data": {("x".repeat(5_000)): 1}}));
        assert!(said.len() == 1 && said[0].len() < 400, "{said:?}");
    }

    #[test]
    fn references_are_followed_within_the_schema_if_they_end() {
        let compile = |json: Value| {
            JsonSchema::compile(json, &LIMITS)
                .map(drop)
                .map_err(|mut wrong| (wrong[0].pointer.clone(), wrong.remove(0).reason))
        };
        let good =
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"type": "integer"}}});
        assert_eq!(compile(good.clone()), Ok(()));
        assert_eq!(judged(&schema("a", None, good), &json!({"type": "a", "data": ["x"]})).len(), 1);
        for (wrong, pointer, says) in [
            (json!({"$ref": "#"}), "/$ref", "refers to itself"),
            (
                json!({"properties": {"a": {"items": {"$ref": "#/properties/a"}}}}),
                "/properties/a/items/$ref",
                "refers to itself",
            ),
            (
                json!({"$defs": {"a": {"not": {"$ref": "#/$defs/%61"}}}, "$ref": "#/$defs/a"}),
                "/$defs/a/not/$ref",
                "refers to itself",
            ),
            (json!({"$ref": "other.json"}), "/$ref", "nothing is fetched from elsewhere"),
            (json!({"$ref": "https://example.com/s.json#/a"}), "/$ref", "nothing is fetched from elsewhere"),
            (json!({"$ref": "#name"}), "/$ref", "which it does not contain"),
            (json!({"a": {"$dynamicRef": "#x"}}), "/a/$dynamicRef", "only `$ref` with text is supported"),
            (json!({"$id": "urn:a", "properties": {"a": {"$id": "urn:b"}}}), "/properties/a/$id", "`$id` within"),
            (json!({"properties": {"a": {"type": "strin"}}}), "/properties/a/type", "strin"),
        ] {
            let (at, reason) = compile(wrong.clone()).unwrap_err();
            assert!(at == pointer && reason.contains(says), "{wrong}: {at} {reason}");
        }
        let several = json!({"type": "strin", "properties": {"a": {"minLength": -1}, "b": {"required": "c"}}});
        let places: Vec<_> =
            JsonSchema::compile(several, &LIMITS).err().unwrap().into_iter().map(|wrong| wrong.pointer).collect();
        assert_eq!(places, ["/properties/a/minLength", "/properties/b/required", "/type"]);
        // Each doubles what is below it.
        let mut defs: serde_json::Map<_, _> = (1..40)
            .map(|n| {
                let below = json!({"$ref": format!("#/$defs/d{}", n - 1)});
                (format!("d{n}"), json!({"allOf": [below.clone(), below]}))
            })
            .collect();
        defs.insert("d0".to_owned(), json!({"type": "integer"}));
        assert!(compile(json!({"$defs": defs})).unwrap_err().1.contains("parts with its references expanded"));
        let mut chain: serde_json::Map<_, _> =
            (1..400).map(|n| (format!("d{n}"), json!({"$ref": format!("#/$defs/d{}", n - 1)}))).collect();
        chain.insert("d0".to_owned(), json!(true));
        assert!(compile(json!({"$defs": chain})).unwrap_err().1.contains("nested more than 128 levels deep"));
    }
}
