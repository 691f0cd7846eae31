//! Whether the promise was kept: a pure function over the responses to publishers, the requests to receivers, and the
//! final state of the daemon and its journal.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{
    ledger::{Fold, Ledger, Step},
    plan::{BATCH, Channel, Kind},
    publishers::Acknowledged,
    receivers::Hit,
    world::Evidence,
};

/// The source of system events.
const SYSTEM: &str = "/fanfare";

/// Everything that is wrong.
pub fn judge(evidence: &Evidence) -> Vec<String> {
    let mut wrong = evidence.responses.wrong.clone();
    let recorded = Recorded::of(evidence, &mut wrong);
    acknowledged(evidence, &recorded, &mut wrong);
    staged(evidence, &recorded, &mut wrong);
    ended(evidence, &recorded, &mut wrong);
    requests(evidence, &recorded, &mut wrong);
    repeats(evidence, &recorded, &mut wrong);
    order(evidence, &recorded, &mut wrong);
    cancelled(evidence, &recorded, &mut wrong);
    fallbacks(evidence, &recorded, &mut wrong);
    system_events(evidence, &recorded, &mut wrong);
    sums(evidence, &mut wrong);
    wrong
}

/// The history, by source and id.
struct Recorded<'a> {
    events: HashMap<(&'a str, &'a str), &'a Value>,
    folds: BTreeMap<(u32, u64), Fold>,
}

impl<'a> Recorded<'a> {
    fn of(evidence: &'a Evidence, wrong: &mut Vec<String>) -> Self {
        let mut events = HashMap::new();
        for listed in &evidence.history {
            let (source, id) = (text(&listed["event"]["source"]), text(&listed["event"]["id"]));
            if events.insert((source, id), listed).is_some() {
                wrong.push(format!("{id} of {source} appears twice in the history"));
            }
        }
        Self { events, folds: evidence.ledger.folds() }
    }

    fn get(&self, source: &str, id: &str) -> Option<&'a Value> {
        self.events.get(&(source, id)).copied()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Every acknowledged event is in the journal, at its offset, and goes to every channel of that time whose filter
/// matches.
fn acknowledged(evidence: &Evidence, recorded: &Recorded<'_>, wrong: &mut Vec<String>) {
    for (id, known) in &evidence.responses.acknowledged {
        let Some(listed) = recorded.get("/", id) else {
            let (offset, removed) = (known.offset, evidence.ledger.pruned_to);
            let missing = not_taken(evidence, id, known);
            if offset > removed || !missing.is_empty() {
                wrong.push(format!(
                    "{id} was acknowledged, but is not in the journal: event {offset}, and up to {removed} are \
                     removed; not taken by {missing:?}"
                ));
            }
            continue;
        };
        if listed["offset"] != known.offset {
            wrong.push(format!("{id} was acknowledged as event {} and is event {}", known.offset, listed["offset"]));
        }
        for channel in &evidence.channels {
            let gets = channel.gets(text(&known.event["subject"]));
            let (has, may_lack) = (known.channels.contains(channel.name), channel.comes_and_goes);
            if gets && !has && !may_lack {
                wrong.push(format!("{id} was accepted, but not for {}", channel.name));
            }
            // A repeat's response includes what a replay has sent since.
            let replayed = fold(evidence, recorded, channel.name, known.offset).is_some_and(|f| f.ever(Step::Again));
            if has && !gets && !replayed {
                wrong.push(format!("{id} was accepted for {}, whose filter does not match it", channel.name));
            }
        }
        for channel in &known.channels {
            if listed["result"]["channels"][channel].is_null() {
                wrong.push(format!("{id} was accepted for {channel}, but the history lacks it"));
            }
        }
    }
    for id in &evidence.responses.refused {
        if recorded.get("/", id).is_some() {
            wrong.push(format!("{id} was in a batch that was rejected, but is in the journal"));
        }
    }
    for id in evidence.responses.doubtful.keys() {
        wrong.push(format!("{id} could not be published in the end"));
    }
}

/// The stage processed each event once, whatever was killed and however often it was published.
fn staged(evidence: &Evidence, recorded: &Recorded<'_>, wrong: &mut Vec<String>) {
    for ((source, id), listed) in recorded.events.iter().filter(|((source, _), _)| evidence.staged && *source == "/") {
        let marks = &listed["event"]["data"]["marks"];
        if *marks != serde_json::json!(["once"]) {
            wrong.push(format!("{id} of {source} was marked {marks}, instead of once"));
        }
    }
}

/// The channels that have not taken an event. Events that were removed for their age had been delivered or skipped: a
/// dead one is kept with its dead letter.
fn not_taken(evidence: &Evidence, id: &str, known: &Acknowledged) -> Vec<&'static str> {
    if evidence.responses.cancelled.contains_key(id) {
        return vec![];
    }
    let receives = |channel: &&Channel| channel.kind == Kind::Webhook && known.channels.contains(channel.name);
    let is_missing = |channel: &&Channel| {
        let takes = |hit: &Hit| hit.status == 204 && hit.source == "/" && hit.event == id;
        let takes_another = |hit: &Hit| hit.status == 204 && hit.subject.as_deref() == known.event["subject"].as_str();
        let mut hits = evidence.hits.iter().filter(|hit| hit.channel == channel.name);
        !hits.any(|hit| takes(hit) || (channel.once && takes_another(hit)))
    };
    evidence.channels.iter().filter(receives).filter(is_missing).map(|channel| channel.name).collect()
}

/// Every delivery has settled, and a dead one has a reason.
fn ended(evidence: &Evidence, recorded: &Recorded<'_>, wrong: &mut Vec<String>) {
    for ((_, id), listed) in &recorded.events {
        for (name, result) in listed["result"]["channels"].as_object().into_iter().flatten() {
            let channel = evidence.channels.iter().find(|channel| channel.name == name);
            let fold = fold(evidence, recorded, name, listed["offset"].as_u64().unwrap_or_default());
            let agrees = match text(&result["status"]) {
                "success" => fold.is_some_and(|fold| fold.last() == Some(Step::Delivered)),
                "failed" => {
                    if let Some(channel) = channel {
                        died(channel, id, result, wrong);
                    }
                    fold.is_some_and(|fold| fold.last() == Some(Step::Dead))
                }
                "skipped" => {
                    skipped(evidence, recorded, (name, listed), wrong);
                    fold.is_some_and(|fold| fold.last() == Some(Step::Skipped))
                }
                _ => {
                    wrong.push(format!("{id} has not settled on {name}: {result}"));
                    continue;
                }
            };
            if !agrees {
                wrong.push(format!("{id} on {name}: the history says {result}, the journal's file {fold:?}"));
            }
        }
    }
}

/// A skipped delivery was not wanted: the event was cancelled, or another one with its key is delivered instead.
fn skipped(evidence: &Evidence, recorded: &Recorded<'_>, (name, listed): (&str, &Value), wrong: &mut Vec<String>) {
    let channel = evidence.channels.iter().find(|channel| channel.name == name);
    let (id, subject) = (text(&listed["event"]["id"]), &listed["event"]["subject"]);
    let skipped = &listed["result"]["channels"][name];
    let one: Option<u64> =
        text(&skipped["detail"]).rsplit_once("at offset ").and_then(|(_, offset)| offset.parse().ok());
    let stands_for = |other: &&Value| {
        let status = text(&other["result"]["channels"][name]["status"]);
        other["event"]["subject"] == *subject
            && other["offset"].as_u64() == one
            && matches!(status, "success" | "failed")
    };
    let sound = match text(&skipped["reason"]) {
        "once" => {
            channel.is_some_and(|channel| channel.once)
                && (one <= Some(evidence.ledger.pruned_to) || recorded.events.values().any(stands_for))
        }
        "cancelled" => evidence.responses.cancelled.contains_key(id),
        _ => false,
    };
    if !sound {
        let another = recorded.events.values().find(|other| one.is_some() && other["offset"].as_u64() == one);
        let another = another.map_or(&Value::Null, |other| &other["result"]["channels"][name]);
        wrong.push(format!("{id} was skipped on {name} without a delivery in its place: {skipped}, but {another}"));
    }
}

/// Events whose cancellation was confirmed were sent to no channel, except by a replay.
fn cancelled(evidence: &Evidence, recorded: &Recorded<'_>, wrong: &mut Vec<String>) {
    for id in evidence.responses.cancelled.iter().filter(|(_, confirmed)| **confirmed).map(|(id, _)| id) {
        let Some(listed) = recorded.get("/", id) else { continue };
        let offset = listed["offset"].as_u64().unwrap_or_default();
        for (name, result) in listed["result"]["channels"].as_object().into_iter().flatten() {
            let again = fold(evidence, recorded, name, offset).is_some_and(|fold| fold.ever(Step::Again));
            if result["status"] != "skipped" && !again {
                wrong.push(format!("{id} was cancelled, but on {name} it is {result}"));
            }
        }
    }
}

/// A fallback gets what its channel cannot deliver, and nothing else.
fn fallbacks(evidence: &Evidence, recorded: &Recorded<'_>, wrong: &mut Vec<String>) {
    for channel in &evidence.channels {
        let Some(spare) = channel.fallback else { continue };
        for ((_, id), listed) in &recorded.events {
            let channels = &listed["result"]["channels"];
            let offset = listed["offset"].as_u64().unwrap_or_default();
            let died = fold(evidence, recorded, channel.name, offset).is_some_and(|fold| fold.ever(Step::Dead));
            let has = !channels[spare].is_null();
            let replayed = fold(evidence, recorded, spare, offset)
                .is_some_and(|fold| fold.entries.iter().any(|entry| entry.step == Step::Again && !entry.by_policy));
            if died != has && !replayed {
                wrong.push(format!("{id} died on {}: {died}; its fallback {spare} has it: {has}", channel.name));
            }
        }
    }
}

/// A dead delivery has a reason that its channel can have.
fn died(channel: &Channel, id: &str, result: &Value, wrong: &mut Vec<String>) {
    let spent = result["attempts"].as_u64().unwrap_or_default();
    let sound = match text(&result["class"]) {
        "rejected" => channel.kind != Kind::Tally,
        "retry" | "timeout" => spent == u64::from(channel.retries) + 1,
        "expired" => channel.expires,
        _ => false,
    };
    if !sound || text(&result["code"]).is_empty() {
        wrong.push(format!("{id} is dead on {} without a valid reason: {result}", channel.name));
    }
}

fn fold<'a>(evidence: &Evidence, recorded: &'a Recorded<'_>, channel: &str, offset: u64) -> Option<&'a Fold> {
    recorded.folds.get(&(evidence.ledger.channel(channel)?.0, offset))
}

/// Every request is recorded, with one delivery id each; every recorded delivery was sent.
fn requests(evidence: &Evidence, recorded: &Recorded<'_>, wrong: &mut Vec<String>) {
    let mut sent: HashMap<(&str, &str, &str), (BTreeSet<&str>, bool)> = HashMap::new();
    for hit in &evidence.hits {
        let (ids, taken) = sent.entry((&hit.channel, &hit.source, &hit.event)).or_default();
        if !hit.delivery.is_empty() {
            ids.insert(&hit.delivery);
        }
        *taken |= hit.status == 204;
    }
    for ((channel, source, id), (ids, _)) in &sent {
        if recorded.get(source, id).is_none() && evidence.ledger.pruned_to > 0 {
            continue; // it was recorded, and then removed
        }
        let on_record =
            recorded.get(source, id).map(|listed| text(&listed["result"]["channels"][channel]["delivery_id"]));
        if on_record.is_none_or(|on_record| ids.iter().any(|id| *id != on_record)) {
            wrong.push(format!("{channel} was sent {id} as {ids:?}, but the record has {on_record:?}"));
        }
    }
    for channel in evidence.channels.iter().filter(|channel| channel.kind == Kind::Webhook) {
        for ((source, id), listed) in &recorded.events {
            let claimed = listed["result"]["channels"][channel.name]["status"] == "success";
            let taken = sent.get(&(channel.name, source, id)).is_some_and(|(_, taken)| *taken);
            if claimed && !taken {
                wrong.push(format!("{id} was never accepted by {}, but is recorded as delivered", channel.name));
            }
        }
    }
}

/// Few accepted deliveries are repeated: those in flight at a kill, and those settled in the commit that it
/// interrupted, for which a settlement waits as long as a sync takes.
fn repeats(evidence: &Evidence, recorded: &Recorded<'_>, wrong: &mut Vec<String>) {
    if evidence.disk_failed {
        return;
    }
    for channel in evidence.channels.iter().filter(|channel| channel.kind == Kind::Webhook) {
        let mut taken: HashMap<u64, u32> = HashMap::new();
        for hit in evidence.hits.iter().filter(|hit| hit.channel == channel.name && hit.status == 204) {
            let offset = recorded.get(&hit.source, &hit.event).and_then(|listed| listed["offset"].as_u64());
            let fold = offset.and_then(|offset| fold(evidence, recorded, channel.name, offset));
            if let Some(offset) = offset.filter(|_| fold.is_some_and(|fold| !fold.ever(Step::Again))) {
                *taken.entry(offset).or_default() += 1;
            }
        }
        let repeats: u32 = taken.values().map(|times| times - 1).sum();
        let at_once = if channel.batch { channel.concurrency * BATCH } else { channel.concurrency };
        let bound = evidence.kills * at_once * 8;
        if repeats > bound {
            wrong.push(format!("{} accepted {repeats} deliveries again, at most {bound} are expected", channel.name));
        }
    }
}

/// On an ordered channel, no delivery of a subject is sent before all earlier ones have settled. Deliveries that were
/// begun again are left out: their place among the others is not promised.
fn order(evidence: &Evidence, recorded: &Recorded<'_>, wrong: &mut Vec<String>) {
    for channel in evidence.channels.iter().filter(|channel| channel.order) {
        let mut newest: HashMap<&str, (u64, &Hit)> = HashMap::new();
        for hit in evidence.hits.iter().filter(|hit| hit.channel == channel.name) {
            let (Some(subject), Some(listed)) = (&hit.subject, recorded.get(&hit.source, &hit.event)) else { continue };
            let offset = listed["offset"].as_u64().unwrap_or_default();
            let again = fold(evidence, recorded, channel.name, offset).is_none_or(|fold| fold.ever(Step::Again));
            let is_later = !listed["event"]["deliverat"].is_null();
            if again || is_later {
                continue;
            }
            match newest.get(subject.as_str()) {
                Some((later, other)) if *later > offset => wrong.push(format!(
                    "{}: {} (event {offset}) was sent after {} (event {later}) of the same subject {subject}",
                    channel.name, hit.event, other.event
                )),
                _ => drop(newest.insert(subject, (offset, hit))),
            }
        }
    }
}

/// If a channel asks for it, each death of a delivery caused one system event, and none for system events themselves.
fn system_events(evidence: &Evidence, recorded: &Recorded<'_>, wrong: &mut Vec<String>) {
    if evidence.ledger.pruned_to > 0 || !evidence.channels.iter().any(|channel| channel.system_events) {
        return;
    }
    let mut events: BTreeMap<String, usize> = BTreeMap::new();
    for event in evidence.ledger.events.values().filter(|event| event.source == SYSTEM) {
        // The type, the channel, the offset, and when this round of it began.
        let (which, _) = event.id.rsplit_once(':').unwrap_or((&event.id, ""));
        *events.entry(which.to_owned()).or_default() += 1;
    }
    for ((channel, offset), fold) in &recorded.folds {
        let Some(name) = evidence.ledger.channels.get(channel).map(|channel| &channel.name) else { continue };
        let own = evidence.ledger.events.get(offset).is_some_and(|event| event.source == SYSTEM);
        let died = fold.entries.iter().filter(|entry| entry.step == Step::Dead).count();
        let found = events.remove(&format!("fanfare.delivery.dead:{name}:{offset}")).unwrap_or_default();
        if found != if own { 0 } else { died } {
            wrong.push(format!("event {offset} died {died} times on {name}, with {found} system events"));
        }
    }
    wrong.extend(events.keys().map(|which| format!("{which} is about nothing that happened")));
}

/// The numbers that an operator sees match the records.
fn sums(evidence: &Evidence, wrong: &mut Vec<String>) {
    let entries = || evidence.ledger.progress.values().flatten();
    let count = |step| entries().filter(|entry| entry.step == step).count() as u64;
    let attempts = entries().filter(|entry| entry.attempted).count() as u64;
    let totals = &evidence.stats["totals"];
    let mut sums = vec![("accepted of /v1/stats".to_owned(), totals["accepted"].as_u64(), evidence.ledger.last_offset)];
    sums.push((
        "the length of the history".to_owned(),
        Some(evidence.history.len() as u64),
        evidence.ledger.events.len() as u64,
    ));
    // Events that were removed for their age are still counted.
    let recorded = [
        ("delivered of /v1/stats".to_owned(), totals["delivered"].as_u64(), count(Step::Delivered)),
        ("dead of /v1/stats".to_owned(), totals["dead"].as_u64(), count(Step::Dead)),
        ("attempts of /v1/stats".to_owned(), totals["attempts"].as_u64(), attempts),
    ];
    sums.extend(recorded.into_iter().filter(|_| evidence.ledger.pruned_to == 0));
    sums.push(("pending of /v1/stats".to_owned(), totals["pending"].as_u64(), 0));
    for Channel { name, .. } in &evidence.channels {
        let letters = evidence.letters.iter().filter(|letter| letter["channel"] == *name).count() as u64;
        let shown = &evidence.stats["channels"][name];
        sums.push((format!("dead_letters of {name}"), shown["dead_letters"].as_u64(), letters));
        sums.push((format!("pending of {name}"), shown["pending"].as_u64(), 0));
        for (gauge, counted) in [("pending", 0), ("in_flight", 0), ("dead_letters", letters)] {
            let sample = format!("fanfare_{gauge}{{channel=\"{name}\"}}");
            sums.push((sample.clone(), metric(&evidence.metrics, &sample), counted));
        }
    }
    sums.extend(of_this_run(evidence));
    for (what, said, counted) in sums {
        if said != Some(counted) {
            wrong.push(format!("{what} is {said:?}, but a recount says {counted}"));
        }
    }
}

/// What the last daemon has counted since it started.
fn of_this_run(evidence: &Evidence) -> Vec<(String, Option<u64>, u64)> {
    let Evidence { before, ledger, metrics, .. } = evidence;
    let accepted = "fanfare_events_accepted_total".to_owned();
    let mut sums = vec![(accepted.clone(), metric(metrics, &accepted), ledger.last_offset - before.last_offset)];
    for Channel { name, .. } in &evidence.channels {
        let of = |ledger: &Ledger| ledger.channel(name).map(|(_, row)| row.clone()).unwrap_or_default();
        let (before, after) = (of(before), of(ledger));
        for (outcome, counted) in [
            ("delivered", after.delivered - before.delivered),
            ("dead", after.dead - before.dead),
            ("skipped", after.skipped - before.skipped),
        ] {
            let sample = format!("fanfare_deliveries_total{{channel=\"{name}\",outcome=\"{outcome}\"}}");
            sums.push((sample.clone(), metric(metrics, &sample).or(Some(0)), counted));
        }
        // Host faults are shown, and use up no attempt.
        let lines = metrics.lines().filter_map(|line| line.strip_prefix("fanfare_attempts_total{channel=\""));
        let own = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix("\",class=\"")?.split_once("\"} "));
        let attempts = own.filter(|(class, _)| *class != "host").map(|(_, count)| count.parse::<u64>().unwrap()).sum();
        let stale = metric(metrics, &format!("fanfare_settlements_stale_total{{channel=\"{name}\"}}")).unwrap_or(0);
        let what = format!("fanfare_attempts_total of {name} ({stale} stale settlements)");
        sums.push((what, Some(attempts), after.attempts - before.attempts));
    }
    sums
}

fn metric(metrics: &str, sample: &str) -> Option<u64> {
    metrics.lines().find_map(|line| line.strip_prefix(sample)?.trim().parse().ok())
}
