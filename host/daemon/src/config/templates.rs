//! `[templates]`: texts for people, inline or in separate files. The files are part of the configuration: if one does
//! not compile, nothing that changed with it is used.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    Cause, Diagnostic, Diagnostics, Sources,
    files::{self, Named},
    paths,
    reader::{Field, Section},
};
use crate::{
    recipients::is_locale,
    templates::{LARGEST, Part, Source, Template, TemplateSet, Uncompiled},
};

/// The most templates of a configuration.
const MOST: usize = 500;
/// The most texts of all templates, in all languages.
const MOST_TEXTS: usize = 10_000;
/// The most bytes of all templates.
const MOST_BYTES: usize = 32 << 20;

/// The placeholder for the language in a file name.
const LOCALE: &str = "{locale}";

const HELP: &str = "docs/templates.md describes templates";

/// The keys of a part: its text, and its file.
const KEYS: [(Part, &str, &str); 3] =
    [(Part::Subject, "subject", "subject_file"), (Part::Text, "text", "file"), (Part::Html, "html", "html_file")];

/// The templates of a configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplatesTable {
    pub set: TemplateSet,
    /// The names of all templates, even if they do not compile and the set is empty.
    pub names: BTreeSet<String>,
    /// Folders that may get files for further languages.
    folders: BTreeSet<PathBuf>,
}

impl TemplatesTable {
    /// What has to be watched for changes.
    #[must_use]
    pub fn files(&self) -> BTreeSet<PathBuf> {
        let mut files = self.set.files();
        files.extend(self.folders.iter().cloned());
        files
    }
}

/// Reads the table and the files that it names. Mistakes in the files go to `elsewhere`. `fallback` are the languages
/// to try after the recipient's.
pub(super) fn read(
    root: &mut Section<'_>,
    sources: &Sources<'_>,
    fallback: Vec<String>,
    elsewhere: &mut Diagnostics,
) -> TemplatesTable {
    let mut reading =
        Reading { dir: sources.dir, texts: BTreeMap::new(), bytes: 0, folders: BTreeSet::new(), elsewhere };
    let mut templates = vec![];
    let entries = root.section("templates").map(Section::entries);
    for (name, key, value) in entries.into_iter().flatten() {
        if !is_name(name) {
            key.problem("is not a valid template name", "use 1 to 63 of a-z, A-Z, 0-9, `-` and `_`");
        }
        let Some(section) = value.section() else { continue };
        if templates.len() == MOST {
            key.problem(format!("exceeds the limit of {MOST} templates"), "");
            break;
        }
        templates.push(reading.template(name, &value, section, &fallback));
    }
    let Reading { texts, folders, elsewhere, .. } = reading;
    let names = templates.iter().map(|template| template.name.clone()).collect();
    let set = TemplateSet::compile(templates, fallback).unwrap_or_else(|wrong| {
        wrong.into_iter().for_each(|wrong| tell(wrong, &texts, elsewhere));
        TemplateSet::default()
    });
    TemplatesTable { set, names, folders }
}

fn is_name(name: &str) -> bool {
    (1..=63).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The place of a text, for its mistakes.
struct Stands<'a> {
    field: Field<'a>,
    source: Source,
}

type Texts<'a> = BTreeMap<(String, Part, String), Stands<'a>>;

fn tell(wrong: Uncompiled, texts: &Texts<'_>, elsewhere: &mut Diagnostics) {
    let Uncompiled { name, part, locale, at, line, reason } = wrong;
    let key = (name, part, locale);
    let Some(Stands { field, source }) = texts.get(&key) else { return };
    match &source.file {
        None => field.problem(format!("does not compile: line {line}: {reason}"), HELP),
        Some(file) => {
            let message = format!("does not compile: {reason}");
            let problem = Diagnostic::in_text(file, &source.text, at, field.path.clone(), message).with_help(HELP);
            elsewhere.extend(problem.into());
        }
    }
}

struct Reading<'a, 'd> {
    dir: &'a Path,
    texts: Texts<'a>,
    bytes: usize,
    folders: BTreeSet<PathBuf>,
    elsewhere: &'d mut Diagnostics,
}

impl<'a> Reading<'a, '_> {
    fn template(&mut self, name: &str, value: &Field<'a>, mut section: Section<'a>, fallback: &[String]) -> Template {
        let mut template = Template { name: name.to_owned(), ..Template::default() };
        self.parts(&mut template, &mut section, "");
        let locales = section.section("locales").map(Section::entries);
        for (locale, key, value) in locales.into_iter().flatten() {
            if !is_locale(locale) {
                key.problem("is not a language tag such as `de` or `pt-BR`", "");
                continue;
            }
            let Some(mut section) = value.section() else { continue };
            self.parts(&mut template, &mut section, &locale.to_ascii_lowercase());
            section.finish();
        }
        section.finish();
        let has_problems = !self.elsewhere.problems.is_empty();
        if template.sources.is_empty() && !has_problems {
            value.problem(
                "has no text",
                "write `subject`, `text` or `html`, or name a file: file = \"templates/welcome.txt\"",
            );
        }
        for part in Part::ALL.into_iter().filter(|part| template.has(*part)) {
            let is_for_all = fallback.iter().map(String::as_str).chain([""]);
            let found = is_for_all.into_iter().any(|locale| template.sources.contains_key(&(part, locale.to_owned())));
            if !found && !has_problems {
                let have: Vec<_> = template.locales().into_iter().collect();
                let message = format!("has its {part} only in {}, and none for other languages", have.join(", "));
                let help = "add one without a language, or set `defaults.locale` of [recipients] to one of these";
                value.problem(message, help);
            }
        }
        template
    }

    fn parts(&mut self, template: &mut Template, section: &mut Section<'a>, locale: &str) {
        for (part, inline, in_file) in KEYS {
            let (text, file) = (section.get(inline), section.get(in_file));
            if let (Some(_), Some(file)) = (&text, &file) {
                file.problem(format!("cannot be combined with `{inline}`; both are the {part}"), "remove one of them");
            }
            if let Some((field, text)) = text.and_then(|field| field.text().map(|text| (field, text))) {
                if text.len() > LARGEST {
                    field.problem(format!("is longer than {} KiB", LARGEST >> 10), "");
                    continue;
                }
                self.keep(template, (part, locale), &field, Source { text: text.into(), file: None });
            }
            if let Some(field) = file
                && let Some(path) = paths::read(&field, self.dir)
            {
                self.files(template, (part, locale), &field, &path);
            }
        }
    }

    fn files(&mut self, template: &mut Template, (part, locale): (Part, &str), field: &Field<'a>, path: &Path) {
        let found = match Pattern::of(path) {
            Err(wrong) => return field.problem(wrong, "write it like file = \"templates/welcome.{locale}.txt\""),
            Ok(None) => vec![(locale.to_owned(), path.to_owned())],
            Ok(Some(_)) if !locale.is_empty() => {
                let help = "the table already names the language; without the table, the file's name does";
                return field.problem(format!("has `{LOCALE}` in the table of a language"), help);
            }
            Ok(Some(pattern)) => {
                self.folders.insert(pattern.folder.clone());
                if let Some(name) = pattern.misnamed() {
                    let message = format!("matches `{name}`, whose language is not a tag such as `de` or `pt-BR`");
                    let help = "write the tag with `-` instead of `_`";
                    return field.problem_caused(Cause::File(pattern.folder), message, help);
                }
                let found = pattern.find();
                if found.is_empty() {
                    let base = pattern.base.display();
                    let message = format!("there is no such file: neither {base} nor one for a language");
                    return field.problem_caused(Cause::File(pattern.folder), message, HELP);
                }
                found
            }
        };
        for (locale, file) in found {
            let named = Named { what: "the template", by: "a table in [templates] names it", most: LARGEST };
            match files::text(&file, named) {
                Ok(text) => {
                    let source = Source { text: text.into(), file: Some(file) };
                    self.keep(template, (part, &locale), field, source);
                }
                Err(problems) => self.elsewhere.extend(problems),
            }
        }
    }

    fn keep(&mut self, template: &mut Template, (part, locale): (Part, &str), field: &Field<'a>, source: Source) {
        self.bytes += source.text.len();
        if self.bytes > MOST_BYTES || self.texts.len() == MOST_TEXTS {
            let message = format!("exceeds the limit of {MOST_TEXTS} texts or {} MiB", MOST_BYTES >> 20);
            return field.problem(message, "");
        }
        let key = (template.name.clone(), part, locale.to_owned());
        if template.sources.insert((part, locale.to_owned()), source.clone()).is_some() {
            let whom = match locale {
                "" => "everybody".to_owned(),
                locale => format!("the language `{locale}`"),
            };
            field.problem(format!("is a second {part} for {whom}"), "remove one of them");
        }
        self.texts.insert(key, Stands { field: field.clone(), source });
    }
}

/// A path with a placeholder for the language.
struct Pattern {
    /// The folder with the files of all languages.
    folder: PathBuf,
    /// What comes before and after the language in the name of a file or folder there.
    before: String,
    behind: String,
    /// The path below that.
    rest: PathBuf,
    /// The file for any language: the path without the placeholder and its separator.
    base: PathBuf,
}

impl Pattern {
    fn of(path: &Path) -> Result<Option<Self>, String> {
        let text = path.to_string_lossy();
        match text.matches(LOCALE).count() {
            0 => return Ok(None),
            1 => {}
            _ => return Err(format!("has `{LOCALE}` more than once")),
        }
        let is_place = |part: &std::path::Component<'_>| part.as_os_str().to_string_lossy().contains(LOCALE);
        let folder: PathBuf = path.components().take_while(|part| !is_place(part)).collect();
        let mut behind = path.components().skip_while(|part| !is_place(part));
        let name = behind.next().map(|part| part.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
        let rest: PathBuf = behind.collect();
        let Some((before, after)) = name.split_once(LOCALE) else { return Ok(None) };
        // One separator is removed too: `welcome.de.txt` becomes `welcome.txt`, `de-welcome.txt` becomes `welcome.txt`.
        let separators = ['.', '-', '_'];
        let name = match before.strip_suffix(separators) {
            Some(before) => format!("{before}{after}"),
            None => format!("{before}{}", after.strip_prefix(separators).unwrap_or(after)),
        };
        let base = folder.join(name).join(&rest);
        // An empty part at the end would make it a folder.
        let base = base.components().collect();
        Ok(Some(Self { folder, before: before.to_owned(), behind: after.to_owned(), rest, base }))
    }

    /// A file whose language is written like `pt_BR`, which no recipient would get.
    fn misnamed(&self) -> Option<String> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.find(|name| {
            let locale = name.strip_prefix(&self.before).and_then(|rest| rest.strip_suffix(&self.behind));
            locale.is_some_and(|locale| locale.contains('_') && is_locale(&locale.replace('_', "-")))
        })
    }

    /// The existing files, each with its language in lower case.
    fn find(&self) -> Vec<(String, PathBuf)> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<_> = entries
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let locale = name.strip_prefix(&self.before)?.strip_suffix(&self.behind)?;
                let file: PathBuf = self.folder.join(&name).join(&self.rest).components().collect();
                (is_locale(locale) && file.is_file()).then(|| (locale.to_ascii_lowercase(), file))
            })
            .collect();
        found.sort();
        if self.base.is_file() {
            found.insert(0, (String::new(), self.base.clone()));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::files::testing::{config_beside, said},
        *,
    };

    fn load(files: &[(&str, &str)], table: &str) -> Result<TemplatesTable, Diagnostics> {
        config_beside(files, table).map(|config| config.templates)
    }

    #[test]
    fn texts_are_inline_or_in_files_for_each_language() {
        let table = "[templates.welcome]\nsubject = \"Hi\"\nfile = \"t/welcome.{locale}.txt\"\n\
                     html_file = \"t/{locale}/welcome.html\"\n\
                     [templates.welcome.locales.de]\nsubject = \"Hallo\"\n";
        let files = [
            ("t/welcome.txt", "any"),
            ("t/welcome.de.txt", "de"),
            ("t/welcome.pt-BR.txt", "br"),
            ("t/welcome.notes.old.txt", "x"),
            ("t/de/welcome.html", "<de>"),
            ("t/welcome.html", "<any>"),
        ];
        let table = load(&files, table).unwrap();
        let keys: Vec<_> =
            table.set.get("welcome").unwrap().sources.keys().map(|(part, locale)| format!("{part}@{locale}")).collect();
        assert_eq!(keys, ["subject@", "subject@de", "text@", "text@de", "text@pt-br", "html@", "html@de"]);
        assert_eq!(table.files().len(), 6, "five files and a folder: {:?}", table.files());
    }

    #[test]
    fn a_text_that_does_not_compile_is_reported_with_its_place() {
        let said_inline = said(&[], "[templates.a]\ntext = \"\"\"\nfine\n{{ a b }}\"\"\"\n");
        assert_eq!(said_inline.len(), 1);
        assert!(
            said_inline[0]
                .starts_with("config.toml:2:8 templates.a.text: does not compile: line 2: unexpected identifier"),
            "{said_inline:?}"
        );
        let said_file = said(&[("a.html", "<p>\n  {% if %}")], "[templates.a]\nhtml_file = \"a.html\"\n");
        assert!(
            said_file[0].starts_with("a.html:2:9 templates.a.html_file: does not compile: unexpected end"),
            "{said_file:?}"
        );
    }

    #[test]
    fn contradictions_are_mistakes() {
        for (files, table, says) in [
            (vec![], "[templates.a]\n", "config.toml:1:1 templates.a: has no text"),
            (vec![], "[templates.\"a b\"]\ntext = \"x\"\n", "is not a valid template name"),
            (
                vec![],
                "[templates.a]\ntext = \"x\"\nfile = \"a.txt\"\n",
                "templates.a.file: cannot be combined with `text`",
            ),
            (vec![], "[templates.a]\nfile = \"a.txt\"\n", "a.txt:0:0 : the template cannot be read: No such file"),
            (vec![], "[templates.a]\nfile = \"a.{locale}.txt\"\n", "there is no such file: neither"),
            (vec![], "[templates.a]\nfile = \"{locale}/{locale}.txt\"\n", "has `{locale}` more than once"),
            (
                vec![],
                "[templates.a.locales.de]\ntext = \"x\"\n",
                "has its text only in de, and none for other languages",
            ),
            (vec![], "[templates.a]\ntext = \"x\"\nlocales.de_DE.text = \"y\"\n", "is not a language tag"),
            (vec![], "[templates.a]\ntext = \"x\"\nlocales.de.file = \"{locale}.txt\"\n", "in the table of a language"),
            (vec![], "[templates.a]\ntxt = \"x\"\n", "templates.a.txt: unknown key"),
            (
                vec![("a.de.txt", "x")],
                "[templates.a]\nfile = \"a.{locale}.txt\"\n[recipients]\ndefaults = { locale = \"en\" }\n",
                "only in de",
            ),
        ] {
            let said = said(&files, table).join("\n");
            assert!(said.contains(says), "{table}: {said}");
        }
        let is_default = "[templates.a]\nfile = \"a.{locale}.txt\"\n[recipients]\ndefaults = { locale = \"de\" }\n";
        assert!(load(&[("a.de.txt", "x")], is_default).is_ok());
    }

    #[test]
    fn a_pattern_without_its_language_is_the_file_for_all() {
        for (pattern, base) in [
            ("t/welcome.{locale}.txt", "t/welcome.txt"),
            ("t/{locale}/welcome.txt", "t/welcome.txt"),
            ("t/{locale}-welcome.txt", "t/welcome.txt"),
            ("t/welcome_{locale}.txt", "t/welcome.txt"),
        ] {
            assert_eq!(Pattern::of(Path::new(pattern)).unwrap().unwrap().base, Path::new(base), "{pattern}");
        }
    }
}
