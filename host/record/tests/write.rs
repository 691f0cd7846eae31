//! A write reads back from its bytes as it was, and its parts are in them as they were.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::{collections::HashSet, sync::Arc, time::Duration};

use bytes::Bytes;
use fanfare_core::{
    AttemptRecord, Attribute, ChannelId, ChannelName, Class, DeliveryId, Did, Event, Fault, Offset, Payload, Sample,
    SampleValue, StageRecord, StateWrite, Trail,
    delivery::{Next, Origin, Skip, Trigger, Wait},
};
use fanfare_dispatch::{Entry, Hold, HoldChange, HoldKind, Reconsidered, Registration, Settlement, Token};
use fanfare_record::{Act, ActEnd, DeadLetterFilter, End, JobId, RecipientRow, ReplayRequest, Start, Write};
use jiff::Timestamp;
use proptest::{option, prelude::*, sample::select};
use uuid::Uuid;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-z\"\\\\\n é]{0,12}", any::<String>()]
}

/// JSON in odd spellings, which must stay as they are.
fn json() -> impl Strategy<Value = String> {
    const ODD: [&str; 6] = ["{}", "{\"a\" : 1.0}", "{\"n\":1e400,\"n\":2}", "[1,\n 2]", "\"\\u00e9 \\/\"", "-0"];
    prop_oneof![select(&ODD[..]).prop_map(str::to_owned), any::<u64>().prop_map(|n| format!("{{\"n\":{n}}}"))]
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    let any = (0..4_000_000_000_i64, 0..1_000_000_000_i32);
    let any = any.prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).unwrap());
    prop_oneof![8 => any, 1 => Just(Timestamp::MAX), 1 => Just(Timestamp::MIN)]
}

fn channel() -> impl Strategy<Value = ChannelId> {
    any::<u32>().prop_map(ChannelId)
}

fn channels() -> impl Strategy<Value = Vec<ChannelId>> {
    prop::collection::vec(channel(), 0..3)
}

fn name() -> impl Strategy<Value = ChannelName> {
    "[a-z0-9][a-z0-9_-]{0,10}".prop_map(|name| ChannelName::new(&name).unwrap())
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn duration() -> impl Strategy<Value = Duration> {
    (0..1_000_000_u64, 0..1_000_000_000_u32).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos))
}

fn event() -> impl Strategy<Value = Event> {
    let data = prop_oneof![
        Just((None, None)),
        json().prop_map(|data| (None, Some(Payload::Text(data)))),
        text().prop_map(|data| (Some("text/plain".to_owned()), Some(Payload::Text(data)))),
        prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|data| (Some("image/png".to_owned()), Some(Payload::Binary(Bytes::from(data))))),
    ];
    let attribute = prop_oneof![
        text().prop_map(Attribute::String),
        any::<i32>().prop_map(Attribute::Integer),
        any::<bool>().prop_map(Attribute::Boolean),
    ];
    let extensions = prop::collection::btree_map("x[a-z0-9]{1,8}", attribute, 0..4);
    let schema = option::of(Just("https://example.com/schema".to_owned()));
    (text(), text(), text(), option::of(text()), schema, extensions, data).prop_map(
        |(id, source, ty, subject, data_schema, extensions, (data_content_type, data))| Event {
            id,
            source,
            ty,
            subject,
            time: "2026-11-20T10:30:00+01:00".to_owned(),
            data_content_type,
            data_schema,
            extensions: extensions.into_iter().collect(),
            data,
        },
    )
}

fn trail() -> impl Strategy<Value = Trail> {
    let failure = option::of((select(&Class::ALL[..]), text(), text()));
    let record = (name(), text(), option::of(text()), select(&Did::ALL[..]), failure, 0..5_000_000_u32);
    let record = record.prop_map(|(stage, plugin, digest, did, failure, micros)| StageRecord {
        stage,
        plugin,
        digest,
        did,
        changed: vec!["/data/a".to_owned()],
        failure: failure.map(|(class, code, message)| Fault::new(class, code, message).into()),
        duration_ms: f64::from(micros) / 1e3,
        traced: None,
    });
    (option::of(event()), prop::collection::vec(record, 0..3))
        .prop_map(|(published, records)| Trail { published, records })
}

fn entry() -> impl Strategy<Value = Entry> {
    (uuid(), event(), timestamp(), channels(), channels(), option::of(trail())).prop_map(
        |(key, event, accepted_at, targets, first, trail)| Entry {
            key,
            event: Arc::new(event),
            accepted_at,
            targets: targets.into(),
            first,
            trail: trail.map(Box::new),
        },
    )
}

fn next() -> impl Strategy<Value = Next> {
    let skip = select(&[Skip::Once, Skip::Cancelled, Skip::Preference][..]);
    prop_oneof![
        Just(Next::Delivered),
        (timestamp(), any::<u32>()).prop_map(|(until, attempts)| Next::Waiting { until, attempts }),
        (timestamp(), any::<u32>(), select(&Wait::ALL[..])).prop_map(|(until, attempts, wait)| Next::Deferred {
            until,
            attempts,
            wait
        }),
        skip.prop_map(Next::Skipped),
        any::<u32>().prop_map(|attempts| Next::Suspended { attempts }),
        any::<u32>().prop_map(|attempts| Next::Dead { attempts }),
    ]
}

fn attempt() -> impl Strategy<Value = AttemptRecord> {
    let failure = option::of((select(&Class::ALL[..]), text(), text()));
    (any::<u32>(), timestamp(), 0..5_000_000_u32, failure, any::<u64>(), prop::collection::vec(text(), 0..3)).prop_map(
        |(number, started, micros, failure, fuel, trace)| AttemptRecord {
            number,
            trigger: Trigger::Retry,
            started,
            duration_ms: f64::from(micros) / 1e3,
            class: failure.as_ref().map(|(class, ..)| *class),
            code: failure.as_ref().map(|(_, code, _)| code.clone()),
            error: failure.map(|(.., error)| error),
            fuel,
            memory: fuel / 2,
            plugin: "0123456789abcdef".to_owned(),
            trace,
        },
    )
}

fn state_write() -> impl Strategy<Value = StateWrite> {
    let value = || prop::collection::vec(any::<u8>(), 0..20);
    prop_oneof![
        (text(), value(), option::of(duration())).prop_map(|(key, value, ttl)| StateWrite::Set { key, value, ttl }),
        (text(), value(), duration()).prop_map(|(key, value, ttl)| StateWrite::SetNewer { key, value, ttl }),
        text().prop_map(|key| StateWrite::Delete { key }),
        (text(), any::<i64>()).prop_map(|(key, by)| StateWrite::Increment { key, by }),
    ]
}

fn sample() -> impl Strategy<Value = Sample> {
    let number = prop_oneof![any::<f64>(), Just(f64::INFINITY), Just(-0.0)].prop_filter("NaN", |n| !n.is_nan());
    (text(), text(), number, 0..3).prop_map(|(name, label, number, kind)| Sample {
        name,
        labels: vec![("l".to_owned(), label)],
        value: match kind {
            0 => SampleValue::Count(number),
            1 => SampleValue::Gauge(number),
            _ => SampleValue::Observation(number),
        },
    })
}

fn settlement() -> impl Strategy<Value = Settlement> {
    let claim = (channel(), any::<u64>(), uuid(), any::<u64>(), option::of(event()), timestamp());
    let origin = select(&[Origin::Live, Origin::Replay, Origin::Manual, Origin::Fallback][..]);
    let fault = (select(&Class::ALL[..]), text(), text(), option::of(duration()));
    let fault = fault.prop_map(|(class, code, message, retry_after)| Fault { class, code, message, retry_after });
    let end = (origin, next(), option::of(attempt()), option::of(json()), option::of(fault), option::of(text()));
    let effects = (
        channels(),
        prop::collection::vec(state_write(), 0..3),
        prop::collection::vec(entry(), 0..2),
        prop::collection::vec(sample(), 0..2),
    );
    (claim, end, effects, timestamp()).prop_map(|(claim, end, effects, at)| {
        let (channel, offset, key, token, event, since) = claim;
        let (origin, next, attempt, receipt, fault, detail) = end;
        let (fallback, writes, emits, samples) = effects;
        Settlement {
            token: Token(token),
            event: event.map(Arc::new),
            since,
            origin,
            attempt,
            receipt,
            fault,
            detail,
            fallback,
            settings: "fedcba9876543210".into(),
            writes,
            emits,
            samples,
            ..Settlement::new((channel, Offset(offset), key), next, at)
        }
    })
}

fn change() -> impl Strategy<Value = HoldChange> {
    let kind = select(&[HoldKind::Paused, HoldKind::Suspended, HoldKind::Open][..]);
    let hold = (kind, text(), timestamp()).prop_map(|(kind, reason, since)| Hold { kind, reason, since });
    (hold, 0..5).prop_map(|(hold, which)| match which {
        0 => HoldChange::Pause(hold),
        1 => HoldChange::Resume,
        2 => HoldChange::EndSuspension,
        3 => HoldChange::Open(hold),
        _ => HoldChange::Close,
    })
}

fn reconsidered() -> impl Strategy<Value = Reconsidered> {
    let subjects = prop::collection::hash_set(text(), 0..3).prop_map(|of: HashSet<String>| Arc::new(of));
    prop_oneof![Just(Reconsidered::All), Just(Reconsidered::Quiet), subjects.prop_map(Reconsidered::QuietFor)]
}

fn replay() -> impl Strategy<Value = ReplayRequest> {
    let after = prop_oneof![any::<u64>().prop_map(Start::Offset), timestamp().prop_map(Start::Time)];
    let until = prop_oneof![any::<u64>().prop_map(End::Offset), timestamp().prop_map(End::Time), Just(End::Now)];
    (after, until, prop::collection::vec(text(), 0..3), prop::collection::vec(name(), 0..3))
        .prop_map(|(after, until, types, channels)| ReplayRequest { after, until, types, channels })
}

fn filter() -> impl Strategy<Value = DeadLetterFilter> {
    let channels = option::of(prop::collection::btree_set(name(), 0..3));
    let texts = (option::of(text()), option::of(text()), option::of(text()));
    let times = (option::of(timestamp()), option::of(timestamp()));
    (option::of(name()), channels, texts, times, option::of(delivery())).prop_map(
        |(channel, channels, (ty, class, code), (since, until), delivery)| DeadLetterFilter {
            channel,
            channels,
            ty,
            class,
            code,
            since,
            until,
            delivery,
        },
    )
}

fn delivery() -> impl Strategy<Value = DeliveryId> {
    (uuid(), channel()).prop_map(|(event, channel)| DeliveryId { event, channel })
}

fn act() -> impl Strategy<Value = Act> {
    (text(), text(), text(), option::of(text()), option::of(json()))
        .prop_map(|(who, what, target, source, details)| Act { who, what, target, source, details })
}

fn write() -> impl Strategy<Value = Write> {
    let registration = (name(), option::of(text())).prop_map(|(name, order)| Registration { name, order });
    let job = || any::<i64>().prop_map(JobId);
    let through_the_journal =
        prop_oneof![
            prop::collection::vec(registration, 0..3).prop_map(Write::Register),
            prop::collection::vec(entry(), 0..3).prop_map(Write::Accept),
            prop::collection::vec(settlement(), 0..3).prop_map(Write::Settle),
            (channel(), change()).prop_map(|(channel, change)| Write::ChangeHold { channel, change }),
            (channel(), reconsidered(), timestamp()).prop_map(|(channel, which, at)| Write::Reconsider {
                channel,
                which,
                at
            }),
            (channel(), timestamp(), channels(), timestamp())
                .prop_map(|(channel, before, fallback, at)| Write::FallBack { channel, before, fallback, at }),
        ];
    let by_people = prop_oneof![
        replay().prop_map(Write::Replay),
        filter().prop_map(Write::Redrive),
        filter().prop_map(Write::Purge),
        job().prop_map(Write::PauseJob),
        job().prop_map(Write::ResumeJob),
        job().prop_map(Write::CancelJob),
        any::<u64>().prop_map(|offset| Write::CancelEvent(Offset(offset))),
        (delivery(), text()).prop_map(|(id, reason)| Write::DropDelivery { id, reason }),
        name().prop_map(Write::Forget),
        (text(), json(), timestamp()).prop_map(|(subject, body, changed_at)| Write::SetRecipient(RecipientRow {
            subject,
            body,
            changed_at
        })),
        text().prop_map(|subject| Write::RemoveRecipient { subject }),
        act().prop_map(Write::Begin),
        (any::<i64>(), text(), option::of(json()))
            .prop_map(|(id, outcome, details)| Write::End { id, end: ActEnd { outcome, details } }),
    ];
    prop_oneof![2 => through_the_journal, 1 => by_people]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_write_reads_back_from_its_bytes_as_it_was(write in write()) {
        let bytes = write.to_bytes().unwrap();
        prop_assert_eq!(Write::from_bytes(&bytes).unwrap(), write);
    }
}

fn at() -> Timestamp {
    "2026-11-20T10:30:00Z".parse().unwrap()
}

#[test]
fn events_and_receipts_are_in_it_as_they_were_and_what_is_absent_takes_no_room() {
    let event =
        r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2026-11-20T10:30:00Z","data":{"n" : 1.0}}"#;
    let event: Arc<Event> = Arc::new(serde_json::from_str(event).unwrap());
    let key = Uuid::nil();
    let targets = [ChannelId(1), ChannelId(2)].into();
    let entry = Entry { key, event: Arc::clone(&event), accepted_at: at(), targets, first: vec![], trail: None };
    let accept = String::from_utf8(Write::Accept(vec![entry]).to_bytes().unwrap()).unwrap();
    let want = concat!(
        r#"{"accept":[{"key":"00000000-0000-0000-0000-000000000000","#,
        r#""event":{"specversion":"1.0","id":"1","source":"/s","type":"t","#,
        r#""time":"2026-11-20T10:30:00Z","data":{"n" : 1.0}},"#,
        r#""accepted_at":"2026-11-20T10:30:00Z","targets":[1,2]}]}"#
    );
    assert_eq!(accept, want);

    let settlement = Settlement {
        token: Token(7),
        receipt: Some(r#"{"log_id" : "1"}"#.to_owned()),
        writes: vec![StateWrite::Set { key: "k".to_owned(), value: vec![0, 255], ttl: None }],
        ..Settlement::new((ChannelId(1), Offset(3), key), Next::Delivered, at())
    };
    let settle = String::from_utf8(Write::Settle(vec![settlement]).to_bytes().unwrap()).unwrap();
    let want = concat!(
        r#"{"settle":[{"channel":1,"offset":3,"key":"00000000-0000-0000-0000-000000000000","token":7,"#,
        r#""since":"2026-11-20T10:30:00Z","origin":"live","next":"delivered","#,
        r#""receipt":{"log_id" : "1"},"settings":"","#,
        r#""at":"2026-11-20T10:30:00Z","writes":[{"set":{"key":"k","value":"AP8="}}]}]}"#
    );
    assert_eq!(settle, want);
}

#[test]
fn what_a_guest_measured_travels_even_if_it_is_not_a_number() {
    let sample = Sample { name: "n".to_owned(), labels: vec![], value: SampleValue::Gauge(f64::NAN) };
    let settlement = Settlement {
        samples: vec![sample],
        ..Settlement::new((ChannelId(1), Offset(1), Uuid::nil()), Next::Delivered, at())
    };
    let Write::Settle(read) = Write::from_bytes(&Write::Settle(vec![settlement]).to_bytes().unwrap()).unwrap() else {
        panic!("not a settlement")
    };
    assert!(matches!(read[0].samples[0].value, SampleValue::Gauge(number) if number.is_nan()));
}

#[test]
fn a_text_that_should_be_json_and_is_not_is_an_error() {
    let settlement = Settlement {
        receipt: Some("{".to_owned()),
        ..Settlement::new((ChannelId(1), Offset(1), Uuid::nil()), Next::Delivered, at())
    };
    assert!(Write::Settle(vec![settlement]).to_bytes().is_err());
    assert!(Write::from_bytes(br#"{"settle":[{"channel":1}]}"#).is_err());
    assert!(Write::from_bytes(br#"{"unknown":[]}"#).is_err());
}
