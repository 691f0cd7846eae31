//! Conditions in CEL (Common Expression Language), over `event` (its attributes, and `event.data`) and `data`.
//!
//! An event's data is a stranger's, and the library counts no steps. So what a condition may do is settled when it is
//! read: the work grows with the size of the event and never faster. Loops look at their own element alone and build
//! nothing; patterns are literals; few strings are joined.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock, OnceLock},
};

use cel::{
    Context, ExecutionError, IdedExpr, Program, Value,
    common::ast::{ComprehensionExpr, EntryExpr, Expr, LiteralValue},
    objects::Key,
};

use crate::{Attribute, Event, Payload, is_attribute_name, is_json_media_type, one_line};

/// Bytes of an expression.
const LONGEST: usize = 2 << 10;

/// How deep it may be nested: both the parser and the evaluation recurse.
const DEEPEST: usize = 32;

/// How often strings or lists may be joined.
const MOST_SUMS: usize = 8;

/// How many loops over data, and patterns.
const MOST_LOOPS: usize = 4;
const MOST_PATTERNS: usize = 4;

/// Elements of lists that are written out inside loops: each is looked at for each element of the data.
const MOST_LISTED: usize = 16;

/// Characters of a pattern for `matches`.
const LONGEST_PATTERN: usize = 256;

const FUNCTIONS: [&str; 13] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "bool",
    "type",
    "@in",
];

/// Standard functions and the library's constants for types.
static ROOT: LazyLock<Context<'static>> = LazyLock::new(Context::default);

/// A compiled expression that is true or false of an event. Equal to another if both were written the same.
#[derive(Clone)]
pub struct Condition {
    source: Arc<str>,
    program: Arc<Program>,
}

/// Why a text is not a condition, in words for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidCondition {
    pub reason: String,
    /// What to write instead, where that is known.
    pub help: String,
}

impl InvalidCondition {
    fn new(reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: help.into() }
    }
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Condition").field(&self.source).finish()
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Condition {
    /// # Errors
    /// [`InvalidCondition`] where it is not CEL, names what is not there, can never be true or false, or could cost more
    /// than an event is long.
    pub fn compile(source: &str) -> Result<Self, InvalidCondition> {
        let compiled = Self::compile_value(source)?;
        if !may_be_bool(&compiled.program.expression().expr) {
            let help = "compare it with something, as in `data.amount > 100`";
            return Err(InvalidCondition::new("is never true or false", help));
        }
        Ok(compiled)
    }

    /// An expression that comes to any value.
    ///
    /// # Errors
    /// [`InvalidCondition`] where it is not CEL, names what is not there, or could cost more than an event is long.
    pub(crate) fn compile_value(source: &str) -> Result<Self, InvalidCondition> {
        if source.len() > LONGEST {
            let reason = format!("is {} bytes long, and a condition has at most {LONGEST}", source.len());
            return Err(InvalidCondition::new(reason, ""));
        }
        nesting(source)?;
        // The parser is somebody else's, and panics on some input would end more than a reload.
        let program = catch_unwind(|| Program::compile(source))
            .map_err(|_| InvalidCondition::new("is not a CEL expression that can be read", ""))?
            .map_err(|errors| {
                InvalidCondition::new(unreadable(source, &errors), "see https://cel.dev for the language")
            })?;
        let mut look = Look::default();
        look.expression(program.expression(), 0)?;
        Ok(Self { source: source.into(), program: Arc::new(program) })
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it holds for the event. One that cannot be told does not.
    #[must_use]
    pub fn holds_for(&self, event: &Event) -> bool {
        self.holds(event, &Values::default()).unwrap_or_default()
    }

    /// Whether it holds for the event.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub(super) fn holds(&self, event: &Event, values: &Values) -> Result<bool, String> {
        match self.value(event, values)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(format!("it is {}, and neither true nor false", a(&other))),
        }
    }

    /// What it comes to, as text; none where that is not one text, number or truth value.
    pub(crate) fn text_of(&self, event: &Event) -> Option<String> {
        match self.value(event, &Values::default()).ok()? {
            Value::String(text) => Some(text.as_str().to_owned()),
            Value::Int(number) => Some(number.to_string()),
            Value::UInt(number) => Some(number.to_string()),
            Value::Float(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    fn value(&self, event: &Event, values: &Values) -> Result<Value, String> {
        let context = values.of(event);
        match catch_unwind(AssertUnwindSafe(|| self.program.execute(context))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(words(&error)),
            Err(_) => Err("the evaluation panicked".to_owned()),
        }
    }
}

/// Brackets are counted before the parser sees them, because it recurses.
fn nesting(source: &str) -> Result<(), InvalidCondition> {
    let mut depth = 0_usize;
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(too_deep());
        }
    }
    Ok(())
}

fn too_deep() -> InvalidCondition {
    InvalidCondition::new(format!("is nested more than {DEEPEST} deep"), "")
}

/// The parser's first error, on one line, with its place.
fn unreadable(source: &str, errors: &cel::ParseErrors) -> String {
    let Some(first) = errors.errors.first() else { return "is not a CEL expression".to_owned() };
    let message = first.msg.strip_prefix("Syntax error: ").unwrap_or(&first.msg);
    if message.contains("ParseError") || message.contains("Error {") || message.contains(" source: ") {
        return "is not a CEL expression that can be read: it is nested too deep, or a text in it is not valid"
            .to_owned();
    }
    // What the grammar would take there is a list of every token.
    let message = message.split(" expecting ").next().unwrap_or(message);
    let message =
        ["mismatched input ", "extraneous input ", "no viable alternative at input ", "token recognition error at: "]
            .iter()
            .find_map(|start| message.strip_prefix(start))
            .map_or_else(|| message.to_owned(), |token| format!("unexpected {}", token.replace("'<EOF>'", "end")));
    let (line, column) = (first.pos.0, first.pos.1);
    let place =
        if source.contains('\n') { format!("line {line}, column {column}") } else { format!("column {column}") };
    format!("is not a CEL expression: {} at {place}", one_line(message))
}

/// Whether something could come out that is true or false, as far as that can be seen without an event.
fn may_be_bool(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(literal) => matches!(literal, LiteralValue::Boolean(_)),
        Expr::List(_) | Expr::Map(_) | Expr::Struct(_) => false,
        Expr::Ident(name) => name != "event",
        Expr::Call(call) => !matches!(
            call.func_name.as_str(),
            "_+_"
                | "_-_"
                | "_*_"
                | "_/_"
                | "_%_"
                | "-_"
                | "size"
                | "int"
                | "uint"
                | "double"
                | "string"
                | "bytes"
                | "type"
        ),
        Expr::Select(_) | Expr::Comprehension(_) | Expr::Unspecified => true,
    }
}

/// Looks through an expression for what it must not do.
#[derive(Default)]
struct Look {
    sums: usize,
    looped: usize,
    listed: usize,
    patterns: usize,
    /// The variables of the loops around, the innermost last.
    loops: Vec<String>,
}

impl Look {
    fn expression(&mut self, expression: &IdedExpr, depth: usize) -> Result<(), InvalidCondition> {
        if depth > 4 * DEEPEST {
            return Err(too_deep());
        }
        let depth = depth + 1;
        match &expression.expr {
            Expr::Literal(_) | Expr::Unspecified => Ok(()),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => {
                if matches!(&select.operand.expr, Expr::Ident(name) if name == "event" && self.loops.is_empty()) {
                    attribute(&select.field)?;
                }
                self.expression(&select.operand, depth)
            }
            Expr::Call(call) => {
                self.function(&call.func_name, &call.args)?;
                call.target
                    .iter()
                    .map(|target| &**target)
                    .chain(&call.args)
                    .try_for_each(|one| self.expression(one, depth))
            }
            Expr::List(list) => {
                self.list(list.elements.len())?;
                list.elements.iter().try_for_each(|one| self.expression(one, depth))
            }
            Expr::Map(map) => {
                self.list(map.entries.len())?;
                map.entries.iter().try_for_each(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => {
                        self.expression(&entry.key, depth)?;
                        self.expression(&entry.value, depth)
                    }
                    EntryExpr::StructField(field) => self.expression(&field.value, depth),
                })
            }
            Expr::Struct(_) => Err(InvalidCondition::new("makes a message, and there are no message types here", "")),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, depth),
        }
    }

    /// A list or a map is written out: inside a loop it is made for each element.
    fn list(&mut self, elements: usize) -> Result<(), InvalidCondition> {
        self.listed += if self.loops.is_empty() { 0 } else { elements };
        if self.listed <= MOST_LISTED {
            return Ok(());
        }
        let reason = format!("writes out more than {MOST_LISTED} elements of lists inside its loops");
        Err(InvalidCondition::new(reason, "compare with fewer values, or ask outside of the loop"))
    }

    fn comprehension(&mut self, loops: &ComprehensionExpr, depth: usize) -> Result<(), InvalidCondition> {
        if matches!(loops.accu_init.expr, Expr::List(_) | Expr::Map(_)) {
            let help = "ask with `all`, `exists` or `exists_one`: `data.items.exists(item, item.price > 100)`";
            return Err(InvalidCondition::new("builds a list (`map` or `filter`), and a condition only asks", help));
        }
        if !self.loops.is_empty() {
            let help = "each loop would go through all of it for each element of the other";
            return Err(InvalidCondition::new("has a loop inside a loop", help));
        }
        self.looped += 1;
        if self.looped > MOST_LOOPS {
            return Err(InvalidCondition::new(format!("loops more than {MOST_LOOPS} times"), "split it, or ask less"));
        }
        self.expression(&loops.iter_range, depth)?;
        self.loops.push(loops.iter_var.clone());
        let looked = [&loops.accu_init, &loops.loop_cond, &loops.loop_step, &loops.result]
            .into_iter()
            .try_for_each(|part| self.expression(part, depth));
        self.loops.pop();
        looked
    }

    fn name(&self, name: &str) -> Result<(), InvalidCondition> {
        // The macros' own.
        if name.starts_with('@')
            || matches!(name, "int" | "uint" | "double" | "string" | "bytes" | "bool" | "list" | "map")
        {
            return Ok(());
        }
        match self.loops.last() {
            Some(own) if own == name => Ok(()),
            Some(own) => {
                let reason = format!("uses `{name}` inside a loop, which may look at its own element `{own}` alone");
                let help = "an event could make it run for hours otherwise; compare outside of `all`, `exists` and `exists_one`";
                Err(InvalidCondition::new(reason, help))
            }
            None if matches!(name, "event" | "data") => Ok(()),
            None => {
                let help =
                    "there are `event` (attributes: `event.type`, `event.severity`; and `event.data`) and `data`";
                Err(InvalidCondition::new(format!("names `{name}`, which does not exist"), help))
            }
        }
    }

    fn function(&mut self, name: &str, args: &[IdedExpr]) -> Result<(), InvalidCondition> {
        // `exists_one` counts with the macro's own variable.
        let is_macros =
            matches!(args.first().map(|first| &first.expr), Some(Expr::Ident(name)) if name.starts_with('@'));
        if name == "_+_" && !is_macros {
            self.sums += 1;
            if self.sums > MOST_SUMS {
                return Err(InvalidCondition::new(format!("adds or joins more than {MOST_SUMS} times"), ""));
            }
        }
        if name == "matches" {
            self.patterns += 1;
            if self.patterns > MOST_PATTERNS {
                return Err(InvalidCondition::new(
                    format!("has more than {MOST_PATTERNS} patterns"),
                    "join them with `|`",
                ));
            }
            if !self.loops.is_empty() {
                let help = "a pattern is prepared anew for each element; use `contains`, `startsWith` or `endsWith`";
                return Err(InvalidCondition::new("uses `matches` inside a loop", help));
            }
            return pattern(args.last());
        }
        let is_operator = name.starts_with(['_', '!', '-', '@']);
        if is_operator || FUNCTIONS.contains(&name) {
            return Ok(());
        }
        let known = FUNCTIONS.iter().filter(|name| !name.starts_with('@')).map(|name| format!("`{name}`"));
        let help =
            format!("there are {}, and `has`, `all`, `exists`, `exists_one`", known.collect::<Vec<_>>().join(", "));
        Err(InvalidCondition::new(format!("calls `{name}`, which does not exist"), help))
    }
}

/// An attribute that an event could have.
fn attribute(name: &str) -> Result<(), InvalidCondition> {
    if is_attribute_name(name) {
        return Ok(());
    }
    let help = match name {
        "dataContentType" | "data_content_type" => "it is called `event.datacontenttype`".to_owned(),
        _ => "attribute names consist of a-z and 0-9".to_owned(),
    };
    Err(InvalidCondition::new(format!("names `event.{name}`, and no event can have that attribute"), help))
}

/// Patterns are the operator's, or an event could bring one that takes long.
fn pattern(argument: Option<&IdedExpr>) -> Result<(), InvalidCondition> {
    let Some(IdedExpr { expr: Expr::Literal(LiteralValue::String(pattern)), .. }) = argument else {
        return Err(InvalidCondition::new(
            "gives `matches` a pattern that is not written out",
            "write it as a literal",
        ));
    };
    let pattern = pattern.inner();
    if pattern.chars().count() > LONGEST_PATTERN {
        let reason = format!("gives `matches` a pattern of more than {LONGEST_PATTERN} characters");
        return Err(InvalidCondition::new(reason, ""));
    }
    match regex::RegexBuilder::new(pattern).size_limit(1 << 20).build() {
        Ok(_) => Ok(()),
        Err(regex::Error::CompiledTooBig(_)) => Err(InvalidCondition::new(
            "gives `matches` a pattern that is too large when it is compiled",
            "`\\w` and `.` are all of Unicode: write `[A-Za-z0-9_]`, and repeat it less often",
        )),
        Err(error) => Err(InvalidCondition::new(
            format!("gives `matches` an invalid pattern: {}", one_line(error.to_string())),
            "",
        )),
    }
}

/// An event as the values that conditions look at, made when the first one asks.
#[derive(Default)]
pub(super) struct Values(OnceLock<Context<'static>>);

impl Values {
    fn of(&self, event: &Event) -> &Context<'static> {
        self.0.get_or_init(|| {
            let data = data(event);
            let mut context = ROOT.new_inner_scope();
            context.add_variable_from_value("event", attributes(event, data.clone()));
            context.add_variable_from_value("data", data);
            context
        })
    }
}

fn text(text: &str) -> Value {
    Value::String(Arc::new(text.to_owned()))
}

fn map(members: impl Iterator<Item = (String, Value)>) -> Value {
    let members: HashMap<Key, Value> = members.map(|(name, value)| (Key::String(Arc::new(name)), value)).collect();
    Value::Map(members.into())
}

fn attributes(event: &Event, data: Value) -> Value {
    let required = [
        ("specversion", "1.0"),
        ("id", &event.id),
        ("source", &event.source),
        ("type", &event.ty),
        ("time", &event.time),
    ];
    let optional = [
        ("subject", &event.subject),
        ("datacontenttype", &event.data_content_type),
        ("dataschema", &event.data_schema),
    ];
    let required = required.into_iter().map(|(name, value)| (name.to_owned(), text(value)));
    let optional = optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), text(value.as_deref()?))));
    let extensions = event.extensions.iter().map(|(name, value)| {
        let value = match value {
            Attribute::String(value) => text(value),
            Attribute::Integer(number) => Value::Int((*number).into()),
            Attribute::Boolean(truth) => Value::Bool(*truth),
        };
        (name.clone(), value)
    });
    map(required.chain(optional).chain(extensions).chain([("data".to_owned(), data)]))
}

/// JSON as CEL has it, other text as a string, and null where there is no data.
fn data(event: &Event) -> Value {
    match &event.data {
        None => Value::Null,
        Some(Payload::Binary(bytes)) => Value::Bytes(Arc::new(bytes.to_vec())),
        Some(Payload::Text(data)) => {
            if event.data_content_type.as_deref().is_none_or(is_json_media_type) {
                serde_json::from_str(data).map_or_else(|_| text(data), json)
            } else {
                text(data)
            }
        }
    }
}

fn json(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(truth),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::Int(number),
            (None, Some(number)) => Value::UInt(number),
            (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::String(Arc::new(text)),
        serde_json::Value::Array(items) => Value::List(Arc::new(items.into_iter().map(json).collect())),
        serde_json::Value::Object(members) => map(members.into_iter().map(|(name, value)| (name, json(value)))),
    }
}

/// A value's kind, with its article. Never the value: it is the publisher's data, and goes into logs.
fn a(value: &Value) -> &'static str {
    match value {
        Value::List(_) => "a list",
        Value::Map(_) => "an object",
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => "a number",
        Value::String(_) => "a string",
        Value::Bytes(_) => "bytes",
        Value::Bool(_) => "true or false",
        Value::Null => "null",
        Value::Function(..) | Value::Opaque(_) => "a function",
    }
}

/// An error of the evaluation in words that carry no data.
fn words(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(name) => {
            format!(
                "the event has no `{}`; test with `has(…)` first where it may be missing",
                one_line(name.to_string())
            )
        }
        ExecutionError::NoSuchOverload
        | ExecutionError::UnexpectedType { .. }
        | ExecutionError::UnsupportedTargetType { .. }
        | ExecutionError::NotSupportedAsMethod { .. }
        | ExecutionError::ValuesNotComparable(..)
        | ExecutionError::UnsupportedBinaryOperator(..) => {
            "a value has another type than it is compared or used with".to_owned()
        }
        ExecutionError::IndexOutOfBounds(_) | ExecutionError::UnsupportedIndex(..) => {
            "a list is shorter than the index asked for".to_owned()
        }
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "it divides by zero".to_owned(),
        ExecutionError::Overflow(..) => "a number overflows".to_owned(),
        // The library says so of a function that is there and does not take the value that it is given.
        ExecutionError::UndeclaredReference(name) if FUNCTIONS.contains(&name.as_str()) => {
            format!("`{name}` does not take a value of this type")
        }
        ExecutionError::UndeclaredReference(name) => format!("`{}` does not exist", one_line(name.to_string())),
        ExecutionError::FunctionError { function, .. } => format!("`{}` failed", one_line(function.clone())),
        _ => "it could not be evaluated".to_owned(),
    }
}
