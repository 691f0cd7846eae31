//! What a crash and a stop leave for the next start. `checker` proves that no kill loses anything.

use std::time::Duration;

use crate::support::{
    daemon::Home,
    receiver::{Answering, Receiver},
    until, webhook,
};

fn event(n: usize) -> String {
    format!(r#"{{"type":"order.paid","id":"evt-{n}","data":{{"n":{n}}}}}"#)
}

#[tokio::test]
async fn retries_that_wait_survive_a_crash_with_their_count() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(500));
    let policy = "retries = 2\nbackoff = { schedule = [\"10ms\", \"3s\"], jitter = 0.0 }";
    let config = webhook("webhook", &receiver, policy);
    let home = Home::new(&config);
    let daemon = home.start().await;
    daemon.api.publish_async(event(1)).await.expect(202);
    until("two attempts on record", || async {
        (daemon.api.event("evt-1").await["attempts"]["webhook"].as_array()?.len() == 2).then_some(())
    })
    .await;
    daemon.kill().await;
    receiver.answer(Answering::status(200));
    let daemon = home.start().await;
    crate::main_job::settled(&daemon.api, "evt-1", "success").await;
    let shown = daemon.api.event("evt-1").await;
    let numbers: Vec<_> =
        shown["attempts"]["webhook"].as_array().unwrap().iter().map(|a| a["number"].clone()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(receiver.deliveries().len(), 1, "the same delivery id every time");
}

#[tokio::test]
async fn a_shutdown_finishes_what_is_in_flight() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering { delay: Duration::from_millis(500), ..Answering::status(200) });
    let home = Home::new(&webhook("webhook", &receiver, ""));
    let daemon = home.start().await;
    for n in 0..8 {
        daemon.api.publish_async(event(n)).await.expect(202);
    }
    receiver.wait_for(8).await;
    assert!(daemon.stop().await.success());
    let daemon = home.start().await;
    assert_eq!(daemon.api.pending().await, 0);
    assert_eq!(receiver.count(), 8, "nothing was sent twice");
}
