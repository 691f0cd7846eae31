//! Masks placeholders in what a guest returns for others to read: records, log lines, events. Whoever knew one could
//! put it into an event for the same instance, and have the secret sent.

use std::borrow::Cow;

use bytes::Bytes;
use fanfare_core::{Attribute, BatchReport, Event, Fault, Outcome, Payload, Report, Sample, StageReport, TraceLine};
use memchr::memmem;

use super::{Hidden, PREFIX, Vault};

/// So much of a placeholder is masked too, because text is cut to limits. The digits that may be left are too few to
/// guess the others. With a shorter piece, a publisher could find out a placeholder digit by digit, by what is masked.
const TELLING: usize = PREFIX.len() + 16;

impl Vault {
    pub(crate) fn mask(&self, text: &mut String) {
        if let Some(masked) = self.masked(text.as_bytes()) {
            *text = String::from_utf8(masked).unwrap_or_default();
        }
    }

    pub(crate) fn mask_bytes(&self, bytes: &mut Vec<u8>) {
        if let Some(masked) = self.masked(bytes) {
            *bytes = masked;
        }
    }

    /// The text without placeholders.
    pub(crate) fn mask_str<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let masked = self.masked(text.as_bytes()).and_then(|masked| String::from_utf8(masked).ok());
        masked.map_or(Cow::Borrowed(text), Cow::Owned)
    }

    pub(crate) fn mask_event(&self, event: &mut Event) {
        if self.is_empty() {
            return;
        }
        let Event { id, source, ty, subject, time, data_content_type, data_schema, extensions, data } = event;
        [id, source, ty, time].into_iter().for_each(|text| self.mask(text));
        [subject, data_content_type, data_schema].into_iter().flatten().for_each(|text| self.mask(text));
        for (_, value) in extensions {
            if let Attribute::String(text) = value {
                self.mask(text);
            }
        }
        match data {
            Some(Payload::Text(text)) => self.mask(text),
            Some(Payload::Binary(bytes)) => {
                if let Some(masked) = self.masked(bytes) {
                    *bytes = Bytes::from(masked);
                }
            }
            None => {}
        }
    }

    /// Emitted events are masked when they are emitted, and state is the guest's own.
    pub(crate) fn mask_report(&self, report: &mut Report) {
        if !self.is_empty() {
            self.mask_outcome(&mut report.outcome);
            self.mask_samples(&mut report.samples);
            self.mask_lines(&mut report.trace);
        }
    }

    pub(crate) fn mask_batch(&self, report: &mut BatchReport) {
        if !self.is_empty() {
            report.outcomes.iter_mut().flatten().for_each(|outcome| self.mask_outcome(outcome));
            report.fault.iter_mut().for_each(|fault| self.mask_fault(fault));
            self.mask_samples(&mut report.samples);
            self.mask_lines(&mut report.trace);
        }
    }

    /// The event is masked when it is returned.
    pub(crate) fn mask_stage(&self, report: &mut StageReport) {
        if !self.is_empty() {
            if let Err(fault) = &mut report.outcome {
                self.mask_fault(fault);
            }
            self.mask_samples(&mut report.samples);
            self.mask_lines(&mut report.trace);
        }
    }

    fn mask_outcome(&self, outcome: &mut Outcome) {
        match outcome {
            Outcome::Delivered { receipt: Some(receipt) } => self.mask(receipt),
            Outcome::Delivered { receipt: None } => {}
            Outcome::Failed(fault) => self.mask_fault(fault),
        }
    }

    fn mask_fault(&self, fault: &mut Fault) {
        self.mask(&mut fault.code);
        self.mask(&mut fault.message);
    }

    fn mask_samples(&self, samples: &mut [Sample]) {
        for (_, value) in samples.iter_mut().flat_map(|sample| &mut sample.labels) {
            self.mask(value);
        }
    }

    fn mask_lines(&self, lines: &mut [TraceLine]) {
        lines.iter_mut().for_each(|line| self.mask(&mut line.0));
    }

    /// `None` if there is nothing to mask. Placeholders and names are ASCII, so text stays text, and JSON stays JSON.
    fn masked(&self, text: &[u8]) -> Option<Vec<u8>> {
        if self.is_empty() {
            return None;
        }
        let (mut masked, mut rest, mut from) = (vec![], text, 0);
        while let Some(at) = memmem::find(&rest[from..], PREFIX.as_bytes()).map(|found| from + found) {
            let same = |hidden: &Hidden| {
                rest[at..].iter().zip(hidden.placeholder.as_bytes()).take_while(|(a, b)| a == b).count()
            };
            let found = self.hidden.iter().map(|hidden| (same(hidden), hidden));
            let Some((length, hidden)) = found.max_by_key(|(length, _)| *length).filter(|(n, _)| *n >= TELLING) else {
                from = at + PREFIX.len();
                continue;
            };
            masked.extend_from_slice(&rest[..at]);
            masked.extend_from_slice(format!("[secret {}]", hidden.secret.name).as_bytes());
            rest = &rest[at + length..];
            from = 0;
        }
        let found = rest.len() < text.len();
        masked.extend_from_slice(rest);
        found.then_some(masked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HostPattern, Secret};

    fn vault() -> Vault {
        let hosts = vec![HostPattern::parse("api.example.com").unwrap()];
        let secret = |name: &str| Secret {
            name: name.to_owned(),
            value: "v".repeat(9),
            hosts: hosts.clone(),
            body: true,
            plain: false,
        };
        Vault::new(&[secret("token"), secret("key")])
    }

    #[test]
    fn every_placeholder_is_masked_and_other_text_is_left_alone() {
        let vault = vault();
        let [token, key] = [0, 1].map(|n| vault.hidden[n].placeholder.clone());
        let mask = |text: String| vault.mask_str(&text).into_owned();
        assert_eq!(mask(token.clone()), "[secret token]");
        assert_eq!(mask(format!("\u{fc}{token}{key}{token}!")), "\u{fc}[secret token][secret key][secret token]!");
        assert_eq!(mask(format!("{PREFIX}{PREFIX}{token}")), format!("{PREFIX}{PREFIX}[secret token]"));
        let forged = format!("{PREFIX}{}", "0".repeat(32));
        for text in ["", PREFIX, &forged, "fanfare-secret"] {
            assert!(matches!(vault.mask_str(text), Cow::Borrowed(_)), "{text}");
        }
        assert_eq!(Vault::default().mask_str(&token), token.as_str(), "without secrets, it is just text");
        assert_eq!(vault.renewed().mask_str(&token), token.as_str(), "one of another instance is just text");
    }

    #[test]
    fn a_piece_is_masked_unless_it_reveals_nothing() {
        let vault = vault();
        let token = vault.hidden[0].placeholder.clone();
        assert_eq!(vault.mask_str(&token[..TELLING]), "[secret token]");
        assert_eq!(vault.mask_str(&token[..TELLING - 1]), &token[..TELLING - 1]);
    }

    #[test]
    fn every_part_of_an_event_is_masked() {
        let vault = vault();
        let token = vault.hidden[0].placeholder.clone();
        let text = || token.clone();
        let mut event = Event {
            id: text(),
            source: text(),
            ty: text(),
            subject: Some(text()),
            time: text(),
            data_content_type: Some(text()),
            data_schema: Some(text()),
            extensions: vec![("a".to_owned(), Attribute::String(text()))],
            data: Some(Payload::Text(text())),
        };
        vault.mask_event(&mut event);
        assert!(!format!("{event:?}").contains(PREFIX), "{event:?}");
        event.data = Some(Payload::Binary([b"\xff", token.as_bytes()].concat().into()));
        vault.mask_event(&mut event);
        assert_eq!(event.data.unwrap().as_bytes(), b"\xff[secret token]");
    }

    #[test]
    fn a_label_s_value_and_both_parts_of_a_fault_are_masked() {
        let vault = vault();
        let token = vault.hidden[0].placeholder.clone();
        let labels = vec![("kind".to_owned(), token.clone())];
        let mut samples = [Sample { name: "n".to_owned(), labels, value: fanfare_core::SampleValue::Count(1.0) }];
        vault.mask_samples(&mut samples);
        assert_eq!(samples[0].labels[0].1, "[secret token]");
        let mut outcome = Outcome::Failed(Fault::new(fanfare_core::Class::Retry, token.clone(), token));
        vault.mask_outcome(&mut outcome);
        assert!(!format!("{outcome:?}").contains(PREFIX), "{outcome:?}");
    }
}
