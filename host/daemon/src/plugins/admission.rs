//! What a plugin has to prove before it goes live, besides compiling and linking: that it passes its own tests.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fanfare_core::{ChannelName, Did, Outcome, Policy};
use fanfare_dispatch::Bounds;
use fanfare_runtime::{ChannelSetup, Grants, Kind, Outbound, Plugin};

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
        outbound: Outbound::Stubbed(test.answers.clone()),
        // What it emits here is discarded.
        grants: Grants { emit: vec![">".to_owned()], ..Grants::default() },
        ..ChannelSetup::new(name)
    };
    let policy = sidecar.policy.over(Policy::default());
    // A self-test is kept short.
    let bounds = Bounds { timeout: policy.timeout.min(LONGEST_TEST), ..Bounds::from(&policy) };
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
    let report = stage.process(Arc::clone(&event), bounds).await;
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
