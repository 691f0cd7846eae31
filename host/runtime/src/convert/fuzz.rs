//! Conversions keep any guest's or event's data, or truncate it as documented.
//!
//! `PROPTEST_CASES=100000 cargo test -p fanfare-runtime fuzz_` runs longer. Failing cases are kept in
//! `host/runtime/proptest-regressions` and run first; [`CORPUS`] is text that is worth testing.

use fanfare_core::{Attribute, Event, Payload};
use proptest::{collection::vec, option, prelude::*};

use super::*;

/// Text at the edges of limits and of characters.
const CORPUS: [&str; 10] =
    ["", " ", "\0", "\u{1b}[2J", "\r\n\t", "\u{85}\u{9b}", "ü", "\u{2028}\u{202e}", "\u{fffd}", "\u{10ffff}"];

/// Text of all kinds, much of it from the corpus, some longer than every limit.
fn text() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(CORPUS.to_vec());
    prop_oneof![
        4 => any::<String>(),
        4 => vec(prop_oneof![known.clone().prop_map(str::to_owned), any::<String>()], 0..6)
            .prop_map(|parts| parts.concat()),
        1 => (known, 1..3 * limits::MESSAGE).prop_map(|(part, times)| part.repeat(times)),
    ]
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    vec((text(), text()), 0..4)
}

fn disposition() -> impl Strategy<Value = Disposition> {
    prop_oneof![
        Just(Disposition::Retry),
        any::<u32>().prop_map(Disposition::RetryAfter),
        Just(Disposition::Reject),
        Just(Disposition::Suspend),
    ]
}

fn data() -> impl Strategy<Value = Payload> {
    prop_oneof![
        text().prop_map(Payload::Text),
        vec(any::<u8>(), 0..256).prop_map(|bytes| Payload::Binary(bytes.into()))
    ]
}

fn an_event() -> impl Strategy<Value = Event> {
    let attribute = prop_oneof![
        text().prop_map(Attribute::String),
        any::<i32>().prop_map(Attribute::Integer),
        any::<bool>().prop_map(Attribute::Boolean),
    ];
    let optional = || option::of(text());
    let required = (text(), text(), text(), text());
    (required, optional(), optional(), optional(), vec((text(), attribute), 0..4), option::of(data())).prop_map(
        |((id, source, ty, time), subject, data_content_type, data_schema, extensions, data)| Event {
            id,
            source,
            ty,
            subject,
            time,
            data_content_type,
            data_schema,
            extensions,
            data,
        },
    )
}

proptest! {
    #[test]
    fn fuzz_text_is_bounded_and_cannot_rewrite_its_surroundings(text in text(), limit in 0..2 * limits::MESSAGE) {
        let kept = clean(&text, limit);
        prop_assert!(kept.len() <= limit, "{} of {limit}", kept.len());
        prop_assert!(kept.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'), "{kept:?}");
        prop_assert_eq!(&clean(&kept, limit), &kept);
        if text.len() <= limit && !text.contains(char::is_control) {
            prop_assert_eq!(kept, text);
        }
    }

    #[test]
    fn fuzz_a_failure_is_cut_to_its_limits_and_keeps_its_class(
        disposition in disposition(), code in text(), message in text(),
    ) {
        let kept = fault(Failure { disposition, code, message });
        prop_assert!(!kept.code.is_empty() && kept.code.len() <= limits::CODE, "{:?}", kept.code);
        prop_assert!(kept.message.len() <= limits::MESSAGE);
        let (class, wait) = match disposition {
            Disposition::Retry => (Class::Retry, None),
            Disposition::RetryAfter(millis) => (Class::Throttled, Some(u128::from(millis))),
            Disposition::Reject => (Class::Rejected, None),
            Disposition::Suspend => (Class::Suspended, None),
        };
        prop_assert_eq!((kept.class, kept.retry_after.map(|wait| wait.as_millis())), (class, wait));
    }

    #[test]
    fn fuzz_an_event_is_lent_whole(of in an_event()) {
        let texts = extensions(&of);
        let lent = lend(&texts);
        let guest = event(&of, &lent);
        prop_assert_eq!((guest.id, guest.source, guest.type_, guest.time), (&*of.id, &*of.source, &*of.ty, &*of.time));
        prop_assert_eq!(guest.subject, of.subject.as_deref());
        prop_assert_eq!(guest.data_content_type, of.data_content_type.as_deref());
        prop_assert_eq!(guest.data_schema, of.data_schema.as_deref());
        let written: Vec<_> = guest.extensions.iter().map(|(name, value)| (*name, *value)).collect();
        let meant: Vec<_> = of.extensions.iter().map(|(name, value)| (name.as_str(), value.as_text())).collect();
        prop_assert_eq!(written.len(), meant.len());
        for ((name, value), (meant_name, meant)) in written.into_iter().zip(&meant) {
            prop_assert_eq!((name, value), (*meant_name, &**meant));
        }
        match (guest.data, &of.data) {
            (None, None) => {}
            (Some(PayloadParam::Text(text)), Some(Payload::Text(meant))) => prop_assert_eq!(text, meant),
            (Some(PayloadParam::Binary(bytes)), Some(Payload::Binary(meant))) => prop_assert_eq!(bytes, &meant[..]),
            (got, meant) => prop_assert!(false, "{} for {meant:?}", got.is_some()),
        }
    }

    #[test]
    fn fuzz_a_request_is_taken_whole(method in text(), url in text(), headers in pairs(), body in data()) {
        let guests = match &body {
            Payload::Text(text) => PayloadResult::Text(text.clone()),
            Payload::Binary(bytes) => PayloadResult::Binary(bytes.to_vec()),
        };
        prop_assert_eq!(size(&guests), body.as_bytes().len());
        let request = Request { method: method.clone(), url: url.clone(), headers: headers.clone(), body: guests };
        let taken = outgoing(request);
        prop_assert_eq!((taken.method, taken.url, &taken.headers), (method, url, &headers));
        prop_assert_eq!(&taken.body[..], body.as_bytes());
        prop_assert!(taken.own.is_empty());
    }
}
