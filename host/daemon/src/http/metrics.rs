//! `GET /metrics`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use fanfare_core::ChannelName;
use fanfare_dispatch::Health;
use http::{
    HeaderMap,
    header::{ACCEPT, CONTENT_TYPE, VARY},
};
use mediatype::{
    MediaType, MediaTypeList, Name, ReadParams as _,
    names::{APPLICATION, PLAIN, Q, TEXT},
};
use rustix::fs::statvfs;

use super::{channels, health, problem::Problem};
use crate::{
    blocking::blocking,
    daemon::Daemon,
    metrics::{ChannelGauges, Format, Gauges, JournalGauges},
};

const OPEN_METRICS: MediaType<'_> = MediaType::new(APPLICATION, Name::new_unchecked("openmetrics-text"));
const TEXT_PLAIN: MediaType<'_> = MediaType::new(TEXT, PLAIN);

pub(super) async fn scrape(State(daemon): State<Arc<Daemon>>, headers: HeaderMap) -> Result<Response, Problem> {
    let format = wanted(&headers);
    // The counters are in memory, so they are shown even if the journal cannot be read.
    let totals = daemon.history.totals().await;
    let unread = |error: &_| tracing::warn!(%error, "the journal cannot be read; /metrics lacks dead letters");
    let totals = totals.inspect_err(unread).ok();
    let overview = daemon.overview.load();
    let counted = totals.iter().flat_map(|totals| &totals.channels).map(|channel| &channel.channel);
    let names: BTreeSet<_> = overview.channels.keys().chain(counted).collect();
    let gauges = |name: &ChannelName| {
        let totals = totals.as_ref().map(|totals| channels::totals_of(totals, name));
        let backlog = channels::backlog(&daemon, name, totals.as_ref());
        ChannelGauges {
            name: name.clone(),
            backlog,
            state: overview.channels.get(name).map(|info| channels::state(&daemon, info)),
            lags: daemon.dispatcher.lags(name.as_str()),
            dead_letters: totals.map(|totals| totals.dead_letters),
            breaker: channels::breaker_state(&daemon, name),
            gathered: channels::gathered(&daemon, name),
        }
    };
    let channels = names.into_iter().map(gauges).collect();
    let (bytes, free) = disk(&daemon.journal_file).await;
    let journal = JournalGauges {
        writable: daemon.journal.health() == Health::Ok,
        damage: daemon.history.damage().map_or(0, |damage| damage.found),
        bytes,
        free,
    };
    let reload_rejected = overview.last_reload.as_ref().is_some_and(|report| !report.errors.is_empty());
    let certificate = daemon.tls.as_ref().map(|tls| tls.load().validity);
    let gauges = Gauges { channels, journal, ready: health::takes_events(&daemon), reload_rejected, certificate };
    let text = daemon.metrics.encode(&gauges, format).map_err(|error| Problem::internal(&error))?;
    Ok(([(CONTENT_TYPE, format.content_type()), (VARY, "accept")], text).into_response())
}

/// The size of the journal's files, and the free space of their file system.
async fn disk(journal: &Path) -> (Option<u64>, Option<u64>) {
    let mut log = journal.as_os_str().to_owned();
    log.push("-wal");
    let (journal, log) = (journal.to_owned(), PathBuf::from(log));
    // A disk that hangs delays this scrape, and no thread that serves requests.
    blocking(move || {
        let size = |file: &Path| fs::metadata(file).map(|found| found.len()).ok();
        let folder = journal.parent().unwrap_or(Path::new("."));
        let free = statvfs(folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)).ok();
        (size(&journal).map(|bytes| bytes + size(&log).unwrap_or(0)), free)
    })
    .await
}

/// OpenMetrics for clients that accept it with at least the quality of plain text.
fn wanted(headers: &HeaderMap) -> Format {
    let (mut open, mut plain) = (0.0, 0.0);
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    for range in values.flat_map(MediaTypeList::new).flatten() {
        let quality: f32 = range.get_param(Q).map_or(Some(1.0), |value| value.as_str().parse().ok()).unwrap_or(0.0);
        if range.essence() == OPEN_METRICS {
            open = quality.max(open);
        } else if range.essence() == TEXT_PLAIN {
            plain = quality.max(plain);
        }
    }
    if open > 0.0 && open >= plain { Format::OpenMetrics } else { Format::Prometheus }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_accept_header_decides_the_format() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.2";
        let cases = [
            ("*/*", Format::Prometheus),
            ("text/plain", Format::Prometheus),
            ("application/openmetrics-text", Format::OpenMetrics),
            ("application/openmetrics-text; version=1.0.0; q=0", Format::Prometheus),
            ("application/openmetrics-text;q=0.3, text/plain;q=0.5", Format::Prometheus),
            ("text/plain, Application/OpenMetrics-Text ; Q=1", Format::OpenMetrics),
            ("text/plain;note=\"a, application/openmetrics-text\"", Format::Prometheus),
            ("nonsense, application/openmetrics-text", Format::OpenMetrics),
            (prometheus, Format::OpenMetrics),
        ];
        for (accept, want) in cases {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(wanted(&headers), want, "{accept}");
        }
        assert_eq!(wanted(&HeaderMap::new()), Format::Prometheus);
    }
}
