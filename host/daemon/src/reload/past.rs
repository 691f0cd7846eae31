//! The history of reloads.

use crate::overview::ReloadReport;

/// How many reports are kept.
const KEPT: usize = 50;

/// The history after `report`, newest first. A report is kept if it changed something, or if its errors differ from the
/// previous ones: files are checked every few seconds, and most reloads find nothing new.
pub(super) fn remember(past: &[ReloadReport], report: Option<&ReloadReport>) -> Vec<ReloadReport> {
    let is_new = |report: &&ReloadReport| match past.first() {
        None => true,
        Some(last) => !report.changes.is_empty() || report.errors != last.errors,
    };
    let known = |report: &&ReloadReport| past.iter().any(|one| one.at == report.at);
    let new = report.filter(|report| !known(report)).filter(is_new);
    new.into_iter().chain(past).take(KEPT).cloned().collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::overview::ReloadOutcome;

    fn report(at: i64, changes: &[&str], errors: &[&str]) -> ReloadReport {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        let outcome = if errors.is_empty() { ReloadOutcome::Ok } else { ReloadOutcome::Rejected };
        let at = Timestamp::from_second(at).unwrap();
        ReloadReport { at, outcome, changes: lines(changes), errors: lines(errors) }
    }

    #[test]
    fn what_says_something_new_is_remembered_newest_first_and_within_bounds() {
        let reports = [
            report(1, &["channel a: added"], &[]),
            report(2, &[], &[]),
            report(3, &[], &["config.toml:1:1: no"]),
            report(4, &[], &["config.toml:1:1: no"]),
            report(5, &[], &[]),
        ];
        let past = reports.iter().fold(vec![], |past, report| remember(&past, Some(report)));
        let times: Vec<_> = past.iter().map(|report| report.at.as_second()).collect();
        assert_eq!(times, [5, 3, 1]);
        assert_eq!(remember(&past, Some(&reports[4])), past, "the same report once more");
        assert_eq!(remember(&past, None), past);
        let many = (10..200).map(|at| report(at, &["channel a: configuration changed"], &[]));
        assert_eq!(many.fold(past, |past, report| remember(&past, Some(&report))).len(), KEPT);
    }
}
