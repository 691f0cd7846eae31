//! What is written is read as the same.

use fanfare_core::{AttemptRecord, Offset, delivery::Next};
use fanfare_dispatch::Settlement;
use uuid::Uuid;

use super::*;

const KEY: Uuid = Uuid::from_u128(0x01a2_06c6_5dd2_7469_903e_2004_fc94_f6e5);

fn settlement(next: Next, class: Option<Class>, receipt: Option<&str>) -> Settlement {
    let started = "2026-11-20T10:30:00.000001Z".parse().unwrap();
    let attempt = AttemptRecord {
        number: 2,
        trigger: Trigger::Retry,
        started,
        duration_ms: 0.412,
        class,
        code: class.map(|_| "http_503".to_owned()),
        error: class.map(|_| "busy, \"very\"".to_owned()),
        fuel: 123,
        memory: 65_536,
        plugin: "0123456789abcdef".to_owned(),
        trace: class.map(|_| vec!["a line".to_owned()]).unwrap_or_default(),
    };
    let at = "2026-11-20T10:30:00.000421Z".parse().unwrap();
    Settlement {
        attempt: Some(attempt),
        receipt: receipt.map(str::to_owned),
        detail: (matches!(next, Next::Skipped(_))).then(|| "as \"e1\" was sent".to_owned()),
        ..Settlement::new((ChannelId(3), Offset(7), KEY), next, at)
    }
}

/// Settlements of every kind, with other times, plugins and receipts.
fn all() -> Vec<Settlement> {
    let until = "2026-11-21T00:00:00Z".parse().unwrap();
    let mut all: Vec<_> = [
        (Next::Delivered, None, Some(r#"{"ok":true}"#)),
        (Next::Delivered, None, Some(r#"{"ok":true}"#)),
        (Next::Delivered, None, None),
        (Next::Waiting { until, attempts: 2 }, Some(Class::Retry), None),
        (Next::Delivered, None, Some(r#"{"ok":true}"#)),
        (Next::Dead { attempts: 3 }, Some(Class::Rejected), None),
        (Next::Deferred { until, attempts: 0, wait: Wait::Quiet }, None, None),
        (Next::Delivered, None, Some(r#"{"ok":false}"#)),
        (Next::Skipped(Skip::Once), None, None),
        (Next::Suspended { attempts: 1 }, Some(Class::Rejected), None),
        (Next::Delivered, None, None),
    ]
    .into_iter()
    .map(|(next, class, receipt)| settlement(next, class, receipt))
    .collect();
    for (n, settlement) in all.iter_mut().enumerate() {
        // Later, earlier, and started after the end of the attempt: the clock was set.
        let micros = [0, 90, -700, 5_000_000, 1, 2, 3, 4, 5, 6, -400_000_000][n];
        settlement.at = settlement.at.saturating_add(jiff::SignedDuration::from_micros(micros)).unwrap();
        settlement.channel = ChannelId(u32::try_from(n).unwrap());
        if n == 4 || n == 10 {
            settlement.attempt.as_mut().unwrap().plugin = "fedcba9876543210".to_owned();
        }
        if n == 8 {
            settlement.attempt = None;
        }
    }
    all
}

#[test]
fn what_is_written_reads_back_as_the_same() {
    let all = all();
    for written in all.chunks(1).chain([&all[..]]) {
        let text = encode(written).unwrap();
        let (read, ends) = (read(&text, KEY).unwrap(), read_ends(&text).unwrap());
        assert_eq!((read.len(), ends.len()), (written.len(), written.len()), "{text}");
        for ((written, read), end) in written.iter().zip(read).zip(ends) {
            let want = Written::from(written);
            assert_eq!((read.channel, read.step, read.at), (want.channel, want.step, want.at), "{text}");
            assert_eq!(read.receipt.as_ref().map(|receipt| receipt.get()), want.receipt);
            assert_eq!(read.attempt.as_ref(), want.attempt, "{text}");
            assert_eq!(read.more, want.more.unwrap_or_default());
            assert_eq!((end.channel, end.step), (read.channel, read.step));
            assert_eq!(end.more.unwrap_or_default(), read.more);
        }
    }
}

#[test]
fn delivered_entries_are_short_and_the_later_ones_of_a_row_shorter() {
    let delivered = settlement(Next::Delivered, None, Some(r#"{"ok":true}"#));
    assert_eq!(
        encode([&delivered, &delivered]).unwrap(),
        r#"[1795170600000421,[3,0,0,[2,1,420,412,123,65536,"0123456789abcdef"],{"ok":true}],"#.to_owned()
            + "[3,0,0,[2,1,420,412,123,65536,0],0]]"
    );
}

#[test]
fn rows_of_earlier_layouts_and_of_new_rounds_have_absolute_times() {
    let row = r#"[[3,0,1795170600000001,[2,1,1795170600000000,412,123,65536,"0123456789abcdef"],{"ok":true}]]"#;
    let read = &read(row, KEY).unwrap()[0];
    assert_eq!(read.at, 1_795_170_600_000_001);
    assert_eq!(read.attempt.as_ref().unwrap().started.as_microsecond(), 1_795_170_600_000_000);
    let again = encode_again(ChannelId(3), 1_795_170_600_000_001, Origin::Replay, None).unwrap();
    let read = &super::read(&format!("[{again}]"), KEY).unwrap()[0];
    assert_eq!((read.at, read.more.origin), (1_795_170_600_000_001, Some(Origin::Replay)));
    assert_eq!(super::read("[]", KEY).unwrap().len(), 0);
    // There, 0 is a value like any other.
    assert_eq!(super::read("[[3,0,1,null,0]]", KEY).unwrap()[0].receipt.as_ref().unwrap().get(), "0");
}

#[test]
fn a_receipt_that_repeats_the_deliverys_id_is_stored_without_it() {
    let of = |channel, receipt: &str| Settlement {
        channel: ChannelId(channel),
        receipt: Some(receipt.to_owned()),
        attempt: None,
        ..settlement(Next::Delivered, None, None)
    };
    let receipt = |channel| format!(r#"{{"id":"dlv_01a206c65dd27469903e2004fc94f6e5_{channel}","status":204}}"#);
    let others = [
        r#"{"id":"dlv_01a206c65dd27469903e2004fc94f6e5_9"}"#.to_owned(),
        r#"{"id":"dlv_00000000000000000000000000000000_5"}"#.to_owned(),
        format!(r#"{{"id":"dlv_01a206c65dd27469903e2004fc94f6e5_6","odd":"{ID}"}}"#),
        receipt(7),
        r#"{"dlv_01a206c65dd27469903e2004fc94f6e5_8":["dlv_01a206c65dd27469903e2004fc94f6e5_8"]}"#.to_owned(),
    ];
    let mut all = vec![of(2, &receipt(2)), of(3, &receipt(3))];
    all.extend((4..).zip(&others).map(|(channel, receipt)| of(channel, receipt)));
    let text = encode(&all).unwrap();
    assert!(text.contains(&format!("[2,0,0,null,[{{\"id\":\"{ID}\",\"status\":204}}]],[3,0,0,null,0],")), "{text}");
    assert!(text.ends_with(&format!("[8,0,0,null,[{{\"{ID}\":[\"{ID}\"]}}]]]")), "{text}");
    for (written, read) in all.iter().zip(read(&text, KEY).unwrap()) {
        assert_eq!(read.receipt.as_ref().map(|receipt| receipt.get()), written.receipt.as_deref(), "{text}");
    }
}

#[test]
fn a_row_that_refers_to_nothing_is_unreadable() {
    for row in ["[1,[3,0,0,[2,1,9,412,123,65536,0]]]", "[1,[3,0,0,null,0]]", "[1,[3,0,0,[2,1,9,4,1,6,7]]]", "[1", "7"] {
        assert!(read(row, KEY).is_err(), "{row}");
    }
}
