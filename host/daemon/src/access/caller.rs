//! Who asks.

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

/// Who sends a request, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    pub who: Who,
    pub peer: Option<SocketAddr>,
}

#[derive(Clone, Debug)]
pub enum Who {
    /// Somebody on this machine: no token is needed.
    Local,
    /// With a token.
    Token(Arc<Token>),
    /// Signed in with a token, on the dashboard.
    Session(Arc<Session>, SessionKey),
    /// Without anything that holds.
    Stranger(Denied),
}

/// Why a caller is a stranger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// There is no token.
    Missing,
    /// The token is not one of the configuration.
    Unknown,
    /// The token of this name has expired.
    Expired(String),
    /// The session has ended.
    SignedOut,
}

impl Denied {
    /// As the metric has it.
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
    /// The token that the caller has shown, now or at the sign-in.
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

    /// What the caller may do. A stranger may do nothing.
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

    /// The only channels that there are for this caller. `None`: all.
    #[must_use]
    pub fn channels(&self) -> Option<&BTreeSet<ChannelName>> {
        self.table()?.channels.as_ref()
    }

    /// Whether this channel is one of the caller's.
    #[must_use]
    pub fn sees(&self, channel: &str) -> bool {
        self.channels().is_none_or(|channels| channels.contains(channel))
    }

    /// What the caller may publish is bounded by this.
    #[must_use]
    pub fn publisher(&self) -> Option<&TokenTable> {
        self.table().filter(|table| table.sources.is_some() || table.types.is_some())
    }

    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.peer.map(|peer| peer.ip())
    }
}
