//! Failing disks and damaged files: nothing acknowledged is lost, and the operator learns what to do.

use std::fs;

use serde_json::Value;

use crate::support::{
    client::Api,
    daemon::{Home, fanfare},
    faults::{Disk, Faults},
    receiver::{Answering, Receiver},
    until, webhook,
};

fn event(id: &str) -> String {
    format!(r#"{{"type":"order.paid","id":"{id}","data":{{}}}}"#)
}

/// Publishes until a response has this status.
async fn until_answered(api: &Api, prefix: &str, status: u16) -> Vec<(String, u16)> {
    let mut answers = vec![];
    for n in 0..2_000 {
        let id = format!("{prefix}-{n}");
        let answer = api.publish_async(event(&id)).await;
        answers.push((id, answer.status.as_u16()));
        if answer.status == status {
            if status == 503 {
                assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
                assert_eq!(answer.headers["content-type"], "application/problem+json");
                assert_eq!(answer.json()["type"], "urn:fanfare:problem:journal-unavailable");
            }
            return answers;
        }
        tokio::task::yield_now().await;
    }
    panic!("never answered {status}: {:?}", answers.last());
}

/// The disk fails in this way, and then works again: once for the same daemon, and once for the next one after a `kill
/// -9`.
async fn survives(fault: Disk) {
    let receiver = Receiver::start().await;
    for killed in [false, true] {
        let home = Home::new(&webhook("webhook", &receiver, ""));
        let faults = Faults::new(&home);
        let mut daemon = home.start_with(faults.environment()).await;
        // Deliveries are in flight when the disk fails.
        receiver.answer(Answering { delay: std::time::Duration::from_millis(300), ..Answering::status(200) });
        let prefix = format!("{fault:?}-{killed}");
        let mut acknowledged: Vec<String> = vec![];
        for n in 0..5 {
            let id = format!("{prefix}-before-{n}");
            daemon.api.publish_async(event(&id)).await.expect(202);
            acknowledged.push(id);
        }
        faults.disk(fault);
        let answers = until_answered(&daemon.api, &prefix, 503).await;
        acknowledged.extend(answers.into_iter().filter(|(_, status)| *status == 202).map(|(id, _)| id));
        let ready = daemon.api.get("/readyz").await.expect(503).json();
        assert_eq!(ready["journal"]["status"], "failing", "{ready}");
        assert!(!ready["journal"]["error"].as_str().unwrap().is_empty());
        daemon.api.get("/healthz").await.expect(200);
        receiver.answer(Answering::status(200));
        if killed {
            daemon.kill().await;
            faults.heal();
            daemon = home.start_with(faults.environment()).await;
        } else {
            faults.heal();
        }
        // It recovers without a restart.
        until("it to write again", || async { (daemon.api.get("/readyz").await.status == 200).then_some(()) }).await;
        daemon.api.publish(event(&format!("{prefix}-after"))).await.expect(200);
        until("the backlog", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
        for id in &acknowledged {
            let shown = daemon.api.event(id).await;
            assert_eq!(shown["result"]["overall_status"], "success", "{id}: {shown}");
        }
        let received: Vec<Value> =
            receiver.received().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect();
        for id in &acknowledged {
            assert!(received.iter().any(|event| event["id"] == id.as_str()), "{id} was never sent");
        }
    }
}

#[tokio::test]
async fn while_fsync_fails_nothing_is_acknowledged_and_nothing_is_lost() {
    survives(Disk::FailsToSync).await;
}

#[tokio::test]
async fn while_the_disk_is_full_nothing_is_acknowledged_and_nothing_is_lost() {
    survives(Disk::Full).await;
}

#[tokio::test]
async fn every_acknowledgement_comes_after_its_own_sync() {
    // Without channels, the only syncs are those of accepted events.
    let home = Home::new("[channels.nobody]\nplugin = \"nowhere\"\n");
    let faults = Faults::new(&home).trace(home.path("trace"));
    let daemon = home.start_with(faults.environment()).await;
    fs::write(home.path("trace"), "").unwrap();
    for n in 0..50 {
        daemon.api.publish_async(event(&format!("e{n}"))).await.expect(202);
    }
    let trace = fs::read_to_string(home.path("trace")).unwrap();
    let mut synced = false;
    let mut answered = 0;
    for line in trace.lines() {
        match line {
            "sync" => synced = true,
            "202" => {
                assert!(synced, "response {answered} comes before its sync:\n{trace}");
                (synced, answered) = (false, answered + 1);
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(answered, 50);
}

/// Starts the daemon, which must refuse to run; returns its message.
async fn refused(home: &Home) -> String {
    let mut command = fanfare();
    command.args(["serve", "--config"]).arg(home.path("config.toml"));
    let output = tokio::time::timeout(std::time::Duration::from_secs(30), command.output()).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_damaged_journal_is_reported_with_its_name_and_a_remedy() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n");
    let daemon = home.start().await;
    for n in 0..200 {
        daemon.api.publish_async(event(&format!("e{n}"))).await.expect(202);
    }
    assert!(daemon.stop().await.success());
    let path = home.path("data/journal.db");
    let whole = fs::read(&path).unwrap();
    let broken = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        bytes
    };
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("truncated", broken(&|bytes| bytes.truncate(bytes.len() / 2)), "backup"),
        ("an invalid header", broken(&|bytes| bytes[..16].fill(b'x')), "not a Fanfare journal"),
        ("pages overwritten", broken(&|bytes| bytes[4096..40_960].fill(0xA5)), "backup"),
        ("a letter", b"Dear operator, this is not a database at all. ".repeat(200), "not a Fanfare journal"),
    ];
    for (what, bytes, remedy) in cases {
        fs::write(&path, &bytes).unwrap();
        let said = refused(&home).await;
        assert!(said.contains("journal.db") && said.contains(remedy), "{what}: {said}");
        // A file that is not ours is not changed.
        assert!(remedy == "backup" || fs::read(&path).unwrap() == bytes, "{what}: the file was changed");
    }
    // The layout of a future release (`user_version` is at offset 60).
    fs::write(&path, broken(&|bytes| bytes[60..64].copy_from_slice(&99_u32.to_be_bytes()))).unwrap();
    let said = refused(&home).await;
    assert!(said.contains("99") && said.contains("newer"), "{said}");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let said = refused(&home).await;
    assert!(said.contains("journal.db"), "{said}");
}

#[tokio::test]
async fn a_torn_write_ahead_log_loses_only_what_was_not_acknowledged() {
    let home = Home::new("[channels.nobody]\nplugin = \"nowhere\"\n");
    let daemon = home.start().await;
    for n in 0..30 {
        daemon.api.publish_async(event(&format!("e{n}"))).await.expect(202);
    }
    daemon.kill().await;
    // A commit that was being written when the power failed: half a frame after the last one that was synced.
    let wal = home.path("data/journal.db-wal");
    let mut bytes = fs::read(&wal).unwrap();
    let frame = bytes[bytes.len() - 4_120..].to_vec();
    bytes.extend_from_slice(&frame[..2_000]);
    fs::write(&wal, &bytes).unwrap();
    let daemon = home.start().await;
    for n in 0..30 {
        daemon.api.get(&format!("/v1/events/e{n}")).await.expect(200);
    }
    daemon.api.publish_async(event("after")).await.expect(202);
    assert_eq!(daemon.api.pending().await, 31);
}
