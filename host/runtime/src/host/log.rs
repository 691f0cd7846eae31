//! `log`: lines for the daemon's log.

use tracing::Level;
use wasmtime::component::{HasData, Linker};

use crate::{bindings::fanfare::channel::log, context::Context, limits};

struct Log;

struct View<'a>(&'a mut Context);

impl HasData for Log {
    type Data<'a> = View<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    log::add_to_linker::<_, Log>(linker, |context| View(context))
}

impl log::Host for View<'_> {
    fn log(&mut self, level: log::Level, message: String, fields: Vec<(String, String)>) {
        self.0.account.charge(message.len());
        self.0.account.charge_pairs(&fields);
        let level = match level {
            log::Level::Trace => Level::TRACE,
            log::Level::Debug => Level::DEBUG,
            log::Level::Info => Level::INFO,
            log::Level::Warn => Level::WARN,
            log::Level::Error => Level::ERROR,
        };
        self.0.lines().lock().push(level, &line(message, &fields));
    }
}

/// `message key=value key="with spaces"`, as in logfmt.
fn line(message: String, fields: &[(String, String)]) -> String {
    let mut line = message;
    line.truncate(limits::cut(&line, limits::LOG_LINE).len());
    for (key, value) in fields.iter().take(limits::LOG_FIELDS) {
        if line.len() >= limits::LOG_LINE {
            break;
        }
        let (key, value) = (limits::cut(key, limits::LOG_LINE), limits::cut(value, limits::LOG_LINE));
        let plain = !value.is_empty() && !value.contains([' ', '"', '=', '\n']);
        line += &if plain { format!(" {key}={value}") } else { format!(" {key}={value:?}") };
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn fields_follow_the_message_and_are_quoted_where_they_need_it() {
        let fields = fields(&[("user", "7"), ("why", "no \"luck\""), ("none", "")]);
        assert_eq!(line("sent".to_owned(), &fields), r#"sent user=7 why="no \"luck\"" none="""#);
    }

    #[test]
    fn a_line_and_its_fields_are_bounded() {
        let many = vec![("k".to_owned(), "v".to_owned()); 1000];
        assert_eq!(line("m".to_owned(), &many).matches("k=v").count(), limits::LOG_FIELDS);
        let long = "x".repeat(1 << 20);
        let huge = vec![(long.clone(), long.clone()); 8];
        assert_eq!(line(long.clone(), &huge).len(), limits::LOG_LINE);
        assert!(line("m".to_owned(), &huge).len() < 3 * limits::LOG_LINE);
    }
}
