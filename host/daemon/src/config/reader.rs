//! Reads a TOML document key by key and collects all mistakes, where serde would stop at the first one.
//!
//! A [`Section`] records the keys that were asked for. When it is finished, every other key is unknown, and the message
//! lists the known ones. So the code that reads a section is the only list of its keys.

use std::{
    cell::{Cell, RefCell},
    fmt,
    ops::Range,
    path::Path,
    sync::Arc,
    time::Duration,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    diagnostics::{Cause, Diagnostic, Diagnostics},
    units::{self, DURATION_HELP, SIZE_HELP},
};
use crate::text::nearest;

const TOML_HELP: &str = "https://toml.io/en/v1.1.0 describes the syntax";

/// Collects the mistakes of one text.
pub(super) struct Report {
    found: RefCell<Vec<Found>>,
    /// Mistakes that are only counted.
    more: Cell<usize>,
    masked: RefCell<Vec<Range<usize>>>,
}

/// How many mistakes in one text are recorded, and how many of them are reported. Nobody fixes more at once, and a
/// third party's sidecar may have a hundred thousand.
const MOST_FOUND: usize = 1_000;
const MOST_SAID: usize = 50;

struct Found {
    span: Range<usize>,
    key: String,
    message: String,
    help: Option<String>,
    cause: Cause,
}

impl Found {
    fn new(span: Range<usize>, key: String, message: impl Into<String>, help: Option<String>) -> Self {
        Self { span, key, message: message.into(), help, cause: Cause::Text }
    }
}

/// A table, and the keys that were asked for.
pub(super) struct Section<'a> {
    report: &'a Report,
    path: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
    known: Vec<&'static str>,
    /// Any key is allowed.
    is_open: bool,
}

/// A value and its place.
#[derive(Clone)]
pub(super) struct Field<'a> {
    report: &'a Report,
    pub(super) path: String,
    span: Range<usize>,
    value: &'a DeValue<'a>,
}

/// Parses `text`, passes its root table to `read`, and returns the result, or everything that is wrong.
pub(super) fn read<T>(text: &str, file: &Path, read: impl FnOnce(&mut Section<'_>) -> T) -> Result<T, Diagnostics> {
    match read_what_is_sound(text, file, read) {
        (Some(value), problems) => problems.into_result().map(|()| value),
        (None, problems) => Err(problems),
    }
}

/// The same, but returns both. The result has gaps where there are mistakes; it is `None` if the text is not TOML.
pub(super) fn read_what_is_sound<T>(
    text: &str,
    file: &Path,
    read: impl FnOnce(&mut Section<'_>) -> T,
) -> (Option<T>, Diagnostics) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let report = Report { found: RefCell::default(), more: Cell::default(), masked: RefCell::default() };
    let mut root = Section {
        report: &report,
        path: String::new(),
        span: 0..0,
        table: document.get_ref(),
        known: Vec::new(),
        is_open: false,
    };
    report.masked.borrow_mut().extend(keys(text));
    let value = read(&mut root);
    root.finish();
    let parsed = errors.is_empty();
    if !parsed {
        // A broken text would cause misleading messages, so only the masks are kept.
        report.found.borrow_mut().clear();
        for error in errors {
            let message = format!("not valid TOML: {}", error.message());
            report.push(Found::new(error.span().unwrap_or(0..0), String::new(), message, Some(TOML_HELP.to_owned())));
        }
    }
    (parsed.then_some(value), report.into_diagnostics(text, file))
}

/// The places of signing keys, which are recognizable anywhere, even where the parser sees no value.
fn keys(text: &str) -> Vec<Range<usize>> {
    let of_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=');
    let end = |start: usize| {
        text.as_bytes()[start..].iter().position(|&byte| !of_key(byte)).map_or(text.len(), |len| start + len)
    };
    text.match_indices("whsec_").map(|(start, _)| start..end(start)).collect()
}

impl Report {
    fn push(&self, found: Found) {
        let mut all = self.found.borrow_mut();
        if all.len() < MOST_FOUND {
            all.push(found);
        } else {
            self.more.set(self.more.get() + 1);
        }
    }

    fn is_full(&self) -> bool {
        self.found.borrow().len() >= MOST_FOUND
    }

    fn into_diagnostics(self, text: &str, file: &Path) -> Diagnostics {
        let mut found = self.found.into_inner();
        found.sort_by_key(|found| found.span.start);
        let more = self.more.get() + found.len().saturating_sub(MOST_SAID);
        found.truncate(MOST_SAID);
        let text: Arc<str> = mask(text, &self.masked.into_inner()).into();
        let problem = |Found { span, key, message, help, cause }| {
            let found = Diagnostic::in_text(file, &text, span, key, message);
            found.with_help(help.unwrap_or_default()).with_cause(cause)
        };
        let mut problems: Vec<_> = found.into_iter().map(problem).collect();
        if more > 0 {
            problems.push(Diagnostic::with_file(file, format!("has {more} more mistakes"), "fix these first"));
        }
        Diagnostics { problems, passing: false }
    }
}

/// The text with the ranges masked; every other byte stays in its place.
fn mask(text: &str, ranges: &[Range<usize>]) -> String {
    let mut ranges = ranges.to_vec();
    ranges.sort_by_key(|range| range.start);
    let (mut next, mut until) = (ranges.iter().peekable(), 0);
    let mut hidden = |at: usize| {
        while let Some(range) = next.next_if(|range| range.start <= at) {
            until = until.max(range.end);
        }
        at < until
    };
    text.char_indices().fold(String::with_capacity(text.len()), |mut masked, (at, char)| {
        if hidden(at) && char != '\n' {
            masked.extend(std::iter::repeat_n('*', char.len_utf8()));
        } else {
            masked.push(char);
        }
        masked
    })
}

/// `parent.key`, with the key quoted if TOML requires quotes.
fn join(parent: &str, key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let dot = if parent.is_empty() { "" } else { "." };
    if bare { format!("{parent}{dot}{key}") } else { format!("{parent}{dot}{key:?}") }
}

impl<'a> Section<'a> {
    /// The value under a key of this section.
    pub(super) fn get(&mut self, key: &'static str) -> Option<Field<'a>> {
        self.known.push(key);
        let value = self.table.get(key)?;
        Some(self.field(key, value))
    }

    /// The table under a key of this section. `None` if it is absent or another type; the latter is a mistake.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'a>> {
        self.get(key)?.section()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Declares a key only to reject it with a reason.
    pub(super) fn refuse(&mut self, key: &'static str, why: &str, help: &str) {
        if let Some(value) = self.table.get(key) {
            let field = self.field(key, value);
            field.problem(why, help);
            self.known.push(key);
            self.hide_misplaced(key, &field);
        }
    }

    /// All keys of a section whose names the operator chooses, with the place of each key.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'a str, Field<'a>, Field<'a>)> {
        self.table.iter().map(move |(key, value)| {
            let name = Field { span: key.span(), ..self.field(key.get_ref(), value) };
            (key.get_ref().as_ref(), name, self.field(key.get_ref(), value))
        })
    }

    /// The same for the root table of a text whose names the operator chooses.
    pub(super) fn all(&mut self) -> impl Iterator<Item = (&'a str, Field<'a>, Field<'a>)> {
        self.is_open = true;
        let whole = Section { path: self.path.clone(), span: self.span.clone(), known: vec![], ..*self };
        whole.entries()
    }

    /// Names an entry of a list by its name instead of its index.
    pub(super) fn rename(&mut self, list: &str, name: &str) {
        self.path = join(list, name);
    }

    /// Reports a mistake at the value of a key, or at the section if the key is absent.
    pub(super) fn problem(&self, key: &str, message: impl Into<String>, help: &str) {
        match self.table.get(key) {
            Some(value) => self.field(key, value).problem(message, help),
            None => self.report.push(Found::new(self.span.clone(), join(&self.path, key), message, some(help))),
        }
    }

    /// Reports every key that was not asked for as unknown.
    pub(super) fn finish(&mut self) {
        if self.is_open {
            return;
        }
        for (key, value) in self.table {
            let name = key.get_ref();
            if !self.known.iter().any(|known| known == name) {
                let help = (!self.report.is_full()).then(|| self.known_keys(name));
                let field = self.field(name, value);
                self.hide_misplaced(name, &field);
                self.report.push(Found::new(key.span(), field.path, "unknown key", help));
            }
        }
    }

    /// Someone may have written a secret under an unknown key; the message must not show it.
    fn hide_misplaced(&self, key: &str, field: &Field<'a>) {
        const WORDS: [&str; 6] = ["secret", "sign", "token", "password", "key", "auth"];
        let key = key.to_lowercase();
        if WORDS.iter().any(|word| key.contains(word)) {
            self.report.masked.borrow_mut().push(field.span.clone());
        }
    }

    fn known_keys(&self, wrong: &str) -> String {
        let known = self.known.join(", ");
        match nearest(wrong, self.known.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`? The keys here are {known}"),
            None => format!("the keys here are {known}"),
        }
    }

    fn field(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Field<'a> {
        Field { report: self.report, path: join(&self.path, key), span: value.span(), value: value.get_ref() }
    }
}

fn some(help: &str) -> Option<String> {
    (!help.is_empty()).then(|| help.to_owned())
}

impl<'a> Field<'a> {
    pub(super) fn problem(&self, message: impl Into<String>, help: &str) {
        self.report.push(Found::new(self.span.clone(), self.path.clone(), message, some(help)));
    }

    /// Reports a mistake of the file that this value names.
    pub(super) fn problem_of(&self, file: &Path, message: impl fmt::Display, help: &str) {
        let cause = Cause::File(file.to_owned());
        self.problem_caused(cause, format!("{} {message}", file.display()), help);
    }

    /// Reports a mistake that may pass while the value stays the same.
    pub(super) fn problem_caused(&self, cause: Cause, message: impl Into<String>, help: &str) {
        let found = Found::new(self.span.clone(), self.path.clone(), message, some(help));
        self.report.push(Found { cause, ..found });
    }

    /// Keeps this value out of every message and snippet.
    pub(super) fn mask(&self) {
        self.report.masked.borrow_mut().push(self.span.clone());
    }

    pub(super) fn value(&self) -> &'a DeValue<'a> {
        self.value
    }

    fn wrong_type(&self, wanted: &str, help: &str) {
        let article = |kind: &str| if kind.starts_with(['a', 'i']) { "an" } else { "a" };
        let kind = self.value.type_str();
        self.problem(format!("must be {wanted}, not {} {kind}", article(kind)), help);
    }

    /// The value as JSON; a date becomes text.
    pub(super) fn json(&self) -> serde_json::Value {
        json(self.value)
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong_type("text in quotes", "");
        }
        text
    }

    /// Whether this is that text. Another value is not a mistake yet.
    pub(super) fn is_text(&self, wanted: &str) -> bool {
        matches!(self.value(), DeValue::String(text) if text == wanted)
    }

    /// Text that `parse` turns into a value.
    pub(super) fn parse<T, E: fmt::Display>(
        &self,
        help: &str,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text()?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let mut message = error.to_string();
                if text.contains('@') {
                    // It may be a password in a URL.
                    self.mask();
                    message = message.replace(text, "***");
                }
                self.problem(message, help);
                None
            }
        }
    }

    pub(super) fn duration(&self) -> Option<Duration> {
        if self.value.as_str().is_none() {
            self.wrong_type("a duration in quotes", DURATION_HELP);
            return None;
        }
        self.parse(DURATION_HELP, units::duration)
    }

    pub(super) fn duration_from(&self, least: Duration, most: Duration) -> Option<Duration> {
        let duration = self.duration()?;
        let within = (least..=most).contains(&duration);
        if !within {
            let (least, most) = (units::show_duration(least), units::show_duration(most));
            self.problem(format!("must be from {least} to {most}"), "");
        }
        within.then_some(duration)
    }

    pub(super) fn size(&self) -> Option<u64> {
        if self.value.as_str().is_none() {
            self.wrong_type("a size in quotes", SIZE_HELP);
            return None;
        }
        self.parse(SIZE_HELP, units::size)
    }

    pub(super) fn size_from(&self, least: u64, most: u64) -> Option<u64> {
        let size = self.size()?;
        let within = (least..=most).contains(&size);
        if !within {
            self.problem(format!("must be from {} to {}", units::show_size(least), units::show_size(most)), "");
        }
        within.then_some(size)
    }

    /// A whole number that fits the type; a negative number does not.
    pub(super) fn integer<T: TryFrom<u64>>(&self) -> Option<T> {
        let Some(integer) = self.value.as_integer() else {
            self.wrong_type("a whole number", "");
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.problem(format!("{integer} is negative or too large"), "");
        }
        number
    }

    /// A whole number that may be negative.
    pub(super) fn signed<T: TryFrom<i64>>(&self) -> Option<T> {
        let Some(integer) = self.value.as_integer() else {
            self.wrong_type("a whole number", "");
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.problem(format!("{integer} is too large or too small"), "");
        }
        number
    }

    /// A number, with or without a decimal point.
    pub(super) fn number(&self) -> Option<f64> {
        let parsed = match self.value {
            DeValue::Float(float) => float.as_str().parse().ok(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            _ => None,
        };
        if parsed.is_none() {
            self.wrong_type("a number", "");
        }
        parsed
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        let boolean = self.value.as_bool();
        if boolean.is_none() {
            self.wrong_type("true or false", "");
        }
        boolean
    }

    /// The members of a list, each under its index.
    pub(super) fn list(&self) -> Option<Vec<Field<'a>>> {
        let Some(array) = self.value.as_array() else {
            self.wrong_type("a list in brackets", "");
            return None;
        };
        let member = |(n, value): (usize, &'a Spanned<DeValue<'a>>)| Field {
            report: self.report,
            path: format!("{}.{n}", self.path),
            span: value.span(),
            value: value.get_ref(),
        };
        Some(array.iter().enumerate().map(member).collect())
    }

    /// The value under a key, if this is a table that has the key.
    pub(super) fn member(&self, key: &str) -> Option<Field<'a>> {
        let value = self.value.as_table()?.get(key)?;
        let path = join(&self.path, key);
        Some(Field { report: self.report, path, span: value.span(), value: value.get_ref() })
    }

    /// A member of a list, if this is a list that has it.
    pub(super) fn index(&self, index: usize) -> Option<Field<'a>> {
        let value = self.value.as_array()?.get(index)?;
        let path = format!("{}.{index}", self.path);
        Some(Field { report: self.report, path, span: value.span(), value: value.get_ref() })
    }

    pub(super) fn section(&self) -> Option<Section<'a>> {
        let Some(table) = self.value.as_table() else {
            self.wrong_type("a table", "");
            return None;
        };
        Some(Section {
            report: self.report,
            path: self.path.clone(),
            span: self.span.clone(),
            table,
            known: Vec::new(),
            is_open: false,
        })
    }
}

fn json(value: &DeValue<'_>) -> serde_json::Value {
    use serde_json::Value;
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(integer.to_string()),
        },
        DeValue::Float(float) => {
            float.as_str().parse::<f64>().map_or_else(|_| Value::from(float.as_str()), Value::from)
        }
        DeValue::Boolean(boolean) => Value::from(*boolean),
        DeValue::Datetime(datetime) => Value::from(datetime.to_string()),
        DeValue::Array(list) => list.iter().map(|member| json(member.get_ref())).collect(),
        DeValue::Table(table) => {
            table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect()
        }
    }
}
