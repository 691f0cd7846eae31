//! Scopes: what a token may do.

use std::fmt;

/// One kind of permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Send events.
    Publish,
    /// Read everything.
    Read,
    /// Pause, resume, replay and redrive.
    Operate,
    /// Change the configuration, and cancel or delete permanently.
    Admin,
}

impl Scope {
    pub const ALL: [Self; 4] = [Self::Publish, Self::Read, Self::Operate, Self::Admin];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    /// This scope and the scopes it includes.
    fn bits(self) -> u8 {
        match self {
            Self::Publish => 1,
            Self::Read => 2,
            Self::Operate => 4 | Self::Read.bits(),
            Self::Admin => 8 | Self::Publish.bits() | Self::Operate.bits(),
        }
    }
}

/// A set of scopes, with all scopes they include.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    #[must_use]
    pub fn include(self, scope: Scope) -> bool {
        self.0 & scope.bits() == scope.bits()
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.include(*scope))
    }

    /// The names of the scopes.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        self.iter().map(|scope| scope.as_str().to_owned()).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bits()))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_includes_the_scopes_below_it() {
        let includes = |scope: Scope| Scopes::from_iter([scope]).names();
        assert_eq!(includes(Scope::Publish), ["publish"]);
        assert_eq!(includes(Scope::Read), ["read"]);
        assert_eq!(includes(Scope::Operate), ["read", "operate"]);
        assert_eq!(includes(Scope::Admin), ["publish", "read", "operate", "admin"]);
        assert_eq!(Scopes::from_iter([Scope::Publish, Scope::Read]).names(), ["publish", "read"]);
        assert_eq!(Scopes::default().names(), [""; 0]);
        assert_eq!(Scopes::all(), Scopes::from_iter([Scope::Admin]));
    }
}
