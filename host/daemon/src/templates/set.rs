//! The templates of a configuration, compiled.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt, io,
    path::PathBuf,
    sync::Arc,
};

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};

use super::{RenderError, includes, nobody, strict};
use crate::text::and;

/// The largest part of a template, in bytes of its source.
pub const LARGEST: usize = 256 << 10;

/// The largest part that is filled in, in bytes.
const LONGEST: usize = 1 << 20;
/// The same for a subject.
const LONGEST_SUBJECT: usize = 4 << 10;

/// About one per instruction: some milliseconds.
pub(super) const FUEL: u64 = 100_000;

/// How deep templates and macros may be nested.
const DEEPEST: usize = 32;

/// The parts of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Subject,
    Text,
    Html,
}

impl Part {
    pub const ALL: [Self; 3] = [Self::Subject, Self::Text, Self::Html];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A source text and its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub text: Arc<str>,
    /// Absent if the text is in the configuration.
    pub file: Option<PathBuf>,
}

/// One template, in all its languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pub name: String,
    /// By part and language, in lower case; "" is for any language.
    pub sources: BTreeMap<(Part, String), Source>,
}

impl Template {
    /// The languages that some part of it is in.
    #[must_use]
    pub fn locales(&self) -> BTreeSet<&str> {
        self.sources.keys().map(|(_, locale)| locale.as_str()).filter(|locale| !locale.is_empty()).collect()
    }

    #[must_use]
    pub fn has(&self, part: Part) -> bool {
        self.sources.keys().any(|(have, _)| *have == part)
    }
}

/// All templates.
#[derive(Clone, Default)]
pub struct TemplateSet {
    templates: BTreeMap<String, Template>,
    /// The languages to try after the recipient's, in lower case.
    fallback: Vec<String>,
    environment: Arc<Environment<'static>>,
}

impl PartialEq for TemplateSet {
    fn eq(&self, other: &Self) -> bool {
        (&self.templates, &self.fallback) == (&other.templates, &other.fallback)
    }
}

impl fmt::Debug for TemplateSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TemplateSet").field(&self.templates.keys()).finish()
    }
}

/// A template that does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncompiled {
    pub name: String,
    pub part: Part,
    pub locale: String,
    /// The place in the text in bytes, and its line.
    pub at: std::ops::Range<usize>,
    pub line: usize,
    pub reason: String,
}

impl TemplateSet {
    /// Compiles templates. `fallback` are the languages to try if there is none in the recipient's.
    ///
    /// # Errors
    /// Every template that does not compile.
    pub fn compile(templates: Vec<Template>, fallback: Vec<String>) -> Result<Self, Vec<Uncompiled>> {
        let templates: BTreeMap<_, _> =
            templates.into_iter().map(|template| (template.name.clone(), template)).collect();
        let there = there(&templates);
        let mut environment = environment(there.clone(), fallback.clone());
        let mut wrong = vec![];
        for template in templates.values() {
            for ((part, locale), source) in &template.sources {
                let name = inner(&template.name, *part, locale);
                if let Err(error) = environment.add_template_owned(name, source.text.to_string()) {
                    wrong.push(Uncompiled {
                        name: template.name.clone(),
                        part: *part,
                        locale: locale.clone(),
                        at: error.range().unwrap_or_default(),
                        line: error.line().unwrap_or(1),
                        reason: error.detail().unwrap_or("it is not a valid template").to_owned(),
                    });
                    continue;
                }
                let absent = |named: &str| found(&there, named, (*part).as_str(), locale, &fallback).is_none();
                for (named, at) in includes::named(&source.text).filter(|(named, _)| absent(named)) {
                    wrong.push(Uncompiled {
                        name: template.name.clone(),
                        part: *part,
                        locale: locale.clone(),
                        line: source.text[..at.start].matches('\n').count() + 1,
                        at,
                        reason: format!("it uses the template `{named}`, but there is no such template with a {part}"),
                    });
                }
            }
        }
        if wrong.is_empty() { Ok(Self { templates, fallback, environment: Arc::new(environment) }) } else { Err(wrong) }
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Template> {
        self.templates.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Template> {
        self.templates.values()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty()
    }

    /// The files with their sources.
    #[must_use]
    pub fn files(&self) -> BTreeSet<PathBuf> {
        let sources = self.templates.values().flat_map(|template| template.sources.values());
        sources.filter_map(|source| source.file.clone()).collect()
    }

    /// Fills in one part and returns the cost. Empty if the template does not have the part.
    pub(super) fn part(
        &self,
        template: &Template,
        part: Part,
        locales: &[String],
        context: &Value,
    ) -> Result<(String, u64), RenderError> {
        if !template.has(part) {
            return Ok((String::new(), 0));
        }
        let locale = locales.iter().chain(&self.fallback).map(String::as_str).chain([""]);
        let name = locale.map(|locale| (locale, (part, locale.to_owned())));
        let found = name.into_iter().find(|(_, key)| template.sources.contains_key(key));
        let no_locale = || RenderError::NoLocale { name: template.name.clone(), part, locales: locales.to_vec() };
        let (locale, _) = found.ok_or_else(no_locale)?;
        let failed = |error: &minijinja::Error| {
            let error = innermost(error);
            let (line, reason) = (error.line().unwrap_or(1), reason_of(error));
            let within = error.name().and_then(|name| name.split('/').next());
            RenderError::Failed { name: within.unwrap_or(&template.name).to_owned(), part, line, reason }
        };
        let compiled =
            self.environment.get_template(&inner(&template.name, part, locale)).map_err(|error| failed(&error))?;
        let most = if part == Part::Subject { LONGEST_SUBJECT } else { LONGEST };
        let mut out = Bounded { bytes: vec![], most };
        let rendered = compiled.render_captured_to(context.clone(), &mut out);
        let captured = rendered.map_err(|error| match innermost(&error).kind() {
            ErrorKind::WriteFailure => RenderError::Failed {
                name: template.name.clone(),
                part,
                line: error.line().unwrap_or(1),
                reason: format!("the result exceeds {} KiB", most >> 10),
            },
            _ => failed(&error),
        })?;
        let burnt = captured.state().fuel_levels().map_or(0, |(burnt, _)| burnt);
        drop(captured);
        Ok((String::from_utf8(out.bytes).unwrap_or_default(), burnt))
    }
}

/// The engine's name of a part in a language. Names of templates have no `/`.
fn inner(name: &str, part: Part, locale: &str) -> String {
    format!("{name}/{part}/{locale}")
}

/// All parts in all languages, by their names in the engine.
fn there(templates: &BTreeMap<String, Template>) -> HashSet<String> {
    let parts = |template: &Template| {
        let name = template.name.clone();
        template.sources.keys().map(move |(part, locale)| inner(&name, *part, locale)).collect::<Vec<_>>()
    };
    templates.values().flat_map(parts).collect()
}

/// Which template another one means by a name: the same part, in the same language if it exists.
fn found(there: &HashSet<String>, name: &str, part: &str, locale: &str, fallback: &[String]) -> Option<String> {
    let wanted = [locale].into_iter().chain(fallback.iter().map(String::as_str)).chain([""]);
    wanted.map(|locale| format!("{name}/{part}/{locale}")).find(|inner| there.contains(inner))
}

fn environment(there: HashSet<String>, fallback: Vec<String>) -> Environment<'static> {
    let mut environment = Environment::new();
    // So that errors have places.
    environment.set_debug(true);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEEPEST);
    let is_html = |name: &str| name.split('/').nth(1) == Some(Part::Html.as_str());
    environment.set_auto_escape_callback(move |name| if is_html(name) { AutoEscape::Html } else { AutoEscape::None });
    // `debug` shows all values, and `namespace` lets loops collect without a bound.
    environment.remove_global("debug");
    environment.remove_global("namespace");
    nobody::teach(&mut environment);
    strict::teach(&mut environment);
    // Templates include others by name only.
    environment.set_path_join_callback(move |name, parent| {
        let mut parent = parent.split('/').skip(1);
        let (part, locale) = (parent.next().unwrap_or_default(), parent.next().unwrap_or_default());
        found(&there, name, part, locale, &fallback).map_or(name.into(), Into::into)
    });
    environment
}

/// If a template includes another one, the outer error wraps the inner one.
fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    fn within(error: &minijinja::Error) -> Option<&minijinja::Error> {
        std::error::Error::source(error)?.downcast_ref()
    }
    std::iter::successors(Some(error), |error| within(error)).last().unwrap_or(error)
}

/// What is wrong, for the template's author.
fn reason_of(error: &minijinja::Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::UndefinedError => match detail.strip_suffix(" is undefined") {
            Some(name) => {
                let bare = name.trim_matches('`');
                format!(
                    "{name} is missing; if it is optional, write `{{% if {bare} is defined %}}` or \
                     `{{{{ {bare} | default(\"…\") }}}}`"
                )
            }
            None if detail.is_empty() => {
                "a variable is missing; if it is optional, write `| default(\"…\")` before the filter that needs it"
                    .to_owned()
            }
            None => format!("a variable is missing: {detail}"),
        },
        // Without the name, which may come from the event's data.
        ErrorKind::TemplateNotFound => {
            "it includes, imports or extends a template that does not exist, or that has no such part".to_owned()
        }
        ErrorKind::OutOfFuel => "it does more work than a template may; loop over less".to_owned(),
        ErrorKind::UnknownFunction => {
            let functions = and(&["`range`", "`dict`"]);
            format!("{detail}; the functions are {functions}, and those that the template defines")
        }
        kind if detail.is_empty() => kind.to_string(),
        _ => detail.to_owned(),
    }
}

/// Rejects a write that would exceed the limit.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + data.len() > self.most {
            return Err(io::Error::other("the limit is exceeded"));
        }
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
