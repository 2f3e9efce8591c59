//! Protections of the product that a run can do without, to see that the simulation notices.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;

use accounts_state_machine::{Definition, DefinitionError};
use serde::Deserialize;
use serde_json::Value;

use crate::RunError;
use crate::locks::lock;

const DEPLOYED: &str = include_str!("../../../infra/state-machine.asl.json");

/// A protection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// One clause of the condition of a write.
    Clause {
        /// What is written: the kind of item.
        item: String,
        /// How: `Put`, `Delete` or `ConditionCheck`.
        write: String,
        /// The whole condition.
        condition: String,
        /// The clause.
        clause: String,
    },
    /// The token of `ProvisionProduct`: each call has another one.
    Token,
    /// The intent of an operation: it is not stored, and the function believes it is.
    Beginning,
    /// The reconciler: it is never invoked.
    Reconciler,
    /// The reconciler's restart of executions: each looks as if it ran.
    Restart,
    /// The event of an execution's end.
    Event,
    /// A retrier of a state.
    Retry {
        /// The state.
        state: String,
        /// Its position.
        at: usize,
    },
    /// The catchers of a state.
    Catch {
        /// The state.
        state: String,
    },
}

/// What is known of a protection: `protections.json`. The simulation notices that it is missing, unless it is redundant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The protection, as it is displayed.
    pub protection: String,
    /// Why nothing goes wrong without it.
    pub redundant: Option<String>,
    /// The test of the scenario, where it is redundant.
    pub test: Option<String>,
}

/// Every condition that was met, for [`Protection::enumerate`].
static SEEN: Mutex<BTreeSet<(String, String, String)>> = Mutex::new(BTreeSet::new());

impl Protection {
    /// Every protection: what the definition has, and the conditions that the runs of this process met.
    pub fn enumerate() -> Vec<Self> {
        let mut all = vec![Self::Token, Self::Beginning, Self::Reconciler, Self::Restart, Self::Event];
        let definition: Value = serde_json::from_str(DEPLOYED).unwrap_or_default();
        for (state, content) in definition["States"].as_object().into_iter().flatten() {
            for at in 0..content["Retry"].as_array().map_or(0, Vec::len) {
                all.push(Self::Retry { state: state.clone(), at });
            }
            if content["Catch"].is_array() {
                all.push(Self::Catch { state: state.clone() });
            }
        }
        for (item, write, condition) in lock(&SEEN).iter() {
            for (clause, _) in clauses(condition) {
                all.push(Self::Clause {
                    item: item.clone(),
                    write: write.clone(),
                    condition: condition.clone(),
                    clause,
                });
            }
        }
        all
    }

    /// What `protections.json` says.
    ///
    /// # Errors
    /// If it is malformed.
    pub fn listed() -> Result<Vec<Listed>, RunError> {
        Ok(serde_json::from_str(include_str!("../protections.json"))?)
    }

    /// A protection by its line, as it is displayed.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(line: &str) -> Result<Self, RunError> {
        let parts: Vec<_> = line.split(" | ").map(str::to_owned).collect();
        // Which conditions there are, only runs say.
        if let [kind, item, write, condition, clause] = parts.as_slice()
            && kind == "clause"
            && clauses(condition).iter().any(|(known, _)| known == clause)
        {
            let (item, write) = (item.clone(), write.clone());
            return Ok(Self::Clause { item, write, condition: condition.clone(), clause: clause.clone() });
        }
        let known = Self::enumerate().into_iter().find(|known| known.to_string() == line);
        known.ok_or_else(|| RunError::UnknownProtection(line.to_owned()))
    }

    /// The deployed definition without what is removed of it.
    pub(crate) fn definition_without(removed: Option<&Self>) -> Result<Definition, DefinitionError> {
        let mut definition: Value = serde_json::from_str(DEPLOYED).unwrap_or_default();
        match removed {
            Some(Self::Retry { state, at }) => {
                if let Some(retriers) = definition["States"][state]["Retry"].as_array_mut()
                    && *at < retriers.len()
                {
                    retriers.remove(*at);
                }
            }
            Some(Self::Catch { state }) => {
                if let Some(content) = definition["States"][state].as_object_mut() {
                    content.remove("Catch");
                }
            }
            _ => {}
        }
        Definition::parse(&definition.to_string())
    }

    /// Removes the clause that the run does without from a write, and notes its conditions.
    pub(crate) fn strip(removed: Option<&Self>, body: &mut Value) {
        for part in body["TransactItems"].as_array_mut().into_iter().flatten() {
            for write in ["Put", "Delete", "ConditionCheck"] {
                let Some(content) = part.get_mut(write) else { continue };
                let Some(condition) = content["ConditionExpression"].as_str().map(str::to_owned) else {
                    continue;
                };
                let key = if write == "Put" { &content["Item"] } else { &content["Key"] };
                let item = kind_of(key);
                match removed {
                    Some(Self::Clause { item: of, write: how, condition: whole, clause })
                        if *of == item && how == write && *whole == condition =>
                    {
                        without(content, &condition, clause);
                    }
                    None => {
                        let seen = (item, write.to_owned(), condition);
                        let mut all = lock(&SEEN);
                        if !all.contains(&seen) {
                            all.insert(seen);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// The body of `ProvisionProduct`, with another token where tokens are removed.
    pub(crate) fn without_token(&self, number: u64, body: &[u8]) -> Vec<u8> {
        if *self != Self::Token {
            return body.to_vec();
        }
        let mut body: Value = serde_json::from_slice(body).unwrap_or_default();
        body["ProvisionToken"] = Value::String(format!("token-{number}"));
        body.to_string().into_bytes()
    }

    /// Whether this write is dropped, and answered as if it had been made.
    pub(crate) fn drops(&self, body: &Value) -> bool {
        let begins = |part: &Value| {
            let item = &part["Put"]["Item"];
            item["State"]["S"] == "Beginning" && item["Version"]["N"] == "1"
        };
        *self == Self::Beginning
            && body["TransactItems"].as_array().is_some_and(|parts| parts.iter().any(begins))
    }

    /// What `DescribeExecution` shows of every execution.
    pub(crate) fn shown_status(&self) -> Option<&'static str> {
        (*self == Self::Restart).then_some("RUNNING")
    }
}

fn kind_of(key: &Value) -> String {
    let part = |name: &str| key[name]["S"].as_str().unwrap_or_default();
    let first = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
    match part("AccountEmail").split_once('#') {
        Some((kind, _)) => kind.to_owned(),
        None => first(part("Record")),
    }
}

/// The clauses of a condition, each with the condition without it.
fn clauses(condition: &str) -> Vec<(String, String)> {
    for joint in [" AND ", " OR "] {
        let parts: Vec<_> = condition.split(joint).collect();
        if parts.len() > 1 {
            let without = |at: usize| {
                let others =
                    parts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, part)| *part);
                others.collect::<Vec<_>>().join(joint)
            };
            let mut all: Vec<_> =
                parts.iter().enumerate().map(|(at, part)| ((*part).to_owned(), without(at))).collect();
            all.push((condition.to_owned(), ALWAYS.to_owned()));
            return all;
        }
    }
    vec![(condition.to_owned(), ALWAYS.to_owned())]
}

const ALWAYS: &str = "attribute_exists(AccountEmail) OR attribute_not_exists(AccountEmail)";

fn without(content: &mut Value, condition: &str, clause: &str) {
    let Some((_, rest)) = clauses(condition).into_iter().find(|(known, _)| known == clause) else { return };
    for used in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        let Some(names) = content[used].as_object_mut() else { continue };
        names.retain(|name, _| rest.contains(name.as_str()));
        if names.is_empty()
            && let Some(content) = content.as_object_mut()
        {
            content.remove(used);
        }
    }
    content["ConditionExpression"] = Value::String(rest);
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clause { item, write, condition, clause } => {
                write!(f, "clause | {item} | {write} | {condition} | {clause}")
            }
            Self::Token => f.write_str("token"),
            Self::Beginning => f.write_str("beginning"),
            Self::Reconciler => f.write_str("reconciler"),
            Self::Restart => f.write_str("restart"),
            Self::Event => f.write_str("event"),
            Self::Retry { state, at } => write!(f, "retry | {state} | {at}"),
            Self::Catch { state } => write!(f, "catch | {state}"),
        }
    }
}
