//! A bad channel never changes the outcome of others, and its class names the bound that it hit.

use crate::support::{SAMPLE, client::Api, daemon::Home, four_channels, hostile, receiver::Receiver, until};

/// The hostile guest in one mode beside the four shipped channels: they succeed, and it fails with `class`.
async fn check(mode: &str, settings: &str, policy: &str, class: &str) {
    let receiver = Receiver::start().await;
    let table = hostile("hostile", mode, settings, &format!("retries = 0\n{policy}"));
    let home = Home::new(&format!("{}{table}", four_channels(&receiver)));
    std::fs::create_dir(home.path("audit")).unwrap();
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    // Several at once, so that hostile attempts are in flight while the others deliver.
    let publish = |_| async { daemon.api.publish(SAMPLE).await.expect(200).json() };
    for result in futures_util::future::join_all((0..4).map(publish)).await {
        for good in ["log", "webhook", "audit", "metrics"] {
            assert_eq!(result["channels"][good]["status"], "success", "{mode}: {result:#}");
        }
        let bad = &result["channels"]["hostile"];
        assert_eq!((bad["status"].as_str(), bad["class"].as_str()), (Some("failed"), Some(class)), "{mode}: {bad:#}");
        assert!(!bad["error"].as_str().unwrap().is_empty());
    }
    assert_eq!(daemon.api.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_failing_channel_does_not_affect_others() {
    check("fail", "disposition = \"retry\", code = \"nope\", message = \"no\"", "", "retry").await;
}

#[tokio::test]
async fn a_channel_blocked_in_a_host_call_does_not_affect_others() {
    check("sleep", "ms = 60000", "timeout = \"300ms\"", "timeout").await;
}

#[tokio::test]
async fn a_spinning_channel_ends_at_its_timeout() {
    check("spin", "", "timeout = \"300ms\"\nfuel = 1_000_000_000_000", "timeout").await;
}

#[tokio::test]
async fn a_spinning_channel_ends_without_fuel() {
    check("spin", "", "fuel = 10_000_000", "fuel").await;
}

#[tokio::test]
async fn a_channel_that_exceeds_its_memory_does_not_affect_others() {
    check("memory", "", "memory = \"8MiB\"", "memory").await;
}

#[tokio::test]
async fn endless_recursion_does_not_affect_others() {
    check("recursion", "", "", "trap").await;
}

#[tokio::test]
async fn a_trapping_channel_does_not_affect_others() {
    check("trap", "", "", "trap").await;
}

#[tokio::test]
async fn a_panicking_channel_does_not_affect_others() {
    check("panic", "", "", "trap").await;
}

#[tokio::test]
async fn a_call_of_a_host_that_is_not_granted_is_denied() {
    check("http", "url = \"http://127.0.0.1:1/\"", "", "denied").await;
}

#[tokio::test]
async fn a_flood_of_log_lines_is_bounded() {
    let receiver = Receiver::start().await;
    let home = Home::new(&format!("{}{}", four_channels(&receiver), hostile("flood", "log-flood", "", "")));
    std::fs::create_dir(home.path("audit")).unwrap();
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    for good in ["log", "webhook", "audit", "metrics"] {
        assert_eq!(result["channels"][good]["status"], "success", "{result:#}");
    }
    let lines = home.log().lines().filter(|line| line.contains("flood")).count();
    assert!(lines < 1000, "100,000 lines were logged, {lines} were kept");
}

#[tokio::test]
async fn spinning_guests_on_every_core_do_not_stall_the_http_side() {
    let table =
        hostile("spin", "spin", "", "retries = 0\ntimeout = \"5s\"\nfuel = 1_000_000_000_000\nconcurrency = 32");
    let home = Home::new(&format!("{table}{}", hostile("echo", "echo", "", "")));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    for _ in 0..32 {
        daemon.api.publish_async(SAMPLE).await.expect(202);
    }
    spinning(&daemon.api, 32).await;
    // While all 32 spin, requests get responses and the other channel delivers.
    for _ in 0..20 {
        daemon.api.get("/healthz").await.expect(200);
    }
    until("the echo channel", || async {
        let echo = daemon.api.get("/v1/channels/echo").await.expect(200).json();
        (echo["pending"] == 0).then_some(())
    })
    .await;
    assert_eq!(daemon.api.get("/v1/channels/spin").await.json()["pending"], 32, "they are still spinning");
}

async fn spinning(api: &Api, count: u64) {
    until("the spinners", || async { (api.get("/v1/channels/spin").await.json()["in_flight"] == count).then_some(()) })
        .await;
}
