//! Whom an event is for, and what they want to receive.
//!
//! The recipient of an event is the one on record under its subject. Preferences are checked at each delivery's turn
//! ([`turn`](crate::turn)), so a change takes effect at the next turn.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value};

use crate::{ChannelName, Event, any_type_matches, filter::Condition, quiet::Quiet, type_matches};

/// A person or thing that receives events.
#[derive(Clone, Default, PartialEq)]
pub struct Recipient {
    /// The subject of the events for this recipient.
    pub subject: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Device tokens.
    pub push: Vec<String>,
    /// A BCP 47 language tag.
    pub locale: Option<String>,
    /// Other attributes on record.
    pub attributes: Map<String, Value>,
    /// `None`: the defaults apply.
    pub quiet: Option<Vec<Quiet>>,
    pub channels: BTreeMap<ChannelName, Preference>,
}

/// A recipient's preference for one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preference {
    /// `None`: the default applies.
    pub off: Option<Off>,
    /// Type patterns that are delivered anyway.
    pub on: Vec<String>,
}

/// What is switched off on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Off {
    Everything,
    /// Type patterns; empty for nothing.
    Types(Vec<String>),
}

/// Defaults for all recipients.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    pub locale: Option<String>,
    pub quiet: Vec<Quiet>,
    pub channels: BTreeMap<ChannelName, Preference>,
    /// Events that are exempt from preferences.
    pub except: Option<Condition>,
}

/// What applies to one recipient on one channel, defaults merged in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    pub preference: Preference,
    pub quiet: Vec<Quiet>,
    pub except: Option<Condition>,
}

/// An event that its recipient does not want on this channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwanted<'a> {
    pub subject: &'a str,
    /// The pattern that matched its type; `None` if the whole channel is switched off.
    pub pattern: Option<&'a str>,
}

/// Shows no address: those are private to the channels.
impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl fmt::Display for Unwanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pattern {
            Some(pattern) => write!(f, "the recipient `{}` has switched off `{pattern}` on this channel", self.subject),
            None => write!(f, "the recipient `{}` has switched this channel off", self.subject),
        }
    }
}

impl Recipient {
    /// The attributes with flat names, as settings have them: `address.city`, `groups.0`. Nulls are left out.
    #[must_use]
    pub fn flat_attributes(&self) -> Vec<(String, String)> {
        let mut flat = vec![];
        for (name, value) in &self.attributes {
            flatten(name, value, &mut flat);
        }
        flat
    }
}

fn flatten(name: &str, value: &Value, flat: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(&format!("{name}.{key}"), value, flat)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| flatten(&format!("{name}.{index}"), value, flat));
        }
        Value::String(text) => flat.push((name.to_owned(), text.clone())),
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => flat.push((name.to_owned(), value.to_string())),
    }
}

impl Preference {
    /// Whether it switches nothing off.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match &self.off {
            None => true,
            Some(Off::Everything) => false,
            Some(Off::Types(types)) => types.is_empty(),
        }
    }

    /// Fills what it leaves open from the default. A preference that sets `off` is complete.
    fn or(&self, default: Option<&Self>) -> Self {
        match (&self.off, default) {
            (None, Some(default)) => Self {
                off: default.off.clone(),
                on: if self.on.is_empty() { default.on.clone() } else { self.on.clone() },
            },
            _ => self.clone(),
        }
    }
}

impl Rules {
    /// Whether they switch nothing off on any channel.
    #[must_use]
    pub fn are_open(&self) -> bool {
        self.quiet.is_empty() && self.channels.values().all(Preference::is_open)
    }

    /// What applies to a recipient, or to one not on record, on this channel. `None` if nothing is switched off.
    #[must_use]
    pub fn wishes(&self, recipient: Option<&Recipient>, channel: &ChannelName) -> Option<Wishes> {
        let default = self.channels.get(channel);
        let own = recipient.and_then(|recipient| recipient.channels.get(channel));
        let preference = match own {
            Some(own) => own.or(default),
            None => default.cloned().unwrap_or_default(),
        };
        let quiet = recipient.and_then(|recipient| recipient.quiet.as_ref()).unwrap_or(&self.quiet);
        let is_open = preference.is_open() && quiet.is_empty();
        (!is_open).then(|| Wishes { preference, quiet: quiet.clone(), except: self.except.clone() })
    }

    /// The recipient, with the default language if none is on record.
    #[must_use]
    pub fn with_locale(&self, recipient: Recipient) -> Recipient {
        Recipient { locale: recipient.locale.or_else(|| self.locale.clone()), ..recipient }
    }

    /// The languages to try for a recipient, best first: `pt-BR`, `pt`, then those of the default.
    #[must_use]
    pub fn locales(&self, locale: Option<&str>) -> Vec<String> {
        let mut locales: Vec<String> = vec![];
        for tag in locale.into_iter().chain(self.locale.as_deref()) {
            let ends = tag.rmatch_indices('-').map(|(end, _)| end);
            for end in std::iter::once(tag.len()).chain(ends) {
                let tag = tag[..end].to_ascii_lowercase();
                if !locales.contains(&tag) {
                    locales.push(tag);
                }
            }
        }
        locales
    }
}

impl Wishes {
    /// Whether the event is exempt.
    #[must_use]
    pub fn except(&self, event: &Event) -> bool {
        self.except.as_ref().is_some_and(|except| except.holds_for(event))
    }

    /// Why the event is not wanted; `None` if it is.
    #[must_use]
    pub fn against<'a>(&'a self, event: &'a Event) -> Option<Unwanted<'a>> {
        let pattern = match self.preference.off.as_ref()? {
            Off::Everything => None,
            Off::Types(types) => Some(types.iter().find(|pattern| type_matches(pattern, &event.ty))?.as_str()),
        };
        let on = &self.preference.on;
        if !on.is_empty() && any_type_matches(on, &event.ty) {
            return None;
        }
        Some(Unwanted { subject: event.subject.as_deref().unwrap_or_default(), pattern })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Defaults;

    fn event(ty: &str) -> Event {
        let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
        Event::from_simple(format!(r#"{{"type":"{ty}","subject":"u1","severity":"info"}}"#).as_bytes(), defaults)
            .unwrap()
    }

    fn channel(name: &str) -> ChannelName {
        ChannelName::new(name).unwrap()
    }

    fn types(patterns: &[&str]) -> Vec<String> {
        patterns.iter().map(|pattern| (*pattern).to_owned()).collect()
    }

    fn preference(off: Option<Off>, on: &[&str]) -> Preference {
        Preference { off, on: types(on) }
    }

    fn against(wishes: Option<Wishes>, ty: &str) -> Option<String> {
        let event = event(ty);
        wishes?.against(&event).map(|unwanted| unwanted.to_string())
    }

    #[test]
    fn types_are_switched_off_by_pattern_and_on_again_by_exception() {
        let off = |off, on| Some(Wishes { preference: preference(Some(off), on), ..Wishes::default() });
        let promo = || Off::Types(types(&["promo.*", "news.>"]));
        let want = "the recipient `u1` has switched off `promo.*` on this channel";
        assert_eq!(against(off(promo(), &[]), "promo.spring").as_deref(), Some(want));
        assert_eq!(against(off(promo(), &[]), "order.paid"), None);
        assert_eq!(against(off(promo(), &["promo.sale"]), "promo.sale"), None);
        let want = "the recipient `u1` has switched this channel off";
        assert_eq!(against(off(Off::Everything, &["order.*"]), "user.signup").as_deref(), Some(want));
        assert_eq!(against(off(Off::Everything, &["order.*"]), "order.paid"), None);
        assert_eq!(against(off(Off::Types(vec![]), &[]), "order.paid"), None);
    }

    #[test]
    fn what_a_recipient_leaves_out_the_defaults_say() {
        let all_off = || preference(Some(Off::Everything), &["security.*"]);
        let rules = Rules { channels: [(channel("sms"), all_off())].into(), ..Rules::default() };
        let with = |sms: Preference| Recipient { channels: [(channel("sms"), sms)].into(), ..Recipient::default() };
        let of =
            |recipient: Option<&Recipient>| rules.wishes(recipient, &channel("sms")).map(|wishes| wishes.preference);
        assert_eq!(of(None), Some(all_off()), "not on record");
        assert_eq!(of(Some(&Recipient::default())), Some(all_off()));
        assert_eq!(
            of(Some(&with(preference(None, &["order.*"])))),
            Some(preference(Some(Off::Everything), &["order.*"]))
        );
        assert_eq!(of(Some(&with(preference(Some(Off::Types(vec![])), &[])))), None, "nothing is switched off");
        let off = preference(Some(Off::Everything), &[]);
        assert_eq!(of(Some(&with(off.clone()))), Some(off), "a complete preference wins over the default");
        assert_eq!(rules.wishes(None, &channel("email")), None);
    }

    #[test]
    fn a_language_falls_back_to_the_one_it_is_a_variety_of_and_to_the_default() {
        let rules = Rules { locale: Some("en-GB".to_owned()), ..Rules::default() };
        assert_eq!(rules.locales(Some("zh-Hant-TW")), ["zh-hant-tw", "zh-hant", "zh", "en-gb", "en"]);
        assert_eq!(rules.locales(Some("en")), ["en", "en-gb"]);
        assert_eq!(rules.locales(None), ["en-gb", "en"]);
        assert_eq!(Rules::default().locales(None), [""; 0]);
    }

    #[test]
    fn nobody_is_shown_with_an_address() {
        let recipient = Recipient { subject: "u1".into(), email: Some("a@b.example".into()), ..Recipient::default() };
        assert_eq!(format!("{recipient:?}"), "Recipient { subject: \"u1\", .. }");
    }
}
