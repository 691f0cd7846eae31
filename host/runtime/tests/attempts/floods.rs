//! What a guest could make the host allocate.

use fanfare_core::{Class, Outcome};

use crate::support::{Receiver, bounds, failed, fault, granted, hostile, ok, receipt, run, run_with, setup};

#[tokio::test]
async fn floods_of_lines_are_dropped_past_a_number_and_cost_nobody_else() {
    for mode in ["log-flood", "stderr-flood", "stdout-flood"] {
        let report = run(&[("mode", mode), ("lines", "5000"), ("then", "fail")]).await;
        failed(&report, Class::Retry, "on_purpose", "");
        assert_eq!(report.trace.len(), 20, "{mode}");
        let last = &report.trace.last().unwrap().0;
        assert!(last.contains("more lines were dropped"), "{mode}: {last}");
        assert!(report.trace.iter().all(|line| line.0.len() < 5 << 10));
    }
}

#[tokio::test]
async fn a_line_of_megabytes_is_cut() {
    let report = run(&[("mode", "stderr-flood"), ("lines", "2"), ("bytes", "3000000"), ("then", "fail")]).await;
    failed(&report, Class::Retry, "on_purpose", "");
    assert!(report.trace.iter().all(|line| line.0.len() < 5 << 10));
}

#[tokio::test]
async fn a_receipt_past_its_limit_is_dropped_and_a_failure_is_cut() {
    let report = run(&[("mode", "big-receipt"), ("bytes", "8000000")]).await;
    assert_eq!(report.outcome, Outcome::Delivered { receipt: None });
    let report = run(&[("mode", "big-failure"), ("bytes", "8000000")]).await;
    let fault = fault(&report);
    assert_eq!((fault.class, fault.code.len(), fault.message.len()), (Class::Retry, 64, 4 << 10));
}

#[tokio::test]
async fn writes_and_samples_past_their_number_are_refused() {
    let report = run(&[("mode", "state-flood"), ("count", "1000")]).await;
    assert!(matches!(report.outcome, Outcome::Failed(_)), "{report:?}");
    assert!(fault(&report).message.contains("64 writes"), "{report:?}");
    let report = run(&[("mode", "metrics-flood"), ("count", "1000")]).await;
    assert!(matches!(report.outcome, Outcome::Delivered { .. }));
    assert_eq!(report.samples.len(), 128);
}

#[tokio::test]
async fn a_value_past_its_size_is_refused() {
    let report = run(&[("mode", "state-flood"), ("count", "1"), ("bytes", "70000")]).await;
    assert!(fault(&report).message.contains("65536 bytes"), "{report:?}");
}

#[tokio::test]
async fn requests_past_their_number_and_headers_past_theirs_are_not_sent() {
    let receiver = Receiver::start(ok).await;
    let (url, host) = (receiver.url(), receiver.address.to_string());
    let with = |settings: &[(&str, &str)]| {
        let mut setup = setup(settings);
        setup.grants = granted(&[&host]);
        setup
    };
    let report = run_with(&hostile().await, with(&[("mode", "http"), ("url", &url), ("times", "40")]), bounds()).await;
    assert!(fault(&report).message.contains("32 requests"), "{report:?}");
    assert_eq!(receiver.seen().len(), 32);
    let report = run_with(&hostile().await, with(&[("mode", "header-flood"), ("url", &url)]), bounds()).await;
    assert!(fault(&report).message.contains("64 headers"), "{report:?}");
    assert_eq!(receiver.seen().len(), 32);
    let report = run_with(&hostile().await, with(&[("mode", "http"), ("url", &url)]), bounds()).await;
    assert_eq!(receipt(&report)["status"], 200);
}
