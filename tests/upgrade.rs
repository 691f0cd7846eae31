//! The current program opens journals of earlier layouts and delivers what they contain.

use std::{fs, path::Path};

use crate::support::{
    daemon::{Home, fanfare},
    until,
};

#[tokio::test]
async fn a_journal_of_every_earlier_layout_opens_goes_on_and_is_sound() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../journal/tests/fixtures");
    let mut files: Vec<_> = fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let home = Home::new("[journal]\nretention = \"forever\"\n[channels.log]\nplugin = \"builtin:log\"\n");
        fs::create_dir(home.path("data")).unwrap();
        fs::copy(&file, home.path("data/journal.db")).unwrap();
        let daemon = home.start().await;
        let events = daemon.api.get("/v1/events?limit=1").await.expect(200).json();
        let before = daemon.api.get("/v1/stats").await.expect(200).json()["totals"]["accepted"].as_u64().unwrap();
        assert!(before > 0 && events["events"][0]["offset"].as_u64() > Some(0), "{}: {events:#}", file.display());
        let result = daemon.api.publish(r#"{"type":"after.upgrade","id":"new"}"#).await.expect(200).json();
        assert_eq!(result["channels"]["log"]["status"], "success", "{}: {result:#}", file.display());
        until("the count", || async {
            let stats = daemon.api.get("/v1/stats").await.expect(200).json();
            (stats["totals"]["accepted"].as_u64() == Some(before + 1)).then_some(())
        })
        .await;
        assert!(daemon.stop().await.success());
        let mut doctor = fanfare();
        doctor.args(["doctor", "--config"]).arg(home.path("config.toml"));
        let said = doctor.output().await.unwrap();
        assert!(said.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&said.stdout));
    }
}
