//! The caller of a request.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use fanfare_core::ChannelName;

use super::{
    scope::{Scope, Scopes},
    session::{Session, SessionKey},
    token::{Token, TokenTable},
};

/// Who sent a request, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    pub who: Who,
    pub peer: Option<SocketAddr>,
}

#[derive(Clone, Debug)]
pub enum Who {
    /// No tokens are configured, so the request needs none.
    Local,
    /// Authenticated by a token.
    Token(Arc<Token>),
    /// Signed in to the dashboard with a token.
    Session(Arc<Session>, SessionKey),
    /// No valid credentials.
    Stranger(Denied),
}

/// Why a caller has no access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The request has no token.
    Missing,
    /// The configuration has no such token.
    Unknown,
    /// The token with this name has expired.
    Expired(String),
    /// The session has ended.
    SignedOut,
}

impl Denied {
    /// The value of the metric's label.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Expired(_) => "expired",
            Self::SignedOut => "signed_out",
        }
    }
}

impl Caller {
    /// The token that the caller sent, now or when it signed in.
    #[must_use]
    pub fn token(&self) -> Option<&Arc<Token>> {
        match &self.who {
            Who::Token(token) => Some(token),
            Who::Session(session, _) => Some(&session.token),
            Who::Local | Who::Stranger(_) => None,
        }
    }

    fn table(&self) -> Option<&TokenTable> {
        Some(&self.token()?.table)
    }

    /// The caller's scopes. A stranger has none.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        match self.who {
            Who::Local => Scopes::all(),
            _ => self.table().map(|table| table.scopes).unwrap_or_default(),
        }
    }

    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes().include(scope)
    }

    /// The channels that the caller may see. `None`: all.
    #[must_use]
    pub fn channels(&self) -> Option<&BTreeSet<ChannelName>> {
        self.table()?.channels.as_ref()
    }

    /// Whether the caller may see this channel.
    #[must_use]
    pub fn sees(&self, channel: &str) -> bool {
        self.channels().is_none_or(|channels| channels.contains(channel))
    }

    /// The token that limits what the caller may publish.
    #[must_use]
    pub fn publisher(&self) -> Option<&TokenTable> {
        self.table().filter(|table| table.sources.is_some() || table.types.is_some())
    }

    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.peer.map(|peer| peer.ip())
    }
}
