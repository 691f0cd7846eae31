//! A bad channel never changes the outcome of others, and its class names the bound that it hit.

use std::path::PathBuf;

use crate::support::{SAMPLE, client::Api, daemon::Home, four_channels, hostile, receiver::Receiver, until, webhook};

/// What a channel does, its settings, its policy, and the class of its failure.
const HARM: [(&str, &str, &str, &str); 9] = [
    ("fail", "disposition = \"retry\", code = \"nope\", message = \"no\"", "", "retry"),
    ("sleep", "ms = 60000", "timeout = \"300ms\"", "timeout"),
    ("spin", "", "timeout = \"300ms\"\nfuel = 1_000_000_000_000", "timeout"),
    ("spin", "", "fuel = 10_000_000", "fuel"),
    ("memory", "", "memory = \"8MiB\"", "memory"),
    ("recursion", "", "", "trap"),
    ("trap", "", "", "trap"),
    ("panic", "", "", "trap"),
    ("http", "url = \"http://127.0.0.1:1/\"", "", "denied"),
];

/// All of them at once, beside the four shipped channels.
#[tokio::test]
async fn whatever_a_channel_does_the_others_deliver_and_its_record_says_which_bound_it_hit() {
    let receiver = Receiver::start().await;
    let bad = |n: usize, (mode, settings, policy, _): (&str, &str, &str, &str)| {
        hostile(&format!("bad-{n}"), mode, settings, &format!("retries = 0\n{policy}"))
    };
    let tables: String = HARM.into_iter().enumerate().map(|(n, harm)| bad(n, harm)).collect();
    let home = Home::new(&format!("{}{tables}", four_channels(&receiver)));
    std::fs::create_dir(home.path("audit")).unwrap();
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    // Several at once, so that hostile attempts are in flight while the others deliver.
    let publish = |_| async { daemon.api.publish(SAMPLE).await.expect(200).json() };
    for result in futures_util::future::join_all((0..4).map(publish)).await {
        for good in ["log", "webhook", "audit", "metrics"] {
            assert_eq!(result["channels"][good]["status"], "success", "{result:#}");
        }
        for (n, (mode, .., class)) in HARM.into_iter().enumerate() {
            let bad = &result["channels"][format!("bad-{n}")];
            assert_eq!(
                (bad["status"].as_str(), bad["class"].as_str()),
                (Some("failed"), Some(class)),
                "{mode}: {bad:#}"
            );
            assert!(!bad["error"].as_str().unwrap().is_empty(), "{mode}");
        }
    }
    assert_eq!(daemon.api.get("/readyz").await.status, 200);
}

/// The daemon's environment may name a proxy for other programs. It would see every request, whatever is granted.
#[tokio::test]
async fn a_proxy_in_the_environment_gets_no_request() {
    let (receiver, proxy) = (Receiver::start().await, Receiver::start().await);
    let granted = format!("grant = {{ http = [\"{}\"] }}", receiver.address);
    let guest = hostile("guest", "http", &format!("url = \"{}\"", receiver.url()), &granted);
    let home = Home::new(&format!("{}{guest}", webhook("webhook", &receiver, "")));
    home.install("hostile", fanfare_artifacts::hostile());
    let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let daemon = home.start_with(&names.map(|name| (name, PathBuf::from(proxy.url())))).await;
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    assert_eq!(result["overall_status"], "success", "{result:#}");
    assert_eq!((receiver.count(), proxy.count()), (2, 0));
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
