//! One state of a definition.

use serde_json::Value;

use super::choice::choices;
use super::error::DefinitionError;
use super::fields::{Fields, Scope};
use super::policy::{self, Catcher, Retrier};
use super::selection::{Selection, result_path, selection};
use crate::path::Path;
use crate::rule::Rule;
use crate::template::Template;

/// A state: what it does and where it leads.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub(crate) input_path: Selection,
    pub(crate) output_path: Selection,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Task(Box<Task>),
    Wait(Wait),
    Choice { rules: Vec<(Rule, String)>, default: Option<String> },
    Pass { parameters: Option<Template>, result: Option<Value>, result_path: Selection, next: Next },
    Succeed,
    Fail { error: Option<String>, cause: Option<String> },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Task {
    pub(crate) function: String,
    pub(crate) payload: Template,
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) result_selector: Option<Template>,
    pub(crate) result_path: Selection,
    pub(crate) retriers: Vec<Retrier>,
    pub(crate) catchers: Vec<Catcher>,
    pub(crate) next: Next,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wait {
    pub(crate) time: WaitTime,
    pub(crate) next: Next,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WaitTime {
    Seconds(u64),
    At(Path),
}

/// Where a state leads when it is done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    State(String),
    End,
}

/// The longest that a Wait may take, in seconds.
pub(crate) const LONGEST_WAIT: u64 = 99_999_999;

const LAMBDA_INVOKE: &str = "arn:aws:states:::lambda:invoke";

impl State {
    pub(super) fn parse(name: &str, json: &Value) -> Result<Self, DefinitionError> {
        let mut fields = Fields::new(Scope::state(name), json)?;
        if name.is_empty() || name.chars().count() > 80 {
            return Err(fields.wrong("a state's name has 1 to 80 characters"));
        }
        fields.text("Comment")?;
        let type_name = fields.required_text("Type")?;
        let state = match type_name {
            "Fail" => {
                let error = fields.text("Error")?.map(str::to_owned);
                let cause = fields.text("Cause")?.map(str::to_owned);
                let kind = Kind::Fail { error, cause };
                Self { input_path: Selection::All, output_path: Selection::All, kind }
            }
            _ => Self {
                input_path: selection(&mut fields, "InputPath")?,
                output_path: selection(&mut fields, "OutputPath")?,
                kind: match type_name {
                    "Task" => Kind::Task(Box::new(task(&mut fields)?)),
                    "Wait" => Kind::Wait(wait(&mut fields)?),
                    "Choice" => Kind::Choice {
                        rules: choices(&mut fields)?,
                        default: fields.text("Default")?.map(str::to_owned),
                    },
                    "Pass" => Kind::Pass {
                        parameters: template(&mut fields, "Parameters")?,
                        result: fields.optional("Result").cloned(),
                        result_path: result_path(&mut fields)?,
                        next: next(&mut fields)?,
                    },
                    "Succeed" => Kind::Succeed,
                    other => return Err(fields.unsupported(format!("the Type \"{other}\""))),
                },
            },
        };
        fields.finish()?;
        Ok(state)
    }

    /// The state's type, as the definition spells it.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Task(_) => "Task",
            Kind::Wait(_) => "Wait",
            Kind::Choice { .. } => "Choice",
            Kind::Pass { .. } => "Pass",
            Kind::Succeed => "Succeed",
            Kind::Fail { .. } => "Fail",
        }
    }

    fn task(&self) -> Option<&Task> {
        match &self.kind {
            Kind::Task(task) => Some(task),
            _ => None,
        }
    }

    /// The function that a task invokes.
    pub fn function(&self) -> Option<&str> {
        self.task().map(|task| task.function.as_str())
    }

    /// How long an invocation may take.
    pub fn timeout_seconds(&self) -> Option<u64> {
        self.task().and_then(|task| task.timeout_seconds)
    }

    /// What a task retries, in the order of asking.
    pub fn retriers(&self) -> &[Retrier] {
        self.task().map_or(&[], |task| &task.retriers)
    }

    /// What a task catches, in the order of asking.
    pub fn catchers(&self) -> &[Catcher] {
        self.task().map_or(&[], |task| &task.catchers)
    }

    /// Every state this one can lead to, catchers included.
    pub fn targets(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Task(task) => {
                task.next.state().into_iter().chain(task.catchers.iter().map(|c| c.next.as_str())).collect()
            }
            Kind::Wait(wait) => wait.next.state().into_iter().collect(),
            Kind::Pass { next, .. } => next.state().into_iter().collect(),
            Kind::Choice { rules, default } => {
                rules.iter().map(|(_, next)| next.as_str()).chain(default.as_deref()).collect()
            }
            Kind::Succeed | Kind::Fail { .. } => Vec::new(),
        }
    }
}

impl Next {
    fn state(&self) -> Option<&str> {
        match self {
            Self::State(name) => Some(name),
            Self::End => None,
        }
    }
}

fn task(fields: &mut Fields<'_>) -> Result<Task, DefinitionError> {
    let resource = fields.required_text("Resource")?;
    if resource != LAMBDA_INVOKE {
        return Err(fields.unsupported(format!("the Resource \"{resource}\"")));
    }
    let parameters = fields.required("Parameters")?;
    let (function, payload) = invocation(fields.scope.part("Parameters"), parameters)?;
    Ok(Task {
        function,
        payload,
        timeout_seconds: fields.whole("TimeoutSeconds", 1..=LONGEST_WAIT)?,
        result_selector: template(fields, "ResultSelector")?,
        result_path: result_path(fields)?,
        retriers: policy::retriers(fields)?,
        catchers: policy::catchers(fields)?,
        next: next(fields)?,
    })
}

fn invocation(scope: Scope, parameters: &Value) -> Result<(String, Template), DefinitionError> {
    let mut fields = Fields::new(scope, parameters)?;
    let written = fields.required_text("FunctionName")?;
    let function = function_name(written)
        .ok_or_else(|| fields.wrong(format!("\"{written}\" names no function")))?
        .to_owned();
    let payload = match (fields.path("Payload.$")?, fields.optional("Payload")) {
        (Some(_), Some(_)) => return Err(fields.wrong("\"Payload\" and \"Payload.$\" exclude each other")),
        (Some(path), None) => Template::Path { field: "Payload.$".to_owned(), path },
        (None, Some(value)) => Template::parse(value).map_err(|what| fields.unsupported(what))?,
        (None, None) => Template::Object(Vec::new()),
    };
    fields.finish()?;
    Ok((function, payload))
}

/// The function that `${name}`, `name`, `name:qualifier` or a Lambda ARN stands for.
fn function_name(written: &str) -> Option<&str> {
    let name = if let Some(placeholder) = written.strip_prefix("${") {
        placeholder.strip_suffix('}')?
    } else {
        let part = written.split_once(":function:").map_or(written, |(_, name)| name);
        part.split(':').next()?
    };
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!name.is_empty() && name.chars().all(known)).then_some(name)
}

fn wait(fields: &mut Fields<'_>) -> Result<Wait, DefinitionError> {
    let time = match (fields.whole("Seconds", 0..=LONGEST_WAIT)?, fields.path("SecondsPath")?) {
        (Some(seconds), None) => WaitTime::Seconds(seconds),
        (None, Some(path)) => WaitTime::At(path),
        (Some(_), Some(_)) => {
            return Err(fields.wrong("\"Seconds\" and \"SecondsPath\" exclude each other"));
        }
        (None, None) => {
            return Err(match fields.unread(&["Next", "End"]) {
                Some(name) => fields.unsupported(format!("the field \"{name}\"")),
                None => fields.wrong("\"Seconds\" or \"SecondsPath\" is missing"),
            });
        }
    };
    Ok(Wait { time, next: next(fields)? })
}

fn next(fields: &mut Fields<'_>) -> Result<Next, DefinitionError> {
    let next = fields.text("Next")?;
    let end = match fields.optional("End") {
        None => false,
        Some(Value::Bool(end)) => *end,
        Some(_) => return Err(fields.wrong("\"End\" must be true or false")),
    };
    match (next, end) {
        (Some(name), false) => Ok(Next::State(name.to_owned())),
        (None, true) => Ok(Next::End),
        _ => Err(fields.wrong("either \"Next\" or \"End\": true must be there")),
    }
}

fn template(fields: &mut Fields<'_>, name: &'static str) -> Result<Option<Template>, DefinitionError> {
    match fields.optional(name) {
        None => Ok(None),
        Some(value) if value.is_object() => {
            Template::parse(value).map(Some).map_err(|what| fields.unsupported(format!("\"{name}\": {what}")))
        }
        Some(_) => Err(fields.wrong(format!("\"{name}\" must be an object"))),
    }
}
