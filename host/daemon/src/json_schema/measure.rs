//! The size of a schema, with its references expanded, and of a value.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Limits, Unusable};

/// The most levels of a schema with its references expanded. Compiling and checking call a function per level.
const DEEPEST: usize = 128;

/// The size of a value: its parts, and its texts by their length.
pub(super) fn weight(value: &Value) -> u64 {
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

/// Walks a schema. Also counts property names as keywords, which errs on the safe side.
pub(super) struct Measure<'a> {
    root: &'a Value,
    limits: &'static Limits,
    patterns: usize,
    unevaluated: usize,
    /// The sizes of what references point to, by pointer.
    known: HashMap<String, Size>,
    /// The references that are being followed.
    open: Vec<String>,
}

#[derive(Clone, Copy, Default)]
struct Size {
    parts: u64,
    levels: usize,
}

impl<'a> Measure<'a> {
    /// The number of parts of a schema.
    ///
    /// # Errors
    /// It exceeds the limits.
    pub(super) fn of(root: &'a Value, limits: &'static Limits) -> Result<u64, Unusable> {
        let mut measure = Self { root, limits, patterns: 0, unevaluated: 0, known: HashMap::new(), open: vec![] };
        let size = measure.size(root, "", 0)?;
        let (found, most) = (measure.patterns, limits.patterns);
        if found > most {
            return Err(Unusable::whole(format!("it has {found} regular expressions; at most {most} are allowed")));
        }
        let (found, most) = (measure.unevaluated, limits.unevaluated);
        if found > most {
            return Err(Unusable::whole(format!("it has `unevaluated…` {found} times; at most {most} are allowed")));
        }
        let (found, most) = (size.parts, limits.parts);
        if found > most {
            let reason = format!("it has {found} parts with its references expanded; at most {most} are allowed");
            return Err(Unusable::whole(reason));
        }
        Ok(size.parts)
    }

    fn size(&mut self, schema: &'a Value, at: &str, depth: usize) -> Result<Size, Unusable> {
        if depth > DEEPEST {
            let reason = format!("it is nested more than {DEEPEST} levels deep with its references expanded");
            return Err(Unusable { reason, pointer: at.to_owned() });
        }
        let mut size = Size { parts: 1, levels: 0 };
        match schema {
            Value::Object(members) => {
                // `unevaluated…` visits everything beside it once more.
                let mut times: u64 = 1;
                for (key, value) in members {
                    let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                    match (key.as_str(), value) {
                        ("pattern", _) => self.patterns += usize::from(self.open.is_empty()),
                        ("patternProperties", Value::Object(named)) if self.open.is_empty() => {
                            self.patterns += named.len();
                        }
                        ("unevaluatedProperties" | "unevaluatedItems", _) => {
                            self.unevaluated += usize::from(self.open.is_empty());
                            times = 2;
                        }
                        ("$ref", Value::String(reference)) if self.limits.references => {
                            size.add(self.follow(reference, &place, depth)?);
                        }
                        ("$id", Value::String(_)) if self.limits.references && !at.is_empty() => {
                            let reason = "it has an `$id` within, which would redirect references there; remove it";
                            return Err(Unusable { reason: reason.to_owned(), pointer: place });
                        }
                        (key, _) if key.starts_with('$') && key.to_lowercase().ends_with("ref") => {
                            return Err(Unusable { reason: self.unknown_reference(key), pointer: place });
                        }
                        _ => {}
                    }
                    size.parts = size.parts.saturating_add(text(key));
                    size.add(self.size(value, &place, depth + 1)?);
                }
                size.parts = size.parts.saturating_mul(times);
            }
            Value::Array(members) => {
                for (n, member) in members.iter().enumerate() {
                    size.add(self.size(member, &format!("{at}/{n}"), depth + 1)?);
                }
            }
            Value::String(string) => size.parts += text(string),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        Ok(Size { levels: size.levels + 1, ..size })
    }

    fn unknown_reference(&self, keyword: &str) -> String {
        match self.limits.references {
            true => format!(
                "it has `{keyword}`, but only `$ref` with text is supported; write `{{\"$ref\": \"#/$defs/name\"}}`"
            ),
            false => "it has `$ref`, but references are not supported here; expand it in place".to_owned(),
        }
    }

    /// The size of what a reference points to, as if it were in its place.
    fn follow(&mut self, reference: &str, at: &str, depth: usize) -> Result<Size, Unusable> {
        let wrong = |reason: String| Unusable { reason, pointer: at.to_owned() };
        let Some(fragment) = reference.strip_prefix('#') else {
            let reason = "but nothing is fetched from elsewhere; copy the schema to `$defs` and write `#/$defs/name`";
            return Err(wrong(format!("it refers to {reference:?}, {reason}")));
        };
        let pointer = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
        let Some(target) = self.root.pointer(&pointer) else {
            return Err(wrong(format!(
                "it refers to {reference:?}, which it does not contain; write a pointer such as `#/$defs/name`"
            )));
        };
        if self.open.contains(&pointer) {
            let reason = "which refers to itself; write as many levels as events have";
            return Err(wrong(format!("it refers to {reference:?}, {reason}")));
        }
        if let Some(&known) = self.known.get(&pointer) {
            if depth + known.levels > DEEPEST {
                return Err(wrong(format!(
                    "it is nested more than {DEEPEST} levels deep with its references expanded"
                )));
            }
            return Ok(known);
        }
        self.open.push(pointer.clone());
        let size = self.size(target, &pointer, depth + 1)?;
        self.open.pop();
        self.known.insert(pointer, size);
        Ok(size)
    }
}

impl Size {
    fn add(&mut self, part: Self) {
        self.parts = self.parts.saturating_add(part.parts);
        self.levels = self.levels.max(part.levels);
    }
}
