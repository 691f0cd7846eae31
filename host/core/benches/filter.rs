//! What filters cost per event, by the number of channels with a filter.
//!
//! `cargo bench -p fanfare-core`. The figure is the median of the rounds.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should panic")]

use std::{hint::black_box, time::Instant};

use fanfare_core::{
    Defaults, Event,
    filter::{Candidate, Condition, Filter},
};

const ROUNDS: usize = 101;

fn filter(types: &str, when: Option<&str>) -> Filter {
    let when = when.map(|source| Condition::compile(source).unwrap());
    Filter { types: vec![types.to_owned()], when, ..Filter::default() }
}

/// Microseconds per event, and how many filters matched.
fn judge(filters: &[Filter], event: &Event) -> (f64, usize) {
    let events = 10_000 / filters.len().max(10);
    let mut rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            for _ in 0..events {
                let candidate = Candidate::new(black_box(event));
                black_box(filters.iter().filter(|filter| filter.judge(&candidate).passes()).count());
            }
            began.elapsed().as_secs_f64() * 1e6 / events as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    let candidate = Candidate::new(event);
    (rounds[ROUNDS / 2], filters.iter().filter(|filter| filter.judge(&candidate).passes()).count())
}

fn main() {
    let text = br#"{"type":"order.created","source":"/shop","subject":"ord-1","severity":"info",
        "data":{"amount":120,"currency":"EUR","customer":{"id":"c-1","vip":true},
            "items":[{"sku":"a","n":1},{"sku":"b","n":3}]}}"#;
    let event = Event::from_simple(text, Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() }).unwrap();
    let condition = "event.severity != 'debug' && data.amount > 100";
    println!("{:<46}{:>10}{:>10}{:>12}", "", "channels", "matching", "µs/event");
    for channels in [1, 100, 1_000] {
        let types: Vec<_> = (0..channels).map(|n| filter(&format!("type{n}.*"), None)).collect();
        let few: Vec<_> =
            (0..channels).map(|n| filter(if n < 3 { "order.>" } else { "user.>" }, Some(condition))).collect();
        let all: Vec<_> = (0..channels).map(|_| filter("order.>", Some(condition))).collect();
        for (what, filters) in [
            ("no type matches", types),
            ("three types match, then a condition", few),
            ("all types match, then a condition", all),
        ] {
            let (micros, matching) = judge(&filters, &event);
            println!("{what:<46}{channels:>10}{matching:>10}{micros:>12.2}");
        }
    }
}
