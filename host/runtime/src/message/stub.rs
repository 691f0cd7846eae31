//! Stubbed responses, for trying a plugin out and for its self-tests on admission.

use std::{fmt, sync::Arc};

use fanfare_core::Payload;

use super::{Cause, EgressError, Outgoing, Received};

/// Where requests go.
#[derive(Clone, Debug, Default)]
pub enum Outbound {
    /// To the network, within the grants.
    #[default]
    Live,
    /// Nowhere: the first matching stub answers, and grants do not apply. Without a match, the connection fails.
    Stubbed(Vec<StubAnswer>),
}

/// Where a channel's requests go, and who is shown them.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    pub outbound: Outbound,
    /// Called for every request, live or stubbed.
    pub tap: Option<Tap>,
}

/// One stubbed response.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StubAnswer {
    /// Only for requests with this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only for URLs with this prefix.
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default = "ok")]
    pub status: u16,
    #[serde(default)]
    pub headers: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    pub body: String,
}

fn ok() -> u16 {
    200
}

/// A request of a guest and its result, as the guest saw both: with placeholders for secrets.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The status and the size of the body, or why there was no response.
    pub answer: Result<(u16, usize), String>,
}

/// Called for every exchange.
#[derive(Clone)]
pub struct Tap(pub Arc<dyn Fn(Exchange) + Send + Sync>);

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

pub(crate) fn answer(answers: &[StubAnswer], outgoing: &Outgoing) -> Result<Received, EgressError> {
    let fits = |answer: &&StubAnswer| {
        answer.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&outgoing.method))
            && answer.url.as_ref().is_none_or(|url| outgoing.url.starts_with(url.as_str()))
    };
    match answers.iter().find(fits) {
        Some(answer) => Ok(Received {
            status: answer.status,
            headers: answer.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect(),
            body: Payload::Text(answer.body.clone()),
            truncated: false,
            lease: None,
        }),
        None => Err(EgressError::new(
            Cause::Refused,
            format!("no stubbed answer matches {} {}", outgoing.method, crate::limits::cut(&outgoing.url, 200)),
        )),
    }
}
