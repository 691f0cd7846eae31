//! `[schemas]`: the schemas of events. The files are part of the configuration: if one cannot be used, nothing that
//! changed with it is.

use std::{collections::BTreeMap, ops::Range, path::Path, sync::Arc};

use fanfare_core::{SYSTEM_TYPES, check_type_pattern};
use serde_json::Value;

use super::{
    Diagnostic, Diagnostics, Sources,
    files::{self, Named},
    paths,
    reader::{Field, Section},
};
use crate::{
    json_schema::{JsonSchema, Unusable},
    schemas::{EventSchema, LIMITS, Mode, SchemaSet},
};

/// The most entries of all patterns together.
const MOST: usize = 200;
/// The longest name of a version, in bytes.
const LONGEST_VERSION: usize = 1_024;

/// Reads the table and the files that it names. Mistakes in the files go to `elsewhere`.
pub(super) fn read(root: &mut Section<'_>, sources: &Sources<'_>, elsewhere: &mut Diagnostics) -> SchemaSet {
    let (mut schemas, mut files) = (vec![], Files { read: BTreeMap::new(), problems: elsewhere });
    let entries = root.section("schemas").map(Section::entries);
    for (pattern, name, value) in entries.into_iter().flatten() {
        if let Err(wrong) = check_type_pattern(pattern) {
            let help = "write a type such as \"user.signup\", or a pattern such as \"order.*\" or \"order.>\"";
            name.problem(wrong, help);
        }
        if pattern.starts_with(SYSTEM_TYPES) {
            name.problem("names the daemon's own events, which have no schema", "remove it");
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
                let help = "each table of a pattern needs a different `dataschema`; one may have none";
                table.problem("is a second table for the same `dataschema`", help);
            }
            versions.extend(version);
            schemas.extend(schema);
        }
    }
    SchemaSet::new(schemas)
}

fn one_too_many(table: &Field<'_>) -> SchemaSet {
    table.problem(format!("exceeds the limit of {MOST} schemas"), "use patterns for several types");
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
            field.problem(format!("{other:?} is not a valid mode"), "write \"reject\" or \"warn\"");
            None
        }
    }
}

/// The schemas that were read, each file once.
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
    let named = Named { what: "the schema", by: "`file` of a table in [schemas] names it", most: LIMITS.bytes };
    let text: Arc<str> = files::text(file, named)?.into();
    let at = |span: Range<usize>, key: &str, message: String, help: &str| {
        Diagnostic::in_text(file, &text, span, key, message).with_help(help)
    };
    let json: Value = serde_json::from_str(&text).map_err(|error| {
        let place = files::offset(&text, error.line(), error.column());
        at(place..place, "", format!("is not JSON: {error}"), "https://www.json.org describes the syntax")
    })?;
    JsonSchema::compile(json, &LIMITS).map_err(|unusable| {
        let mut diagnostics = Diagnostics::default();
        for Unusable { reason, pointer } in unusable {
            let message = format!("is not a usable JSON Schema: {reason}");
            diagnostics.extend(
                at(files::place(&text, &pointer), &pointer, message, "see json-schema.org, draft 2020-12").into(),
            );
        }
        diagnostics
    })
}
