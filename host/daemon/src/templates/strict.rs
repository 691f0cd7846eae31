//! Filters that would print something for a missing value: `null`, or nothing. Here they fail, like everything else
//! that needs the value.

use minijinja::{
    Environment, Error, ErrorKind, State, filters,
    value::{Kwargs, StringInput, Value},
};

pub(super) fn teach(environment: &mut Environment<'_>) {
    environment.add_filter("tojson", |value: &Value, indent: Option<Value>, args: Kwargs| {
        present("tojson", value)?;
        filters::tojson(value, indent, args)
    });
    environment.add_filter("urlencode", |value: &Value| {
        present("urlencode", value)?;
        filters::urlencode(value)
    });
    environment.add_filter(
        "join",
        |state: &mut State, value: &Value, joiner: Option<StringInput<'_>>, attribute: Option<&str>, args: Kwargs| {
            present("join", value)?;
            filters::join(state, value, joiner, attribute, args)
        },
    );
    for name in ["escape", "e"] {
        environment.add_filter(name, |state: &mut State, value: &Value| {
            present("escape", value)?;
            filters::escape(state, value)
        });
    }
}

fn present(filter: &str, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        let detail = format!("the value for `{filter}`; if it is optional, write `| default(\"…\")` before it");
        return Err(Error::new(ErrorKind::UndefinedError, detail));
    }
    Ok(())
}
