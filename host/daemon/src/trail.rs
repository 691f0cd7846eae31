//! The audit trail without tokens. People paste them into reasons and paths, and the trail is kept for months and read
//! by others.

use std::sync::Arc;

use fanfare_dispatch::{BoxFuture, JournalError};
use fanfare_record::{Act, ActEnd, ActQuery, Audit, RecordedAct};

use crate::access::without_tokens;

/// The journal's audit trail. What looks like a token is masked before it is recorded.
pub struct Trail(Arc<dyn Audit>);

impl Trail {
    #[must_use]
    pub fn new(audit: Arc<dyn Audit>) -> Self {
        Self(audit)
    }
}

fn masked(act: Act) -> Act {
    let Act { who, what, target, source, details } = act;
    Act { who, what, target: without_tokens(target), source, details: details.map(without_tokens) }
}

impl Audit for Trail {
    fn begin(&self, act: Act) -> BoxFuture<'_, Result<i64, JournalError>> {
        self.0.begin(masked(act))
    }

    fn end(&self, id: i64, end: ActEnd) -> BoxFuture<'_, Result<(), JournalError>> {
        let ActEnd { outcome, details } = end;
        self.0.end(id, ActEnd { outcome, details: details.map(without_tokens) })
    }

    fn record(&self, act: Act, outcome: &str) -> BoxFuture<'_, Result<i64, JournalError>> {
        self.0.record(masked(act), outcome)
    }

    fn acts(&self, query: ActQuery) -> BoxFuture<'_, Result<(Vec<RecordedAct>, Option<i64>), JournalError>> {
        self.0.acts(query)
    }
}
