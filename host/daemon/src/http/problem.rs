//! The one place that turns errors into HTTP responses: every rejected request becomes a [`Problem`], an
//! `application/problem+json` of RFC 9457.

use std::{any::Any, collections::BTreeSet, time::Duration};

use axum::{
    extract::rejection::PathRejection,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use fanfare_core::{FieldError, ParseError};
use fanfare_dispatch::{AcceptError, JournalError, StageRefusal};
use fanfare_record::JobError;
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use http_body_util::Full;

use super::pace::TooSlow;
use crate::{
    access::Denied,
    api::{self, ReloadReport},
    schemas::Mismatch,
    text::and,
};

/// Why a request failed. Boxed, so that a `Result` stays small.
#[derive(Debug)]
pub struct Problem(Box<Body>);

#[derive(Debug)]
struct Body {
    said: api::ProblemDetails,
    header: Option<(HeaderName, HeaderValue)>,
}

/// The kinds of problem. Their slugs are public: clients distinguish problems by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Malformed,
    BadParameter,
    Unauthorized,
    CrossOrigin,
    Forbidden,
    UnknownPath,
    EventNotFound,
    TypeNotFound,
    RecipientNotFound,
    ChannelNotFound,
    StageNotFound,
    DeadLetterNotFound,
    ReplayNotFound,
    DeliveryNotPending,
    MethodNotAllowed,
    BodyTimeout,
    NothingToCall,
    DeliveryInFlight,
    EventDue,
    ChannelConfigured,
    ReplayFinished,
    BodyTooLarge,
    BatchTooLarge,
    UnsupportedMediaType,
    UnsupportedEncoding,
    MisdirectedHost,
    InvalidEvent,
    SchemaMismatch,
    StageRejected,
    InvalidRequest,
    InvalidRecipient,
    IdentityConflict,
    ReloadRejected,
    RateLimited,
    Internal,
    JournalDamaged,
    UnsupportedTransferCoding,
    JournalBusy,
    JournalUnavailable,
    ChannelsUnavailable,
    StageUnavailable,
    ShuttingDown,
    TooManyStreams,
    TooMuchUnread,
}

impl Kind {
    #[cfg(test)]
    pub(super) const ALL: [Self; 44] = [
        Self::Malformed,
        Self::BadParameter,
        Self::Unauthorized,
        Self::CrossOrigin,
        Self::Forbidden,
        Self::UnknownPath,
        Self::EventNotFound,
        Self::TypeNotFound,
        Self::RecipientNotFound,
        Self::ChannelNotFound,
        Self::StageNotFound,
        Self::DeadLetterNotFound,
        Self::ReplayNotFound,
        Self::DeliveryNotPending,
        Self::MethodNotAllowed,
        Self::BodyTimeout,
        Self::NothingToCall,
        Self::DeliveryInFlight,
        Self::EventDue,
        Self::ChannelConfigured,
        Self::ReplayFinished,
        Self::BodyTooLarge,
        Self::BatchTooLarge,
        Self::UnsupportedMediaType,
        Self::UnsupportedEncoding,
        Self::MisdirectedHost,
        Self::InvalidEvent,
        Self::SchemaMismatch,
        Self::StageRejected,
        Self::InvalidRequest,
        Self::InvalidRecipient,
        Self::IdentityConflict,
        Self::ReloadRejected,
        Self::RateLimited,
        Self::Internal,
        Self::JournalDamaged,
        Self::UnsupportedTransferCoding,
        Self::JournalBusy,
        Self::JournalUnavailable,
        Self::ChannelsUnavailable,
        Self::StageUnavailable,
        Self::ShuttingDown,
        Self::TooManyStreams,
        Self::TooMuchUnread,
    ];

    pub(super) fn facts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Malformed => (400, "malformed", "The request cannot be read"),
            Self::BadParameter => (400, "bad-parameter", "A query parameter is wrong"),
            Self::Unauthorized => (401, "unauthorized", "A token is needed"),
            Self::CrossOrigin => (403, "cross-origin", "Pages of other sites must not call this"),
            Self::Forbidden => (403, "forbidden", "The token is not for this"),
            Self::UnknownPath => (404, "unknown-path", "This path does not exist"),
            Self::EventNotFound => (404, "event-not-found", "There is no such event"),
            Self::TypeNotFound => (404, "type-not-found", "There is no such event type"),
            Self::RecipientNotFound => (404, "recipient-not-found", "There is no such recipient"),
            Self::ChannelNotFound => (404, "channel-not-found", "There is no such channel"),
            Self::StageNotFound => (404, "stage-not-found", "There is no such stage"),
            Self::DeadLetterNotFound => (404, "dead-letter-not-found", "There is no such dead letter"),
            Self::ReplayNotFound => (404, "replay-not-found", "There is no such replay"),
            Self::DeliveryNotPending => (404, "delivery-not-pending", "There is no such pending delivery"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "This path does not support this method"),
            Self::BodyTimeout => (408, "body-timeout", "The body took too long to arrive"),
            Self::NothingToCall => (409, "nothing-to-call", "The channel has no plugin at the moment"),
            Self::DeliveryInFlight => (409, "delivery-in-flight", "The delivery is being attempted"),
            Self::EventDue => (409, "event-due", "The event can no longer be cancelled"),
            Self::ChannelConfigured => (409, "channel-configured", "The channel is configured"),
            Self::ReplayFinished => (409, "replay-finished", "The replay has ended"),
            Self::BatchTooLarge => (413, "batch-too-large", "There are too many events in the batch"),
            Self::BodyTooLarge => (413, "body-too-large", "The body is too large"),
            Self::UnsupportedMediaType => (415, "unsupported-media-type", "The body's media type is not supported"),
            Self::UnsupportedEncoding => (415, "unsupported-encoding", "The body's content encoding is not supported"),
            Self::MisdirectedHost => (421, "misdirected-host", "This server does not serve that host"),
            Self::InvalidEvent => (422, "invalid-event", "The event is invalid"),
            Self::SchemaMismatch => (422, "schema-mismatch", "The event does not match its schema"),
            Self::StageRejected => (422, "stage-rejected", "A stage rejected the event"),
            Self::InvalidRequest => (422, "invalid-request", "The request is invalid"),
            Self::InvalidRecipient => (422, "invalid-recipient", "The recipient is invalid"),
            Self::IdentityConflict => (422, "identity-conflict", "Another event has this source and id"),
            Self::ReloadRejected => (422, "reload-rejected", "The reload was rejected, at least in part"),
            Self::RateLimited => (429, "rate-limited", "Too many requests for now"),
            Self::Internal => (500, "internal", "The daemon failed"),
            Self::JournalDamaged => (500, "journal-damaged", "This part of the journal is damaged"),
            Self::UnsupportedTransferCoding => {
                (501, "unsupported-transfer-coding", "The body's transfer coding is not supported")
            }
            Self::JournalBusy => (503, "journal-busy", "Too many events wait for the disk"),
            Self::JournalUnavailable => (503, "journal-unavailable", "The journal is unavailable"),
            Self::ChannelsUnavailable => (503, "channels-unavailable", "The channels are not known yet"),
            Self::StageUnavailable => (503, "stage-unavailable", "A stage cannot run"),
            Self::ShuttingDown => (503, "shutting-down", "The daemon is stopping"),
            Self::TooManyStreams => (503, "too-many-streams", "Too many clients follow the stream"),
            Self::TooMuchUnread => (503, "too-much-unread", "Too many responses wait to be read"),
        }
    }
}

/// The most pointers in one response, except that each event has at least one.
const MOST_POINTERS: usize = 100;

/// The `Retry-After` if there is no better estimate, in seconds.
const RETRY_SOON: u64 = 5;

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let (status, slug, title) = kind.facts();
        let said = api::ProblemDetails {
            kind: format!("urn:fanfare:problem:{slug}"),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            ..api::ProblemDetails::default()
        };
        Self(Box::new(Body { said, header: None }))
    }

    /// Wrong query parameters: each pointer's one token is a parameter's name.
    pub(super) fn parameters(errors: Vec<FieldError>) -> Self {
        Self::new(Kind::BadParameter, "see `errors`: each pointer is the name of a query parameter").with_errors(errors)
    }

    pub(super) fn invalid_recipient(errors: Vec<FieldError>) -> Self {
        let detail = "the recipient was not changed; see `errors` for what is wrong";
        Self::new(Kind::InvalidRecipient, detail).with_errors(errors)
    }

    pub(super) fn body_too_large(limit: usize) -> Self {
        Self::new(Kind::BodyTooLarge, format!("a body may have at most {limit} bytes (`server.max_body`)"))
            .with_header(CONNECTION, "close")
    }

    pub(super) fn body_timeout(slow: &TooSlow) -> Self {
        Self::new(Kind::BodyTimeout, slow.to_string()).with_header(CONNECTION, "close")
    }

    /// `detail` completes "the body …".
    pub(super) fn unsupported_encoding(detail: &str) -> Self {
        Self::new(Kind::UnsupportedEncoding, format!("the body {detail}")).with_header(ACCEPT_ENCODING, "gzip")
    }

    pub(super) fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(Kind::UnsupportedMediaType, detail)
            .with_header(ACCEPT, "application/json, application/cloudevents+json, application/cloudevents-batch+json")
    }

    pub(super) fn reload_rejected(report: ReloadReport) -> Self {
        let errors = report.errors.iter().map(|error| FieldError { pointer: String::new(), detail: error.clone() });
        let mut problem = Self::new(
            Kind::ReloadRejected,
            "what was rejected is not in effect, and what ran before still runs; see `errors`",
        )
        .with_errors(errors.collect());
        problem.0.said.report = Some(report);
        problem
    }

    /// Every place for a follower is taken.
    pub(super) fn too_many_streams() -> Self {
        Self::new(Kind::TooManyStreams, "`server.max_streams` is reached; try again later").retry_after(RETRY_SOON)
    }

    /// Other responses use all the memory that responses may have.
    pub(super) fn too_much_unread() -> Self {
        let detail = "responses that clients have not read yet use all the memory for lists; read the responses to \
                      your requests, request less, or try again later";
        Self::new(Kind::TooMuchUnread, detail).retry_after(RETRY_SOON)
    }

    /// Events that do not match their schemas; `at` returns an event's pointer in the request.
    pub(super) fn schema_mismatch(wrong: Vec<(String, Mismatch)>) -> Self {
        let names: BTreeSet<_> = wrong.iter().map(|(_, mismatch)| mismatch.schema.name.as_str()).collect();
        let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let detail = format!(
            "nothing was recorded; see `errors`, and GET /v1/schemas/{{type}} for the {} {}",
            if names.len() == 1 { "schema" } else { "schemas" },
            and(&names)
        );
        let mut errors = vec![];
        for (at, mismatch) in wrong {
            // Every event gets at least one error; the rest share what is left.
            let most = MOST_POINTERS.saturating_sub(errors.len()).max(1);
            let reported = mismatch.errors.into_iter().take(most);
            errors.extend(reported.map(|error| FieldError { pointer: format!("{at}{}", error.pointer), ..error }));
        }
        Self::new(Kind::SchemaMismatch, detail).with_errors(errors)
    }

    /// Why a batch was rejected; a conflict names the event.
    pub(super) fn of_batch(error: AcceptError) -> Self {
        match error {
            AcceptError::Conflict { entry, .. } => {
                let at = FieldError { pointer: format!("/{entry}"), detail: error.to_string() };
                Self::from(error).with_errors(vec![at])
            }
            AcceptError::Refused(refusals) => {
                let each = refusals.iter().take(MOST_POINTERS);
                let errors = each
                    .map(|one| FieldError { pointer: format!("/{}", one.entry), detail: one.to_string() })
                    .collect();
                Self::refused(&refusals).with_errors(errors)
            }
            other => other.into(),
        }
    }

    /// Events that stages rejected.
    fn refused(refusals: &[StageRefusal]) -> Self {
        let passing = refusals.iter().find(|refusal| refusal.is_passing());
        let Some(first) = passing.or(refusals.first()) else { return Self::internal(&"a rejection without a stage") };
        let problem = match passing {
            Some(_) => Self::new(Kind::StageUnavailable, format!("{first}; nothing was recorded; send it again later"))
                .retry_after(RETRY_SOON),
            None => Self::new(Kind::StageRejected, format!("{first}; nothing was recorded")),
        };
        problem.with_stage(first)
    }

    fn with_stage(mut self, refusal: &StageRefusal) -> Self {
        let said = &mut self.0.said;
        said.stage = Some(refusal.stage.to_string());
        said.class = Some(refusal.failure.class.into());
        said.code = Some(refusal.failure.code.clone());
        self
    }

    /// The caller is unknown.
    pub(super) fn unauthorized(denied: &Denied) -> Self {
        let detail = match denied {
            Denied::Missing => "send a token of the configuration: `Authorization: Bearer <token>`".to_owned(),
            Denied::Unknown => "the token is not one of the configuration; it may have been revoked".to_owned(),
            Denied::Expired(name) => format!("the token `{name}` has expired; ask for a new one (`fanfare token new`)"),
            Denied::SignedOut => "the session has ended; sign in again".to_owned(),
        };
        // RFC 6750: no error code where no token was sent.
        let challenge = match denied {
            Denied::Missing | Denied::SignedOut => "Bearer realm=\"fanfare\"",
            Denied::Unknown | Denied::Expired(_) => "Bearer realm=\"fanfare\", error=\"invalid_token\"",
        };
        Self::new(Kind::Unauthorized, detail).with_header(WWW_AUTHENTICATE, challenge)
    }

    /// What a token may not touch.
    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, detail)
    }

    /// Events that a token may not publish; each pointer leads to what is not allowed.
    pub(super) fn not_for_publisher(errors: Vec<FieldError>) -> Self {
        Self::new(Kind::Forbidden, "nothing was recorded: the token may not publish this; see `errors`")
            .with_errors(errors)
    }

    /// Too often, for now.
    pub(super) fn rate_limited(detail: &str, wait: Duration) -> Self {
        // Rounded up: 0 would ask for a hot loop.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self::new(Kind::RateLimited, detail).retry_after(seconds.max(1))
    }

    /// A fault of ours: the cause goes to the log, not to the client.
    pub(super) fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(Kind::Internal, "the daemon's log has the cause")
    }

    fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.said.errors = errors;
        self
    }

    fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.0.header = Some((name, HeaderValue::from_static(value)));
        self
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.0.header = Some((RETRY_AFTER, HeaderValue::from(seconds)));
        self
    }
}

impl From<PathRejection> for Problem {
    /// The path contains percent-encoded bytes that are not UTF-8, the only way to get here.
    fn from(error: PathRejection) -> Self {
        Self::new(Kind::Malformed, format!("the path cannot be read: {error}"))
    }
}

impl From<ParseError> for Problem {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Malformed(detail) => Self::new(Kind::Malformed, detail),
            ParseError::TooMany { .. } => {
                Self::new(Kind::BatchTooLarge, format!("{error} (`server.max_batch`); split it"))
            }
            ParseError::Invalid(errors) => {
                Self::new(Kind::InvalidEvent, "see `errors`: each names a member of the body and says what it must be")
                    .with_errors(errors)
            }
        }
    }
}

impl From<AcceptError> for Problem {
    fn from(error: AcceptError) -> Self {
        match &error {
            AcceptError::Busy { retry_after } => {
                // In whole seconds, rounded up: 0 would make clients retry in a hot loop.
                let seconds = retry_after.as_millis().div_ceil(1_000).max(1);
                Self::new(Kind::JournalBusy, format!("{error}; nothing was recorded; send it again later"))
                    .retry_after(u64::try_from(seconds).unwrap_or(u64::MAX))
            }
            AcceptError::Conflict { .. } => Self::new(
                Kind::IdentityConflict,
                format!("{error}; give a new event a new `id`; send a repeated event unchanged"),
            ),
            AcceptError::Unavailable(_) => {
                Self::new(Kind::JournalUnavailable, format!("{error}; nothing was recorded; send it again later"))
                    .retry_after(RETRY_SOON)
            }
            AcceptError::NoChannels(_) => {
                Self::new(Kind::ChannelsUnavailable, format!("{error}; nothing was recorded; send it again later"))
                    .retry_after(RETRY_SOON)
            }
            AcceptError::Refused(refusals) => Self::refused(refusals),
            AcceptError::Closed => {
                Self::new(Kind::ShuttingDown, format!("{error}; nothing was recorded")).retry_after(RETRY_SOON)
            }
        }
    }
}

impl Problem {
    /// A call that was not made, because the audit trail cannot record it.
    pub(super) fn not_audited(error: JournalError) -> Self {
        let detail = "nothing was done, because the call could not be recorded in the audit trail";
        Self::from(error).and(detail)
    }

    /// A call that was made, but its outcome could not be recorded.
    pub(super) fn outcome_not_audited(error: JournalError) -> Self {
        let detail = "the call was made, but its outcome could not be recorded in the audit trail";
        Self::from(error).and(detail)
    }

    fn and(mut self, detail: &str) -> Self {
        self.0.said.detail = format!("{}; {detail}", self.0.said.detail);
        self
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        let kind = match error {
            JournalError::Store(_) => Kind::JournalUnavailable,
            // Without `Retry-After`: trying again does not help.
            JournalError::Damaged(_) => {
                return Self::new(Kind::JournalDamaged, format!("{error}; run `fanfare doctor` to see the extent"));
            }
            JournalError::Closed => Kind::ShuttingDown,
        };
        Self::new(kind, error.to_string()).retry_after(RETRY_SOON)
    }
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Store(error) => error.into(),
            JobError::UnknownChannel(_) => {
                Self::new(Kind::InvalidRequest, format!("{error}; GET /v1/channels lists them"))
            }
            JobError::Finished(_) => Self::new(Kind::ReplayFinished, error.to_string()),
        }
    }
}

impl Problem {
    pub(super) fn into_full(self) -> http::Response<Full<Bytes>> {
        // Strings and numbers only, so this cannot fail, and an empty body would still carry the status.
        let body = serde_json::to_vec(&self.0.said).unwrap_or_default();
        let mut response = http::Response::new(Full::from(body));
        *response.status_mut() = StatusCode::from_u16(self.0.said.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.0.header);
        response
    }
}

/// The response to a request whose handler panicked: a panic must not end the connection without one.
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> http::Response<Full<Bytes>> {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Problem::internal(&format_args!("panic: {}", text.unwrap_or("without words"))).into_full()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.into_full().map(axum::body::Body::new)
    }
}
