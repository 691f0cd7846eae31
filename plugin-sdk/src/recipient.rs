//! The recipient of the delivered event, by the event's subject.
//!
//! ```
//! use fanfare_plugin_sdk::{Recipient, recipient, testing::Host};
//!
//! let ada = Recipient { email: Some("ada@example.com".into()), ..recipient::named("usr_1") };
//! let _host = Host::new().recipient(ada).install();
//! let recipient = recipient::current().unwrap();
//! assert_eq!(recipient.email()?, "ada@example.com");
//! assert!(recipient.phone().is_err(), "without a number, nobody can be called");
//! # Ok::<(), fanfare_plugin_sdk::Failure>(())
//! ```

use crate::{Failure, Recipient, host};

/// The recipient. None if the event has no subject. A subject without a recipient gets the operator's defaults and has
/// no addresses. In a batch: the recipient of all its events, or none if they have several.
#[must_use]
pub fn current() -> Option<Recipient> {
    host::recipient::current()
}

/// Creates a recipient without addresses or attributes, for tests.
#[must_use]
pub fn named(subject: impl Into<String>) -> Recipient {
    Recipient {
        subject: subject.into(),
        email: None,
        phone: None,
        push: Vec::new(),
        locale: None,
        attributes: Vec::new(),
    }
}

impl Recipient {
    /// The e-mail address.
    ///
    /// # Errors
    /// A rejecting [`Failure`] with the code `no_address` if there is none.
    pub fn email(&self) -> Result<&str, Failure> {
        self.email.as_deref().ok_or_else(|| self.lacks("e-mail address"))
    }

    /// The telephone number.
    ///
    /// # Errors
    /// As [`email`](Self::email).
    pub fn phone(&self) -> Result<&str, Failure> {
        self.phone.as_deref().ok_or_else(|| self.lacks("telephone number"))
    }

    /// An attribute. Nested keys are joined by dots, as in settings.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    fn lacks(&self, what: &str) -> Failure {
        Failure::reject("no_address", format!("the recipient `{}` has no {what} on record", self.subject))
    }
}
