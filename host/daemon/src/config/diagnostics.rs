//! What is wrong with a file, in a form that lets an operator correct it without reading the source.

use std::{
    fmt::{self, Write as _},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;

/// Everything that is wrong, in the order of the files. Never empty when it is returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Diagnostics {
    pub problems: Vec<Diagnostic>,
    /// The file is not at fault: reading it may succeed a moment later.
    #[serde(skip)]
    pub passing: bool,
}

/// One mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub file: PathBuf,
    /// From 1; 0 if the whole file is meant.
    pub line: usize,
    /// In characters, from 1; 0 if the whole file is meant.
    pub column: usize,
    /// The dotted path of the key; empty if the whole file is meant.
    pub key: String,
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    #[serde(skip)]
    pub cause: Cause,
    #[serde(skip)]
    snippet: Option<Snippet>,
}

/// What is at fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// The text at the place of the mistake.
    #[default]
    Text,
    /// A file or folder that the key names: it may be replaced without a change of this file.
    File(PathBuf),
    /// The environment of the process, which may differ between the daemon and a command.
    Environment,
}

impl Cause {
    #[must_use]
    pub fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::File(file) => Some(file),
            Self::Text | Self::Environment => None,
        }
    }
}

/// A place in a text. The text contains no secrets: what could be one is masked before it gets here.
#[derive(Clone, PartialEq, Eq)]
struct Snippet {
    text: Arc<str>,
    span: Range<usize>,
}

impl Diagnostics {
    /// Appends those of other files, so that several files are reported at once.
    pub fn extend(&mut self, more: Self) {
        self.problems.extend(more.problems);
        self.passing |= more.passing;
    }

    /// `Ok` if nothing is wrong.
    ///
    /// # Errors
    /// Itself, unless it is empty.
    pub fn into_result(self) -> Result<(), Self> {
        if self.problems.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The mistakes for people: each with its line of the file, the place underlined, and what to do.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let theme = if color { miette::GraphicalTheme::unicode() } else { miette::GraphicalTheme::unicode_nocolor() };
        let handler = miette::GraphicalReportHandler::new_themed(theme)
            .with_width(100)
            .with_context_lines(1)
            .without_syntax_highlighting();
        let mut text = String::new();
        for (n, problem) in self.problems.iter().enumerate() {
            if n > 0 {
                text.push('\n');
            }
            if handler.render_report(&mut text, &Graphical::new(problem)).is_err() {
                // The plain line has the same content.
                text.push_str(&format!("{problem}\n"));
            }
        }
        text
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(problem: Diagnostic) -> Self {
        Self { problems: vec![problem], passing: false }
    }
}

impl Diagnostic {
    /// A mistake without a better place than its file, such as a file that cannot be read.
    #[must_use]
    pub fn with_file(file: &Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            column: 0,
            key: String::new(),
            message: message.into(),
            help: Some(help.into()),
            cause: Cause::Text,
            snippet: None,
        }
    }

    /// A mistake at a place in a text whose lines must not be shown.
    pub(super) fn at(
        file: &Path,
        text: &str,
        place: usize,
        key: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let (line, column) = position(text, place);
        Self {
            file: file.to_owned(),
            line,
            column,
            key: key.into(),
            message: message.into(),
            help: Some("docs/recipients.md describes recipients".to_owned()),
            cause: Cause::Text,
            snippet: None,
        }
    }

    /// The same mistake with the key that it is about.
    pub(super) fn with_key(self, key: String) -> Self {
        Self { key, ..self }
    }

    /// The same mistake with what to do about it, if that is not empty.
    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()).filter(|help| !help.is_empty()), ..self }
    }

    pub(super) fn with_cause(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }

    /// The same mistake, without its line.
    pub(super) fn without_text(self) -> Self {
        Self { snippet: None, ..self }
    }

    /// A mistake at a place in a text.
    pub(super) fn in_text(
        file: &Path,
        text: &Arc<str>,
        span: Range<usize>,
        key: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let (line, column) = position(text, span.start);
        let snippet = Some(Snippet { text: Arc::clone(text), span });
        Self {
            file: file.to_owned(),
            line,
            column,
            key: key.into(),
            message: message.into(),
            help: None,
            cause: Cause::Text,
            snippet,
        }
    }
}

/// Line and column, both from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.line > 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        if !self.key.is_empty() {
            write!(f, " {}:", self.key)?;
        }
        write!(f, " {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.iter().enumerate() {
            if n > 0 {
                f.write_char('\n')?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.span.fmt(f)
    }
}

impl std::error::Error for Diagnostic {}
impl std::error::Error for Diagnostics {}

/// A mistake as miette draws it. File and place are above the snippet, so the headline omits them.
#[derive(Debug)]
struct Graphical<'a> {
    problem: &'a Diagnostic,
    source: Option<miette::NamedSource<Arc<str>>>,
}

impl<'a> Graphical<'a> {
    fn new(problem: &'a Diagnostic) -> Self {
        let name = problem.file.display().to_string();
        let source = problem.snippet.as_ref().map(|snippet| miette::NamedSource::new(name, Arc::clone(&snippet.text)));
        Self { problem, source }
    }
}

impl fmt::Display for Graphical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { file, line, column, key, message, .. } = self.problem;
        match (&self.source, line) {
            (Some(_), _) => {}
            (None, 0) => write!(f, "{}: ", file.display())?,
            (None, line) => write!(f, "{}:{line}:{column}: ", file.display())?,
        }
        if key.is_empty() { f.write_str(message) } else { write!(f, "{key}: {message}") }
    }
}

impl std::error::Error for Graphical<'_> {}

impl miette::Diagnostic for Graphical<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.help.as_ref().map(|help| Box::new(help) as _)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        let span = self.problem.snippet.as_ref()?.span.clone();
        Some(Box::new(std::iter::once(miette::LabeledSpan::new_with_span(None, span))))
    }
}
