//! `fanfare plugin run` for a stage: shows what the stage does to an event.

use std::{fmt::Write as _, sync::Arc};

use fanfare_core::{Did, Event, StageReport, changed_members};
use fanfare_dispatch::{Bounds, Stage};
use serde_json::{Value, json};

use super::super::output::{BOLD, DIM, GREEN, RED, YELLOW, bytes, clean, milliseconds};

/// The result of one call.
pub(super) struct Passage {
    before: Arc<Event>,
    report: StageReport,
}

impl Passage {
    pub(super) async fn of(stage: &Arc<dyn Stage>, event: &Arc<Event>, bounds: Bounds) -> Self {
        let report = stage.process(Arc::clone(event), bounds, None).await;
        Self { before: Arc::clone(event), report }
    }

    pub(super) fn passes(&self) -> bool {
        self.report.outcome.is_ok()
    }

    pub(super) fn reword(&mut self, say: fn(&str) -> String) {
        if let Err(fault) = &mut self.report.outcome {
            fault.message = say(&fault.message);
        }
    }

    pub(super) fn duration_ms(&self) -> f64 {
        self.report.cost.duration.as_secs_f64() * 1e3
    }

    fn did(&self) -> Did {
        match &self.report.outcome {
            Ok(Some(after)) if *after == *self.before => Did::Unchanged,
            Ok(Some(_)) => Did::Changed,
            Ok(None) => Did::Dropped,
            Err(_) => Did::Failed,
        }
    }

    /// The members that changed, each with its value before and after.
    fn members(&self) -> Vec<(String, Option<Value>, Option<Value>)> {
        let Ok(Some(after)) = &self.report.outcome else { return vec![] };
        let (was, is) = (structured(&self.before), structured(after));
        let value = |of: &Value, pointer: &str| of.pointer(pointer).cloned();
        let changed = changed_members(&self.before, after).into_iter();
        changed.map(|pointer| (pointer.clone(), value(&was, &pointer), value(&is, &pointer))).collect()
    }

    pub(super) fn to_json(&self, further: Option<f64>) -> Value {
        let cost = &self.report.cost;
        let changed = self.members().into_iter();
        let mut shown = json!({
            "did": self.did().as_str(),
            "changed": changed
                .map(|(at, was, is)| json!({ "pointer": at, "before": was, "after": is }))
                .collect::<Vec<_>>(),
            "cost": {
                "duration_ms": self.duration_ms(), "fuel": cost.fuel, "memory": cost.memory, "further_ms": further,
            },
            "trace": self.report.trace.iter().map(|line| &line.0).collect::<Vec<_>>(),
        });
        match &self.report.outcome {
            Ok(Some(after)) => shown["event"] = structured(after),
            Ok(None) => {}
            Err(fault) => {
                shown["class"] = fault.class.as_str().into();
                shown["code"] = fault.code.as_str().into();
                shown["error"] = fault.message.as_str().into();
            }
        }
        shown
    }

    pub(super) fn render(&self, further: Option<f64>) -> String {
        let mut text = match &self.report.outcome {
            Ok(None) => format!("{YELLOW}✔ dropped{YELLOW:#}\n"),
            Ok(Some(_)) => format!("{GREEN}✔ {}{GREEN:#}\n", self.did().as_str()),
            Err(fault) => {
                let (class, code) = (fault.class, clean(&fault.code));
                format!("{RED}✘ {class}{RED:#} {BOLD}{code}{BOLD:#}: {}\n", clean(&fault.message))
            }
        };
        for (pointer, was, is) in self.members() {
            writeln!(text, "{BOLD}{}{BOLD:#}", clean(&pointer)).unwrap_or_default();
            for (sign, color, value) in [("-", RED, was), ("+", GREEN, is)] {
                if let Some(value) = value {
                    writeln!(text, "  {color}{sign} {}{color:#}", clean(&value.to_string())).unwrap_or_default();
                }
            }
        }
        let said = self.report.outcome.as_ref().err().map(|fault| fault.message.as_str()).unwrap_or_default();
        for line in self.report.trace.iter().filter(|line| said.is_empty() || !line.0.contains(said)) {
            writeln!(text, "{DIM}  {}{DIM:#}", clean(&line.0)).unwrap_or_default();
        }
        let further = further.map_or_else(String::new, |ms| format!(", then {}", milliseconds(ms)));
        let (time, cost) = (milliseconds(self.duration_ms()), &self.report.cost);
        writeln!(text, "{DIM}{time}{further}, {} fuel, {} of memory{DIM:#}", cost.fuel, bytes(cost.memory))
            .unwrap_or_default();
        text
    }
}

fn structured(event: &Event) -> Value {
    serde_json::from_str(&event.to_structured()).unwrap_or_default()
}
