//! Reads a recipient: from a file, a request or the journal. Reports everything that is wrong at once, each mistake
//! with a pointer and without the value, which may be an address.

use std::{cell::RefCell, collections::BTreeMap};

use fanfare_core::{
    ChannelName, FieldError, Off, Preference, Recipient, Rules, check_type_pattern,
    filter::Condition,
    quiet::{self, DAYS, Quiet, parse_time},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

use crate::text::nearest;

/// The longest subject in bytes.
pub const LONGEST_SUBJECT: usize = 1_024;
/// The longest recipient in bytes, as compact JSON.
const LONGEST: usize = 16 << 10;

const LONGEST_EMAIL: usize = 254;
const LONGEST_PHONE: usize = 64;
const LONGEST_LOCALE: usize = 35;
const LONGEST_TOKEN: usize = 4_096;
const MOST_TOKENS: usize = 32;
const MOST_CHANNELS: usize = 256;
const MOST_PATTERNS: usize = 64;
const MOST_QUIET: usize = 16;
const DEEPEST_ATTRIBUTE: usize = 8;

/// The most values in all attributes. The guest gets each under its own name.
const MOST_ATTRIBUTES: usize = 256;

/// The most mistakes of one recipient that are reported.
const MOST_SAID: usize = 20;

/// The members of a recipient.
const MEMBERS: [&str; 7] = ["email", "phone", "push", "locale", "attributes", "quiet", "channels"];

/// The members of the defaults.
const DEFAULTS: [&str; 3] = ["locale", "quiet", "channels"];

/// What is wrong with a subject, if anything.
#[must_use]
pub fn check_subject(subject: &str) -> Option<String> {
    if subject.is_empty() {
        return Some("is empty: an event without a subject has no recipient".to_owned());
    }
    if subject.len() > LONGEST_SUBJECT {
        return Some(format!("is {} bytes long; a subject may have at most {LONGEST_SUBJECT}", subject.len()));
    }
    subject.contains(char::is_control).then(|| "contains a control character".to_owned())
}

/// Reads a recipient.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(subject: &str, value: &Value) -> Result<Recipient, Vec<FieldError>> {
    let wrong = RefCell::new(vec![]);
    let root = At { value, step: Step::Root, above: None, wrong: &wrong };
    let recipient = root.object(&MEMBERS).map(|members| Recipient {
        subject: subject.to_owned(),
        email: members.read("email", email),
        phone: members.read("phone", phone),
        push: members.read("push", push).unwrap_or_default(),
        locale: members.read("locale", locale),
        attributes: members.read("attributes", attributes).unwrap_or_default(),
        quiet: members.read("quiet", stretches),
        channels: members.read("channels", channels).unwrap_or_default(),
    });
    sound(recipient, wrong)
}

/// Reads a recipient that is to be kept, and also returns it as compact JSON.
///
/// # Errors
/// Everything that is wrong with it, or that it is too long.
pub fn read_whole(subject: &str, value: &Value) -> Result<(Recipient, String), Vec<FieldError>> {
    let recipient = read(subject, value)?;
    let body = value.to_string();
    if body.len() > LONGEST {
        let detail = format!("is {} bytes long as compact JSON; at most {LONGEST} are allowed", body.len());
        return Err(vec![FieldError { pointer: String::new(), detail }]);
    }
    Ok((recipient, body))
}

/// Reads the defaults: for unknown recipients, and for what a recipient omits.
///
/// # Errors
/// Everything that is wrong with them.
pub fn read_defaults(value: &Value) -> Result<Rules, Vec<FieldError>> {
    let wrong = RefCell::new(vec![]);
    let root = At { value, step: Step::Root, above: None, wrong: &wrong };
    let rules = root.object(&DEFAULTS).map(|members| Rules {
        locale: members.read("locale", locale),
        quiet: members.read("quiet", stretches).unwrap_or_default(),
        channels: members.read("channels", channels).unwrap_or_default(),
        except: None,
    });
    sound(rules, wrong)
}

fn sound<T>(value: Option<T>, wrong: RefCell<Vec<FieldError>>) -> Result<T, Vec<FieldError>> {
    let wrong = wrong.into_inner();
    match value {
        Some(value) if wrong.is_empty() => Ok(value),
        _ => Err(wrong),
    }
}

/// A value and its place.
#[derive(Clone, Copy)]
struct At<'a> {
    value: &'a Value,
    step: Step<'a>,
    above: Option<&'a At<'a>>,
    wrong: &'a RefCell<Vec<FieldError>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Index(usize),
}

/// The members of an object.
struct Members<'a> {
    of: &'a At<'a>,
    map: &'a Map<String, Value>,
}

impl Members<'_> {
    fn read<T>(&self, name: &str, read: impl FnOnce(&At<'_>) -> Option<T>) -> Option<T> {
        let value = self.map.get(name)?;
        read(&self.of.below(Step::Member(name), value))
    }
}

impl At<'_> {
    fn below<'b>(&'b self, step: Step<'b>, value: &'b Value) -> At<'b> {
        At { value, step, above: Some(self), wrong: self.wrong }
    }

    fn pointer(&self) -> String {
        let above = self.above.map(At::pointer).unwrap_or_default();
        match self.step {
            Step::Root => above,
            Step::Member(name) => format!("{above}/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("{above}/{index}"),
        }
    }

    /// Records why the value is not valid.
    fn wrong<T>(&self, detail: impl Into<String>) -> Option<T> {
        let mut wrong = self.wrong.borrow_mut();
        if wrong.len() < MOST_SAID {
            wrong.push(FieldError { pointer: self.pointer(), detail: detail.into() });
        }
        None
    }

    fn must_be<T>(&self, what: &str) -> Option<T> {
        let kind = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.wrong(format!("must be {what}, not {kind}"))
    }

    fn object<'b>(&'b self, known: &[&'static str]) -> Option<Members<'b>> {
        let map = self.map()?;
        for (name, value) in map.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            let hint = nearest(name, known.iter().copied())
                .map_or_else(String::new, |nearest| format!("did you mean `{nearest}`? "));
            let detail = format!("is unknown here: {hint}the members are {}", known.join(", "));
            self.below(Step::Member(name), value).wrong::<()>(detail);
        }
        Some(Members { of: self, map })
    }

    fn map(&self) -> Option<&Map<String, Value>> {
        self.value.as_object().map_or_else(|| self.must_be("an object"), Some)
    }

    fn text(&self, longest: usize) -> Option<&str> {
        let Some(text) = self.value.as_str() else { return self.must_be("text") };
        if text.is_empty() {
            return self.wrong("is empty; remove it");
        }
        if text.len() > longest {
            return self.wrong(format!("is {} bytes long; at most {longest} are allowed", text.len()));
        }
        if text.contains(char::is_control) {
            return self.wrong("contains a control character");
        }
        Some(text)
    }

    /// Each member of a list with at most `most` of them.
    fn list<T>(&self, most: usize, read: impl Fn(&At<'_>) -> Option<T>) -> Option<Vec<T>> {
        let Some(list) = self.value.as_array() else { return self.must_be("a list") };
        if list.len() > most {
            return self.wrong(format!("has {} members; at most {most} are allowed", list.len()));
        }
        // All are read, so that all mistakes are reported.
        let read: Vec<_> =
            list.iter().enumerate().map(|(index, value)| read(&self.below(Step::Index(index), value))).collect();
        read.into_iter().collect()
    }
}

fn email(at: &At<'_>) -> Option<String> {
    let text = at.text(LONGEST_EMAIL)?;
    let is_address = text.rsplit_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
    if !is_address || text.contains(char::is_whitespace) {
        return at.wrong("is not an e-mail address such as `name@example.com`");
    }
    Some(text.to_owned())
}

fn phone(at: &At<'_>) -> Option<String> {
    let text = at.text(LONGEST_PHONE)?;
    let is_number = text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ' ' | '(' | ')' | '/'));
    if is_number { Some(text.to_owned()) } else { at.wrong("is not a telephone number such as `+49 30 123456`") }
}

fn push(at: &At<'_>) -> Option<Vec<String>> {
    at.list(MOST_TOKENS, |token| token.text(LONGEST_TOKEN).map(str::to_owned))
}

fn locale(at: &At<'_>) -> Option<String> {
    let text = at.text(LONGEST_LOCALE)?;
    if is_locale(text) { Some(text.to_owned()) } else { at.wrong("is not a language tag such as `de` or `pt-BR`") }
}

/// Whether a text may be a language tag of BCP 47.
pub fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_language =
        parts.next().is_some_and(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic()));
    is_language
        && text.len() <= LONGEST_LOCALE
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn attributes(at: &At<'_>) -> Option<Map<String, Value>> {
    let map = at.map()?;
    let (mut count, mut deepest) = (0, 0);
    measure(at.value, 0, &mut count, &mut deepest);
    if count > MOST_ATTRIBUTES {
        return at.wrong(format!("has {count} values; at most {MOST_ATTRIBUTES} are allowed"));
    }
    if deepest > DEEPEST_ATTRIBUTE {
        return at.wrong(format!("is nested more than {DEEPEST_ATTRIBUTE} levels deep"));
    }
    Some(map.clone())
}

fn measure(value: &Value, level: usize, count: &mut usize, deepest: &mut usize) {
    *deepest = level.max(*deepest);
    match value {
        Value::Array(list) => list.iter().for_each(|value| measure(value, level + 1, count, deepest)),
        Value::Object(map) => map.values().for_each(|value| measure(value, level + 1, count, deepest)),
        _ => *count += 1,
    }
}

/// One quiet period, or a list of them; `"none"` is none, whatever the defaults are.
fn stretches(at: &At<'_>) -> Option<Vec<Quiet>> {
    let read = match at.value {
        Value::String(text) if text == "none" => vec![],
        Value::Object(_) => vec![stretch(at)?],
        Value::Array(_) => at.list(MOST_QUIET, stretch)?,
        _ => return at.must_be("an object, a list of objects, or \"none\""),
    };
    if quiet::is_endless(&read, Timestamp::UNIX_EPOCH) {
        return at.wrong("never ends, so nothing would ever be delivered; set `off` for the channels instead");
    }
    Some(read)
}

fn stretch(at: &At<'_>) -> Option<Quiet> {
    let members = at.object(&["from", "to", "zone", "days", "except"])?;
    for name in ["from", "to", "zone"].into_iter().filter(|name| !members.map.contains_key(*name)) {
        at.below(Step::Member(name), at.value).wrong::<()>(
            "is missing; write quiet hours like {\"from\": \"22:00\", \"to\": \"07:00\", \"zone\": \"Europe/Berlin\"}",
        );
    }
    let time = |at: &At<'_>| {
        let text = at.text(8)?;
        parse_time(text).map_or_else(|wrong| at.wrong(wrong.to_string()), Some)
    };
    let (from, to) = (members.read("from", time), members.read("to", time));
    let zone = members.read("zone", |at| {
        let name = at.text(64)?;
        TimeZone::get(name).map_or_else(|_| at.wrong("is not the name of a time zone such as `Europe/Berlin`"), Some)
    });
    let days = match members.map.contains_key("days") {
        true => members.read("days", days),
        false => Some([true; 7]),
    };
    let except = match members.map.contains_key("except") {
        true => members.read("except", condition).map(Some),
        false => Some(None),
    };
    let (from, to, zone, days, except) = (from?, to?, zone?, days?, except?);
    if from == to {
        return members.read("to", |at| at.wrong("is equal to `from`"));
    }
    Some(Quiet { from, to, zone, days, except })
}

fn days(at: &At<'_>) -> Option<[bool; 7]> {
    let named = at.list(DAYS.len(), |at| {
        let text = at.text(16)?;
        DAYS.iter()
            .position(|day| *day == text)
            .map_or_else(|| at.wrong(format!("is not a valid day; the days are {}", DAYS.join(", "))), Some)
    })?;
    if named.is_empty() {
        return at.wrong("is empty, so it would never be quiet");
    }
    Some(std::array::from_fn(|day| named.contains(&day)))
}

fn condition(at: &At<'_>) -> Option<Condition> {
    let source = at.text(2 << 10)?;
    Condition::compile(source).map_or_else(
        |invalid| {
            at.wrong(if invalid.help.is_empty() {
                invalid.reason
            } else {
                format!("{} ({})", invalid.reason, invalid.help)
            })
        },
        Some,
    )
}

fn channels(at: &At<'_>) -> Option<BTreeMap<ChannelName, Preference>> {
    let map = at.map()?;
    if map.len() > MOST_CHANNELS {
        return at.wrong(format!("has {} members; at most {MOST_CHANNELS} are allowed", map.len()));
    }
    let each = map.iter().map(|(name, value)| {
        let at = at.below(Step::Member(name), value);
        let known = ChannelName::new(name.as_str());
        let preference = preference(&at);
        match known {
            Ok(name) => Some((name, preference?)),
            Err(invalid) => at.wrong(format!("is not a valid channel name: {invalid}")),
        }
    });
    let each: Vec<_> = each.collect();
    each.into_iter().collect()
}

fn preference(at: &At<'_>) -> Option<Preference> {
    let members = at.object(&["off", "on"])?;
    let off = |at: &At<'_>| match at.value {
        Value::Bool(true) => Some(Off::Everything),
        Value::Bool(false) => Some(Off::Types(vec![])),
        Value::Array(_) => at.list(MOST_PATTERNS, pattern).map(Off::Types),
        _ => at.must_be("true, false or a list of patterns such as `promo.*`"),
    };
    Some(Preference {
        off: members.read("off", off),
        on: members.read("on", |at| at.list(MOST_PATTERNS, pattern)).unwrap_or_default(),
    })
}

fn pattern(at: &At<'_>) -> Option<String> {
    let text = at.text(256)?;
    match check_type_pattern(text) {
        Ok(()) => Some(text.to_owned()),
        Err(wrong) => at.wrong(format!("is not a valid type pattern: it {wrong}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong(value: Value) -> Vec<String> {
        let errors = read("u1", &value).unwrap_err();
        errors.into_iter().map(|FieldError { pointer, detail }| format!("{pointer} {detail}")).collect()
    }

    #[test]
    fn a_recipient_is_read_whole() {
        let value = json!({
            "email": "ada@example.com", "phone": "+49 30 1234", "push": ["t1", "t2"], "locale": "pt-BR",
            "attributes": {"name": "Ada", "address": {"city": "Berlin"}, "groups": ["a", 2], "vip": true, "x": null},
            "quiet": {"from": "22:00", "to": "07:00", "zone": "Europe/Berlin", "days": ["mon"]},
            "channels": {
                "email": {"off": ["promo.*"], "on": ["promo.sale"]}, "sms": {"off": true}, "push": {"off": false}
            },
        });
        let read = read("u1", &value).unwrap();
        assert_eq!((read.email.as_deref(), read.locale.as_deref()), (Some("ada@example.com"), Some("pt-BR")));
        assert_eq!(read.quiet.as_ref().unwrap().len(), 1);
        let of = |name: &str| read.channels[&ChannelName::new(name).unwrap()].clone();
        assert_eq!(of("email").off, Some(Off::Types(vec!["promo.*".to_owned()])));
        assert_eq!((of("sms").off, of("push").off), (Some(Off::Everything), Some(Off::Types(vec![]))));
        let flat: Vec<_> = read.flat_attributes().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(flat, ["address.city=Berlin", "groups.0=a", "groups.1=2", "name=Ada", "vip=true"]);
        assert_eq!(super::read("u2", &json!({"quiet": "none"})).unwrap().quiet, Some(vec![]));
    }

    #[test]
    fn all_mistakes_are_reported_at_once_without_addresses() {
        let said = wrong(json!({
            "email": "ada at example", "phone": "call me at ada@x", "locale": "pt_BR", "push": [1], "emial": "hidden",
            "quiet": {"from": "25:00", "zone": "Berlin", "days": ["someday"]},
            "channels": {"email": {"off": "promo.*", "of": 1}, "sms": {"on": ["a..b"]}, "BAD NAME": {}},
        }));
        let all = said.join("\n");
        for says in [
            "/emial is unknown here: did you mean `email`?",
            "/email is not an e-mail address",
            "/phone is not a telephone number",
            "/push/0 must be text, not a number",
            "/locale is not a language tag such as `de` or `pt-BR`",
            "/quiet/to is missing",
            "/quiet/from is not a valid time of day",
            "/quiet/zone is not the name of a time zone",
            "/quiet/days/0 is not a valid day",
            "/channels/email/of is unknown here",
            "/channels/email/off must be true, false or a list",
            "/channels/sms/on/0 is not a valid type pattern: it has an empty part",
            "/channels/BAD NAME is not a valid channel name",
        ] {
            assert!(all.contains(says), "{says}:\n{all}");
        }
        assert_eq!(said.len(), 13, "{all}");
        assert!(!all.contains("ada") && !all.contains("hidden"), "{all}");
    }

    #[test]
    fn sizes_are_bounded() {
        let many = |n: usize| (0..n).map(|n| n.to_string()).collect::<Vec<_>>();
        assert!(wrong(json!({"push": many(33)}))[0].contains("/push has 33 members; at most 32 are allowed"));
        assert!(wrong(json!({"email": format!("{}@x", "a".repeat(300))}))[0].contains("/email is 302 bytes long"));
        assert!(wrong(json!({"attributes": {"a": many(300)}}))[0].contains("has 300 values"));
        let deep = (0..9).fold(json!(1), |inner, _| json!({"a": inner}));
        assert!(wrong(json!({"attributes": deep}))[0].contains("nested more than 8 levels deep"));
        assert!(
            wrong(json!({"quiet": [
                {"from": "00:00", "to": "12:00", "zone": "UTC"}, {"from": "12:00", "to": "00:00", "zone": "UTC"}
            ]}))[0]
                .contains("/quiet never ends")
        );
        assert_eq!(wrong(json!([])), [" must be an object, not a list"]);
        assert!(check_subject("").is_some() && check_subject("a\nb").is_some() && check_subject("usr_1").is_none());
        assert!(check_subject(&"x".repeat(LONGEST_SUBJECT + 1)).is_some());
    }

    #[test]
    fn defaults_have_no_addresses() {
        assert!(read_defaults(&json!({"locale": "en", "channels": {"sms": {"off": true}}})).is_ok());
        let errors = read_defaults(&json!({"email": "a@b"})).unwrap_err();
        assert_eq!(errors[0].pointer, "/email");
    }
}
