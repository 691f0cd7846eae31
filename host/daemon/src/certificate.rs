//! How long a certificate is valid, and what to tell the operator about it.

use std::{fmt, path::Path, time::Duration};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::api::CertificateStatus;

/// A certificate that expires within this time is reported: a renewal that failed leaves time to act.
const SOON: Duration = Duration::from_hours(14 * 24);

/// How often a certificate in force is looked at again.
const EVERY: Duration = Duration::from_hours(24);

/// When a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl Validity {
    /// From seconds since the Unix epoch. "No expiry" is written as the last second of the year 9999, which is later
    /// than a timestamp can be.
    #[must_use]
    pub fn from_seconds(not_before: i64, not_after: i64) -> Self {
        let at = |seconds: i64| {
            Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
        };
        Self { not_before: at(not_before), not_after: at(not_after) }
    }

    #[must_use]
    pub fn status(&self, now: Timestamp) -> CertificateStatus {
        if now < self.not_before {
            CertificateStatus::NotYetValid
        } else if now > self.not_after {
            CertificateStatus::Expired
        } else if self.not_after.duration_since(now) <= jiff::SignedDuration::try_from(SOON).unwrap_or_default() {
            CertificateStatus::Expiring
        } else {
            CertificateStatus::Ok
        }
    }

    /// What the operator should know about the certificate in this file, if anything.
    #[must_use]
    pub fn warning(&self, file: &Path, now: Timestamp) -> Option<String> {
        let Self { not_before, not_after } = self;
        let told = |what: &dyn fmt::Display| Some(format!("the certificate in {} {what}", file.display()));
        match self.status(now) {
            CertificateStatus::Ok => None,
            CertificateStatus::Expiring => {
                told(&format_args!("expires at {not_after:.0}; renew it before that: a new file takes effect at once"))
            }
            CertificateStatus::Expired => told(&format_args!(
                "expired at {not_after:.0}, so clients refuse it; renew it: a new file takes effect at once"
            )),
            CertificateStatus::NotYetValid => told(&format_args!(
                "is valid only from {not_before:.0}, so clients refuse it; check this machine's clock and the file"
            )),
        }
    }
}

/// Once a day, logs what there is to say about the certificate in force. What there is to say when it is loaded is
/// logged then.
pub async fn remind(stopping: CancellationToken, warning: impl Fn() -> Option<String>) {
    while stopping.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        if let Some(warning) = warning() {
            tracing::warn!("{warning}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_certificate_is_reported_before_its_time_in_its_last_two_weeks_and_after() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let validity = Validity { not_before: at("2026-01-01T00:00:00Z"), not_after: at("2026-04-01T00:00:00Z") };
        for (now, status, says) in [
            ("2025-12-31T23:59:59Z", CertificateStatus::NotYetValid, "is valid only from 2026-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00Z", CertificateStatus::Ok, ""),
            ("2026-03-17T23:59:59Z", CertificateStatus::Ok, ""),
            ("2026-03-18T00:00:00Z", CertificateStatus::Expiring, "expires at 2026-04-01T00:00:00Z"),
            ("2026-04-01T00:00:00Z", CertificateStatus::Expiring, "expires at 2026-04-01T00:00:00Z"),
            ("2026-04-01T00:00:01Z", CertificateStatus::Expired, "expired at 2026-04-01T00:00:00Z"),
        ] {
            assert_eq!(validity.status(at(now)), status, "{now}");
            let warning = validity.warning(Path::new("cert.pem"), at(now)).unwrap_or_default();
            assert_eq!(warning.is_empty(), says.is_empty(), "{now}: {warning}");
            assert!(warning.contains(says), "{now}: {warning}");
        }
    }

    #[test]
    fn a_certificate_without_an_end_never_expires() {
        let validity = Validity::from_seconds(0, 253_402_300_799);
        assert_eq!(validity.not_after, Timestamp::MAX);
        assert_eq!(validity.status("2026-04-01T00:00:00Z".parse().unwrap()), CertificateStatus::Ok);
    }

    #[tokio::test(start_paused = true)]
    async fn a_certificate_in_force_is_looked_at_daily_until_the_daemon_stops() {
        let (stopping, looks) = (CancellationToken::new(), AtomicUsize::new(0));
        let warning = || {
            looks.fetch_add(1, Ordering::SeqCst);
            Some("it expires".to_owned())
        };
        let days = tokio::time::timeout(EVERY * 3 + EVERY / 2, remind(stopping.clone(), warning)).await;
        assert!(days.is_err(), "it goes on");
        assert_eq!(looks.load(Ordering::SeqCst), 3);
        stopping.cancel();
        remind(stopping, warning).await;
        assert_eq!(looks.load(Ordering::SeqCst), 3);
    }
}
