//! Shares of the thread among guests that compute more than it can do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fanfare_core::{ChannelName, Policy, Priority};
use fanfare_dispatch::{Channel, ChannelSpec};
use support::{Bench, delivered, policy};

/// The channels whose attempts were made, in order, with this backlog each.
async fn order(priorities: &[i8], backlog: usize) -> Vec<usize> {
    let bench = Bench::new();
    let order = Arc::new(Mutex::new(vec![]));
    let mut specs = vec![];
    for (n, &lane) in priorities.iter().enumerate() {
        let order = Arc::clone(&order);
        let channel = bench.channel(move |_| {
            order.lock().unwrap().push(n);
            async { delivered() }
        });
        let policy = Policy { priority: Priority { lane, first: None }, ..policy() };
        let name = ChannelName::new(&format!("c{n}")).unwrap();
        specs.push((ChannelSpec { name, policy, channel: None }, channel));
    }
    let with = |channel: bool| {
        let spec = |(spec, scripted): &(ChannelSpec, Arc<support::Scripted>)| ChannelSpec {
            name: spec.name.clone(),
            policy: spec.policy.clone(),
            channel: channel.then(|| Arc::clone(scripted) as Arc<dyn Channel>),
        };
        specs.iter().map(spec).collect::<Vec<_>>()
    };
    bench.dispatcher.apply(with(false)).await.unwrap();
    for _ in 0..backlog {
        bench.publish(0).await;
    }
    bench.dispatcher.apply(with(true)).await.unwrap();
    for n in 0..priorities.len() {
        while bench.dispatcher.lane(&format!("c{n}")).unwrap().1.pending > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let order = order.lock().unwrap();
    assert_eq!(order.len(), backlog * priorities.len());
    order.clone()
}

/// The number of attempts of each channel when the first has finished its backlog.
fn when_the_first_is_done(order: &[usize], backlog: usize) -> Vec<usize> {
    let mut made = vec![0; order.iter().max().unwrap() + 1];
    for &n in order {
        made[n] += 1;
        if made[n] == backlog {
            break;
        }
    }
    made
}

#[tokio::test(start_paused = true)]
async fn attempts_follow_the_ratio_of_priorities_and_no_channel_starves() {
    const BACKLOG: usize = 600;
    for (priorities, want) in
        [([0, 0], 1.0), ([3, 0], 1.953), ([0, -3], 1.953), ([6, 0], 3.81), ([10, 0], 9.31), ([-7, -10], 1.953)]
    {
        let made = when_the_first_is_done(&order(&priorities, BACKLOG).await, BACKLOG);
        let ratio = made[0] as f64 / made[1] as f64;
        assert!((ratio / want - 1.0).abs() < 0.25, "{priorities:?}: {made:?}, {ratio} for {want}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_many_channels_each_gets_its_share() {
    const BACKLOG: usize = 60;
    let made = when_the_first_is_done(&order(&[0; 100], BACKLOG).await, BACKLOG);
    assert!(made.iter().all(|&made| made >= BACKLOG / 2), "{made:?}");
}
