//! What a plugin has to prove before it goes live, besides compiling and linking: that it passes its own tests.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fanfare_core::{ChannelName, Did, Outcome, Policy};
use fanfare_dispatch::Bounds;
use fanfare_runtime::{ChannelSetup, Grants, Kind, Outbound, Plugin, Wire};

use super::trial;
use crate::config::{Expected, SelfTest, Sidecar};

const LONGEST_TEST: Duration = Duration::from_secs(5);
const LONGEST_TESTS: Duration = Duration::from_secs(20);

/// Runs a plugin's self-tests. Its requests get the responses that the test specifies, so nothing leaves this machine.
///
/// # Errors
/// What the first failed test did instead.
pub async fn self_tests(plugin: &Plugin, sidecar: &Sidecar) -> Result<(), String> {
    let all = async {
        for (n, test) in sidecar.tests.iter().enumerate() {
            let failed = |reason| format!("self-test {} ({}): {reason}", n + 1, test.event.ty);
            run(plugin, sidecar, test).await.map_err(failed)?;
        }
        Ok(())
    };
    // The daemon waits for the tests.
    let in_time = tokio::time::timeout(LONGEST_TESTS, all).await;
    in_time.unwrap_or_else(|_| Err(format!("its self-tests took longer than {LONGEST_TESTS:?}")))
}

async fn run(plugin: &Plugin, sidecar: &Sidecar, test: &SelfTest) -> Result<(), String> {
    let name = ChannelName::new("self-test").map_err(|error| error.to_string())?;
    let setup = ChannelSetup {
        settings: test.settings.over(sidecar.settings.over(BTreeMap::new())),
        // What it emits here is discarded.
        grants: Grants { emit: vec![">".to_owned()], ..Grants::default() },
        ..ChannelSetup::new(name)
    };
    let policy = sidecar.policy.over(Policy::default());
    // A self-test is kept short.
    let bounds = Bounds { timeout: policy.timeout.min(LONGEST_TEST), ..Bounds::from(&policy) };
    let plugin = &plugin.wired(Wire { outbound: Outbound::Stubbed(test.answers.clone()), tap: None });
    if plugin.kind() == Kind::Stage {
        return stage(plugin, setup, bounds, test).await;
    }
    let channel = plugin.channel(setup).map_err(|error| error.to_string())?;
    let report = trial::attempt(&channel, Arc::new(test.event.clone()), bounds, 1).await;
    match (&report.outcome, &test.expect) {
        (Outcome::Delivered { .. }, Expected::Delivered) => Ok(()),
        (Outcome::Delivered { .. }, Expected::Did(_)) => {
            Err(format!("it is a channel, but was expected {}", wanted(&test.expect)))
        }
        (Outcome::Delivered { .. }, Expected::Failed(wanted)) => {
            Err(format!("it delivered, but was expected to fail with `{wanted}`"))
        }
        (Outcome::Failed(fault), expected) if expected.is_failure(fault.class, &fault.code) => Ok(()),
        (Outcome::Failed(fault), expected) => {
            let class = fault.class.as_str();
            let wanted = wanted(expected);
            Err(format!("it was expected {wanted}, but failed with `{class}` ({}): {}", fault.code, fault.message))
        }
    }
}

/// The same for a stage. If it is expected to deliver, it may do anything with the event but drop it.
async fn stage(plugin: &Plugin, setup: ChannelSetup, bounds: Bounds, test: &SelfTest) -> Result<(), String> {
    let stage = plugin.stage(setup).map_err(|error| error.to_string())?;
    let event = Arc::new(test.event.clone());
    let report = stage.process(Arc::clone(&event), bounds, None).await;
    let did = match &report.outcome {
        Ok(Some(after)) if *after == *event => Did::Unchanged,
        Ok(Some(_)) => Did::Changed,
        Ok(None) => Did::Dropped,
        Err(fault) if test.expect.is_failure(fault.class, &fault.code) => return Ok(()),
        Err(fault) => {
            let (class, wanted) = (fault.class.as_str(), wanted(&test.expect));
            return Err(format!(
                "it was expected {wanted}, but failed with `{class}` ({}): {}",
                fault.code, fault.message
            ));
        }
    };
    match &test.expect {
        Expected::Did(expected) if *expected == did => Ok(()),
        Expected::Delivered if did != Did::Dropped => Ok(()),
        expected => Err(format!("it was expected {}, but the event is {}", wanted(expected), did.as_str())),
    }
}

fn wanted(expected: &Expected) -> String {
    match expected {
        Expected::Delivered => "to deliver".to_owned(),
        Expected::Did(did) => format!("to leave the event {}", did.as_str()),
        Expected::Failed(wanted) => format!("to fail with `{wanted}`"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bytes::Bytes;
    use fanfare_runtime::{Runtime, RuntimeOptions};
    use tokio::time::{Instant, pause};

    use super::*;
    use crate::config::parse_sidecar;

    /// Runs the self-tests of the hostile guest, and returns their result and how long they took. The clock moves by
    /// itself while the guest sleeps.
    async fn check(tests: &str) -> (Result<(), String>, Duration) {
        let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
        let plugin = runtime.load(Bytes::from_static(fanfare_artifacts::hostile())).await.unwrap();
        let sidecar = parse_sidecar(tests, Path::new("hostile.toml")).unwrap();
        pause();
        let began = Instant::now();
        (self_tests(&plugin, &sidecar).await, began.elapsed())
    }

    fn sleeps(ms: u32) -> String {
        format!("[[tests]]\nevent = {{ type = \"a\" }}\nsettings = {{ mode = \"sleep\", ms = {ms} }}\n")
    }

    #[tokio::test]
    async fn a_self_test_ends_after_five_seconds() {
        let (result, took) = check(&format!("timeout = \"60s\"\n{}", sleeps(60_000))).await;
        let reason = result.unwrap_err();
        assert!(reason.starts_with("self-test 1 (a)") && reason.contains("`timeout`"), "{reason}");
        assert!((LONGEST_TEST..LONGEST_TEST * 2).contains(&took), "{took:?}");
    }

    #[tokio::test]
    async fn all_self_tests_of_a_plugin_end_after_twenty_seconds() {
        let (result, took) = check(&sleeps(4_000).repeat(6)).await;
        assert_eq!(result.unwrap_err(), "its self-tests took longer than 20s");
        assert!((LONGEST_TESTS..LONGEST_TESTS * 2).contains(&took), "{took:?}");
    }

    /// The address is reserved for documentation: nothing answers there.
    #[tokio::test]
    async fn a_self_test_gets_its_answers_and_reaches_nothing() {
        let test = |settings: &str| format!("[[tests]]\nevent = {{ type = \"a\" }}\nsettings = {{ {settings} }}\n");
        let request = test("mode = \"http\", url = \"http://192.0.2.1/\"");
        let reason = check(&format!("{request}{}", test("mode = \"tcp\", address = \"192.0.2.1:80\""))).await.0;
        let reason = reason.unwrap_err();
        assert!(reason.starts_with("self-test 2 (a)") && reason.contains("`denied`"), "{reason}");
    }
}
