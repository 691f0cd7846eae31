//! How much there is to a schema, its references written out, and to a value.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Limits, Unusable};

/// Levels of a schema once its references are written out: each is a call of a function where it is compiled and
/// checked.
const DEEPEST: usize = 128;

/// How much there is to a value: what is in it, and its texts by their length.
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

/// Walks a schema. Names of properties are taken for keywords as well, which errs on the safe side.
pub(super) struct Measure<'a> {
    root: &'a Value,
    limits: &'static Limits,
    patterns: usize,
    unevaluated: usize,
    /// What references lead to, by their pointers.
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
    /// The parts of a schema.
    ///
    /// # Errors
    /// It has more than the limits allow.
    pub(super) fn of(root: &'a Value, limits: &'static Limits) -> Result<u64, Unusable> {
        let mut measure = Self { root, limits, patterns: 0, unevaluated: 0, known: HashMap::new(), open: vec![] };
        let size = measure.size(root, "", 0)?;
        let (found, most) = (measure.patterns, limits.patterns);
        if found > most {
            return Err(Unusable::whole(format!("it has {found} regular expressions, and may have {most}")));
        }
        let (found, most) = (measure.unevaluated, limits.unevaluated);
        if found > most {
            return Err(Unusable::whole(format!("it says `unevaluated…` {found} times, and may say so {most} times")));
        }
        let (found, most) = (size.parts, limits.parts);
        if found > most {
            let reason = format!("it has {found} parts once its references are written out, and may have {most}");
            return Err(Unusable::whole(reason));
        }
        Ok(size.parts)
    }

    fn size(&mut self, schema: &'a Value, at: &str, depth: usize) -> Result<Size, Unusable> {
        if depth > DEEPEST {
            let reason = format!("it is nested deeper than {DEEPEST} levels once its references are written out");
            return Err(Unusable { reason, pointer: at.to_owned() });
        }
        let mut size = Size { parts: 1, levels: 0 };
        match schema {
            Value::Object(members) => {
                // Where something is unevaluated, all beside it is looked at once more.
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
                            let reason =
                                "it has an `$id` within, so that references there lead elsewhere: leave it out";
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
                "it has `{keyword}`, and only `$ref` with text is followed: write `{{\"$ref\": \"#/$defs/name\"}}`"
            ),
            false => "it has `$ref`, and references are not followed here: write what they refer to in their place"
                .to_owned(),
        }
    }

    /// What a reference leads to, as if it stood in its place.
    fn follow(&mut self, reference: &str, at: &str, depth: usize) -> Result<Size, Unusable> {
        let wrong = |reason: String| Unusable { reason, pointer: at.to_owned() };
        let Some(fragment) = reference.strip_prefix('#') else {
            let reason =
                "and nothing is fetched from elsewhere: put what it refers to under `$defs`, and write `#/$defs/name`";
            return Err(wrong(format!("it refers to {reference:?}, {reason}")));
        };
        let pointer = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
        let Some(target) = self.root.pointer(&pointer) else {
            return Err(wrong(format!(
                "it refers to {reference:?}, which is not in it; write a pointer such as `#/$defs/name`"
            )));
        };
        if self.open.contains(&pointer) {
            let reason = "which leads back to itself: write out as many levels as events have";
            return Err(wrong(format!("it refers to {reference:?}, {reason}")));
        }
        if let Some(&known) = self.known.get(&pointer) {
            if depth + known.levels > DEEPEST {
                return Err(wrong(format!(
                    "it is nested deeper than {DEEPEST} levels once its references are written out"
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
