//! Texts that the operator wrote (`[templates.NAME]`), filled in by the host from the delivered event and its
//! recipient.
//!
//! ```
//! use fanfare_plugin_sdk::{Failure, templates, testing::Host};
//!
//! let message = templates::Message { subject: "Hi".into(), text: "Welcome, Ada".into(), html: String::new() };
//! let _host = Host::new().template("welcome", Ok(message)).install();
//!
//! fn text() -> Result<String, Failure> {
//!     Ok(templates::render("welcome")?.text) // a template that cannot be filled in rejects, with the code `template`
//! }
//! assert_eq!(text().unwrap(), "Welcome, Ada");
//! assert_eq!(templates::render("other").unwrap_err().to_string(), "there is no template `other`");
//! ```

use std::fmt;

use crate::{Failure, host, setting};

pub use crate::bindings::channel::fanfare::channel::templates::Message;

/// Why a template could not be filled in: a variable is missing, or there is no such template. The same event fails
/// again, so as a [`Failure`] it rejects, with the code `template`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError(pub String);

/// Fills in a template, in the recipient's language.
///
/// # Errors
/// [`TemplateError`], with what is missing or wrong.
pub fn render(name: &str) -> Result<Message, TemplateError> {
    host::templates::render(name).map_err(TemplateError)
}

/// Fills in the template that the setting `template` names. `None` if the setting is absent.
///
/// # Errors
/// As [`render`].
pub fn from_settings() -> Result<Option<Message>, TemplateError> {
    setting("template").map(|name| render(&name)).transpose()
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TemplateError {}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        Self::reject("template", error.0)
    }
}
