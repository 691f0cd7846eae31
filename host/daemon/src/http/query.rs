//! Query parameters: each list declares the ones it takes, and a request learns all its errors at once.

use std::{borrow::Cow, str::FromStr};

use fanfare_core::{ChannelName, Class, FieldError};
use http::Uri;
use serde_json::{Value, json};

use super::{problem::Problem, visible};
use crate::{access::Caller, daemon::Daemon};

/// The default number of entries in a page.
const PAGE: usize = 50;
/// The largest number of entries in a page.
const LONGEST_PAGE: usize = 1_000;

/// The most errors in one response, so that it does not grow far beyond the request.
const MOST_ERRORS: usize = 20;

/// A parameter of a call, in its query or in a header.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) takes: Takes,
}

/// The values that a parameter takes, and its default if it has one.
pub(super) enum Takes {
    Text,
    Whole(Option<i64>),
    Limit,
    Moment,
    OneOf(&'static [&'static str], Option<&'static str>),
    Flag(bool),
    Class,
}

impl Parameter {
    pub(super) fn schema(&self) -> Value {
        match self.takes {
            Takes::Text => json!({ "type": "string", "minLength": 1 }),
            Takes::Whole(None) => json!({ "type": "integer", "format": "int64" }),
            Takes::Whole(Some(default)) => json!({ "type": "integer", "format": "int64", "default": default }),
            Takes::Limit => json!({ "type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE }),
            Takes::Moment => json!({ "type": "string", "format": "date-time" }),
            Takes::OneOf(words, None) => json!({ "enum": words }),
            Takes::OneOf(words, Some(default)) => json!({ "enum": words, "default": default }),
            Takes::Flag(default) => json!({ "type": "boolean", "default": default }),
            Takes::Class => json!({ "enum": Class::ALL.map(Class::as_str) }),
        }
    }
}

/// The parameters that many lists take.
pub(super) const LIMIT: Parameter =
    Parameter { name: "limit", what: "The most entries on a page.", takes: Takes::Limit };
pub(super) const ORDER: Parameter = Parameter {
    name: "order",
    what: "Which end of the list comes first.",
    takes: Takes::OneOf(&["oldest", "newest"], Some("oldest")),
};
pub(super) const TYPE: Parameter = Parameter {
    name: "type",
    what: "Events whose type is this or matches this pattern: `order.*`, `order.>`.",
    takes: Takes::Text,
};
pub(super) const CHANNEL: Parameter =
    Parameter { name: "channel", what: "Only what was sent to this channel.", takes: Takes::Text };

/// For a call that takes no parameters.
///
/// # Errors
/// A [`Problem`] that lists the parameters in the query.
pub(super) fn none(uri: &Uri) -> Result<(), Problem> {
    Query::read(uri.query(), &[]).finish()
}

/// The parameters of one request. Take the known ones, then call [`Query::finish`].
pub(super) struct Query<'a> {
    parameters: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    known: &'static [Parameter],
    errors: Vec<FieldError>,
}

impl<'a> Query<'a> {
    pub(super) fn read(query: Option<&'a str>, known: &'static [Parameter]) -> Self {
        let mut read = Self { parameters: vec![], known, errors: vec![] };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.iter().any(|parameter| parameter.name == name) {
                let detail = match known {
                    [] => "is not a parameter of this call, which takes no parameters".to_owned(),
                    _ => {
                        let names: Vec<_> = known.iter().map(|parameter| parameter.name).collect();
                        format!("is not a parameter of this call; it takes {}", names.join(", "))
                    }
                };
                read.wrong(&name, detail);
            } else if read.parameters.iter().any(|(have, _)| *have == name) {
                read.wrong(&name, "appears more than once; send it once");
            } else {
                read.parameters.push((name, value));
            }
        }
        read
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        let value = self.take(name)?;
        if value.is_empty() {
            self.wrong(name, "must not be empty");
            return None;
        }
        Some(value.into_owned())
    }

    /// A value with a `FromStr` type; `rule` says what it must be.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str, rule: &str) -> Option<T> {
        let value = self.take(name)?;
        let parsed = value.parse().ok();
        if parsed.is_none() {
            self.wrong(name, format!("`{value}` {rule}"));
        }
        parsed
    }

    /// The name of a failure class.
    pub(super) fn class(&mut self, name: &'static str) -> Option<String> {
        let value = self.text(name)?;
        if Class::named(&value).is_none() {
            let known = Class::ALL.map(Class::as_str).join(", ");
            self.wrong(name, format!("`{value}` is not a failure class; the classes are {known}"));
        }
        Some(value)
    }

    /// The name of a channel that exists or existed. The journal is read only for one that does not run.
    pub(super) async fn channel(
        &mut self,
        name: &'static str,
        daemon: &Daemon,
        caller: &Caller,
    ) -> Result<Option<ChannelName>, Problem> {
        let Some(value) = self.parsed::<ChannelName>(name, "is not a valid channel name") else { return Ok(None) };
        visible::check(caller, value.as_str())?;
        if daemon.dispatcher.lane(value.as_str()).is_none() {
            let known = daemon.history.totals().await?.channels;
            if !known.iter().any(|channel| channel.channel == value) {
                let names: Vec<_> = known.iter().map(|channel| channel.channel.as_str()).collect();
                let known = if names.is_empty() { "none yet".to_owned() } else { names.join(", ") };
                self.wrong(name, format!("no channel `{value}` exists or has existed; the channels are {known}"));
            }
        }
        Ok(Some(value))
    }

    pub(super) fn limit(&mut self) -> usize {
        let limit = self.parsed("limit", "must be a whole number from 1 to 1000").unwrap_or(PAGE);
        if !(1..=LONGEST_PAGE).contains(&limit) {
            self.wrong("limit", format!("`{limit}` must be a whole number from 1 to {LONGEST_PAGE}"));
        }
        limit
    }

    /// # Errors
    /// A [`Problem`] that lists everything that was wrong.
    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::parameters(self.errors)) }
    }

    fn take(&mut self, name: &'static str) -> Option<Cow<'a, str>> {
        debug_assert!(self.known.iter().any(|parameter| parameter.name == name), "{name} is read but not declared");
        let index = self.parameters.iter().position(|(have, _)| have == name)?;
        Some(self.parameters.swap_remove(index).1)
    }

    fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        if self.errors.len() == MOST_ERRORS {
            return;
        }
        let escaped = name.replace('~', "~0").replace('/', "~1");
        self.errors.push(FieldError { pointer: format!("/{escaped}"), detail: detail.into() });
    }
}
