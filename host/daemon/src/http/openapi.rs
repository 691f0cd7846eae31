//! The interface as OpenAPI 3.1, made from the table of routes and the types of their responses.

use std::{collections::BTreeMap, sync::LazyLock};

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value, json};

use super::{
    acts, examples,
    problem::Kind,
    query::Parameter,
    routes::{Answer, Body, EVERYWHERE, GUARDED, ROUTES, Route, SchemaOf},
};
use crate::{access::SESSION_COOKIE, api};

/// The document is constant for a binary.
pub(super) static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());

/// The OpenAPI document. Its members are sorted, so that it changes only with the interface.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in ROUTES {
        let operation = operation(route, &mut schemas);
        paths.entry(route.path).or_default().insert(route.method.to_ascii_lowercase(), operation);
    }
    schemas.answers.subschema_for::<api::ProblemDetails>();
    // No operation refers to this schema: it describes messages of the stream.
    schemas.answers.subschema_for::<api::SettledDelivery>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Fanfare",
            "description": "Accepts events, records each durably, and fans it out to channels. Later versions may \
                            add members to responses. Any call can return 404 `unknown-path` or 405 \
                            `method-not-allowed` if its path or method does not exist.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "A token of `[[server.tokens]]`." },
                "session": { "type": "apiKey", "in": "cookie", "name": SESSION_COOKIE, "description": "From `POST \
                 /v1/session`." },
            },
        },
    })
}

/// Schemas of responses describe what is written, those of requests what is read.
struct Schemas {
    answers: SchemaGenerator,
    requests: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.meta_schema = None;
                settings.definitions_path = "/components/schemas".into();
            })
        };
        // A default replaces a member that an older daemon lacks; no response contains it.
        let without_defaults = RecursiveTransform(|schema: &mut Schema| {
            schema.remove("default");
        });
        Self {
            answers: settings().for_serialize().with_transform(without_defaults).into_generator(),
            requests: settings().for_deserialize().into_generator(),
        }
    }
}

impl Schemas {
    fn finish(mut self) -> Map<String, Value> {
        let mut all = self.requests.take_definitions(true);
        all.extend(self.answers.take_definitions(true));
        all
    }
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let examples = examples::of(route.method, route.path);
    let mut parameters: Vec<_> = names_in(route.path).map(path_parameter).collect();
    parameters.extend(route.query.iter().map(|parameter| described(parameter, "query")));
    parameters.extend(route.headers.iter().map(|parameter| described(parameter, "header")));
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "tags": [tag(route.path)],
        "responses": responses(route, schemas, examples.answer),
    });
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(Body { required, forms }) = &route.body {
        let content = |(media, schema): &(&str, SchemaOf)| {
            ((*media).to_owned(), json!({ "schema": schema(&mut schemas.requests) }))
        };
        let mut content: Map<_, _> = forms.iter().map(content).collect();
        if let (Some(example), Some(form)) = (examples.request, content.get_mut("application/json")) {
            form["example"] = example;
        }
        operation["requestBody"] = json!({ "required": required, "content": content });
    }
    if let Some(scope) = route.scope {
        operation["x-fanfare-scope"] = scope.as_str().into();
        // Without tokens in the configuration, calls need none.
        operation["security"] = json!([{ "token": [] }, { "session": [] }, {}]);
    }
    operation
}

fn responses(route: &Route, schemas: &mut Schemas, example: Option<Value>) -> Map<String, Value> {
    let mut responses = Map::new();
    for (n, Answer { status, what, content }) in route.answers.iter().enumerate() {
        let mut response = json!({ "description": what });
        if let Some((media, schema)) = content {
            response["content"][media]["schema"] = schema(&mut schemas.answers).to_value();
            if let Some(example) = example.as_ref().filter(|_| n == 0 && *media == "application/json") {
                response["content"][media]["example"] = example.clone();
            }
        }
        responses.insert(status.to_string(), response);
    }
    for (status, kinds) in problems(route) {
        let slugs: Vec<_> = kinds.iter().map(|kind| kind.facts().1).collect();
        let types: Vec<_> = slugs.iter().map(|slug| format!("urn:fanfare:problem:{slug}")).collect();
        let what: Vec<_> = kinds.iter().map(|kind| format!("`{}`: {}.", kind.facts().1, kind.facts().2)).collect();
        let schema = json!({
            "allOf": [
                { "$ref": "#/components/schemas/Problem" },
                { "properties": { "type": { "enum": types }, "status": { "const": status } } },
            ],
        });
        let response = responses.entry(status.to_string()).or_insert_with(|| json!({ "description": what.join(" ") }));
        response["content"]["application/problem+json"] = json!({ "schema": schema });
    }
    responses
}

/// The problems that a call can return, by status.
fn problems(route: &Route) -> BTreeMap<u16, Vec<Kind>> {
    let mut by_status: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let guarded = if route.scope.is_some() { GUARDED } else { &[] };
    for kind in
        EVERYWHERE.iter().chain(guarded).chain(route.problems.iter().copied().flatten()).chain(acts::problems(route))
    {
        let kinds = by_status.entry(kind.facts().0).or_default();
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    by_status
}

/// The parameters of a path.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } })
}

fn described(parameter: &Parameter, place: &str) -> Value {
    json!({
        "name": parameter.name,
        "in": place,
        "description": parameter.what,
        "schema": parameter.schema(),
    })
}

fn tag(path: &str) -> &str {
    path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next()).unwrap_or("daemon")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_is_valid_openapi_3_1() {
        let schema: Value = serde_json::from_str(include_str!("../../../../tests/openapi/3.1/schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let document = document();
        let errors: Vec<_> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    #[test]
    fn every_reference_resolves_and_every_name_is_unique() {
        fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|value| references(value, found));
                }
                Value::Array(values) => values.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 30, "{found:?}");
        for reference in found {
            assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
        }
        let ids: BTreeSet<_> = ROUTES.iter().map(|route| route.id).collect();
        assert_eq!(ids.len(), ROUTES.len(), "two operations have the same id");
        let (mut answers, mut requests) = (Schemas::default(), Schemas::default());
        for route in ROUTES {
            operation(route, &mut answers);
            operation(route, &mut requests);
        }
        let (answers, requests) = (answers.answers.take_definitions(true), requests.requests.take_definitions(true));
        // The generator appends a number if two types have the same name.
        let numbered = |name: &&String| name.ends_with(|c: char| c.is_ascii_digit());
        assert_eq!(answers.keys().chain(requests.keys()).find(numbered), None);
        for (name, schema) in &requests {
            assert!(answers.get(name).is_none_or(|other| other == schema), "{name} has two schemas");
        }
    }

    #[test]
    fn every_kind_of_problem_is_documented() {
        let documented: BTreeSet<_> =
            ROUTES.iter().flat_map(problems).flat_map(|(_, kinds)| kinds).map(|kind| kind.facts().1).collect();
        let general = [Kind::UnknownPath, Kind::MethodNotAllowed].map(|kind| kind.facts().1);
        let all: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.facts().1).collect();
        assert_eq!(all.difference(&documented).copied().collect::<BTreeSet<_>>(), BTreeSet::from(general));
    }

    #[test]
    fn every_example_matches_its_schema() {
        let document = document();
        let mut seen = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap().values();
                let contents =
                    responses.chain([&operation["requestBody"]]).filter_map(|part| part["content"].as_object());
                for media in contents.flat_map(|content| content.values()) {
                    let Some(example) = media.get("example") else { continue };
                    seen += 1;
                    let schema = json!({ "allOf": [media["schema"]], "components": document["components"] });
                    let validator = jsonschema::validator_for(&schema).unwrap();
                    let errors: Vec<_> = validator.iter_errors(example).map(|error| error.to_string()).collect();
                    assert!(errors.is_empty(), "{method} {path}: {errors:#?}");
                }
            }
        }
        assert!(seen >= 10, "only {seen} examples of docs/http.md were found");
    }
}
