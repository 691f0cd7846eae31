//! What a guest answers, and how it fails.

use std::time::Duration;

use fanfare_core::{Class, Outcome};

use crate::support::{failed, fault, receipt, run};

#[tokio::test]
async fn a_guest_sees_the_whole_delivery_and_its_settings() {
    let report = run(&[("headers.x-env", "dev")]).await;
    let seen = receipt(&report);
    assert_eq!(seen["delivery_id"], "dlv_000000000000000000000000000000fa_3");
    assert_eq!((&seen["channel"], &seen["attempt"], &seen["replayed"]), (&"hook".into(), &2.into(), &true.into()));
    assert_eq!(seen["settings"]["headers"]["x-env"], "dev");
    let event = seen["event"].to_string();
    for part in
        ["e-1", "/tests", "user.signup", "user/7", "2026-11-20T10:30:00Z", "severity", "hops", "3", "true", "user_id"]
    {
        assert!(event.contains(part), "{part} in {event}");
    }
    assert!(report.cost.fuel > 0 && report.cost.memory > 0 && report.cost.duration > Duration::ZERO);
    assert!(report.trace.is_empty());
}

#[tokio::test]
async fn each_disposition_becomes_its_class() {
    for (disposition, class) in [
        ("retry", Class::Retry),
        ("reject", Class::Rejected),
        ("suspend", Class::Suspended),
        ("retry-after", Class::Throttled),
    ] {
        let report = run(&[("mode", "fail"), ("disposition", disposition), ("code", "c1"), ("delay_ms", "1500")]).await;
        failed(&report, class, "c1", "failed on purpose");
        let wait = (class == Class::Throttled).then_some(Duration::from_millis(1500));
        assert_eq!(fault(&report).retry_after, wait);
    }
}

#[tokio::test]
async fn an_invalid_receipt_is_dropped_and_the_delivery_stands() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(128), "]".repeat(128));
    for ill in ["not json", "[1]", "7", "{\"a\":", "{} {}", "{\"a\":tru}", &deep] {
        let report = run(&[("mode", "bad-receipt"), ("receipt", ill)]).await;
        assert_eq!(report.outcome, Outcome::Delivered { receipt: None }, "{ill}");
    }
    let report = run(&[("mode", "bad-receipt"), ("receipt", "{\"a\": [1, null]}")]).await;
    assert_eq!(report.outcome, Outcome::Delivered { receipt: Some("{\"a\": [1, null]}".to_owned()) });
}

#[tokio::test]
async fn a_trap_a_panic_and_an_exit_are_distinguished() {
    failed(&run(&[("mode", "trap")]).await, Class::Trap, "trap", "unreachable");
    let panic = run(&[("mode", "panic"), ("message", "the guest fell over")]).await;
    failed(&panic, Class::Trap, "panic", "the guest fell over");
    assert!(panic.trace.iter().any(|line| line.0.contains("the guest fell over")), "{:?}", panic.trace);
    failed(&run(&[("mode", "exit")]).await, Class::Trap, "exit", "instead of returning");
}

#[tokio::test]
async fn what_a_crashed_guest_wrote_is_discarded() {
    let report = run(&[("mode", "state-incr"), ("then", "trap")]).await;
    failed(&report, Class::Trap, "trap", "");
    assert!(report.writes.is_empty() && report.samples.is_empty());
}
