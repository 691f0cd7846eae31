//! Conditions in CEL (Common Expression Language), over `event` (its attributes, and `event.data`) and `data`.
//!
//! An event's data is untrusted, and the CEL library does not count steps. So the cost is bounded at compile time: it
//! grows linearly with the size of the event. Loops may only use their own element and build nothing, patterns are
//! literals, and the number of joined strings is limited.

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

use crate::{Attribute, Event, Payload, is_attribute_name, one_line};

/// The maximum length of an expression in bytes.
const LONGEST: usize = 2 << 10;

/// The maximum nesting: both the parser and the evaluation recurse.
const DEEPEST: usize = 32;

/// The maximum number of additions and joins of strings or lists.
const MOST_SUMS: usize = 8;

/// The maximum number of loops over data, and of patterns.
const MOST_LOOPS: usize = 4;
const MOST_PATTERNS: usize = 4;

/// The maximum number of elements in list literals inside loops: each is visited for each element of the data.
const MOST_LISTED: usize = 16;

/// The maximum length of a pattern for `matches`, in characters.
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

/// The standard functions and the library's type constants.
static ROOT: LazyLock<Context<'static>> = LazyLock::new(Context::default);

/// A compiled expression that evaluates to true or false for an event. Two conditions are equal if their sources are.
#[derive(Clone)]
pub struct Condition {
    source: Arc<str>,
    program: Arc<Program>,
}

/// Why a text is not a valid condition, in words for its author.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidCondition {
    pub reason: String,
    /// What to write instead, if known.
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
    /// Compiles a condition.
    ///
    /// # Errors
    /// [`InvalidCondition`] if it is not CEL, uses an unknown name, can never be true or false, or could cost
    /// more than linear time in the size of the event.
    pub fn compile(source: &str) -> Result<Self, InvalidCondition> {
        let compiled = Self::compile_value(source)?;
        if !may_be_bool(&compiled.program.expression().expr) {
            let help = "compare it with something, as in `data.amount > 100`";
            return Err(InvalidCondition::new("never evaluates to true or false", help));
        }
        Ok(compiled)
    }

    /// Compiles an expression of any type.
    ///
    /// # Errors
    /// [`InvalidCondition`] if it is not CEL, uses an unknown name, or could cost more than linear time in the
    /// size of the event.
    pub(crate) fn compile_value(source: &str) -> Result<Self, InvalidCondition> {
        if source.len() > LONGEST {
            let reason = format!("is {} bytes long; a condition may have at most {LONGEST}", source.len());
            return Err(InvalidCondition::new(reason, ""));
        }
        nesting(source)?;
        // A panic in the third-party parser must not take down more than this one condition.
        let program = catch_unwind(|| Program::compile(source))
            .map_err(|_| InvalidCondition::new("is not a valid CEL expression", ""))?
            .map_err(|errors| {
                InvalidCondition::new(unreadable(source, &errors), "see https://cel.dev for the language")
            })?;
        let mut look = Look::default();
        look.expression(program.expression(), 0)?;
        Ok(Self { source: source.into(), program: Arc::new(program) })
    }

    /// The source text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it holds for the event. If the evaluation fails, it does not.
    #[must_use]
    pub fn holds_for(&self, event: &Event) -> bool {
        self.holds(event, &Values::default()).unwrap_or_default()
    }

    /// Whether it holds for the event.
    ///
    /// # Errors
    /// Why the evaluation failed.
    pub(super) fn holds(&self, event: &Event, values: &Values) -> Result<bool, String> {
        match self.value(event, values)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(format!("the result is {}, not true or false", a(&other))),
        }
    }

    /// The result as text; `None` unless it is a text, a number or a boolean.
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
            Ok(Err(error)) => Err(words(&error, &self.source)),
            Err(_) => Err("the evaluation panicked".to_owned()),
        }
    }
}

/// Counts brackets before parsing, because the parser recurses.
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

/// The parser's first error, on one line, with its position.
fn unreadable(source: &str, errors: &cel::ParseErrors) -> String {
    let Some(first) = errors.errors.first() else { return "is not a valid CEL expression".to_owned() };
    let message = first.msg.strip_prefix("Syntax error: ").unwrap_or(&first.msg);
    if message.contains("ParseError") || message.contains("Error {") || message.contains(" source: ") {
        return "is not a valid CEL expression: it is nested too deeply, or contains an invalid string".to_owned();
    }
    // The grammar's list of expected tokens is too long to help.
    let message = message.split(" expecting ").next().unwrap_or(message);
    let message =
        ["mismatched input ", "extraneous input ", "no viable alternative at input ", "token recognition error at: "]
            .iter()
            .find_map(|start| message.strip_prefix(start))
            .map_or_else(|| message.to_owned(), |token| format!("unexpected {}", token.replace("'<EOF>'", "end")));
    let (line, column) = (first.pos.0, first.pos.1);
    let place =
        if source.contains('\n') { format!("line {line}, column {column}") } else { format!("column {column}") };
    format!("is not a valid CEL expression: {} at {place}", one_line(message))
}

/// Whether the result could be a boolean, as far as the expression shows.
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

/// Searches an expression for what a condition must not do.
#[derive(Default)]
struct Look {
    sums: usize,
    looped: usize,
    listed: usize,
    patterns: usize,
    /// The variables of the enclosing loops, innermost last.
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
            Expr::Struct(_) => Err(InvalidCondition::new("builds a message, but message types are not supported", "")),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, depth),
        }
    }

    /// Counts the elements of a list or map literal inside a loop, where it is rebuilt for each element.
    fn list(&mut self, elements: usize) -> Result<(), InvalidCondition> {
        self.listed += if self.loops.is_empty() { 0 } else { elements };
        if self.listed <= MOST_LISTED {
            return Ok(());
        }
        let reason = format!("has more than {MOST_LISTED} elements in list literals inside its loops");
        Err(InvalidCondition::new(reason, "compare with fewer values, or compare outside of the loop"))
    }

    fn comprehension(&mut self, loops: &ComprehensionExpr, depth: usize) -> Result<(), InvalidCondition> {
        if matches!(loops.accu_init.expr, Expr::List(_) | Expr::Map(_)) {
            let help = "test with `all`, `exists` or `exists_one`: `data.items.exists(item, item.price > 100)`";
            return Err(InvalidCondition::new(
                "builds a list (`map` or `filter`), which a condition must not do",
                help,
            ));
        }
        if !self.loops.is_empty() {
            let help = "the inner loop would run in full for each element of the outer one";
            return Err(InvalidCondition::new("has a loop inside a loop", help));
        }
        self.looped += 1;
        if self.looped > MOST_LOOPS {
            return Err(InvalidCondition::new(format!("has more than {MOST_LOOPS} loops"), "split it, or simplify it"));
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
        // Internal variables of the macros.
        if name.starts_with('@')
            || matches!(name, "int" | "uint" | "double" | "string" | "bytes" | "bool" | "list" | "map")
        {
            return Ok(());
        }
        match self.loops.last() {
            Some(own) if own == name => Ok(()),
            Some(own) => {
                let reason = format!("uses `{name}` inside a loop, which may only use its own element `{own}`");
                let help = "otherwise an event could keep it running for hours; \
                  compare outside of `all`, `exists` and `exists_one`";
                Err(InvalidCondition::new(reason, help))
            }
            None if matches!(name, "event" | "data") => Ok(()),
            None => {
                let help = "use `event` (`event.type`, `event.severity`, `event.data`) or `data`";
                Err(InvalidCondition::new(format!("uses `{name}`, which does not exist"), help))
            }
        }
    }

    fn function(&mut self, name: &str, args: &[IdedExpr]) -> Result<(), InvalidCondition> {
        // `exists_one` adds to the macro's internal variable.
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
                let help = "the pattern would be compiled for each element; use `contains`, `startsWith` or `endsWith`";
                return Err(InvalidCondition::new("uses `matches` inside a loop", help));
            }
            return pattern(args.last());
        }
        let is_operator = name.starts_with(['_', '!', '-', '@']);
        if is_operator || FUNCTIONS.contains(&name) {
            return Ok(());
        }
        let known = FUNCTIONS.iter().filter(|name| !name.starts_with('@')).map(|name| format!("`{name}`"));
        let help = format!("use {}, `has`, `all`, `exists` or `exists_one`", known.collect::<Vec<_>>().join(", "));
        Err(InvalidCondition::new(format!("calls `{name}`, which does not exist"), help))
    }
}

/// Checks that an event can have this attribute.
fn attribute(name: &str) -> Result<(), InvalidCondition> {
    if is_attribute_name(name) {
        return Ok(());
    }
    let help = match name {
        "dataContentType" | "data_content_type" => "write `event.datacontenttype`".to_owned(),
        _ => "attribute names consist of a-z and 0-9".to_owned(),
    };
    Err(InvalidCondition::new(format!("uses `event.{name}`, an attribute that no event can have"), help))
}

/// Patterns must be literals, because an event could bring an expensive one.
fn pattern(argument: Option<&IdedExpr>) -> Result<(), InvalidCondition> {
    let Some(IdedExpr { expr: Expr::Literal(LiteralValue::String(pattern)), .. }) = argument else {
        return Err(InvalidCondition::new(
            "passes `matches` a pattern that is not a literal",
            "write the pattern as a string literal",
        ));
    };
    let pattern = pattern.inner();
    if pattern.chars().count() > LONGEST_PATTERN {
        let reason = format!("passes `matches` a pattern of more than {LONGEST_PATTERN} characters");
        return Err(InvalidCondition::new(reason, ""));
    }
    match regex::RegexBuilder::new(pattern).size_limit(1 << 20).build() {
        Ok(_) => Ok(()),
        Err(regex::Error::CompiledTooBig(_)) => Err(InvalidCondition::new(
            "passes `matches` a pattern that is too large when compiled",
            "`\\w` and `.` cover all of Unicode: write `[A-Za-z0-9_]`, or use fewer repetitions",
        )),
        Err(error) => Err(InvalidCondition::new(
            format!("passes `matches` an invalid pattern: {}", one_line(error.to_string())),
            "",
        )),
    }
}

/// An event as CEL values, converted when the first condition needs them.
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

/// JSON data as CEL values, other text as a string, and null if there is no data.
fn data(event: &Event) -> Value {
    match &event.data {
        None => Value::Null,
        Some(Payload::Binary(bytes)) => Value::Bytes(Arc::new(bytes.to_vec())),
        Some(Payload::Text(data)) => {
            if event.is_json() {
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

/// The kind of a value, with its article. Never the value itself: it is the publisher's data, and the text is logged.
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

/// What surrounds the name of a missing member.
const MISSING: (&str, &str) = ("the event has no `", "`; test with `has(…)` first if it may be missing");

/// The member that an event lacks, from the reason why a condition could not be evaluated.
#[must_use]
pub fn missing_member(reason: &str) -> Option<&str> {
    reason.strip_prefix(MISSING.0)?.strip_suffix(MISSING.1)
}

/// An evaluation error, described without any data.
fn words(error: &ExecutionError, source: &str) -> String {
    match error {
        // A name that is not in the condition was computed from the event's data.
        ExecutionError::NoSuchKey(name) if !name.is_empty() && source.contains(name.as_str()) => {
            format!("{}{}{}", MISSING.0, one_line(name.to_string()), MISSING.1)
        }
        ExecutionError::NoSuchKey(_) => "a key that the condition computes does not exist".to_owned(),
        ExecutionError::NoSuchOverload
        | ExecutionError::UnexpectedType { .. }
        | ExecutionError::UnsupportedTargetType { .. }
        | ExecutionError::NotSupportedAsMethod { .. }
        | ExecutionError::ValuesNotComparable(..)
        | ExecutionError::UnsupportedBinaryOperator(..) => {
            "a value does not have the type that it is compared or used with".to_owned()
        }
        ExecutionError::IndexOutOfBounds(_) | ExecutionError::UnsupportedIndex(..) => {
            "a list index is out of range".to_owned()
        }
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "it divides by zero".to_owned(),
        ExecutionError::Overflow(..) => "a number overflows".to_owned(),
        // The library reports an argument of the wrong type as an undeclared function.
        ExecutionError::UndeclaredReference(name) if FUNCTIONS.contains(&name.as_str()) => {
            format!("`{name}` does not take a value of this type")
        }
        ExecutionError::UndeclaredReference(name) => format!("`{}` does not exist", one_line(name.to_string())),
        ExecutionError::FunctionError { function, .. } => format!("`{}` failed", one_line(function.clone())),
        _ => "it could not be evaluated".to_owned(),
    }
}
