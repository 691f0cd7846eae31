use proptest::prelude::*;

use super::*;
use crate::Defaults;

fn event(json: &str) -> Event {
    Event::from_simple(json.as_bytes(), Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() }).unwrap()
}

fn order() -> Event {
    event(
        r#"{"type":"order.created","source":"/shop","subject":"ord-1","severity":"info","tags":["new","eu"],
            "data":{"amount":120,"rate":0.5,"big":18446744073709551615,"customer":{"vip":true},"note":null,
                    "items":[{"sku":"a","count":1},{"sku":"b","count":3}]}}"#,
    )
}

fn when(source: &str) -> Filter {
    Filter { when: Some(Condition::compile(source).unwrap()), ..Filter::default() }
}

fn judge(filter: &Filter, event: &Event) -> Verdict {
    filter.judge(&Candidate::new(event))
}

#[test]
fn a_type_has_to_match_one_of_the_patterns() {
    let filter = Filter { types: vec!["user.*".into(), "order.>".into()], ..Filter::default() };
    assert_eq!(judge(&filter, &order()), Verdict::Pass);
    assert_eq!(judge(&filter, &event(r#"{"type":"user.signup"}"#)), Verdict::Pass);
    assert_eq!(judge(&filter, &event(r#"{"type":"user.signup.eu"}"#)), Verdict::Mismatch("types"));
    assert_eq!(judge(&Filter::default(), &order()), Verdict::Pass, "without patterns any type matches");
}

#[test]
fn the_daemons_own_events_go_only_where_their_types_are_named() {
    let own = event(r#"{"type":"fanfare.delivery.dead"}"#);
    for (types, passes) in [
        (vec![], false),
        (vec![">"], false),
        (vec!["*.delivery.dead"], false),
        (vec!["fanfare.delivery.*"], true),
        (vec!["user.*", "fanfare.>"], true),
        (vec!["fanfare.reload.failed"], false),
    ] {
        let filter = Filter { types: types.iter().map(ToString::to_string).collect(), ..Filter::default() };
        assert_eq!(judge(&filter, &own).passes(), passes, "{types:?}");
    }
}

#[test]
fn the_dialects_are_those_of_cloudevents_subscriptions() {
    let of = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let (exact, prefix, suffix) = (
        |pairs: &[(&str, &str)]| Dialect::Exact(of(pairs)),
        |pairs: &[(&str, &str)]| Dialect::Prefix(of(pairs)),
        |pairs: &[(&str, &str)]| Dialect::Suffix(of(pairs)),
    );
    for (dialect, matches) in [
        (exact(&[("type", "order.created"), ("source", "/shop")]), true),
        (exact(&[("type", "order.created"), ("source", "/other")]), false),
        (exact(&[("severity", "info")]), true),
        (exact(&[("absent", "")]), false),
        (prefix(&[("subject", "ord-")]), true),
        (suffix(&[("type", ".created")]), true),
        (suffix(&[("type", "order")]), false),
        (Dialect::All(vec![prefix(&[("type", "order")]), suffix(&[("type", "ed")])]), true),
        (Dialect::Any(vec![exact(&[("type", "x")]), suffix(&[("type", "ed")])]), true),
        (Dialect::Any(vec![exact(&[("type", "x")])]), false),
        (Dialect::Not(Box::new(exact(&[("type", "x")]))), true),
        (Dialect::Not(Box::new(exact(&[("absent", "x")]))), true),
    ] {
        assert_eq!(dialect.matches(&order()), matches, "{dialect:?}");
    }
    let filter = Filter { dialects: vec![exact(&[("source", "/other")])], ..Filter::default() };
    assert_eq!(judge(&filter, &order()), Verdict::Mismatch("exact"));
}

#[test]
fn conditions_look_at_attributes_and_data() {
    for (source, holds) in [
        ("event.severity != 'debug' && data.amount > 100", true),
        ("data.amount > 120", false),
        ("data.amount >= 119.5", true),
        ("data.rate < 1", true),
        ("data.big > 1", true),
        ("event.type.startsWith('order.') && event.subject == 'ord-1'", true),
        ("event.data.customer.vip", true),
        ("event.type in ['order.created', 'order.paid']", true),
        ("has(event.nothing)", false),
        ("!has(data.discount) || data.discount < 10", true),
        ("data.note == null", true),
        ("data.items.exists(item, item.sku == 'b' && item.count > 2)", true),
        ("data.items.all(item, item.count > 1)", false),
        ("data.items.exists_one(item, item.count == 3)", true),
        ("size(data.items) == 2 && data.items[1].sku == 'b'", true),
        ("event.subject.matches('^ord-[0-9]+$')", true),
        ("event.tags.contains('eu')", true),
        ("int(event.subject.size()) == 5 ? true : false", true),
        ("string(data.amount) == '120' && type(data.amount) == int", true),
        ("true", true),
    ] {
        let verdict = judge(&when(source), &order());
        assert_eq!(verdict, if holds { Verdict::Pass } else { Verdict::Mismatch("when") }, "{source}");
    }
}

#[test]
fn data_is_what_it_is() {
    let plain = Event::from_structured(
        br#"{"specversion":"1.0","id":"1","source":"/","type":"t","datacontenttype":"text/plain","data":"hello"}"#,
        Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() },
    )
    .unwrap();
    assert_eq!(judge(&when("data == 'hello'"), &plain), Verdict::Pass);
    assert_eq!(judge(&when("data == null"), &event(r#"{"type":"t"}"#)), Verdict::Pass);
}

#[test]
fn a_condition_that_cannot_be_evaluated_does_not_match_and_says_why_without_the_data() {
    for (source, reason) in [
        ("event.region == 'eu'", "the event has no `region`; test with `has(…)` first if it may be missing"),
        ("data.items[0][event.type] > 3", "a key that the condition computes does not exist"),
        ("data.customer > 5", "a value does not have the type that it is compared or used with"),
        ("data.items[7].sku == 'a'", "a list index is out of range"),
        ("data.amount", "the result is a number, not true or false"),
        ("10 / (data.amount - 120) > 1", "it divides by zero"),
        ("string(data) == 'x'", "`string` does not take a value of this type"),
        ("int(data.items) == 1", "`int` does not take a value of this type"),
    ] {
        assert_eq!(judge(&when(source), &order()), Verdict::Failed(reason.to_owned()), "{source}");
    }
}

#[test]
fn what_can_never_work_is_refused_with_a_reason() {
    let deep = format!("{}true{}", "(".repeat(40), ")".repeat(40));
    let long = format!("event.type == '{}'", "x".repeat(3_000));
    let sums = format!("{} == 1", ["data.amount"; 12].join(" + "));
    let mapped =
        format!("data.items.all(i, i == {{{}}})", (0..17).map(|n| format!("'{n}': 1")).collect::<Vec<_>>().join(", "));
    let listed = format!("data.items.all(i, i in [{}])", ["1"; 17].join(", "));
    let loops = ["data.items.all(i, i.n == 1)"; 5].join(" && ");
    let patterns = ["event.type.matches('a')"; 5].join(" || ");
    for (source, reason) in [
        ("", "is not a valid CEL expression"),
        ("data.amount >", "is not a valid CEL expression: unexpected end at column 14"),
        ("event.typ = 'x'", "is not a valid CEL expression"),
        ("severity == 'info'", "uses `severity`, which does not exist"),
        ("event.Type == 'x'", "uses `event.Type`, an attribute that no event can have"),
        ("data.name.upper() == 'X'", "calls `upper`, which does not exist"),
        ("data.amount + 1", "never evaluates to true or false"),
        ("'yes'", "never evaluates to true or false"),
        ("event", "never evaluates to true or false"),
        ("data.items.map(item, item.sku) == ['a']", "builds a list (`map` or `filter`), which a condition must not do"),
        (
            "data.items.filter(item, true).size() > 1",
            "builds a list (`map` or `filter`), which a condition must not do",
        ),
        ("data.items.all(a, a == data.first)", "uses `data` inside a loop, which may only use its own element `a`"),
        ("data.items.all(a, a.parts.all(b, a != b))", "has a loop inside a loop"),
        ("data.items.all(i, i.sku.matches('a'))", "uses `matches` inside a loop"),
        (
            "data.items.exists(i, i.a + i.a + i.a + i.a + i.a + i.a + i.a + i.a + i.a + i.a == 'x')",
            "adds or joins more than 8 times",
        ),
        ("[1, 2].all(a, [1, 2].all(b, [1, 2].all(c, true)))", "has a loop inside a loop"),
        (&mapped, "has more than 16 elements in list literals inside its loops"),
        (&listed, "has more than 16 elements in list literals inside its loops"),
        (&loops, "has more than 4 loops"),
        (&patterns, "has more than 4 patterns"),
        ("event.type.matches(data.pattern)", "passes `matches` a pattern that is not a literal"),
        ("event.type.matches('(')", "passes `matches` an invalid pattern"),
        (&deep, "is nested more than 32 deep"),
        (&long, "is 3016 bytes long; a condition may have at most 2048"),
        (&sums, "adds or joins more than 8 times"),
    ] {
        let invalid = Condition::compile(source).expect_err(source);
        assert!(invalid.reason.starts_with(reason), "{source}: {}", invalid.reason);
        assert!(!invalid.reason.contains('\n'), "{source}: {}", invalid.reason);
    }
}

#[test]
fn work_grows_with_the_event_and_not_faster() {
    // A loop over a million elements and a megabyte string in every function: quadratic cost would hang the test.
    let list = format!(r#"{{"type":"t","data":{{"items":[{}0]}}}}"#, "0,".repeat(500_000));
    assert_eq!(judge(&when("data.items.all(item, item == 0)"), &event(&list)), Verdict::Pass);
    let text = format!(r#"{{"type":"t","data":{{"text":"{}"}}}}"#, "a".repeat(1 << 20));
    let all = "data.text.contains('b') || data.text.matches('(a|aa)+b') || data.text + data.text == 'x'";
    assert_eq!(judge(&when(all), &event(&text)), Verdict::Mismatch("when"));
}

proptest! {
    /// Whatever the input, the third-party parser returns, and so does the evaluation.
    #[test]
    fn whatever_is_written_is_taken_or_refused(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "event", "data", ".type", ".amount", "[0]", "(", ")", "[", "]", "{", "}", "'a'", "1", "2.5", "==", "&&",
            "||",
            "!", "-", "+", "in", ".all(x, ", ".exists(x, ", "x", "has(", "size(", ",", "?", ":", "null", "true", " ",
            "\"", "\u{e9}",
        ]), 0..24)
    ) {
        if let Ok(condition) = Condition::compile(&tokens.concat()) {
            let filter = Filter { when: Some(condition), ..Filter::default() };
            let _verdict = judge(&filter, &order());
        }
    }
}
