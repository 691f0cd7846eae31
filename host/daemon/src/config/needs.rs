//! Which grants a channel needs because of its settings, by its schema: the annotation `x-fanfare-grant`.

use http::Method;
use serde_json::Value;

/// The annotation's name.
const KEYWORD: &str = "x-fanfare-grant";

/// A setting whose value has to be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The setting, from the root.
    pub path: Vec<Step>,
    /// The plugin's default, if the setting is absent.
    pub default: Option<String>,
    pub wants: Wants,
}

/// One step from the settings to a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Member(String),
    /// Every member of a list.
    Each,
}

/// What has to be granted for a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// It is a URL that is called.
    Http { method: MethodOf, path: PathOf },
    /// It is a path that is read or written.
    Files { write: bool },
}

/// The method of the calls to a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MethodOf {
    Any,
    This(Method),
    /// The value of another setting, at the root.
    Setting(String),
}

/// The path of the calls to a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathOf {
    /// Unknown.
    Any,
    /// The URL's own.
    Url,
    /// The URL's, with this appended.
    Below(String),
}

/// All annotations of a schema, in its order.
///
/// # Errors
/// An annotation is invalid or in a place where it is not read.
pub(super) fn read(schema: &Value) -> Result<Vec<Need>, String> {
    let mut needs = Vec::new();
    collect(schema, &mut Vec::new(), &mut needs)?;
    match count(schema) {
        all if all == needs.len() => Ok(needs),
        _ => Err(format!("`{KEYWORD}` is only read in a property and in the `items` of a list; move it there")),
    }
}

fn collect(schema: &Value, path: &mut Vec<Step>, needs: &mut Vec<Need>) -> Result<(), String> {
    let Value::Object(members) = schema else { return Ok(()) };
    if let Some(annotation) = members.get(KEYWORD) {
        let wants = annotation.as_str().and_then(parse).ok_or_else(|| {
            format!(
                "`{KEYWORD}` is {annotation}: write \"http\", \"http POST\", \"http POST /path\", \"host\", \"files\" \
                 or \"files write\""
            )
        })?;
        let default = members.get("default").and_then(Value::as_str).map(str::to_owned);
        needs.push(Need { path: path.clone(), default, wants });
    }
    if let Some(Value::Object(properties)) = members.get("properties") {
        for (name, property) in properties {
            path.push(Step::Member(name.clone()));
            collect(property, path, needs)?;
            path.pop();
        }
    }
    if let Some(items) = members.get("items") {
        path.push(Step::Each);
        collect(items, path, needs)?;
        path.pop();
    }
    Ok(())
}

fn parse(annotation: &str) -> Option<Wants> {
    let mut words = annotation.split(' ');
    let wants = match words.next()? {
        "files" => match words.next() {
            None => Wants::Files { write: false },
            Some("write") => Wants::Files { write: true },
            Some(_) => return None,
        },
        "host" => Wants::Http { method: MethodOf::Any, path: PathOf::Any },
        "http" => {
            let mut word = words.next();
            let method = match word {
                Some(method) if !method.starts_with('/') => {
                    word = words.next();
                    method_of(method)?
                }
                _ => MethodOf::Any,
            };
            let path = match word {
                Some(path) if path.starts_with('/') => PathOf::Below(path.to_owned()),
                Some(_) => return None,
                None => PathOf::Url,
            };
            Wants::Http { method, path }
        }
        _ => return None,
    };
    words.next().is_none().then_some(wants)
}

fn method_of(word: &str) -> Option<MethodOf> {
    if let Some(setting) = word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
        return Some(MethodOf::Setting(setting.to_owned()));
    }
    let upper = !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'-');
    upper.then(|| Method::from_bytes(word.as_bytes()).ok()).flatten().map(MethodOf::This)
}

fn count(schema: &Value) -> usize {
    match schema {
        Value::Object(members) => {
            usize::from(members.contains_key(KEYWORD)) + members.values().map(count).sum::<usize>()
        }
        Value::Array(members) => members.iter().map(count).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_annotation_names_what_is_called_or_opened() {
        let post = MethodOf::This(Method::POST);
        for (annotation, want) in [
            ("http", Wants::Http { method: MethodOf::Any, path: PathOf::Url }),
            ("http POST", Wants::Http { method: post.clone(), path: PathOf::Url }),
            ("http POST /v2/write", Wants::Http { method: post, path: PathOf::Below("/v2/write".to_owned()) }),
            ("http /v2", Wants::Http { method: MethodOf::Any, path: PathOf::Below("/v2".to_owned()) }),
            ("http {method}", Wants::Http { method: MethodOf::Setting("method".to_owned()), path: PathOf::Url }),
            ("host", Wants::Http { method: MethodOf::Any, path: PathOf::Any }),
            ("files", Wants::Files { write: false }),
            ("files write", Wants::Files { write: true }),
        ] {
            assert_eq!(parse(annotation), Some(want), "{annotation}");
        }
        for bad in ["", "tcp", "http post", "http POST GET", "http /a /b", "files read", "files write x", "host POST"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_properties_and_items_are_read() {
        let url = json!({ "type": "string", "default": "https://a.example/", "x-fanfare-grant": "http" });
        let member = |name: &str| Step::Member(name.to_owned());
        let schema = json!({ "properties": { "list": { "items": url }, "to": { "properties": { "url": url } } } });
        let paths: Vec<_> = read(&schema).unwrap().into_iter().map(|need| (need.path, need.default)).collect();
        let default = Some("https://a.example/".to_owned());
        assert_eq!(
            paths,
            [(vec![member("list"), Step::Each], default.clone()), (vec![member("to"), member("url")], default)]
        );
        assert!(
            read(&json!({ "allOf": [{ "properties": { "url": url } }] }))
                .unwrap_err()
                .contains("only read in a property")
        );
        assert!(read(&json!({ "properties": { "a": { "x-fanfare-grant": 1 } } })).unwrap_err().contains("is 1: write"));
    }
}
