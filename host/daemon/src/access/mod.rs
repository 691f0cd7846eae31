//! Access control: tokens with scopes and bounds, and the sessions of users who signed in with one.
//!
//! Without tokens in the configuration, anyone who can connect may do everything; the daemon then listens on loopback
//! only. The HTTP interface resolves the [`Caller`] of a request once, before anything else handles it.

mod attempts;
mod caller;
mod mask;
mod scope;
mod session;
mod token;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use fanfare_dispatch::Clock;
use http::{
    HeaderMap,
    header::{AUTHORIZATION, COOKIE},
};
use jiff::Timestamp;
use tokio::sync::watch;

pub use caller::{Caller, Denied, Who};
pub use mask::without_tokens;
pub use scope::{Scope, Scopes};
pub use session::Session;
pub use token::{Listed, Token, TokenHash, TokenTable, Tokens, all_listed};

use attempts::{Attempts, Refusals};
use session::Sessions;

/// What tokens begin with: scanners for leaked secrets recognize it.
pub const PREFIX: &str = "ff_";

/// The name of the session's cookie.
pub const SESSION_COOKIE: &str = "fanfare_session";

/// The tokens and sessions in force.
pub struct Access {
    tokens: ArcSwap<Tokens>,
    sessions: Sessions,
    attempts: Attempts,
    refusals: Refusals,
    /// Notified whenever a caller may have lost access.
    changes: watch::Sender<()>,
    clock: Arc<dyn Clock>,
}

impl Access {
    #[must_use]
    pub fn new(tables: &[TokenTable], clock: Arc<dyn Clock>) -> Self {
        Self {
            tokens: ArcSwap::from_pointee(Tokens::default().after(tables)),
            sessions: Sessions::default(),
            attempts: Attempts::default(),
            refusals: Refusals::default(),
            changes: watch::Sender::new(()),
            clock,
        }
    }

    /// The tokens in force.
    #[must_use]
    pub fn tokens(&self) -> Arc<Tokens> {
        self.tokens.load_full()
    }

    /// Whether a request needs a token.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.tokens.load().are_required()
    }

    /// Replaces the tokens by those of a configuration. Returns what changed.
    pub fn replace(&self, tables: &[TokenTable]) -> TokensReplaced {
        let before = self.tokens.load_full();
        let after = before.after(tables);
        self.put(&before, after)
    }

    /// Ends the tokens that a rejected configuration no longer has. Returns what changed.
    pub fn hold_to(&self, listed: &[Listed]) -> TokensReplaced {
        let before = self.tokens.load_full();
        let after = before.held_to(listed);
        self.put(&before, after)
    }

    fn put(&self, before: &Tokens, after: Tokens) -> TokensReplaced {
        let after = Arc::new(after);
        let name = |token: &Arc<Token>| token.table.name.clone();
        let changed = after.iter().filter(|token| !before.have(token)).map(name).collect();
        let is_gone = |token: &&Arc<Token>| !after.iter().any(|other| other.table.name == token.table.name);
        let gone: Vec<_> = before.iter().filter(is_gone).map(name).collect();
        let replaced = TokensReplaced { changed, gone };
        if !replaced.is_nothing() || before.are_required() != after.are_required() {
            self.tokens.store(Arc::clone(&after));
            self.sessions.keep(|token| after.have(token));
            self.tell();
        }
        replaced
    }

    /// Resolves the caller from a request's headers and address. A token in the header takes precedence over a cookie.
    #[must_use]
    pub fn caller(&self, headers: &HeaderMap, peer: Option<SocketAddr>) -> Caller {
        let tokens = self.tokens.load();
        if !tokens.are_required() {
            return Caller { who: Who::Local, peer };
        }
        let who = if headers.contains_key(AUTHORIZATION) {
            self.bearer(headers, &tokens)
        } else {
            self.cookie(headers).unwrap_or(Who::Stranger(Denied::Missing))
        };
        Caller { who, peer }
    }

    fn bearer(&self, headers: &HeaderMap, tokens: &Tokens) -> Who {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else { return Who::Stranger(Denied::Unknown) };
        let Some(secret) = bearer(value.as_bytes()) else { return Who::Stranger(Denied::Missing) };
        match self.check(secret, tokens) {
            Ok(token) => Who::Token(token),
            Err(denied) => Who::Stranger(denied),
        }
    }

    fn check(&self, secret: &[u8], tokens: &Tokens) -> Result<Arc<Token>, Denied> {
        let token = tokens.of(secret).ok_or(Denied::Unknown)?;
        if token.table.has_expired(self.clock.now()) {
            return Err(Denied::Expired(token.table.name.clone()));
        }
        Ok(Arc::clone(token))
    }

    fn cookie(&self, headers: &HeaderMap) -> Option<Who> {
        let ids =
            headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
        let mut ids = ids.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == SESSION_COOKIE);
        let (_, id) = ids.next()?;
        Some(match self.sessions.get(id, self.clock.now()) {
            Some((key, session)) => Who::Session(Arc::new(session), key),
            None => Who::Stranger(Denied::SignedOut),
        })
    }

    /// Whether a caller that was admitted still has access.
    #[must_use]
    pub fn still_admits(&self, caller: &Caller) -> bool {
        let tokens = self.tokens.load();
        match &caller.who {
            Who::Local => !tokens.are_required(),
            Who::Token(token) => tokens.have(token) && !token.table.has_expired(self.clock.now()),
            Who::Session(_, key) => self.sessions.has(key, self.clock.now()),
            Who::Stranger(_) => false,
        }
    }

    /// Resolves whenever a caller may have lost access.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Signs in with a token. Returns the session's id for the cookie, and the caller.
    ///
    /// # Errors
    /// Why the sign-in failed.
    pub fn sign_in(&self, secret: &str, peer: Option<SocketAddr>) -> Result<(String, Caller), SignInError> {
        self.attempts.take(peer.map(|peer| peer.ip())).map_err(SignInError::TooMany)?;
        let token = self.check(secret.as_bytes(), &self.tokens.load()).map_err(SignInError::Denied)?;
        let begun = self.sessions.begin(token, self.clock.now());
        let (id, key, session) = begun.map_err(|error| SignInError::Random(error.to_string()))?;
        Ok((id, Caller { who: Who::Session(Arc::new(session), key), peer }))
    }

    /// Counts a refused sign-in. Once a minute, returns the number since the last report.
    #[must_use]
    pub fn refused_sign_in(&self) -> Option<u64> {
        self.refusals.add()
    }

    /// Ends the caller's session, if there is one.
    pub fn sign_out(&self, caller: &Caller) {
        if let Who::Session(_, key) = &caller.who {
            self.sessions.end(key);
            self.tell();
        }
    }

    /// When the caller's access expires.
    #[must_use]
    pub fn until(&self, caller: &Caller) -> Option<Timestamp> {
        match &caller.who {
            Who::Token(token) => token.table.expires,
            Who::Session(session, _) => Some(session.expires),
            Who::Local | Who::Stranger(_) => None,
        }
    }

    fn tell(&self) {
        self.changes.send_replace(());
    }
}

/// What a new set of tokens changed, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokensReplaced {
    pub changed: Vec<String>,
    pub gone: Vec<String>,
}

impl TokensReplaced {
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty()
    }
}

/// Why a sign-in failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    TooMany(Duration),
    Denied(Denied),
    /// The system returned no random numbers.
    Random(String),
}

/// The secret of `Bearer <secret>`. The scheme is case-insensitive (RFC 9110).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, secret) = value.split_at_checked(7)?;
    let secret = secret.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"Bearer ") && !secret.is_empty()).then_some(secret)
}
