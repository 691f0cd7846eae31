//! Where a key is in a file, for mistakes that are found only later.

use std::{ops::Range, path::Path, sync::Arc};

use toml::de::DeTable;

use super::diagnostics::Diagnostic;

/// The text that a configuration was read from. All texts are equal, so that a new comment does not make a different
/// configuration.
#[derive(Clone)]
pub(super) struct Text(Arc<str>);

impl Text {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// In bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The line of the value at `path`, from 1, if it is written.
    pub(super) fn line(&self, path: &[&str]) -> Option<usize> {
        let (document, _) = DeTable::parse_recoverable(&self.0);
        let (last, tables) = path.split_last()?;
        let mut table = document.get_ref();
        for part in tables {
            table = table.get(*part)?.get_ref().as_table()?;
        }
        let start = table.get(*last)?.span().start;
        Some(self.0.get(..start)?.matches('\n').count() + 1)
    }

    /// Whether it sets no key; it may have comments.
    pub(super) fn is_empty(&self) -> bool {
        let (document, errors) = DeTable::parse_recoverable(&self.0);
        errors.is_empty() && document.get_ref().is_empty()
    }

    /// A diagnostic for the value at `path`, or for the nearest table if the value is absent.
    pub(super) fn problem(&self, file: &Path, path: &[&str], message: String, help: &str) -> Diagnostic {
        let key = path.join(".");
        let problem = match self.find(path) {
            Some(span) => Diagnostic::in_text(file, &self.0, span, key, message),
            None => Diagnostic::with_file(file, message, "").with_key(key),
        };
        problem.with_help(help)
    }

    fn find(&self, path: &[&str]) -> Option<Range<usize>> {
        let (document, _) = DeTable::parse_recoverable(&self.0);
        let mut table = document.get_ref();
        let mut found = None;
        let mut parts = path.iter();
        while let Some(part) = parts.next() {
            let Some((key, value)) = table.get_key_value(*part) else { break };
            // The value itself, but only the key of a table that was not followed to its end.
            found = Some(if parts.len() == 0 { value.span() } else { key.span() });
            if let Some(inner) = value.get_ref().as_table() {
                table = inner;
                continue;
            }
            // In a list of tables, each is identified by its name.
            let named = |table: &&DeTable<'_>, name: &str| {
                table.get("name").and_then(|value| value.get_ref().as_str()) == Some(name)
            };
            let Some(name) = parts.next() else { break };
            let tables = value.get_ref().as_array().into_iter().flat_map(|list| list.iter());
            let Some(inner) = tables.filter_map(|one| one.get_ref().as_table()).find(|one| named(one, name)) else {
                break;
            };
            table = inner;
        }
        found
    }
}

impl PartialEq for Text {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}
