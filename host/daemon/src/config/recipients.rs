//! `[recipients]`: recipients in separate files, and rules for all of them. The files are part of the configuration: if
//! one has a mistake, nothing that changed with it is used.
//!
//! Addresses are personal data, so no message shows a line of such a file.

use std::{
    collections::{BTreeMap, HashSet},
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use fanfare_core::{ChannelName, FieldError, Recipient, Rules};
use serde::{
    Deserializer as _,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{
    Diagnostic, Diagnostics, Sources,
    files::{self, Named},
    paths, reader,
    reader::{Field, Section},
    turn,
};
use crate::{
    recipients::{Book, OnFile, check_subject, read_defaults, read_whole},
    stamp::Stamp,
};

/// The largest file in bytes.
const LARGEST: usize = 64 << 20;
/// The largest total in bytes.
const MOST_BYTES: usize = 512 << 20;
/// The most recipients of all files together.
const MOST: usize = 1_000_000;
/// The most files in a folder.
const MOST_FILES: usize = 1_000;
/// The most channel names that are kept, to report those that do not exist.
const MOST_NAMES: usize = 1_000;
/// The most mistakes of one file that are reported.
const MOST_SAID: usize = 50;

/// The recipients of the configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecipientsTable {
    /// A file, or a folder of files.
    pub file: Option<PathBuf>,
    pub on_file: OnFile,
    /// The stamps of the files when they were read.
    read: Vec<(PathBuf, Stamp)>,
    /// The channels that preferences name, each with a recipient that names it; "" means the defaults.
    pub channels: BTreeMap<ChannelName, String>,
}

impl RecipientsTable {
    /// What has to be watched for changes: the path, and the files in it if it is a folder.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.file.iter().chain(self.read.iter().map(|(file, _)| file))
    }
}

/// Reads the table and the files that it names. Mistakes in the files go to `elsewhere`.
pub(super) fn read(root: &mut Section<'_>, sources: &Sources<'_>, elsewhere: &mut Diagnostics) -> RecipientsTable {
    let Some(mut section) = root.section("recipients") else { return RecipientsTable::default() };
    let file = section.get("file").and_then(|field| paths::read(&field, sources.dir));
    let rules = section.get("defaults").and_then(|field| defaults(&field)).unwrap_or_default();
    let except = section.get("except").and_then(|field| turn::condition(&field));
    section.finish();
    let mut channels: BTreeMap<_, _> = rules.channels.keys().map(|name| (name.clone(), String::new())).collect();
    let rules = Rules { except, ..rules };
    let Some(file) = file else {
        return RecipientsTable {
            on_file: OnFile { rules, ..OnFile::default() },
            channels,
            ..RecipientsTable::default()
        };
    };
    let stamps = match stamps(&file) {
        Ok(stamps) => stamps,
        Err(problems) => {
            elsewhere.extend(problems);
            vec![]
        }
    };
    if let Some(before) = sources.before.filter(|before| !stamps.is_empty() && before.read == stamps) {
        channels.extend(before.channels.clone().into_iter().filter(|(_, who)| !who.is_empty()));
        let on_file = OnFile { rules, book: Arc::clone(&before.on_file.book) };
        return RecipientsTable { file: Some(file), on_file, read: stamps, channels };
    }
    let mut reading = Reading { kept: vec![], bytes: 0, channels };
    let mut starts = vec![];
    for (path, _) in &stamps {
        starts.push((reading.kept.len(), path.as_path()));
        if let Err(problems) = reading.file(path) {
            elsewhere.extend(problems);
        }
    }
    let Reading { kept, channels, .. } = reading;
    if let Err(problems) = only_once(&kept, &starts) {
        elsewhere.extend(problems);
    }
    let book = Arc::new(Book::new(kept));
    RecipientsTable { file: Some(file), on_file: OnFile { rules, book }, read: stamps, channels }
}

fn defaults(field: &Field<'_>) -> Option<Rules> {
    field.section()?;
    read_defaults(&field.json()).map_err(|wrong| tell(field, wrong)).ok()
}

/// Reports what is wrong with a value, each mistake at its place.
fn tell(field: &Field<'_>, wrong: Vec<FieldError>) {
    for FieldError { pointer, detail } in wrong {
        let mut at = field.clone();
        let mut rest = vec![];
        for step in pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")) {
            let below = at.member(&step).or_else(|| at.index(step.parse().ok()?));
            match below {
                Some(below) if rest.is_empty() => at = below,
                _ => rest.push(step),
            }
        }
        let detail = if rest.is_empty() { detail } else { format!("`{}` {detail}", rest.join(".")) };
        at.problem(detail, "docs/recipients.md describes recipients");
    }
}

/// The files to read, in the order of their names.
fn stamps(path: &Path) -> Result<Vec<(PathBuf, Stamp)>, Diagnostics> {
    if !path.is_dir() {
        return Ok(vec![(path.to_owned(), Stamp::of(path))]);
    }
    let failed = |error: &dyn fmt::Display, passing: bool| {
        let problem = Diagnostic::with_file(path, format!("the recipients cannot be read: {error}"), BY);
        Diagnostics { passing, ..problem.into() }
    };
    let entries = fs::read_dir(path).map_err(|error| failed(&error, true))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|file| is_of_recipients(file)).collect();
    if files.len() > MOST_FILES {
        return Err(failed(&format!("there are {} files; at most {MOST_FILES} are allowed", files.len()), false));
    }
    files.sort();
    Ok(files.into_iter().map(|file| (file.clone(), Stamp::of(&file))).collect())
}

const BY: &str = "`file` of [recipients] names it";

/// Whether a file in such a folder contains recipients.
#[must_use]
pub fn is_of_recipients(file: &Path) -> bool {
    let hidden = file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && file.extension().is_some_and(|extension| extension == "toml" || extension == "json")
}

/// What was read so far.
struct Reading {
    /// Subjects and recipients.
    kept: Vec<(String, String)>,
    bytes: usize,
    channels: BTreeMap<ChannelName, String>,
}

impl Reading {
    fn file(&mut self, file: &Path) -> Result<(), Diagnostics> {
        let text = files::text(file, Named { what: "the recipients", by: BY, most: LARGEST })?;
        let problems = match file.extension().is_some_and(|extension| extension == "json") {
            true => self.json(file, &text),
            false => self.toml(file, &text),
        };
        problems.into_result()
    }

    fn toml(&mut self, file: &Path, text: &str) -> Diagnostics {
        let read = reader::read(text, file, |root| {
            for (subject, name, field) in root.all() {
                if let Some(wrong) = check_subject(subject) {
                    name.problem(wrong, "use the subject of the recipient's events");
                } else if let Err(wrong) = self.keep(subject, &field.json()) {
                    tell(&field, wrong);
                }
            }
        });
        let problems = read.err().unwrap_or_default();
        Diagnostics { problems: problems.problems.into_iter().map(Diagnostic::without_text).collect(), ..problems }
    }

    fn json(&mut self, file: &Path, text: &str) -> Diagnostics {
        let mut found = vec![];
        let mut json = serde_json::Deserializer::from_str(text);
        let entries = json.deserialize_map(Entries).and_then(|entries| json.end().map(|()| entries));
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let place = files::offset(text, error.line(), error.column());
                let problem = Diagnostic::at(file, text, place, "", format!("is not JSON: {error}"));
                return problem.with_help("https://www.json.org describes the syntax").into();
            }
        };
        let mut seen = HashSet::with_capacity(entries.len());
        for (subject, raw) in &entries {
            let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
            let mut report = |place: usize, pointer: &str, detail: String| {
                let key = format!("{subject}{}", pointer.replace('/', "."));
                found.push((place, key, detail));
            };
            if let Some(wrong) = check_subject(subject) {
                report(start, "", wrong);
            } else if !seen.insert(subject) {
                report(start, "", "appears more than once in this file".to_owned());
            }
            let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            for FieldError { pointer, detail } in self.keep(subject, &value).err().unwrap_or_default() {
                report(start + files::place(raw.get(), &pointer).start, &pointer, detail);
            }
        }
        let more = found.len().saturating_sub(MOST_SAID);
        found.truncate(MOST_SAID);
        let mut problems: Vec<_> =
            found.into_iter().map(|(place, key, detail)| Diagnostic::at(file, text, place, key, detail)).collect();
        if more > 0 {
            problems.push(Diagnostic::with_file(file, format!("has {more} more mistakes"), "fix these first"));
        }
        Diagnostics { problems, passing: false }
    }

    fn keep(&mut self, subject: &str, value: &Value) -> Result<(), Vec<FieldError>> {
        let (Recipient { channels, .. }, body) = read_whole(subject, value)?;
        let wrong = |detail: String| Err(vec![FieldError { pointer: String::new(), detail }]);
        self.bytes += subject.len() + body.len();
        if self.kept.len() == MOST || self.bytes > MOST_BYTES {
            return wrong(format!("exceeds the limit of {MOST} recipients or {} MiB", MOST_BYTES >> 20));
        }
        for name in channels.into_keys() {
            if self.channels.len() < MOST_NAMES {
                self.channels.entry(name).or_insert_with(|| subject.to_owned());
            }
        }
        self.kept.push((subject.to_owned(), body));
        Ok(())
    }
}

/// Rejects recipients that are in two files. `starts` says where those of each file begin.
fn only_once(kept: &[(String, String)], starts: &[(usize, &Path)]) -> Result<(), Diagnostics> {
    if starts.len() < 2 {
        return Ok(());
    }
    let file = |place: usize| starts.iter().rev().find(|(start, _)| *start <= place).map(|(_, file)| *file);
    let mut places: Vec<usize> = (0..kept.len()).collect();
    let subject = |place: usize| kept.get(place).map(|(subject, _)| subject);
    places.sort_by_key(|&place| (subject(place), place));
    let mut problems = Diagnostics::default();
    for (&first, &second) in
        places.iter().zip(places.iter().skip(1)).filter(|(one, two)| subject(**one) == subject(**two))
    {
        if let (Some(subject), Some(other), Some(file)) = (subject(second), file(first), file(second))
            && problems.problems.len() < MOST_SAID
        {
            let message = format!("the recipient `{subject}` is also in {}", other.display());
            problems.extend(Diagnostic::with_file(file, message, "remove one of them").into());
        }
    }
    problems.into_result()
}

/// The members of an object as written, including duplicates.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a recipient for each subject")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = vec![];
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::files::testing::{config_beside, said},
        *,
    };

    fn load(files: &[(&str, &str)], table: &str) -> Result<RecipientsTable, Diagnostics> {
        config_beside(files, table).map(|config| config.recipients)
    }

    #[test]
    fn toml_json_and_folders_of_both_are_equivalent() {
        let toml = "[usr_1]\nemail = \"a@x.example\"\n[usr_1.channels.email]\noff = [\"promo.*\"]\n";
        let json = r#"{"usr_1": {"email": "a@x.example", "channels": {"email": {"off": ["promo.*"]}}}}"#;
        let from = |name: &str, text: &str, file: &str| {
            load(&[(name, text)], &format!("[recipients]\nfile = \"{file}\"\n")).unwrap()
        };
        let one = from("r.toml", toml, "r.toml");
        let other = from("r.json", json, "r.json");
        let folder = from("people/r.json", json, "people");
        assert_eq!(one.on_file, other.on_file);
        assert_eq!(one.on_file, folder.on_file);
        assert_eq!(one.on_file.book.len(), 1);
        assert_eq!(one.channels.keys().map(ChannelName::as_str).collect::<Vec<_>>(), ["email"]);
        assert_eq!(folder.files().count(), 2);
    }

    #[test]
    fn a_mistake_has_file_line_and_key_but_not_the_content_of_the_line() {
        let toml = "[usr_1]\nemail = \"hidden\"\n\n[usr_2]\nlocale = 7\nchannels.sms.off = [\"a..b\"]\n";
        let said_toml = said(&[("r.toml", toml)], "[recipients]\nfile = \"r.toml\"\n");
        assert_eq!(said_toml[0], "r.toml:2:9 usr_1.email: is not an e-mail address such as `name@example.com`");
        assert_eq!(said_toml[1], "r.toml:5:10 usr_2.locale: must be text, not a number");
        assert!(
            said_toml[2].starts_with("r.toml:6:21 usr_2.channels.sms.off.0: is not a valid type pattern"),
            "{said_toml:?}"
        );
        let json = "{\n \"usr_1\": {\"email\": \"hidden\"},\n \"usr_2\": {\"locale\": 7},\n \"usr_2\": {}\n}";
        let said_json = said(&[("r.json", json)], "[recipients]\nfile = \"r.json\"\n");
        assert_eq!(said_json[0], "r.json:2:21 usr_1.email: is not an e-mail address such as `name@example.com`");
        assert_eq!(said_json[1], "r.json:3:22 usr_2.locale: must be text, not a number");
        assert_eq!(said_json[2], "r.json:4:11 usr_2: appears more than once in this file");
        let problems = load(&[("r.toml", toml)], "[recipients]\nfile = \"r.toml\"\n").unwrap_err();
        let shown = problems.render(false);
        assert!(!shown.contains("hidden") && shown.contains("r.toml:2:9"), "{shown}");
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        for (files, says) in [
            (vec![], "r.json:0:0 : the recipients cannot be read: No such file"),
            (
                vec![("r.json", "[]")],
                "r.json:1:1 : is not JSON: invalid type: sequence, expected an object with a recipient",
            ),
            (vec![("r.json", "{\"a\": {}")], "is not JSON: EOF"),
            (vec![("r.json", "{\"\": {}}")], "is empty: an event without a subject"),
            (vec![("r.json", "{\"a\": 5}")], "must be an object, not a number"),
        ] {
            let said = said(&files, "[recipients]\nfile = \"r.json\"\n");
            assert!(said[0].contains(says), "{says}: {said:?}");
        }
        let twice = [("p/a.json", "{\"u\": {}, \"v\": {}}"), ("p/b.toml", "[u]\n")];
        let said = said(&twice, "[recipients]\nfile = \"p\"\n");
        assert!(said[0].starts_with("b.toml:0:0 : the recipient `u` is also in "), "{said:?}");
        assert_eq!(said.len(), 1);
    }

    #[test]
    fn defaults_and_exceptions_are_read_with_their_places() {
        let table = "[recipients]\nexcept = \"event.severity == 'critical'\"\n[recipients.defaults]\nlocale = \"en\"\n\
                     channels.sms.off = true\n";
        let read = load(&[], table).unwrap();
        assert_eq!(read.on_file.rules.locale.as_deref(), Some("en"));
        assert!(read.on_file.rules.except.is_some() && !read.on_file.rules.are_open());
        let said = said(
            &[],
            "[recipients]\nexcept = \"nope\"\ndefaults = { locale = \"x_y\", email = \"a@b\", quiet = { from = \"1\" } \
             }\n",
        );
        let all = said.join("\n");
        for says in [
            "recipients.except",
            "recipients.defaults.locale: is not a language tag",
            "recipients.defaults.email: is unknown here",
            "recipients.defaults.quiet: `to` is missing",
            "recipients.defaults.quiet.from: is not a valid time of day",
        ] {
            assert!(all.contains(says), "{says}:\n{all}");
        }
    }
}
