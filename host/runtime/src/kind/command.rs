//! `command`: any program. Standard input is the event, as one CloudEvent in JSON. The exit status is the outcome. The
//! last line of standard output that is a JSON object adds details: the receipt, or what to do about the failure.
//!
//! A component that exports `wasi:cli/run` and a core module of WASI preview 1 are the same to their author, so both
//! are here.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use fanfare_core::{Class, Fault};
use fanfare_dispatch::Attempt;
use serde::Deserialize;
use wasmtime_wasi::I32Exit;

use super::Ended;
use crate::{
    channel_view::ChannelView,
    context::{Context, Process},
    convert,
    host::templates,
    limits,
    services::Rendered,
};

pub(super) fn prepare(channel: &ChannelView, context: &mut Context, attempt: &Attempt) -> Result<(), Fault> {
    environ(channel, context, attempt)?;
    context.process.stdin = (attempt.event.to_line() + "\n").into(); // many programs read a line
    context.lines().lock().await_answer();
    Ok(())
}

/// Guests that cannot ask for a template have the one that the setting `template` names in their environment.
pub(super) fn environ(channel: &ChannelView, context: &mut Context, attempt: &Attempt) -> Result<(), Fault> {
    context.process = environment(channel, attempt);
    let Some((_, name)) = channel.settings.iter().find(|(key, _)| key.as_str() == "template") else {
        return Ok(());
    };
    let Rendered { subject, text, html } = templates::render(context, name)
        .map_err(|reason| Fault::new(Class::Rejected, "template", convert::clean(&reason, limits::MESSAGE)))?;
    let parts = [("SUBJECT", subject), ("TEXT", text), ("HTML", html)];
    let present = parts.into_iter().filter(|(_, text)| !text.is_empty());
    let variables = present.map(|(part, text)| (format!("FANFARE_TEMPLATE_{part}"), text.replace('\0', "\u{fffd}")));
    context.process.variables.extend(variables);
    Ok(())
}

/// The delivery, the event's attributes and the settings as environment variables, for guests that do not know our
/// interfaces. A setting whose key is already a valid variable name is available under that name too, because such
/// guests expect names of their own.
fn environment(channel: &ChannelView, attempt: &Attempt) -> Process {
    let mut variables = Vec::new();
    let mut set = |name: String, value: &dyn Display| variables.push((name, value.to_string()));
    set("FANFARE_DELIVERY_ID".to_owned(), &attempt.delivery);
    set("FANFARE_CHANNEL".to_owned(), &channel.name());
    set("FANFARE_ATTEMPT".to_owned(), &attempt.number);
    set("FANFARE_REPLAYED".to_owned(), &attempt.replayed);
    if let Some(trace) = &attempt.trace {
        set("TRACEPARENT".to_owned(), trace);
        if let Some(state) = &trace.state {
            set("TRACESTATE".to_owned(), state);
        }
    }
    let event = &attempt.event;
    for name in ["id", "source", "type", "subject", "time", "datacontenttype", "dataschema"] {
        if let Some(value) = event.attribute(name) {
            set(format!("CE_{}", name.to_uppercase()), &value);
        }
    }
    for (name, value) in &event.extensions {
        set(format!("CE_{}", name.to_uppercase()), &value.as_text());
    }
    for (key, value) in &channel.settings {
        let name: String =
            key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
        set(format!("FANFARE_SETTING_{name}"), value);
        let ours = key.starts_with("FANFARE_") || key.starts_with("CE_");
        if *key == name && !ours && !key.starts_with(|c: char| c.is_ascii_digit()) {
            set(name, value);
        }
    }
    // The value of a variable cannot contain a zero byte.
    for (_, value) in &mut variables {
        if value.contains('\0') {
            *value = value.replace('\0', "\u{fffd}");
        }
    }
    Process { variables, stdin: Bytes::new() }
}

/// `ended` is the result of `run`, or the error that ended the program.
pub(super) fn conclude(context: &mut Context, ended: wasmtime::Result<Result<(), ()>>) -> wasmtime::Result<Ended> {
    let status = match ended {
        Ok(Ok(())) => 0,
        Ok(Err(())) => 1,
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(I32Exit(status)) => *status,
            None => return Err(error),
        },
    };
    let (answer, last) = context.lines().lock().take_answer();
    Ok(match status {
        0 => Ok(answer.unwrap_or_default()),
        _ => Err(fault(status, answer.as_deref(), last.as_deref())),
    })
}

/// What a program may report about its failure.
#[derive(Deserialize)]
struct Said {
    disposition: Option<String>,
    code: Option<String>,
    message: Option<String>,
    retry_after_ms: Option<u64>,
}

fn fault(status: i32, answer: Option<&str>, last: Option<&str>) -> Fault {
    let said: Option<Said> = answer.and_then(|answer| serde_json::from_str(answer).ok());
    let said = said.unwrap_or(Said { disposition: None, code: None, message: None, retry_after_ms: None });
    let wait = said.retry_after_ms.map(Duration::from_millis);
    let (class, retry_after) = match said.disposition.as_deref() {
        Some("reject") => (Class::Rejected, None),
        Some("suspend") => (Class::Suspended, None),
        Some("retry-after") => (Class::Throttled, Some(wait.unwrap_or_default())),
        _ if wait.is_some() => (Class::Throttled, wait),
        _ => (Class::Retry, None),
    };
    let code = said.code.filter(|code| !code.trim().is_empty()).unwrap_or_else(|| format!("exit_{status}"));
    let message = said.message.unwrap_or_else(|| match last {
        Some(line) => format!("the command ended with status {status}; its last line: {line}"),
        None => format!("the command ended with status {status}"),
    });
    let fault = Fault::new(class, convert::clean(code.trim(), limits::CODE), convert::clean(&message, limits::MESSAGE));
    Fault { retry_after, ..fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_carries_its_disposition_and_any_other_exit_is_retried() {
        let of = |answer| fault(3, Some(answer), None);
        assert_eq!(
            fault(3, None, Some("warn no")),
            Fault::new(Class::Retry, "exit_3", "the command ended with status 3; its last line: warn no")
        );
        let rejected = of(r#"{"disposition":"reject","code":"bad","message":"never"}"#);
        assert_eq!(rejected, Fault::new(Class::Rejected, "bad", "never"));
        let throttled = of(r#"{"disposition":"retry-after","retry_after_ms":1500,"code":" ","more":1}"#);
        assert_eq!(
            (throttled.class, throttled.code.as_str(), throttled.retry_after),
            (Class::Throttled, "exit_3", Some(Duration::from_millis(1500)))
        );
        assert_eq!(of(r#"{"disposition":"suspend"}"#).class, Class::Suspended);
        assert_eq!(of(r#"{"disposition":7}"#).class, Class::Retry);
    }
}
