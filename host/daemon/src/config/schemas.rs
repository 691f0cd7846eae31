//! `[schemas]`: what the data of events is like. The files are part of the configuration: while one cannot be used, none of
//! what changed with it is.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    ops::Range,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};

use fanfare_core::{SYSTEM_TYPES, check_type_pattern};
use rustix::fs::OFlags;
use serde_json::{Value, value::RawValue};

use super::{
    Diagnostics, Problem, Sources, paths,
    reader::{Field, Section},
};
use crate::{
    json_schema::{JsonSchema, Unusable},
    schemas::{EventSchema, LIMITS, Mode, SchemaSet},
};

/// Entries of all patterns together.
const MOST: usize = 200;
/// Bytes of the name of a version.
const LONGEST_VERSION: usize = 1_024;

/// Reads the table, and the files it names. What is wrong with the files goes to `elsewhere`.
pub(super) fn read(root: &mut Section<'_>, sources: &Sources<'_>, elsewhere: &mut Diagnostics) -> SchemaSet {
    let (mut schemas, mut files) = (vec![], Files { read: BTreeMap::new(), problems: elsewhere });
    let entries = root.section("schemas").map(Section::entries);
    for (pattern, name, value) in entries.into_iter().flatten() {
        if let Err(wrong) = check_type_pattern(pattern) {
            let help = "write a type such as \"user.signup\", or a pattern such as \"order.*\" or \"order.>\"";
            name.problem(wrong, help);
        }
        if pattern.starts_with(SYSTEM_TYPES) {
            name.problem("names events of the daemon's own, which are held against no schema", "leave it out");
        }
        // Several versions of one pattern are a list of tables.
        let tables = if value.value().is_array() { value.list().unwrap_or_default() } else { vec![value] };
        let mut versions = vec![];
        for table in tables {
            let Some(section) = table.section() else { continue };
            if schemas.len() == MOST {
                return one_too_many(&table);
            }
            let schema = entry(pattern, section, sources, &mut files);
            let version = schema.as_ref().map(|schema| schema.dataschema.clone());
            if version.as_ref().is_some_and(|version| versions.contains(version)) {
                let help = "each table of a pattern needs a `dataschema` of its own; one may have none";
                table.problem("is a second table for the same `dataschema`", help);
            }
            versions.extend(version);
            schemas.extend(schema);
        }
    }
    SchemaSet::new(schemas)
}

fn one_too_many(table: &Field<'_>) -> SchemaSet {
    table.problem(
        format!("is one schema more than the {MOST} that there may be"),
        "a pattern may stand for several types",
    );
    SchemaSet::default()
}

fn entry(pattern: &str, mut section: Section<'_>, sources: &Sources<'_>, files: &mut Files<'_>) -> Option<EventSchema> {
    let dataschema = section.get("dataschema").and_then(|field| {
        let version = field.text()?;
        if version.is_empty() || version.len() > LONGEST_VERSION {
            field.problem(format!("must have from 1 to {LONGEST_VERSION} bytes"), "");
        }
        Some(version.to_owned())
    });
    let mode = section.get("mode").and_then(|field| mode(&field)).unwrap_or_default();
    let file = match section.get("file") {
        Some(field) => paths::read(&field, sources.dir),
        None => {
            section.problem(
                "file",
                "is missing",
                "name the file of the JSON Schema: file = \"schemas/user-signup.json\"",
            );
            None
        }
    };
    section.finish();
    let file = file?;
    let schema = files.schema(&file)?;
    let name = EventSchema::name_of(pattern, dataschema.as_deref());
    Some(EventSchema { name, pattern: pattern.to_owned(), dataschema, mode, file, schema })
}

fn mode(field: &Field<'_>) -> Option<Mode> {
    match field.text()? {
        "reject" => Some(Mode::Reject),
        "warn" => Some(Mode::Warn),
        other => {
            field.problem(format!("{other:?} is not a mode"), "write \"reject\" or \"warn\"");
            None
        }
    }
}

/// The files that were read, each once.
struct Files<'d> {
    read: BTreeMap<std::path::PathBuf, Option<JsonSchema>>,
    problems: &'d mut Diagnostics,
}

impl Files<'_> {
    fn schema(&mut self, file: &Path) -> Option<JsonSchema> {
        if let Some(read) = self.read.get(file) {
            return read.clone();
        }
        let schema = schema(file).map_err(|problems| self.problems.extend(problems)).ok();
        self.read.insert(file.to_owned(), schema.clone());
        schema
    }
}

fn schema(file: &Path) -> Result<JsonSchema, Diagnostics> {
    let text: Arc<str> = text(file)?.into();
    let at = |span: Range<usize>, key: &str, message: String, help: &str| {
        Problem::in_text(file, &text, span, key, message, Some(help.to_owned()))
    };
    let json: Value = serde_json::from_str(&text).map_err(|error| {
        let place = offset(&text, error.line(), error.column());
        at(place..place, "", format!("is not JSON: {error}"), "https://www.json.org describes the syntax")
    })?;
    JsonSchema::compile(json, &LIMITS).map_err(|unusable| {
        let mut diagnostics = Diagnostics::default();
        for Unusable { reason, pointer } in unusable {
            let message = format!("is not a JSON Schema that can be used: {reason}");
            diagnostics
                .extend(at(place(&text, &pointer), &pointer, message, "see json-schema.org, draft 2020-12").into());
        }
        diagnostics
    })
}

fn text(file: &Path) -> Result<String, Diagnostics> {
    let refused = |reason: &dyn std::fmt::Display, passing: bool| {
        let help = "`file` of a table in [schemas] names it";
        let problem = Problem::with_file(file, format!("the schema cannot be read: {reason}"), help);
        Diagnostics { passing, ..problem.into() }
    };
    let failed = |error: &io::Error| {
        let lasting = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied);
        refused(error, error.raw_os_error().is_some() && !lasting)
    };
    // A pipe would block.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let opened = fs::OpenOptions::new().read(true).custom_flags(flags).open(file).map_err(|error| failed(&error))?;
    if !opened.metadata().map_err(|error| failed(&error))?.is_file() {
        return Err(refused(&"it is not a regular file", false));
    }
    let mut bytes = vec![];
    opened.take(LIMITS.bytes as u64 + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() > LIMITS.bytes {
        return Err(refused(&format!("it is larger than {}KiB", LIMITS.bytes >> 10), false));
    }
    String::from_utf8(bytes).map_err(|_| refused(&"it is not UTF-8", false))
}

/// The place of a line and a column, both from 1, the latter in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

/// Where a pointer leads to in a text, or as far as that goes.
fn place(text: &str, pointer: &str) -> Range<usize> {
    let mut at = text;
    for step in pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")) {
        let below = match at.trim_ascii_start().as_bytes().first() {
            Some(b'{') => {
                serde_json::from_str::<BTreeMap<String, &RawValue>>(at).ok().and_then(|mut all| all.remove(&step))
            }
            Some(b'[') => {
                let all = serde_json::from_str::<Vec<&RawValue>>(at).ok();
                all.and_then(|all| all.get(step.parse::<usize>().ok()?).copied())
            }
            _ => None,
        };
        match below {
            Some(below) => at = below.get(),
            None => break,
        }
    }
    // What was found is part of the text.
    let start = at.as_ptr() as usize - text.as_ptr() as usize;
    if at.len() == text.len() { 0..0 } else { start..start + at.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_found_in_the_text() {
        let text = "{\n  \"a\": [1, {\"b/c\": \"x\"}],\n  \"d\": {}\n}";
        for (pointer, want) in
            [("/a/1/b~1c", "\"x\""), ("/a/0", "1"), ("/d", "{}"), ("/d/none", "{}"), ("/a/7", "[1, {\"b/c\": \"x\"}]")]
        {
            assert_eq!(&text[place(text, pointer)], want, "{pointer}");
        }
        assert_eq!(place(text, ""), 0..0);
        assert_eq!((offset("ab\ncd", 2, 2), offset("ab", 9, 9)), (4, 2));
    }
}
