//! How the calls of this crate answer.

use fanfare_dispatch::{BoxFuture, JournalError};

/// What a store answers, unless it fails.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, JournalError>>;
