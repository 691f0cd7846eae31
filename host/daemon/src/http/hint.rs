//! What may be misspelt where a filter does not let an event pass. Only a hint: the filter may well be meant as it is.

use fanfare_core::{
    Event,
    filter::{self, Filter, Verdict},
};
use serde_json::Value;

use crate::text::nearest;

/// The most members of an event's data that are compared with a misspelt one.
const MOST: usize = 1_000;

/// What may be wrong with the filter.
pub(super) fn of(verdict: &Verdict, event: &Event, filter: &Filter) -> Option<String> {
    match verdict {
        Verdict::Mismatch("types") => filter.types.iter().find_map(|pattern| similar(pattern, &event.ty)),
        Verdict::Failed(reason) => {
            let missing = filter::missing_member(reason)?;
            let members = members(event);
            let meant = nearest(missing, members.iter().map(String::as_str).filter(|name| *name != missing))?;
            Some(format!("did you mean `{meant}`?"))
        }
        Verdict::Pass | Verdict::Mismatch(_) | Verdict::Fallback => None,
    }
}

/// What to write instead of a pattern that nearly matches a type.
fn similar(pattern: &str, ty: &str) -> Option<String> {
    if let Some(start) = pattern.strip_suffix('*')
        && start.ends_with('.')
        && ty.starts_with(start)
    {
        return Some(format!("`*` in `{pattern}` is one part between dots; `{start}>` matches any number of parts"));
    }
    let (wanted, given): (Vec<_>, Vec<_>) = (pattern.split('.').collect(), ty.split('.').collect());
    let is_near = |(wanted, given): (&&str, &&str)| match *wanted {
        "*" | ">" => true,
        // In short words, one letter makes another word: `v1` and `v2`.
        wanted => wanted == *given || (wanted.len() > 3 && strsim::osa_distance(wanted, given) == 1),
    };
    let is_long_enough = wanted.len() == given.len() || (wanted.last() == Some(&">") && wanted.len() <= given.len());
    (is_long_enough && wanted.iter().zip(&given).all(is_near)).then(|| format!("is `{pattern}` misspelt?"))
}

/// The names of an event's attributes, and of the members of its data at every level.
fn members(event: &Event) -> Vec<String> {
    let whole: Value = serde_json::from_str(&event.to_structured()).unwrap_or_default();
    let (mut names, mut left) = (Vec::new(), vec![&whole]);
    while let Some(value) = left.pop() {
        match value {
            Value::Object(members) if names.len() < MOST => {
                names.extend(members.keys().cloned());
                left.extend(members.values());
            }
            Value::Array(items) => left.extend(items.iter().take(MOST)),
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use fanfare_core::{
        Defaults,
        filter::{Candidate, Condition},
    };

    use super::*;

    fn hint(filter: &Filter, event: &str) -> Option<String> {
        let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
        let event = Event::from_simple(event.as_bytes(), defaults).unwrap();
        of(&filter.judge(&Candidate::new(&event)), &event, filter)
    }

    #[test]
    fn a_pattern_that_nearly_matches_may_be_misspelt() {
        let misspelt = |pattern: &str| Some(format!("is `{pattern}` misspelt?"));
        let one_part = "`*` in `user.*` is one part between dots; `user.>` matches any number of parts";
        for (pattern, ty, want) in [
            ("user.singup", "user.signup", misspelt("user.singup")),
            ("users.>", "user.signup.eu", misspelt("users.>")),
            ("*.signups", "user.signup", misspelt("*.signups")),
            ("user.*", "user.signup.eu", Some(one_part.to_owned())),
            ("user.created", "user.updated", None),
            ("user.v1", "user.v2", None),
            ("order.*", "user.signup", None),
            ("user.signup.eu", "user.signup", None),
            ("user.*", "user.signup", None),
        ] {
            let filter = Filter { types: vec![pattern.to_owned()], ..Filter::default() };
            assert_eq!(hint(&filter, &format!(r#"{{"type":"{ty}"}}"#)), want, "{pattern} {ty}");
        }
    }

    #[test]
    fn a_member_that_an_event_lacks_may_be_misspelt() {
        let event = r#"{"type":"a","severity":"info","data":{"items":[{"region":"eu"}],"amount":1}}"#;
        for (when, want) in [
            ("data.regoin == 'eu'", Some("did you mean `region`?")),
            ("event.severty == 'info'", Some("did you mean `severity`?")),
            ("data.colour == 'red'", None),
            ("data.amount == 'many' || data.amount > 'x'", None),
        ] {
            let filter = Filter { when: Some(Condition::compile(when).unwrap()), ..Filter::default() };
            assert_eq!(hint(&filter, event).as_deref(), want, "{when}");
        }
    }
}
