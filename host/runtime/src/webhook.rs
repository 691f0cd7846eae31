//! Standard Webhooks 1.0.0: how a receiver verifies that a request is ours, recent and unmodified.
//!
//! The signature covers `id.timestamp.body`. With several keys, each one signs, so that a receiver can switch to a new
//! key in its own time.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The delivery id, the same on every attempt.
pub const ID: &str = "webhook-id";
/// When this attempt was made, in seconds.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// `v1,<base64>`, one per key, separated by spaces.
pub const SIGNATURE: &str = "webhook-signature";

/// The tolerance of a timestamp, in both directions.
pub const TOLERANCE_SECS: i64 = 5 * 60;

/// A shared secret: `whsec_` and 24 to 64 bytes in base64. Debug output never shows it.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// Why a string is not a signing key. The text never repeats the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    #[error("a signing secret must start with `whsec_`")]
    Prefix,
    #[error("a signing secret must continue with base64 after `whsec_`")]
    Base64,
    #[error("a signing secret must have 24 to 64 bytes before base64, not {0}")]
    Length(usize),
}

/// Why a signed request is not to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("the `webhook-timestamp` is more than 5 minutes off: a replayed request, or a wrong clock")]
    Timestamp,
    #[error("no signature in `webhook-signature` matches a key for this id, timestamp and body")]
    Signature,
}

impl SigningKey {
    /// Parses the form above.
    ///
    /// # Errors
    /// [`InvalidKey`] otherwise.
    pub fn parse(secret: &str) -> Result<Self, InvalidKey> {
        let encoded = secret.strip_prefix("whsec_").ok_or(InvalidKey::Prefix)?;
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| InvalidKey::Base64)?;
        if !(24..=64).contains(&bytes.len()) {
            return Err(InvalidKey::Length(bytes.len()));
        }
        Hmac::new_from_slice(&bytes).map(Self).map_err(|_| InvalidKey::Length(bytes.len()))
    }

    fn mac(&self, id: &str, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(id.as_bytes());
        mac.update(format!(".{timestamp}.").as_bytes());
        mac.update(body);
        mac
    }
}

/// Equal keys sign alike. Compared in constant time.
impl PartialEq for SigningKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.clone().finalize() == other.0.clone().finalize()
    }
}

impl Eq for SigningKey {}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// The value of [`SIGNATURE`]: one signature per key, in order. `timestamp` is in seconds since 1970.
#[must_use]
pub fn sign(keys: &[SigningKey], id: &str, timestamp: i64, body: &[u8]) -> String {
    let one = |key: &SigningKey| {
        format!("v1,{}", BASE64_STANDARD.encode(key.mac(id, timestamp, body).finalize().into_bytes()))
    };
    keys.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// A signed request, as it was received.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    pub id: &'a str,
    /// In seconds since 1970.
    pub timestamp: i64,
    /// The value of [`SIGNATURE`].
    pub signatures: &'a str,
    pub body: &'a [u8],
}

impl Signed<'_> {
    /// Verifies the request in constant time per signature. `now` is the receiver's clock, in seconds since 1970.
    ///
    /// # Errors
    /// [`VerifyError`] if the timestamp is too far off or no signature matches any key.
    pub fn verify(&self, keys: &[SigningKey], now: i64) -> Result<(), VerifyError> {
        let Self { id, timestamp, signatures, body } = *self;
        if now.abs_diff(timestamp) > TOLERANCE_SECS.unsigned_abs() {
            return Err(VerifyError::Timestamp);
        }
        let ours =
            |signature: &[u8]| keys.iter().any(|key| key.mac(id, timestamp, body).verify_slice(signature).is_ok());
        let listed = signatures.split_ascii_whitespace().filter_map(|listed| listed.strip_prefix("v1,"));
        let mut decoded = listed.filter_map(|encoded| BASE64_STANDARD.decode(encoded).ok());
        if decoded.any(|signature| ours(&signature)) { Ok(()) } else { Err(VerifyError::Signature) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const REQUEST: Signed<'_> = Signed { id: ID, timestamp: AT, signatures: SIGNED, body: BODY };

    fn key() -> SigningKey {
        SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()
    }

    fn other() -> SigningKey {
        SigningKey::parse("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap()
    }

    /// From the tests of the reference implementations (github.com/standard-webhooks/standard-webhooks, `libraries`).
    #[test]
    fn the_published_test_vectors_come_out() {
        let another = SigningKey::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let json = br#"{"email":"test@example.com","username":"test_user"}"#;
        let vectors: [(_, _, _, &[u8], _); 2] = [
            (key(), ID, AT, BODY, SIGNED),
            (
                another,
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                json,
                "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
            ),
        ];
        for (key, id, at, body, signed) in vectors {
            let keys = [key];
            assert_eq!(sign(&keys, id, at, body), signed);
            let request = Signed { id, timestamp: at, signatures: signed, body };
            assert_eq!(request.verify(&keys, at), Ok(()));
        }
    }

    #[test]
    fn while_keys_rotate_either_one_verifies() {
        let both = sign(&[other(), key()], ID, AT, BODY);
        assert_eq!(both.split(' ').count(), 2);
        let request = Signed { signatures: &both, ..REQUEST };
        assert_eq!(request.verify(&[key()], AT), Ok(()));
        assert_eq!(request.verify(&[other()], AT), Ok(()));
    }

    #[test]
    fn what_was_changed_is_old_or_signed_by_another_is_refused() {
        for changed in [
            Signed { body: b"{}", ..REQUEST },
            Signed { id: "msg_x", ..REQUEST },
            Signed { timestamp: AT + 1, ..REQUEST },
            Signed { signatures: "v1a,xyz v1,!!", ..REQUEST },
        ] {
            assert_eq!(changed.verify(&[key()], AT), Err(VerifyError::Signature), "{changed:?}");
        }
        for keys in [&[other()][..], &[]] {
            assert_eq!(REQUEST.verify(keys, AT), Err(VerifyError::Signature));
        }
        for now in [AT + 301, AT - 301, i64::MIN, i64::MAX] {
            assert_eq!(REQUEST.verify(&[key()], now), Err(VerifyError::Timestamp));
        }
        assert_eq!(REQUEST.verify(&[key()], AT + 300), Ok(()));
    }

    #[test]
    fn an_invalid_key_says_why_without_the_secret() {
        for (bad, want) in [
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", InvalidKey::Prefix),
            ("whsec_???", InvalidKey::Base64),
            ("whsec_AAAA", InvalidKey::Length(3)),
        ] {
            assert_eq!(SigningKey::parse(bad).unwrap_err(), want);
        }
        assert_eq!(format!("{:?}", key()), "SigningKey(…)");
    }

    #[test]
    fn keys_are_equal_if_they_sign_alike() {
        assert_eq!(key(), key());
        assert_ne!(key(), other());
    }
}
