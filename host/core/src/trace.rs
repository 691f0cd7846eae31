//! W3C Trace Context: the trace of an event, and the spans of its deliveries and attempts.
//!
//! A trace outlives the process that began it, so span ids are derived from the event's key, the delivery and the
//! attempt's number. They are the same after a crash, and spans of other processes fit below them. The journal keeps
//! only the event's attributes (the distributed tracing extension of CloudEvents).

use std::{fmt, time::Duration};

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Attribute, DeliveryId, Event, TRACEPARENT, TRACESTATE, delivery::Origin, is_of_trace};

/// The longest `tracestate` that is passed on, in bytes, and the most members in it.
const LONGEST_STATE: usize = 512;
const MOST_MEMBERS: usize = 32;

/// "Sampled" and "random trace id", the flags of the specification. Other flags are not passed on.
const SAMPLED: u8 = 1;
const KNOWN_FLAGS: u8 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(pub [u8; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId(pub [u8; 8]);

/// A position in a trace, passed to the next participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    pub trace: TraceId,
    pub span: SpanId,
    flags: u8,
    /// A valid `tracestate`.
    pub state: Option<String>,
}

/// A buffer for the ids as text.
fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

/// The form of `traceparent`.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, self.flags)
    }
}

impl TraceId {
    /// Whether a trace that begins here is sampled at this share. Depends on the id alone, so every process decides
    /// alike.
    #[must_use]
    pub fn is_within(self, share: f64) -> bool {
        let [a, b, c, d, ..] = self.0;
        f64::from(u32::from_be_bytes([a, b, c, d])) < share * 4_294_967_296.0
    }
}

impl SpanId {
    /// Derives an id from an event's key and a word for the kind of span.
    fn derived(key: Uuid, of: &str) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *Uuid::new_v5(&key, of.as_bytes()).as_bytes();
        Self([a, b, c, d, e, f, g, h])
    }

    /// The span of an event.
    #[must_use]
    pub fn of_event(key: Uuid) -> Self {
        Self::derived(key, "event")
    }
}

/// A request that a guest sent, as traces record it. Path and query are left out, because they may contain secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub span: SpanId,
    pub method: String,
    pub host: String,
    pub port: Option<u16>,
    /// Time since the start of the attempt, or of the stage's call.
    pub started: Duration,
    pub duration: Duration,
    /// The response's status, or a word for why there was no response.
    pub outcome: Result<u16, &'static str>,
}

/// A round of a delivery. Each round has its own span; a replay begins another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundId {
    pub delivery: DeliveryId,
    /// When the round began again. `None` in the first round.
    again: Option<Timestamp>,
}

impl RoundId {
    #[must_use]
    pub fn new(delivery: DeliveryId, origin: Origin, since: Timestamp) -> Self {
        Self { delivery, again: (origin != Origin::Live).then_some(since) }
    }

    /// The first round of this delivery, if this is a later one.
    #[must_use]
    pub fn first(self) -> Option<Self> {
        self.again.map(|_| Self { again: None, ..self })
    }

    fn name(self) -> String {
        let again = self.again.map_or(0, Timestamp::as_microsecond);
        format!("{}/{again}", self.delivery.channel.0)
    }

    /// The span of the delivery.
    #[must_use]
    pub fn span(self) -> SpanId {
        SpanId::derived(self.delivery.event, &self.name())
    }

    /// The span of an attempt. Numbers may repeat: after a crash during an attempt, and after a probe of the breaker.
    #[must_use]
    pub fn attempt(self, number: u32, started: Timestamp) -> SpanId {
        SpanId::derived(self.delivery.event, &format!("{}/{number}/{}", self.name(), started.as_microsecond()))
    }
}

impl TraceContext {
    #[must_use]
    pub fn new(trace: TraceId, span: SpanId, is_sampled: bool) -> Self {
        Self { trace, span, flags: if is_sampled { SAMPLED } else { 0 }, state: None }
    }

    /// Parses a `traceparent` and its `tracestate`. `None` if the `traceparent` is invalid. An invalid `tracestate` is
    /// dropped.
    #[must_use]
    pub fn parse(parent: &str, state: Option<&str>) -> Option<Self> {
        let bytes = parent.as_bytes();
        let version = number::<1>(bytes.get(..2)?)?[0];
        // A later version may append fields.
        let ends = match version {
            0xff => return None,
            0 => bytes.len() == 55,
            _ => bytes.len() == 55 || bytes.get(55) == Some(&b'-'),
        };
        let dashes = [2, 35, 52].iter().all(|&at| bytes.get(at) == Some(&b'-'));
        if !ends || !dashes {
            return None;
        }
        let trace = number::<16>(bytes.get(3..35)?)?;
        let span = number::<8>(bytes.get(36..52)?)?;
        let flags = number::<1>(bytes.get(53..55)?)?[0] & KNOWN_FLAGS;
        if trace == [0; 16] || span == [0; 8] {
            return None;
        }
        let state = state.filter(|state| is_state(state)).map(str::to_owned);
        Some(Self { trace: TraceId(trace), span: SpanId(span), flags, state })
    }

    /// Whether the trace is sampled.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// Another span of the same trace.
    #[must_use]
    pub fn at(&self, span: SpanId) -> Self {
        Self { span, ..self.clone() }
    }

    /// The event's context, if it carries a valid one.
    #[must_use]
    pub fn carried_by(event: &Event) -> Option<Self> {
        let text = |name| match event.extension(name) {
            Some(Attribute::String(text)) => Some(text.as_str()),
            _ => None,
        };
        Self::parse(text(TRACEPARENT)?, text(TRACESTATE))
    }

    /// The context of a recorded event. An event without one, recorded without tracing or by the daemon itself, gets a
    /// trace of its own, sampled at this share.
    #[must_use]
    pub fn of(event: &Event, key: Uuid, share: f64) -> Self {
        match Self::carried_by(event) {
            Some(carried) => Self { span: SpanId::of_event(key), ..carried },
            None => {
                let trace = TraceId(*Uuid::new_v5(&key, b"trace").as_bytes());
                Self::new(trace, SpanId::of_event(key), trace.is_within(share))
            }
        }
    }
}

impl Event {
    /// Replaces the event's context by this one.
    pub fn carry(&mut self, context: &TraceContext) {
        self.extensions.retain(|(name, _)| !is_of_trace(name));
        let mut add = |name: &str, text: String| self.extensions.push((name.to_owned(), Attribute::String(text)));
        add(TRACEPARENT, context.to_string());
        if let Some(state) = &context.state {
            add(TRACESTATE, state.clone());
        }
    }
}

/// Lowercase hex digits.
fn number<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut number = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in number.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(number)
}

fn is_state(text: &str) -> bool {
    let members: Vec<_> =
        text.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|m| !m.is_empty()).collect();
    let keys = || members.iter().filter_map(|member| member.split_once('=')).map(|(key, _)| key);
    text.len() <= LONGEST_STATE
        && (1..=MOST_MEMBERS).contains(&members.len())
        && members.iter().all(|member| is_member(member))
        && keys().enumerate().all(|(n, key)| !keys().take(n).any(|before| before == key))
}

fn is_member(member: &str) -> bool {
    let Some((key, value)) = member.split_once('=') else { return false };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(&byte);
    let part = |part: &str, most: usize, first: fn(&u8) -> bool| {
        part.len() <= most && part.bytes().all(plain) && part.as_bytes().first().is_some_and(first)
    };
    let is_key = match key.split_once('@') {
        None => part(key, 256, u8::is_ascii_lowercase),
        Some((tenant, system)) => {
            part(tenant, 241, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                && part(system, 14, u8::is_ascii_lowercase)
        }
    };
    let printable = |byte: u8| (0x20..=0x7e).contains(&byte) && byte != b',' && byte != b'=';
    is_key && !value.is_empty() && value.len() <= 256 && value.bytes().all(printable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChannelId;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_context_is_read_and_written_as_the_specification_says() {
        let context = TraceContext::parse(PARENT, Some("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")).unwrap();
        assert_eq!(context.to_string(), PARENT);
        assert!(context.is_sampled());
        assert_eq!(context.state.as_deref(), Some("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"));
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (parent, written) in [
            // Only known flags are passed on, and a later version is written as the current one.
            (format!("00-{trace}-00f067aa0ba902b7-00"), Some(format!("00-{trace}-00f067aa0ba902b7-00"))),
            (format!("00-{trace}-00f067aa0ba902b7-03"), Some(format!("00-{trace}-00f067aa0ba902b7-03"))),
            (format!("00-{trace}-00f067aa0ba902b7-ff"), Some(format!("00-{trace}-00f067aa0ba902b7-03"))),
            (format!("cc-{trace}-00f067aa0ba902b7-01"), Some(format!("00-{trace}-00f067aa0ba902b7-01"))),
            (
                format!("cc-{trace}-00f067aa0ba902b7-01-what-the-future"),
                Some(format!("00-{trace}-00f067aa0ba902b7-01")),
            ),
            (format!("cc-{trace}-00f067aa0ba902b7-01.what"), None),
            (format!("00-{trace}-00f067aa0ba902b7-01-what"), None),
            (format!("00-{trace}-00f067aa0ba902b7-01-"), None),
            (format!("ff-{trace}-00f067aa0ba902b7-01"), None),
            (format!("00-{trace}-00f067aa0ba902b7"), None),
            (format!("00-{trace}-00f067aa0ba902b7-1"), None),
            (format!("00-{trace}-0000000000000000-01"), None),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None),
            (format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()), None),
            (format!("00-{}-00f067aa0ba902b7-01", &trace[1..]), None),
            (format!("00-{}z-00f067aa0ba902b7-01", &trace[1..]), None),
            (format!("0-{trace}-00f067aa0ba902b7-01"), None),
            (format!(" 00-{trace}-00f067aa0ba902b7-01"), None),
            (format!("00_{trace}_00f067aa0ba902b7_01"), None),
            ("00-ä".repeat(20), None),
            (String::new(), None),
        ] {
            let read = TraceContext::parse(&parent, None).map(|context| context.to_string());
            assert_eq!(read, written, "{parent}");
        }
    }

    #[test]
    fn an_invalid_state_is_left_out_and_the_parent_kept() {
        let state = |text: &str| TraceContext::parse(PARENT, Some(text)).unwrap().state.is_some();
        let key = |length: usize| format!("{}=1", "k".repeat(length));
        for good in [
            "foo=1",
            "foo=1,bar=2",
            "foo=1 ,\tbar=2",
            "foo=1,",
            "foo=1,,bar=2",
            "fw529a3039@dt=FfffFI",
            "0t@v=1",
            "foo=  1",
            "f_-*/0=!#~",
            &key(256),
        ] {
            assert!(state(good), "{good}");
        }
        let many: Vec<_> = (0..33).map(|n| format!("k{n}=1")).collect();
        for bad in [
            "",
            " ",
            "foo",
            "foo=",
            "=1",
            "Foo=1",
            "0foo=1",
            "foo@=1",
            "@foo=1",
            "foo@bar@baz=1",
            "foo=1,foo=2",
            "foo=a=b",
            "foo=ä",
            "foo =1",
            &key(257),
            &many.join(","),
            &format!("{}=1", "t".repeat(242) + "@v"),
            &format!("t@{}=1", "v".repeat(15)),
            &format!("foo={}", "x".repeat(257)),
            &format!("a={0},b={0},c={0}", "x".repeat(200)),
        ] {
            assert!(!state(bad), "{bad}");
        }
    }

    fn event(extensions: &[(&str, &str)]) -> Event {
        Event {
            id: "e-1".to_owned(),
            source: "/shop".to_owned(),
            ty: "order.created".to_owned(),
            subject: None,
            time: "2026-11-20T10:30:00Z".to_owned(),
            data_content_type: None,
            data_schema: None,
            extensions: extensions
                .iter()
                .map(|&(name, text)| (name.to_owned(), Attribute::String(text.to_owned())))
                .collect(),
            data: None,
        }
    }

    #[test]
    fn an_event_carries_one_context() {
        let mut event = event(&[(TRACESTATE, "foo=1"), ("other", "x"), (TRACEPARENT, "invalid")]);
        assert_eq!(TraceContext::carried_by(&event), None);
        let context = TraceContext::parse(PARENT, None).unwrap();
        event.carry(&context);
        assert_eq!(TraceContext::carried_by(&event), Some(context));
        assert_eq!(event.extensions.len(), 2, "nothing is left of the one before: {:?}", event.extensions);
    }

    #[test]
    fn an_event_with_as_many_members_as_it_may_have_is_read_back_with_its_context() {
        let members: String = (0..252).map(|n| format!(",\"x{n}\":\"\"")).collect();
        let text = format!(r#"{{"specversion":"1.0","id":"1","source":"/","type":"t"{members}}}"#);
        let defaults = crate::Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() };
        let mut event = Event::from_structured(text.as_bytes(), defaults).unwrap();
        event.carry(&TraceContext::parse(PARENT, Some("foo=1")).unwrap());
        assert_eq!(Event::from_recorded(&event.to_structured(), defaults), Ok(event));
        let more = text.replace("\"x0\"", "\"more\":\"\",\"x0\"");
        assert!(Event::from_structured(more.as_bytes(), defaults).is_err());
    }

    #[test]
    fn spans_are_derived_and_none_is_another() {
        let key = Uuid::from_u128(7);
        let delivery = |channel| DeliveryId { event: key, channel: ChannelId(channel) };
        let round =
            |channel, origin, second| RoundId::new(delivery(channel), origin, Timestamp::from_second(second).unwrap());
        let first = round(1, Origin::Live, 5);
        assert_eq!(first.span(), round(1, Origin::Live, 9).span(), "the first round is one, whenever it was due");
        assert_eq!((first.first(), round(1, Origin::Replay, 5).first()), (None, Some(first)));
        let mut spans = vec![SpanId::of_event(key), SpanId::of_event(Uuid::from_u128(8))];
        for round in [first, round(2, Origin::Live, 5), round(1, Origin::Replay, 5), round(1, Origin::Manual, 6)] {
            let (one, two) = (Timestamp::UNIX_EPOCH, Timestamp::from_microsecond(1).unwrap());
            spans.extend([round.span(), round.attempt(1, one), round.attempt(2, one), round.attempt(1, two)]);
        }
        for (n, span) in spans.iter().enumerate() {
            assert!(!spans[..n].contains(span), "{n}");
        }
    }

    #[test]
    fn an_event_without_a_context_has_a_trace_of_its_own_that_is_always_the_same() {
        let sampled = |share| {
            (0..1_000u128).filter(move |n| {
                let context = TraceContext::of(&event(&[]), Uuid::from_u128(*n), share);
                assert_eq!(context, TraceContext::of(&event(&[]), Uuid::from_u128(*n), share));
                context.is_sampled()
            })
        };
        assert_eq!((sampled(0.0).count(), sampled(1.0).count()), (0, 1_000));
        assert!((400..600).contains(&sampled(0.5).count()));
        let carried = TraceContext::of(&event(&[(TRACEPARENT, PARENT)]), Uuid::from_u128(1), 0.0);
        assert!(carried.is_sampled(), "whoever began the trace has decided");
        assert_eq!(carried.span, SpanId::of_event(Uuid::from_u128(1)));
    }
}
