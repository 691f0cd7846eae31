//! What a file has to show before it goes live, besides compiling and linking: that it passes its own tests.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fanfare_core::{ChannelName, Outcome, Policy};
use fanfare_dispatch::Bounds;
use fanfare_runtime::{ChannelSetup, Grants, Outbound, Plugin};

use super::trial;
use crate::config::{Expected, SelfTest, Sidecar};

const LONGEST_TEST: Duration = Duration::from_secs(5);
const LONGEST_TESTS: Duration = Duration::from_secs(20);

/// Runs the self-tests of a plugin. What it sends is answered from the test, so nothing leaves this machine.
///
/// # Errors
/// What the first one that failed did instead.
pub async fn self_tests(plugin: &Plugin, sidecar: &Sidecar) -> Result<(), String> {
    let all = async {
        for (n, test) in sidecar.tests.iter().enumerate() {
            let failed = |reason| format!("self-test {} ({}): {reason}", n + 1, test.event.ty);
            run(plugin, sidecar, test).await.map_err(failed)?;
        }
        Ok(())
    };
    // The daemon waits for these.
    let in_time = tokio::time::timeout(LONGEST_TESTS, all).await;
    in_time.unwrap_or_else(|_| Err(format!("its self-tests were not done within {LONGEST_TESTS:?}")))
}

async fn run(plugin: &Plugin, sidecar: &Sidecar, test: &SelfTest) -> Result<(), String> {
    let name = ChannelName::new("self-test").map_err(|error| error.to_string())?;
    let setup = ChannelSetup {
        settings: test.settings.over(sidecar.settings.over(BTreeMap::new())),
        outbound: Outbound::Stubbed(test.answers.clone()),
        // What it emits here is published nowhere.
        grants: Grants { emit: vec![">".to_owned()], ..Grants::default() },
        ..ChannelSetup::new(name)
    };
    let channel = plugin.channel(setup).map_err(|error| error.to_string())?;
    let policy = sidecar.policy.over(Policy::default());
    // No more time than a plugin needs to show that it works.
    let bounds = Bounds { timeout: policy.timeout.min(LONGEST_TEST), ..Bounds::from(&policy) };
    let report = trial::attempt(&channel, Arc::new(test.event.clone()), bounds, 1).await;
    match (&report.outcome, &test.expect) {
        (Outcome::Delivered { .. }, Expected::Delivered) => Ok(()),
        (Outcome::Delivered { .. }, Expected::Failed(wanted)) => {
            Err(format!("it delivered, and was expected to fail as `{wanted}`"))
        }
        (Outcome::Failed(fault), expected) if expected.is_failure(fault.class, &fault.code) => Ok(()),
        (Outcome::Failed(fault), expected) => {
            let wanted = match expected {
                Expected::Delivered => "to deliver".to_owned(),
                Expected::Failed(wanted) => format!("to fail as `{wanted}`"),
            };
            let class = fault.class.as_str();
            Err(format!("it was expected {wanted}, and failed as `{class}` ({}): {}", fault.code, fault.message))
        }
    }
}
