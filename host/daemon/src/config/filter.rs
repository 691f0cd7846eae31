//! `filter`: which events a channel gets. An event has to match every key.

use fanfare_core::{
    check_type_pattern,
    filter::{Condition, Dialect, Filter},
    is_attribute_name,
};

use super::reader::{Field, Section};

/// The most type patterns in one filter.
const MOST_TYPES: usize = 200;

/// The most expressions of the dialects, including nested ones and attributes.
const MOST_PARTS: usize = 200;

const DEEPEST: usize = 8;

const TYPES_HELP: &str =
    "write a list such as [\"user.*\", \"order.>\"]: `*` is one part between dots, a last `>` is one or more";

/// The part of a filter that a stage has in its own table.
pub(super) fn read_types_and_when(section: &mut Section<'_>) -> Filter {
    let types = section.get("types").map(|field| types(&field)).unwrap_or_default();
    let when = section.get("when").and_then(|field| {
        let source = field.text()?;
        Condition::compile(source).map_err(|invalid| field.problem(invalid.reason, &invalid.help)).ok()
    });
    Filter { types, when, dialects: vec![] }
}

pub(super) fn read(mut section: Section<'_>) -> Filter {
    let plain = read_types_and_when(&mut section);
    let mut budget = MOST_PARTS;
    let dialects = dialects(&mut section, &mut budget, 0);
    section.finish();
    if budget == 0 {
        let (reason, help) = (
            format!("has more than {} expressions and attributes", MOST_PARTS - 1),
            "a condition (`when`) may be shorter",
        );
        section.problem(if section.has("any") { "any" } else { "all" }, reason, help);
    }
    Filter { dialects, ..plain }
}

fn types(field: &Field<'_>) -> Vec<String> {
    let patterns = field.list().unwrap_or_default();
    if patterns.len() > MOST_TYPES {
        field.problem(format!("has {} patterns; at most {MOST_TYPES} are allowed", patterns.len()), "");
        return vec![];
    }
    if field.list().is_some_and(|patterns| patterns.is_empty()) {
        field.problem("is empty, so no event would ever match", "remove `types` to accept every type");
    }
    let pattern = |field: &Field<'_>| {
        let text = field.text()?;
        match check_type_pattern(text) {
            Ok(()) => Some(text.to_owned()),
            Err(wrong) => {
                field.problem(wrong, TYPES_HELP);
                None
            }
        }
    };
    patterns.iter().filter_map(pattern).collect()
}

type Make<T> = fn(Vec<T>) -> Dialect;

/// The dialects of CloudEvents Subscriptions, one per key.
fn dialects(section: &mut Section<'_>, budget: &mut usize, depth: usize) -> Vec<Dialect> {
    let mut read = vec![];
    let of_attributes: [(_, Make<(String, String)>); 3] =
        [("exact", Dialect::Exact), ("prefix", Dialect::Prefix), ("suffix", Dialect::Suffix)];
    for (key, make) in of_attributes {
        read.extend(section.section(key).map(|attributes| make(self::attributes(key, section, attributes, budget))));
    }
    let of_lists: [(_, Make<Dialect>); 2] = [("all", Dialect::All), ("any", Dialect::Any)];
    for (key, make) in of_lists {
        let Some(field) = section.get(key) else { continue };
        let parts = field.list().unwrap_or_default();
        if parts.is_empty() {
            field.problem(
                "must be a list of one or more expressions",
                "write them like [{ exact = { type = \"user.signup\" } }]",
            );
        }
        read.push(make(parts.iter().filter_map(|part| expression(part, budget, depth)).collect()));
    }
    if let Some(field) = section.get("not") {
        read.extend(expression(&field, budget, depth).map(|part| Dialect::Not(Box::new(part))));
    }
    read
}

/// A table of dialects, all of which have to match.
fn expression(field: &Field<'_>, budget: &mut usize, depth: usize) -> Option<Dialect> {
    let mut section = field.section()?;
    if depth >= DEEPEST {
        field.problem(format!("is nested more than {DEEPEST} levels deep"), "");
        return None;
    }
    *budget = budget.saturating_sub(1);
    if *budget == 0 {
        return None;
    }
    let mut parts = dialects(&mut section, budget, depth + 1);
    section.finish();
    match parts.len() {
        0 => {
            // If there are keys, they have their own errors.
            if field.value().as_table().is_some_and(|table| table.is_empty()) {
                field.problem("has no expression", "write one of exact, prefix, suffix, all, any, not");
            }
            None
        }
        1 => parts.pop(),
        _ => Some(Dialect::All(parts)),
    }
}

fn attributes(key: &str, parent: &Section<'_>, section: Section<'_>, budget: &mut usize) -> Vec<(String, String)> {
    let mut attributes = vec![];
    let mut is_empty = true;
    for (name, place, field) in section.entries() {
        is_empty = false;
        *budget = budget.saturating_sub(1);
        if *budget == 0 {
            break;
        }
        if name == "data" {
            // CloudEvents reserves this name, so it could never match.
            let help = "use a condition: when = \"data.plan == 'pro'\"";
            place.problem("is not an attribute, and only attributes can be compared here", help);
        } else if !is_attribute_name(name) {
            place.problem("is not a valid attribute name", "use 1 to 64 of a-z and 0-9");
        } else if let Some(value) = field.text() {
            attributes.push((name.to_owned(), value.to_owned()));
        }
    }
    if is_empty {
        parent.problem(key, "names no attribute", "name one, such as { type = \"user.signup\" }");
    }
    attributes
}
