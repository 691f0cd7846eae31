//! System events: what the daemon itself reports to operators.
//!
//! Each is a value that describes what happened, and only this module turns it into a CloudEvent. System events go only
//! to channels whose `filter.types` names such a type, and their deliveries cause no further ones.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::{Attribute, CAUSATION, CORRELATION, ChannelName, Class, DeliveryId, Event, HOPS, Offset, Payload, rfc3339};

/// The source of system events, which publishers must not use: the ids can be guessed, and a taken id would hide an
/// event.
pub const SYSTEM_SOURCE: &str = "/fanfare";

/// Something that operators should know about.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SystemEvent {
    DeliveryDead(Box<DeliveryDead>),
    ChannelSuspended(ChannelSuspended),
    ChannelOpened(ChannelOpened),
    ChannelClosed(ChannelClosed),
    ChannelLagging(ChannelLagging),
    ReloadFailed(ReloadFailed),
    JournalFailing(JournalFailing),
    JournalHealed(JournalHealed),
}

/// A delivery became a dead letter. The members are those of one in the HTTP API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeliveryDead {
    /// Absent if the event's row is unreadable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<DeliveryId>,
    pub channel: ChannelName,
    pub offset: Offset,
    #[serde(flatten)]
    pub event: Option<EventName>,
    pub attempts: u32,
    pub class: Class,
    pub code: String,
    pub error: String,
    /// The digest of the plugin that failed last; absent if none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// The fallback channels. The first that does not have the event yet gets it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<ChannelName>,
    #[serde(serialize_with = "micros")]
    pub at: Timestamp,
    pub settings: String,
    /// When this round of the delivery began; together with the delivery it identifies the round.
    #[serde(serialize_with = "micros")]
    pub since: Timestamp,
    #[serde(skip)]
    pub chain: Option<Chain>,
}

/// Which event it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventName {
    #[serde(rename = "event_id")]
    pub id: String,
    pub source: String,
    #[serde(rename = "event_type")]
    pub ty: String,
}

/// The position of the undelivered event in its chain. Chains must end: a plugin may emit an event for an alert, and
/// the delivery of that one may fail as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    causation: String,
    correlation: String,
    hops: i32,
}

/// The receiver reported that it is gone. No attempts are made until an operator resumes the channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelSuspended {
    pub channel: ChannelName,
    pub reason: String,
    #[serde(serialize_with = "micros")]
    pub since: Timestamp,
    /// The delivery that got this response.
    pub delivery_id: DeliveryId,
}

/// The breaker has opened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelOpened {
    pub channel: ChannelName,
    pub reason: String,
    #[serde(serialize_with = "micros")]
    pub since: Timestamp,
    /// When it lets a probe through.
    #[serde(serialize_with = "micros")]
    pub until: Timestamp,
}

/// The breaker has closed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelClosed {
    pub channel: ChannelName,
    /// The channel's new state: `active`, or `paused` or `suspended` if that replaced the open breaker.
    pub state: &'static str,
    /// When it opened.
    #[serde(serialize_with = "micros")]
    pub since: Timestamp,
    #[serde(serialize_with = "micros")]
    pub at: Timestamp,
}

/// The channel is behind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelLagging {
    pub channel: ChannelName,
    /// `active`, or why it is stopped: `paused`, `suspended`, `open`, `missing`.
    pub state: &'static str,
    /// Why it is paused, suspended or open, and since when.
    #[serde(flatten)]
    pub hold: Option<ChannelHold>,
    /// When the longest-waiting delivery became due.
    #[serde(serialize_with = "micros")]
    pub oldest_due: Timestamp,
    pub lag_seconds: u64,
    pub pending: u64,
    #[serde(serialize_with = "micros")]
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelHold {
    pub reason: String,
    #[serde(rename = "held_since", serialize_with = "micros")]
    pub since: Timestamp,
}

/// Changed files could not be loaded; the previous versions keep running.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReloadFailed {
    /// One line each: file, line and key where known.
    pub errors: Vec<String>,
    #[serde(serialize_with = "micros")]
    pub at: Timestamp,
}

/// The journal could not write. Reported afterwards, because the report itself needs the journal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JournalFailing {
    pub reason: String,
    #[serde(serialize_with = "micros")]
    pub since: Timestamp,
}

/// The journal can write again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JournalHealed {
    pub reason: String,
    #[serde(serialize_with = "micros")]
    pub since: Timestamp,
    #[serde(serialize_with = "micros")]
    pub at: Timestamp,
}

#[derive(Clone, Copy)]
enum Severity {
    Info,
    Warning,
    Error,
}

impl Chain {
    /// The position after this event.
    #[must_use]
    pub fn after(event: &Event) -> Self {
        let hops = event.hops().saturating_add(1);
        Self { causation: event.id.clone(), correlation: event.correlation().into_owned(), hops }
    }
}

impl SystemEvent {
    #[must_use]
    pub fn ty(&self) -> &'static str {
        match self {
            Self::DeliveryDead(_) => "fanfare.delivery.dead",
            Self::ChannelSuspended(_) => "fanfare.channel.suspended",
            Self::ChannelOpened(_) => "fanfare.channel.opened",
            Self::ChannelClosed(_) => "fanfare.channel.closed",
            Self::ChannelLagging(_) => "fanfare.channel.lagging",
            Self::ReloadFailed(_) => "fanfare.reload.failed",
            Self::JournalFailing(_) => "fanfare.journal.failing",
            Self::JournalHealed(_) => "fanfare.journal.healed",
        }
    }

    /// Builds the CloudEvent. Its id is derived from the incident, so that the same incident is never recorded twice.
    ///
    /// # Errors
    /// If the data cannot be serialized as JSON.
    pub fn into_event(self) -> Result<Event, serde_json::Error> {
        let ty = self.ty();
        let at = self.at();
        let id = match &self {
            Self::DeliveryDead(dead) => {
                format!("{ty}:{}:{}:{}", dead.channel, dead.offset, dead.since.as_microsecond())
            }
            other => match other.channel() {
                Some(channel) => format!("{ty}:{channel}:{}", at.as_microsecond()),
                None => format!("{ty}:{}", at.as_microsecond()),
            },
        };
        let (severity, message) = self.message();
        let text = |text: &str| Attribute::String(text.to_owned());
        let mut extensions = vec![
            ("message".to_owned(), Attribute::String(message)),
            (
                "severity".to_owned(),
                text(match severity {
                    Severity::Info => "info",
                    Severity::Warning => "warning",
                    Severity::Error => "error",
                }),
            ),
        ];
        if let Self::DeliveryDead(dead) = &self
            && let Some(chain) = &dead.chain
        {
            extensions.push((CAUSATION.to_owned(), text(&chain.causation)));
            extensions.push((CORRELATION.to_owned(), text(&chain.correlation)));
            extensions.push((HOPS.to_owned(), Attribute::Integer(chain.hops)));
        }
        Ok(Event {
            id,
            source: SYSTEM_SOURCE.to_owned(),
            ty: ty.to_owned(),
            subject: self.channel().map(ToString::to_string),
            time: rfc3339(at),
            data_content_type: Some("application/json".to_owned()),
            data_schema: None,
            extensions,
            data: Some(Payload::Text(serde_json::to_string(&self)?)),
        })
    }

    fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::DeliveryDead(dead) => Some(&dead.channel),
            Self::ChannelSuspended(ChannelSuspended { channel, .. })
            | Self::ChannelOpened(ChannelOpened { channel, .. })
            | Self::ChannelClosed(ChannelClosed { channel, .. })
            | Self::ChannelLagging(ChannelLagging { channel, .. }) => Some(channel),
            Self::ReloadFailed(_) | Self::JournalFailing(_) | Self::JournalHealed(_) => None,
        }
    }

    fn at(&self) -> Timestamp {
        match self {
            Self::DeliveryDead(dead) => dead.at,
            Self::ChannelSuspended(ChannelSuspended { since: at, .. })
            | Self::ChannelOpened(ChannelOpened { since: at, .. })
            | Self::JournalFailing(JournalFailing { since: at, .. })
            | Self::ChannelClosed(ChannelClosed { at, .. })
            | Self::ChannelLagging(ChannelLagging { at, .. })
            | Self::ReloadFailed(ReloadFailed { at, .. })
            | Self::JournalHealed(JournalHealed { at, .. }) => *at,
        }
    }

    /// A one-line summary for people.
    fn message(&self) -> (Severity, String) {
        match self {
            Self::DeliveryDead(dead) => {
                let DeliveryDead { channel, offset, event, attempts, code, error, .. } = &**dead;
                let what = event.as_ref().map_or_else(
                    || format!("the event at offset {offset}"),
                    |EventName { id, ty, .. }| format!("{ty} {id}"),
                );
                let plural = if *attempts == 1 { "" } else { "s" };
                let after = format!("after {attempts} attempt{plural}");
                (Severity::Error, format!("{what} became a dead letter on {channel} {after}: {code}: {error}"))
            }
            Self::ChannelSuspended(ChannelSuspended { channel, reason, .. }) => {
                (Severity::Error, format!("{channel} is suspended, its receiver is gone: {reason}"))
            }
            Self::ChannelOpened(ChannelOpened { channel, reason, .. }) => {
                (Severity::Warning, format!("the breaker of {channel} has opened: {reason}"))
            }
            Self::ChannelClosed(ChannelClosed { channel, state, .. }) => {
                (Severity::Info, format!("the breaker of {channel} has closed; the channel is {state}"))
            }
            Self::ChannelLagging(ChannelLagging { channel, state, lag_seconds, pending, .. }) => {
                let plural = if *pending == 1 { "y" } else { "ies" };
                let message = format!(
                    "{channel} is {lag_seconds} s behind with {pending} pending deliver{plural}; it is {state}"
                );
                (Severity::Warning, message)
            }
            Self::ReloadFailed(ReloadFailed { errors, .. }) => {
                let more = match errors.len() {
                    0 | 1 => String::new(),
                    all => format!(" (and {} more)", all - 1),
                };
                let first = errors.first().map_or("", String::as_str);
                (Severity::Error, format!("a reload failed in part: {first}{more}"))
            }
            Self::JournalFailing(JournalFailing { reason, .. }) => {
                (Severity::Error, format!("the journal could not write: {reason}"))
            }
            Self::JournalHealed(JournalHealed { since, at, .. }) => {
                let seconds = at.duration_since(*since).as_secs().max(0);
                (Severity::Info, format!("the journal can write again after {seconds} s"))
            }
        }
    }
}

/// With the journal's precision, so that both show the same time.
fn micros<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    Timestamp::from_microsecond(moment.as_microsecond()).unwrap_or(*moment).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at() -> Timestamp {
        "2026-11-20T10:30:00.5Z".parse().unwrap()
    }

    fn dead(event: Option<EventName>, chain: Option<Chain>) -> SystemEvent {
        SystemEvent::DeliveryDead(Box::new(DeliveryDead {
            delivery_id: event.as_ref().map(|_| "dlv_01a2002a449271eda484e1ab451c4151_2".parse().unwrap()),
            channel: ChannelName::new("webhook").unwrap(),
            offset: Offset(42),
            event,
            attempts: 3,
            class: Class::Retry,
            code: "http_503".to_owned(),
            error: "the receiver answered 503".to_owned(),
            plugin: Some("06764e596ab6dec0".to_owned()),
            fallback: vec![],
            at: at(),
            settings: "ca2ee1f1969901c9".to_owned(),
            since: Timestamp::UNIX_EPOCH,
            chain,
        }))
    }

    fn data(event: &Event) -> Value {
        serde_json::from_slice(event.data.as_ref().unwrap().as_bytes()).unwrap()
    }

    #[test]
    fn the_event_of_a_dead_letter_names_it_and_continues_its_chain() {
        let name = EventName { id: "signup-1".into(), source: "/".into(), ty: "user.signup".into() };
        let defaults = crate::Defaults { now: at(), id: uuid::Uuid::nil() };
        let parent = br#"{"specversion":"1.0","type":"user.signup","id":"signup-1","source":"/",
             "hopcount":2,"correlationid":"root"}"#;
        let parent = Event::from_structured(parent, defaults).unwrap();
        let event = dead(Some(name), Some(Chain::after(&parent))).into_event().unwrap();
        assert!(event.is_system());
        assert_eq!(
            serde_json::from_str::<Value>(&event.to_structured()).unwrap(),
            json!({
                "specversion": "1.0", "id": "fanfare.delivery.dead:webhook:42:0", "source": "/fanfare",
                "type": "fanfare.delivery.dead", "subject": "webhook", "time": "2026-11-20T10:30:00.500000Z",
                "datacontenttype": "application/json", "severity": "error", "causationid": "signup-1",
                "correlationid": "root", "hopcount": 3,
                "message": "user.signup signup-1 became a dead letter on webhook after 3 attempts: \
                http_503: the receiver answered 503",
                "data": {
                    "delivery_id": "dlv_01a2002a449271eda484e1ab451c4151_2", "channel": "webhook", "offset": 42,
                    "event_id": "signup-1", "source": "/", "event_type": "user.signup", "attempts": 3, "class": "retry",
                    "code": "http_503", "error": "the receiver answered 503", "plugin": "06764e596ab6dec0",
                    "at": "2026-11-20T10:30:00.5Z", "settings": "ca2ee1f1969901c9",
                    "since": "1970-01-01T00:00:00Z",
                },
            })
        );
        // It reads back like any other event.
        assert_eq!(Event::from_recorded(&event.to_structured(), defaults).unwrap(), event);
    }

    #[test]
    fn a_dead_letter_with_an_unreadable_event_names_its_offset() {
        let event = dead(None, None).into_event().unwrap();
        let data = data(&event);
        assert!(data.get("event_id").is_none() && data.get("delivery_id").is_none(), "{data}");
        let message = event.attribute("message").unwrap();
        assert!(message.starts_with("the event at offset 42 became a dead letter on webhook"), "{message}");
        assert_eq!(event.hops(), 0);
    }

    #[test]
    fn an_event_about_a_lagging_channel_names_its_hold_if_there_is_one() {
        let lagging = |hold| {
            let channel = ChannelName::new("sms").unwrap();
            let event = SystemEvent::ChannelLagging(ChannelLagging {
                channel,
                state: "paused",
                hold,
                oldest_due: Timestamp::UNIX_EPOCH,
                lag_seconds: 301,
                pending: 1,
                at: at(),
            });
            event.into_event().unwrap()
        };
        let held = lagging(Some(ChannelHold { reason: "moving".to_owned(), since: Timestamp::UNIX_EPOCH }));
        assert_eq!(
            data(&held),
            json!({ "channel": "sms", "state": "paused", "reason": "moving", "held_since": "1970-01-01T00:00:00Z",
                    "oldest_due": "1970-01-01T00:00:00Z", "lag_seconds": 301, "pending": 1,
                    "at": "2026-11-20T10:30:00.5Z" })
        );
        assert_eq!(held.attribute("message").unwrap(), "sms is 301 s behind with 1 pending delivery; it is paused");
        assert!(data(&lagging(None)).get("reason").is_none());
    }
}
