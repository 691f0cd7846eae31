//! Checks the journal's file against the invariants that `host/journal/src/lib.rs` promises after every commit, as a
//! pure function over its rows. It finds what no client can see, such as a delivery that will never be attempted again.

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::{Channel, Fold, Ledger, NEVER, Step};

/// Everything that is wrong. `tallies` are channels of the guest that counts its deliveries in its state, under `n`,
/// and emits an event for each.
pub fn check(ledger: &Ledger, tallies: &[&str]) -> Vec<String> {
    let mut wrong = vec![];
    let folds = ledger.folds();
    if ledger.integrity != "ok" {
        wrong.push(format!("PRAGMA integrity_check: {}", ledger.integrity));
    }
    offsets(ledger, &mut wrong);
    for (&at, fold) in &folds {
        delivery(ledger, at, fold, &mut wrong);
    }
    for (_, offset) in ledger.retries.keys().chain(&ledger.letters) {
        if !ledger.events.contains_key(offset) {
            wrong.push(format!("event {offset} was removed, but is still needed"));
        }
    }
    for offset in ledger.progress.keys().chain(&ledger.troubled) {
        if !ledger.events.contains_key(offset) {
            wrong.push(format!("event {offset} was removed, but not all of its records"));
        }
    }
    counters(ledger, &folds, &mut wrong);
    order(ledger, &folds, &mut wrong);
    for name in tallies {
        tally(ledger, &folds, name, &mut wrong);
    }
    wrong
}

/// Invariant 1.
fn offsets(ledger: &Ledger, wrong: &mut Vec<String>) {
    if ledger.pruned_to == 0 && ledger.events.len() as u64 != ledger.last_offset {
        wrong.push(format!("{} events up to offset {}", ledger.events.len(), ledger.last_offset));
    }
    if ledger.events_ever != ledger.last_offset {
        wrong.push(format!("{} events counted, the last offset is {}", ledger.events_ever, ledger.last_offset));
    }
    for (before, after) in ledger.events.keys().zip(ledger.events.keys().skip(1)) {
        if before + 1 != *after && *after > ledger.pruned_to + 1 {
            wrong.push(format!("no event between {before} and {after}"));
        }
    }
}

/// Invariants 3 and 4, and that every open delivery has a row that says when it continues.
fn delivery(ledger: &Ledger, at: (u32, u64), fold: &Fold, wrong: &mut Vec<String>) {
    let (channel, offset) = at;
    let Some(Channel { name, floor, ceiling, .. }) = ledger.channels.get(&channel) else {
        wrong.push(format!("event {offset} goes to channel {channel}, which does not exist"));
        return;
    };
    let retry = ledger.retries.get(&at);
    let begun_again = fold.ever(Step::Again) || retry.is_some_and(|retry| !retry.live);
    match (fold.last(), retry) {
        (None, None) if offset <= *floor => {
            wrong.push(format!("orphan: {name} will never begin its delivery of event {offset}"));
        }
        (Some(Step::Waiting | Step::Deferred | Step::Suspended | Step::Again), None) => {
            wrong.push(format!("orphan: {name} has begun its delivery of event {offset}, and nothing continues it"));
        }
        (Some(Step::Delivered | Step::Dead | Step::Skipped), Some(_)) => {
            wrong.push(format!("{name}: the delivery of event {offset} has ended but still waits"));
        }
        _ => {}
    }
    if offset > *ceiling && !begun_again && (fold.last().is_some() || retry.is_some()) {
        wrong.push(format!("{name}: event {offset} is above the ceiling {ceiling}"));
    }
    let letter = ledger.letters.contains(&at);
    if letter && !fold.is_dead() {
        wrong.push(format!("{name}: a dead letter of event {offset}, which is not dead"));
    }
    if !letter && fold.is_dead() && ledger.jobs.purges == 0 && ledger.pruned_to == 0 {
        wrong.push(format!("{name}: event {offset} is dead without a letter"));
    }
    if fold.ever(Step::Dead) && !ledger.troubled.contains(&offset) {
        wrong.push(format!("{name}: event {offset} was dead and is not among the troubled"));
    }
}

/// Invariants 5 and 8: counters match the records.
fn counters(ledger: &Ledger, folds: &BTreeMap<(u32, u64), Fold>, wrong: &mut Vec<String>) {
    if ledger.pruned_to > 0 {
        return; // removed events are still counted
    }
    let mut again = 0;
    for (id, channel) in &ledger.channels {
        let mut found = Channel { accepted: 0, delivered: 0, dead: 0, skipped: 0, redriven: 0, ..channel.clone() };
        (found.attempts, found.failed_attempts) = (0, 0);
        let mut open = 0;
        for (_, fold) in folds.range((*id, 0)..=(*id, u64::MAX)) {
            found.accepted += u64::from(fold.targeted);
            open += u64::from(!fold.settled());
            for entry in &fold.entries {
                match entry.step {
                    Step::Delivered => found.delivered += 1,
                    Step::Dead => found.dead += 1,
                    Step::Skipped => found.skipped += 1,
                    Step::Again => {
                        found.redriven += 1;
                        again += u64::from(!entry.by_policy);
                    }
                    Step::Waiting | Step::Deferred | Step::Suspended => {}
                }
                found.attempts += u64::from(entry.attempted);
                found.failed_attempts += u64::from(entry.failed);
            }
        }
        if found != *channel {
            wrong.push(format!("counted and recorded differ: {channel:?}, {found:?}"));
        }
        let ended = channel.delivered + channel.dead + channel.skipped;
        let pending = (channel.accepted + channel.redriven).saturating_sub(ended);
        if pending != open {
            wrong.push(format!("{}: {pending} pending by its counters, {open} by its deliveries", channel.name));
        }
    }
    if ledger.jobs.begun != again {
        wrong.push(format!("jobs have begun {} deliveries, {again} are recorded", ledger.jobs.begun));
    }
}

/// Invariant 7, and that nothing was attempted before an earlier delivery with its key had ended.
fn order(ledger: &Ledger, folds: &BTreeMap<(u32, u64), Fold>, wrong: &mut Vec<String>) {
    for (id, channel) in ledger.channels.iter().filter(|(_, channel)| channel.order_by.as_deref() == Some("subject")) {
        let mut due: BTreeMap<i64, u64> = BTreeMap::new();
        for ((_, offset), retry) in ledger.retries.range((*id, 0)..=(*id, u64::MAX)) {
            let (Some(key), true) = (retry.order_key, retry.due_at != NEVER) else { continue };
            if let Some(other) = due.insert(key, *offset) {
                wrong.push(format!("{}: events {other} and {offset} of one key are due at once", channel.name));
            }
        }
        // Only deliveries that were not begun again: for others, what came later may now be first.
        let mut open: BTreeMap<&str, u64> = BTreeMap::new();
        for ((_, offset), fold) in folds.range((*id, 0)..=(*id, u64::MAX)) {
            let subject = ledger.events.get(offset).and_then(|event| event.subject.as_deref());
            let (Some(subject), false) = (subject, fold.ever(Step::Again) || !fold.targeted) else { continue };
            let retry = ledger.retries.get(&(*id, *offset));
            if retry.is_some_and(|retry| !retry.live) {
                continue;
            }
            let attempted = fold.entries.iter().any(|entry| entry.attempted);
            let active = retry.is_some_and(|retry| retry.order_key.is_some() && retry.due_at != NEVER);
            if let Some(earlier) = open.get(subject)
                && (attempted || active)
            {
                let name = &channel.name;
                wrong.push(format!(
                    "{name}: event {offset} has overtaken event {earlier} of the same subject {subject}"
                ));
            }
            if !fold.settled() {
                open.entry(subject).or_insert(*offset);
            }
        }
    }
}

/// State and emitted events match the settlements exactly.
fn tally(ledger: &Ledger, folds: &BTreeMap<(u32, u64), Fold>, name: &str, wrong: &mut Vec<String>) {
    let Some((id, channel)) = ledger.channel(name) else { return };
    let counted = ledger.state.get(&(id, "n".to_owned())).map_or("0", String::as_str);
    if counted != channel.delivered.to_string() {
        wrong.push(format!("{name} has counted {counted} of its {} deliveries in its state", channel.delivered));
    }
    if ledger.pruned_to > 0 {
        return;
    }
    let source = format!("/channels/{name}");
    let mut emitted: BTreeSet<&str> = BTreeSet::new();
    for event in ledger.events.values().filter(|event| event.source == source) {
        if !emitted.insert(&event.id) {
            wrong.push(format!("{name} has emitted {} twice", event.id));
        }
    }
    for ((_, offset), fold) in folds.range((id, 0)..=(id, u64::MAX)) {
        let Some(event) = ledger.events.get(offset) else { continue };
        let emits = fold.ever(Step::Delivered) && !event.source.starts_with("/channels/");
        let there = emitted.remove(format!("dlv_{}_{id}.1", event.key).as_str());
        if emits != there {
            wrong.push(format!("{name}: event {offset} was delivered: {emits}; what it emits is there: {there}"));
        }
    }
    wrong.extend(emitted.iter().map(|id| format!("{name} has emitted {id} for no delivery")));
}
