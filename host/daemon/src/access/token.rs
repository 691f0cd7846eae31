//! Tokens: the settings of each, and the lookup of a secret.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fanfare_core::{
    ChannelName,
    rate::{Meter, Rate},
    type_matches,
};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

use super::scope::Scopes;

/// The SHA-256 of a token. A token is stored in no other form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
        }
        Some(Self(hash))
    }

    #[must_use]
    pub fn to_hex(self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            use fmt::Write as _;
            // Writing to a string cannot fail.
            let _ok = write!(text, "{byte:02x}").is_ok();
            text
        })
    }
}

/// Hides the hash: readers do not need it, and an attacker could test guesses against it.
impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The settings of one table in `[[server.tokens]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenTable {
    pub name: String,
    pub hash: TokenHash,
    pub scopes: Scopes,
    /// The sources that the token may publish under: exact, or `/shop/*`. `None`: any.
    pub sources: Option<Vec<String>>,
    /// The types that the token may publish, exact or patterns. `None`: any.
    pub types: Option<Vec<String>>,
    /// The channels that the token may see and operate. `None`: all.
    pub channels: Option<BTreeSet<ChannelName>>,
    /// The request rate. A burst may use the requests of a whole period.
    pub rate: Option<Rate>,
    pub expires: Option<Timestamp>,
}

impl TokenTable {
    #[must_use]
    pub fn may_publish_from(&self, source: &str) -> bool {
        self.sources.as_ref().is_none_or(|sources| sources.iter().any(|pattern| source_matches(pattern, source)))
    }

    #[must_use]
    pub fn may_publish_type(&self, ty: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.iter().any(|pattern| type_matches(pattern, ty)))
    }

    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// Whether a pattern matches a source: exactly, or as a prefix up to a final `*`.
fn source_matches(pattern: &str, source: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => source.starts_with(prefix),
        None => pattern == source,
    }
}

/// An entry of `[[server.tokens]]` in a file that is not valid as a whole. What cannot be read is `None`.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    pub name: Option<String>,
    pub hash: Option<TokenHash>,
    pub expires: Option<Timestamp>,
}

impl Listed {
    /// Whether this entry may be about this token: nothing that can be read contradicts it.
    fn may_be(&self, table: &TokenTable) -> bool {
        self.name.as_ref().is_none_or(|name| *name == table.name) && self.hash.is_none_or(|hash| hash == table.hash)
    }

    fn is_certain(&self) -> bool {
        self.name.is_some() && self.hash.is_some()
    }
}

impl From<&TokenTable> for Listed {
    fn from(table: &TokenTable) -> Self {
        Self { name: Some(table.name.clone()), hash: Some(table.hash), expires: table.expires }
    }
}

/// Whether every one of these tokens may still be in the list.
#[must_use]
pub fn all_listed(tables: &[TokenTable], listed: &[Listed]) -> bool {
    tables.iter().all(|table| listed.iter().any(|entry| entry.may_be(table)))
}

/// A token in force.
#[derive(Debug)]
pub struct Token {
    pub table: TokenTable,
    made: Instant,
    spent: Mutex<Meter>,
}

impl Token {
    fn new(table: TokenTable) -> Self {
        Self { table, made: Instant::now(), spent: Mutex::new(Meter::used_until(Duration::ZERO)) }
    }

    /// Counts one request against the rate.
    ///
    /// # Errors
    /// How long to wait before the next request.
    pub fn spend(&self) -> Result<(), Duration> {
        let Some(rate) = &self.table.rate else { return Ok(()) };
        let now = self.made.elapsed();
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.take(now, rate) { Ok(()) } else { Err(spent.wait(now, rate)) }
    }
}

/// The tokens in force.
#[derive(Debug, Default)]
pub struct Tokens {
    all: Vec<Arc<Token>>,
    /// Requests need a token, even if there is none in force.
    required: bool,
}

impl Tokens {
    /// Takes the tokens of a configuration. An unchanged token keeps its identity, and with it its rate and its
    /// sessions.
    #[must_use]
    pub fn after(&self, tables: &[TokenTable]) -> Self {
        let token = |table: &TokenTable| {
            let same = self.all.iter().find(|token| token.table == *table);
            same.map_or_else(|| Arc::new(Token::new(table.clone())), Arc::clone)
        };
        Self { all: tables.iter().map(token).collect(), required: !tables.is_empty() }
    }

    /// Only what these entries still name, each token for no longer than its entry says. Nothing is added, and requests
    /// need a token as before.
    #[must_use]
    pub fn held_to(&self, listed: &[Listed]) -> Self {
        let held = |token: &Arc<Token>| {
            let entries = listed.iter().filter(|entry| entry.may_be(&token.table));
            let entry = entries.max_by_key(|entry| entry.is_certain())?;
            let sooner = |at: &Timestamp| entry.is_certain() && token.table.expires.is_none_or(|was| *at < was);
            Some(match entry.expires.filter(sooner) {
                None => Arc::clone(token),
                expires => Arc::new(Token::new(TokenTable { expires, ..token.table.clone() })),
            })
        };
        Self { all: self.all.iter().filter_map(held).collect(), required: self.required }
    }

    #[must_use]
    pub fn are_required(&self) -> bool {
        self.required
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Token>> {
        self.all.iter()
    }

    /// Finds the token of a secret. Compares every hash in full, so that the timing reveals nothing.
    #[must_use]
    pub fn of(&self, secret: &[u8]) -> Option<&Arc<Token>> {
        let hash = TokenHash::of(secret).0;
        let mut found = None;
        for token in &self.all {
            if bool::from(token.table.hash.0.ct_eq(&hash)) {
                found = Some(token);
            }
        }
        found
    }

    /// Whether this token is still in force.
    #[must_use]
    pub fn have(&self, token: &Arc<Token>) -> bool {
        self.all.iter().any(|have| Arc::ptr_eq(have, token))
    }
}

#[cfg(test)]
mod tests {
    use fanfare_core::rate::Rate;

    use super::*;
    use crate::access::Scope;

    fn table(name: &str, secret: &str) -> TokenTable {
        TokenTable {
            name: name.to_owned(),
            hash: TokenHash::of(secret.as_bytes()),
            scopes: Scopes::from_iter([Scope::Publish]),
            sources: None,
            types: None,
            channels: None,
            rate: None,
            expires: None,
        }
    }

    #[test]
    fn a_secret_finds_its_own_token_and_no_other() {
        let tokens = Tokens::default().after(&[table("a", "ff_a"), table("b", "ff_b")]);
        for (secret, name) in [("ff_a", Some("a")), ("ff_b", Some("b")), ("ff_c", None), ("", None), ("FF_A", None)] {
            assert_eq!(tokens.of(secret.as_bytes()).map(|token| token.table.name.as_str()), name, "{secret}");
        }
    }

    #[test]
    fn a_token_that_has_not_changed_is_the_same_and_one_that_has_is_another() {
        let before = Tokens::default().after(&[table("a", "ff_a"), table("b", "ff_b")]);
        let changed = TokenTable { scopes: Scopes::from_iter([Scope::Read]), ..table("b", "ff_b") };
        let after = before.after(&[changed, table("a", "ff_a")]);
        assert!(after.have(before.of(b"ff_a").unwrap()));
        assert!(!after.have(before.of(b"ff_b").unwrap()));
    }

    #[test]
    fn a_file_with_mistakes_only_takes_away() {
        let (now, later): (Timestamp, Timestamp) =
            ("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
        let [a, b] = [table("a", "ff_a"), TokenTable { expires: Some(now), ..table("b", "ff_b") }];
        let before = Tokens::default().after(&[a.clone(), b.clone()]);
        let check = |listed: &[Listed], want: &[(&str, Option<Timestamp>)]| {
            let after = before.held_to(listed);
            let held: Vec<_> = after.iter().map(|token| (token.table.name.as_str(), token.table.expires)).collect();
            assert_eq!((&*held, after.are_required()), (want, true), "{listed:?}");
            after
        };
        let both = check(&[(&b).into(), (&a).into()], &[("a", None), ("b", Some(now))]);
        assert!(before.iter().all(|token| both.have(token)));
        check(&[(&a).into()], &[("a", None)]);
        check(&[], &[]);
        // Another hash or another name is another token, which is not added.
        check(&[(&table("a", "ff_other")).into(), (&table("c", "ff_b")).into()], &[]);
        // A shorter life counts, a longer one does not.
        let until = |table: &TokenTable, expires| Listed { expires: Some(expires), ..Listed::from(table) };
        let ended = check(&[until(&a, now), until(&b, later)], &[("a", Some(now)), ("b", Some(now))]);
        assert!(!ended.have(before.of(b"ff_a").unwrap()) && ended.have(before.of(b"ff_b").unwrap()));
        // An entry that can be read in part keeps what it may be about, as it is.
        check(&[Listed { name: Some("a".into()), ..Listed::default() }], &[("a", None)]);
        check(&[Listed { hash: Some(b.hash), ..Listed::default() }], &[("b", Some(now))]);
        check(&[Listed { expires: Some(now), ..Listed::default() }], &[("a", None), ("b", Some(now))]);
    }

    #[test]
    fn a_rate_lets_a_burst_through_and_then_says_how_long_to_wait() {
        let rate = Rate { burst: 3, ..Rate::parse("3/h").unwrap() };
        let token = Token::new(TokenTable { rate: Some(rate), ..table("a", "ff_a") });
        assert_eq!([token.spend(), token.spend(), token.spend()], [Ok(()); 3]);
        let wait = token.spend().unwrap_err();
        assert!((1_100..=1_200).contains(&wait.as_secs()), "{wait:?}");
    }

    #[test]
    fn sources_match_exactly_or_up_to_a_star() {
        let token = TokenTable { sources: Some(vec!["/shop".into(), "/shop/*".into()]), ..table("a", "x") };
        for (source, may) in
            [("/shop", true), ("/shop/", true), ("/shop/a/b", true), ("/shopping", false), ("/", false), ("", false)]
        {
            assert_eq!(token.may_publish_from(source), may, "{source}");
        }
        assert!(table("a", "x").may_publish_from("/anything"));
        let token = TokenTable { types: Some(vec!["order.>".into()]), ..table("a", "x") };
        assert!(token.may_publish_type("order.paid"));
        assert!(!token.may_publish_type("orders"));
    }

    #[test]
    fn a_hash_reads_and_writes_as_hex_and_never_shows_itself() {
        let hash = TokenHash::of(b"ff_a");
        assert_eq!(TokenHash::from_hex(&hash.to_hex()), Some(hash));
        assert_eq!(TokenHash::from_hex(&hash.to_hex().to_uppercase()), Some(hash));
        for wrong in ["", "ff", &"g".repeat(64), &"0".repeat(63), &"é".repeat(32)] {
            assert_eq!(TokenHash::from_hex(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{hash:?}"), "[redacted]");
    }
}
