//! Dashboard sessions: a cookie with a random id stands for a token. Sessions are kept in memory only.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::token::Token;

/// How long a session lasts at most.
const LIFETIME: Duration = Duration::from_hours(12);

/// The most sessions at once. Beyond it, the session that expires first is removed.
const MOST: usize = 1_024;

/// The SHA-256 of a session's id. Hashing makes the lookup time independent of the id.
pub type SessionKey = [u8; 32];

/// A session's token, and when the session expires.
#[derive(Clone, Debug)]
pub struct Session {
    pub token: Arc<Token>,
    pub expires: Timestamp,
}

/// The sessions in force.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<SessionKey, Session>>);

impl Sessions {
    /// Begins a session. Returns it with its id, which is not stored.
    ///
    /// # Errors
    /// The system returned no random numbers.
    pub fn begin(&self, token: Arc<Token>, now: Timestamp) -> Result<(String, SessionKey, Session), getrandom::Error> {
        let mut id = [0; 32];
        getrandom::fill(&mut id)?;
        let id = URL_SAFE_NO_PAD.encode(id);
        let latest = now.saturating_add(SignedDuration::try_from(LIFETIME).unwrap_or_default());
        let latest = latest.unwrap_or(Timestamp::MAX);
        let expires = token.table.expires.map_or(latest, |expires| expires.min(latest));
        let session = Session { token, expires };
        let mut sessions = self.lock();
        sessions.retain(|_, session| session.expires > now);
        while sessions.len() >= MOST {
            let first = sessions.iter().min_by_key(|(_, session)| session.expires).map(|(key, _)| *key);
            let Some(first) = first else { break };
            sessions.remove(&first);
        }
        let key = key(&id);
        sessions.insert(key, session.clone());
        Ok((id, key, session))
    }

    /// The session with this id, if it has not expired.
    #[must_use]
    pub fn get(&self, id: &str, now: Timestamp) -> Option<(SessionKey, Session)> {
        let key = key(id);
        let session = self.lock().get(&key).filter(|session| session.expires > now).cloned()?;
        Some((key, session))
    }

    /// Whether the session is still in force.
    #[must_use]
    pub fn has(&self, key: &SessionKey, now: Timestamp) -> bool {
        self.lock().get(key).is_some_and(|session| session.expires > now)
    }

    pub fn end(&self, key: &SessionKey) {
        self.lock().remove(key);
    }

    /// Ends the sessions whose token is not valid any more.
    pub fn keep(&self, holds: impl Fn(&Arc<Token>) -> bool) {
        self.lock().retain(|_, session| holds(&session.token));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionKey, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(id: &str) -> SessionKey {
    Sha256::digest(id).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Scope, Scopes, TokenHash, TokenTable, Tokens};

    fn token(expires: Option<Timestamp>) -> Arc<Token> {
        let table = TokenTable {
            name: "a".to_owned(),
            hash: TokenHash::of(b"ff_a"),
            scopes: Scopes::from_iter([Scope::Read]),
            sources: None,
            types: None,
            channels: None,
            rate: None,
            expires,
        };
        Arc::clone(Tokens::default().after(&[table]).of(b"ff_a").unwrap())
    }

    #[test]
    fn a_session_ends_after_twelve_hours_and_never_after_its_token() {
        let (sessions, now) = (Sessions::default(), Timestamp::UNIX_EPOCH);
        let at = |hours| now.checked_add(SignedDuration::from_hours(hours)).unwrap();
        let (id, ..) = sessions.begin(token(None), now).unwrap();
        assert!(sessions.get(&id, at(11)).is_some());
        assert!(sessions.get(&id, at(12)).is_none());
        let (short, _, session) = sessions.begin(token(Some(at(1))), now).unwrap();
        assert_eq!(session.expires, at(1));
        assert!(sessions.get(&short, at(1)).is_none());
        assert!(sessions.get("something else", now).is_none());
    }

    #[test]
    fn there_are_so_many_and_no_more() {
        let (sessions, token) = (Sessions::default(), token(None));
        let at = |second| Timestamp::from_second(second).unwrap();
        let ids: Vec<_> = (0..=MOST as i64).map(|n| sessions.begin(Arc::clone(&token), at(n)).unwrap().0).collect();
        assert!(sessions.get(&ids[0], at(0)).is_none(), "the oldest has gone");
        assert!(ids[1..].iter().all(|id| sessions.get(id, at(0)).is_some()));
        let (key, _) = sessions.get(&ids[1], at(0)).unwrap();
        sessions.end(&key);
        assert!(sessions.get(&ids[1], at(0)).is_none());
        sessions.keep(|_| false);
        assert!(sessions.get(&ids[2], at(0)).is_none());
    }
}
