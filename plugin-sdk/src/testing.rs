//! An in-memory host for unit tests, one per thread.
//!
//! ```
//! use fanfare_plugin_sdk::{setting, testing::Host};
//!
//! let host = Host::new().setting("url", "http://localhost/").install();
//! assert_eq!(setting("url").as_deref(), Some("http://localhost/"));
//! assert!(host.lines().is_empty());
//! ```

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
};

use crate::{Delivery, Event, HttpError, Level, NewEvent, Recipient, Request, Response, templates::Message};

/// A line that was logged: level, message, fields.
pub type Line = (Level, String, Vec<(String, String)>);

/// A number that was measured: name, value, labels.
pub type Sample = (String, f64, Vec<(String, String)>);

#[derive(Default)]
struct Inner {
    settings: Vec<(String, String)>,
    responses: VecDeque<Result<Response, HttpError>>,
    requests: Vec<Request>,
    lines: Vec<Line>,
    samples: Vec<Sample>,
    emitted: Vec<NewEvent>,
    state: BTreeMap<String, Vec<u8>>,
    published: String,
    recipient: Option<Recipient>,
    templates: BTreeMap<String, Result<Message, String>>,
}

thread_local! {
    static HOST: RefCell<Inner> = RefCell::default();
    static INSTALLED: Cell<bool> = const { Cell::new(false) };
}

/// Configures the host. It takes effect with [`Host::install`].
#[derive(Default)]
pub struct Host(Inner);

impl Host {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A setting under its flat key, such as `headers.x-env`.
    #[must_use]
    pub fn setting(mut self, key: &str, value: &str) -> Self {
        self.0.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Queues the response to the next request.
    #[must_use]
    pub fn response(mut self, response: Result<Response, HttpError>) -> Self {
        self.0.responses.push_back(response);
        self
    }

    /// What [`published_json`](crate::published_json) returns.
    #[must_use]
    pub fn published(mut self, json: &str) -> Self {
        json.clone_into(&mut self.0.published);
        self
    }

    /// The recipient of the delivered event.
    #[must_use]
    pub fn recipient(mut self, recipient: Recipient) -> Self {
        self.0.recipient = Some(recipient);
        self
    }

    /// The result of a template: the message, or an error.
    #[must_use]
    pub fn template(mut self, name: &str, rendered: Result<Message, String>) -> Self {
        self.0.templates.insert(name.to_owned(), rendered);
        self
    }

    /// Replaces the daemon on this thread until the returned value is dropped.
    ///
    /// # Panics
    /// If another host is installed.
    #[must_use]
    pub fn install(self) -> Installed {
        assert!(!INSTALLED.replace(true), "a test host is already installed on this thread");
        HOST.set(self.0);
        Installed(())
    }
}

/// The installed host, which records what the channel did. Dropping it uninstalls it.
pub struct Installed(());

impl Installed {
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        HOST.with_borrow(|host| host.lines.clone())
    }

    #[must_use]
    pub fn emitted(&self) -> Vec<NewEvent> {
        HOST.with_borrow(|host| host.emitted.clone())
    }

    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        HOST.with_borrow(|host| host.samples.clone())
    }

    /// The requests that were sent.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        HOST.with_borrow(|host| host.requests.clone())
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        HOST.take();
        INSTALLED.set(false);
    }
}

/// A first attempt to deliver an event of this type with this JSON data to a channel named `test`.
#[must_use]
pub fn delivery(event_type: &str, data: &str) -> Delivery {
    Delivery {
        id: "dlv_0193456789ab7cde8f0123456789abcd_1".to_owned(),
        channel: "test".to_owned(),
        attempt: 1,
        replayed: false,
        event: Event {
            id: "e-1".to_owned(),
            source: "/test".to_owned(),
            type_: event_type.to_owned(),
            subject: None,
            time: "2026-11-20T10:30:00.000000Z".to_owned(),
            data_content_type: None,
            data_schema: None,
            extensions: Vec::new(),
            data: Some(data.into()),
        },
    }
}

/// The imports' signatures, implemented by the installed host.
pub(crate) mod imports {
    use super::{HOST, Inner};

    pub(crate) mod config {
        pub(crate) fn get(key: &str) -> Option<String> {
            all().into_iter().find(|(have, _)| have == key).map(|(_, value)| value)
        }

        pub(crate) fn all() -> Vec<(String, String)> {
            super::HOST.with_borrow(|host| host.settings.clone())
        }
    }

    pub(crate) mod log {
        pub(crate) fn log(level: crate::Level, message: &str, fields: &[(String, String)]) {
            super::HOST.with_borrow_mut(|host| host.lines.push((level, message.to_owned(), fields.to_vec())));
        }
    }

    pub(crate) mod http {
        use crate::{HttpError, Request, Response};

        pub(crate) fn send(request: &Request) -> Result<Response, HttpError> {
            super::HOST.with_borrow_mut(|host| {
                host.requests.push(request.clone());
                let none = || Err(HttpError::Connection("the test host has no response left".to_owned()));
                host.responses.pop_front().unwrap_or_else(none)
            })
        }
    }

    pub(crate) mod emit {
        use crate::{EmitError, NewEvent};

        pub(crate) fn emit(event: &NewEvent) -> Result<String, EmitError> {
            super::HOST.with_borrow_mut(|host| {
                host.emitted.push(event.clone());
                Ok(format!("dlv_0193456789ab7cde8f0123456789abcd_1.{}", host.emitted.len()))
            })
        }
    }

    pub(crate) mod recipient {
        pub(crate) fn current() -> Option<crate::Recipient> {
            super::HOST.with_borrow(|host| host.recipient.clone())
        }
    }

    pub(crate) mod templates {
        use crate::templates::Message;

        pub(crate) fn render(name: &str) -> Result<Message, String> {
            let unknown = || Err(format!("there is no template `{name}`"));
            super::HOST.with_borrow(|host| host.templates.get(name).cloned().unwrap_or_else(unknown))
        }
    }

    pub(crate) mod published {
        pub(crate) fn json() -> String {
            super::HOST.with_borrow(|host| host.published.clone())
        }
    }

    pub(crate) mod metrics {
        pub(crate) fn counter(name: &str, value: f64, labels: &[(String, String)]) {
            super::HOST.with_borrow_mut(|host| host.samples.push((name.to_owned(), value, labels.to_vec())));
        }

        pub(crate) use {counter as gauge, counter as histogram};
    }

    pub(crate) mod state {
        use crate::StateError;

        pub(crate) fn get(key: &str) -> Result<Option<Vec<u8>>, StateError> {
            super::HOST.with_borrow(|host| Ok(host.state.get(key).cloned()))
        }

        pub(crate) fn set(key: &str, value: &[u8], _ttl_seconds: u32) -> Result<(), StateError> {
            super::HOST.with_borrow_mut(|host| host.state.insert(key.to_owned(), value.to_vec()));
            Ok(())
        }

        pub(crate) fn delete(key: &str) -> Result<(), StateError> {
            super::HOST.with_borrow_mut(|host| host.state.remove(key));
            Ok(())
        }

        pub(crate) fn increment(key: &str, by: i32) -> Result<i64, StateError> {
            let not_a_number = || StateError::NotANumber(format!("`{key}` is not an integer"));
            super::HOST.with_borrow_mut(|host: &mut super::Inner| {
                let text = host.state.get(key).map_or("0".into(), |value| String::from_utf8_lossy(value));
                let sum = text.parse::<i64>().map_err(|_| not_a_number())?.saturating_add(by.into());
                host.state.insert(key.to_owned(), sum.to_string().into_bytes());
                Ok(sum)
            })
        }
    }
}
