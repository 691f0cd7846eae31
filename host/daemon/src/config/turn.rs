//! The keys that decide whether and when a delivery is attempted: `delay`, `quiet`, `once`, `priority`, `fallback`.

use std::time::Duration;

use fanfare_core::{
    ChannelName, KeyOf, Once, Priority,
    filter::Condition,
    quiet::{DAYS, Quiet, parse_time},
};
use jiff::tz::TimeZone;

use super::reader::{Field, Section};

/// The most fallbacks of a channel.
const MOST_FALLBACKS: usize = 8;

/// The most quiet periods of a channel.
const MOST_QUIET: usize = 16;

const QUIET_HELP: &str =
    "write it like { from = \"22:00\", to = \"07:00\", zone = \"Europe/Berlin\" }, or a list of such tables";

const ONCE_HELP: &str = "write it like { per = \"data.alert_id\", within = \"10m\" }";

const KEY_HELP: &str = "write the name of an attribute such as \"subject\", or an expression such as \"data.alert_id\"";

/// The longest window of `once`: its keys are kept that long.
const LONGEST_WINDOW: Duration = Duration::from_hours(30 * 24);

/// One quiet period, or a list of them; `"none"` is none.
pub(super) fn quiet(field: &Field<'_>) -> Option<Vec<Quiet>> {
    if field.is_text("none") {
        return Some(vec![]);
    }
    if field.value().as_table().is_some() {
        return stretch(field.section()?).map(|stretch| vec![stretch]);
    }
    if field.value().as_array().is_none() {
        field.problem("must be a table or a list of tables", QUIET_HELP);
        return None;
    }
    let fields = field.list()?;
    if fields.len() > MOST_QUIET {
        field.problem(format!("has {} periods; at most {MOST_QUIET} are allowed", fields.len()), "");
        return None;
    }
    // All of them are read, so that all mistakes are reported.
    let read: Vec<_> = fields.iter().map(|field| field.section().and_then(stretch)).collect();
    read.into_iter().collect()
}

fn stretch(mut section: Section<'_>) -> Option<Quiet> {
    let time = |field: Field<'_>| field.parse("write hours and minutes, such as \"22:00\"", parse_time);
    let from = section.get("from").map(time);
    let to = section.get("to").map(time);
    let zone = section.get("zone").map(|field| zone(&field));
    let days = section.get("days").map_or(Some([true; 7]), |field| days(&field));
    let except = section.get("except").map(|field| condition(&field));
    for (key, is_missing) in [("from", from.is_none()), ("to", to.is_none()), ("zone", zone.is_none())] {
        if is_missing {
            section.problem(key, "is missing", QUIET_HELP);
        }
    }
    let (from, to, zone) = (from??, to??, zone??);
    if from == to {
        let help = "for a whole day, write \"00:00\" to \"23:59:59\"; to stop a channel for good, pause it";
        section.problem("to", "is equal to `from`", help);
        return None;
    }
    section.finish();
    Some(Quiet { from, to, zone, days: days?, except: except.map_or(Some(None), |except| except.map(Some))? })
}

fn zone(field: &Field<'_>) -> Option<TimeZone> {
    let help = "use a name of the time zone database, such as \"Europe/Berlin\" or \"UTC\"";
    field.parse(help, |name| TimeZone::get(name).map_err(|_| format!("`{name}` is not the name of a time zone")))
}

fn days(field: &Field<'_>) -> Option<[bool; 7]> {
    let help = "use some of \"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"";
    let mut days = [false; 7];
    let fields = field.list()?;
    for field in &fields {
        let text = field.text()?;
        match DAYS.iter().position(|day| *day == text) {
            Some(day) => days.iter_mut().skip(day).take(1).for_each(|on| *on = true),
            None => {
                field.problem(format!("`{text}` is not a valid day"), help);
                return None;
            }
        }
    }
    if fields.is_empty() {
        field.problem("is empty, so it would never be quiet", help);
        return None;
    }
    Some(days)
}

pub(super) fn condition(field: &Field<'_>) -> Option<Condition> {
    let source = field.text()?;
    Condition::compile(source).map_err(|invalid| field.problem(invalid.reason, &invalid.help)).ok()
}

/// The key by which events belong together.
pub(super) fn key(field: &Field<'_>) -> Option<KeyOf> {
    let source = field.text()?;
    let help = |own: &str| if own.is_empty() { KEY_HELP.to_owned() } else { own.to_owned() };
    KeyOf::parse(source).map_err(|invalid| field.problem(invalid.reason, &help(&invalid.help))).ok()
}

/// `"none"` is none.
pub(super) fn once(field: &Field<'_>) -> Option<Option<Once>> {
    if field.is_text("none") {
        return Some(None);
    }
    let mut section = field.section()?;
    let per = section.get("per").map(|field| key(&field));
    let within = section.get("within").map(|field| field.duration_from(Duration::from_secs(1), LONGEST_WINDOW));
    let last = section.get("last").map_or(Some(false), |field| field.boolean());
    section.finish();
    for (name, is_missing) in [("per", per.is_none()), ("within", within.is_none())] {
        if is_missing {
            section.problem(name, "is missing", ONCE_HELP);
        }
    }
    Some(Some(Once { per: per??, within: within??, last: last? }))
}

/// A number, or a table with it and the condition for going ahead of the backlog.
pub(super) fn priority(field: &Field<'_>) -> Option<Priority> {
    if field.value().as_table().is_none() {
        return field.signed().map(|lane| Priority { lane, first: None });
    }
    let mut section = field.section()?;
    let lane = section.get("lane").map_or(Some(0), |field| field.signed());
    let first = section.get("first").map(|field| condition(&field));
    section.finish();
    Some(Priority { lane: lane?, first: first.map_or(Some(None), |first| first.map(Some))? })
}

/// Names of channels, in order of preference.
pub(super) fn fallback(field: &Field<'_>) -> Option<Vec<ChannelName>> {
    let fields = field.list()?;
    if fields.len() > MOST_FALLBACKS {
        field.problem(format!("names {} channels; at most {MOST_FALLBACKS} are allowed", fields.len()), "");
        return None;
    }
    let mut names = vec![];
    for field in &fields {
        let name = field.parse("write the name of a channel", ChannelName::new)?;
        if names.contains(&name) {
            field.problem(format!("`{name}` is named more than once"), "");
            return None;
        }
        names.push(name);
    }
    Some(names)
}
