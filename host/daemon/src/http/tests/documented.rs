//! docs/http.md documents every call and every problem, and nothing else.

use std::collections::BTreeSet;

use axum::body::Body;

use super::support::{Fixture, close, request};
use crate::http::{problem::Kind, routes::ROUTES};

const PAGE: &str = include_str!("../../../../../docs/http.md");

#[tokio::test]
async fn every_call_has_a_section_and_every_section_a_call() {
    let fixture = Fixture::new(&[]).await;
    let mut served = BTreeSet::new();
    for path in ROUTES.iter().map(|route| route.path) {
        // A method that nothing takes: the answer lists those that are taken.
        let answer = fixture.send(request("BREW", path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 405, "{path}");
        let methods = answer.header("allow").split(',').filter(|method| *method != "HEAD");
        served.extend(methods.map(|method| format!("{method} {path}")));
    }
    let documented: BTreeSet<_> =
        PAGE.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).map(str::to_owned).collect();
    assert_eq!(
        documented, served,
        "docs/http.md (left) has a section `### `METHOD /path`` for each call of the router"
    );
    close(fixture).await;
}

#[test]
fn every_problem_is_listed_with_its_status() {
    let listed: BTreeSet<_> = PAGE.lines().filter_map(row).collect();
    let known = Kind::ALL.map(|kind| {
        let (status, slug, _) = kind.facts();
        (status, slug)
    });
    assert_eq!(listed, BTreeSet::from(known), "docs/http.md (left) lists each kind of problem");
}

/// A row such as ``| 404 | `event-not-found` | … |``.
fn row(line: &str) -> Option<(u16, &str)> {
    let (status, rest) = line.strip_prefix("| ")?.split_once(" | `")?;
    Some((status.parse().ok()?, rest.split_once('`')?.0))
}
