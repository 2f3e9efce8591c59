//! What an execution does next: pure, without time, chance or storage of its own.

use std::time::Duration;

use serde_json::{Value, json};

use crate::definition::{Definition, Kind, Next, Selection, State, Task, WaitTime};
use crate::error_name::{DATA_LIMIT_EXCEEDED, NO_CHOICE_MATCHED, RUNTIME, matches};
use crate::failure::Failure;
use crate::flow::{DATA_LIMIT, put, render, runtime, select};
use crate::step::{Action, Invocation, Outcome, Position, Step};

/// So many states entered without a task or a wait are a loop that never ends.
const LONGEST_PASSAGE: usize = 10_000;

impl Definition {
    /// Begins an execution.
    pub fn start(&self, input: Value) -> Step {
        self.enter(self.start_at().to_owned(), input)
    }

    /// Goes on after a wait, or with what was under way when the process died.
    pub fn woken(&self, position: Position) -> Step {
        let Some(state) = self.state(&position.state) else { return gone(position) };
        match &state.kind {
            Kind::Task(task) => match invocation(state, task, &position.data) {
                Ok(invocation) => Step { entered: vec![], position, action: Action::Invoke(invocation) },
                Err(failure) => ended(vec![], position, failure),
            },
            Kind::Wait(wait) => match select(&state.input_path, &position.data, "InputPath")
                .and_then(|data| select(&state.output_path, &data, "OutputPath"))
            {
                Ok(data) => self.go_on(&wait.next, position, data),
                Err(failure) => ended(vec![], position, failure),
            },
            _ => self.enter(position.state, position.data),
        }
    }

    /// Goes on after a function answered.
    pub fn succeeded(&self, position: Position, answer: Value) -> Step {
        let Some(State { kind: Kind::Task(task), output_path, .. }) = self.state(&position.state) else {
            return gone(position);
        };
        match output(task, output_path, &position.data, answer) {
            Ok(data) => self.go_on(&task.next, position, data),
            // Chance is of no consequence: what fails here ends the execution, or is caught.
            Err(failure) => self.failed(position, failure, 0.0),
        }
    }

    /// Goes on after a task failed: retries, catches, or ends. `random` is from 0 to 1 and is for jitter.
    pub fn failed(&self, mut position: Position, failure: Failure, random: f64) -> Step {
        let Some(State { kind: Kind::Task(task), .. }) = self.state(&position.state) else {
            return gone(position);
        };
        let error = failure.name();

        if let Some(index) = task.retriers.iter().position(|r| matches(&r.error_equals, error)) {
            position.retries.resize(task.retriers.len(), 0);
            let retrier = &task.retriers[index];
            let done = &mut position.retries[index];
            if *done < retrier.max_attempts {
                let seconds = retrier.delay(*done, random);
                *done += 1;
                return Step { entered: vec![], position, action: Action::Wait(seconds) };
            }
        }
        match task.catchers.iter().find(|c| matches(&c.error_equals, error)) {
            Some(catcher) => match put(&catcher.result_path, &position.data, failure.output()) {
                Ok(data) => self.enter(catcher.next.clone(), data),
                Err(failure) => ended(vec![], position, failure),
            },
            None => ended(vec![], position, failure),
        }
    }

    fn go_on(&self, next: &Next, position: Position, data: Value) -> Step {
        match next {
            Next::State(name) => self.enter(name.clone(), data),
            Next::End => Step { entered: vec![], position, action: Action::End(Outcome::Succeeded(data)) },
        }
    }

    /// Passes through states until there is something to do.
    fn enter(&self, name: String, data: Value) -> Step {
        let mut position = Position { state: name, data, retries: Vec::new() };
        let mut entered = Vec::new();
        loop {
            let Some(state) = self.state(&position.state) else { return gone(position) };
            entered.push(position.state.clone());
            if entered.len() > LONGEST_PASSAGE {
                let cause = format!("{LONGEST_PASSAGE} states were entered without a task or a wait.");
                return ended(entered, position, Failure::new(RUNTIME, cause));
            }
            match pass(state, &position.data) {
                Ok(Passage::Through(Next::State(name), data)) => {
                    position = Position { state: name, data, retries: Vec::new() };
                }
                Ok(Passage::Through(Next::End, data)) => {
                    return Step { entered, position, action: Action::End(Outcome::Succeeded(data)) };
                }
                Ok(Passage::Do(action)) => return Step { entered, position, action },
                Err(failure) => return ended(entered, position, failure),
            }
        }
    }
}

enum Passage {
    Through(Next, Value),
    Do(Action),
}

fn pass(state: &State, data: &Value) -> Result<Passage, Failure> {
    let input = || select(&state.input_path, data, "InputPath");
    let output = |data: &Value| select(&state.output_path, data, "OutputPath");
    Ok(match &state.kind {
        Kind::Task(task) => Passage::Do(Action::Invoke(invocation(state, task, data)?)),
        Kind::Wait(wait) => Passage::Do(Action::Wait(match &wait.time {
            WaitTime::Seconds(seconds) => *seconds as f64,
            WaitTime::At(path) => {
                let seconds = path.get(&input()?).cloned();
                match seconds.as_ref().and_then(Value::as_u64) {
                    Some(seconds) if seconds <= crate::definition::LONGEST_WAIT => seconds as f64,
                    _ => {
                        return Err(runtime(format!(
                            "The SecondsPath parameter does not reference a whole number of seconds: {} is {}",
                            path.as_str(),
                            seconds.map_or("missing".to_owned(), |value| value.to_string()),
                        )));
                    }
                }
            }
        })),
        Kind::Choice { rules, default } => {
            let input = input()?;
            let mut next = default.as_ref();
            for (rule, target) in rules {
                if rule.holds(&input).map_err(runtime)? {
                    next = Some(target);
                    break;
                }
            }
            let next = next.ok_or_else(|| {
                Failure::new(NO_CHOICE_MATCHED, "No rule of the Choice applies, and it has no Default.")
            })?;
            Passage::Through(Next::State(next.clone()), output(&input)?)
        }
        Kind::Pass { parameters, result, result_path, next } => {
            let result = match (result, render(parameters.as_ref(), input()?)?) {
                (Some(result), _) => result.clone(),
                (None, input) => input,
            };
            Passage::Through(next.clone(), output(&put(result_path, data, result)?)?)
        }
        Kind::Succeed => Passage::Through(Next::End, output(&input()?)?),
        Kind::Fail { error, cause } => {
            Passage::Do(Action::End(Outcome::Failed(Failure { error: error.clone(), cause: cause.clone() })))
        }
    })
}

fn invocation(state: &State, task: &Task, data: &Value) -> Result<Invocation, Failure> {
    let input = select(&state.input_path, data, "InputPath")?;
    Ok(Invocation {
        function: task.function.clone(),
        payload: task.payload.render(&input).map_err(runtime)?,
        timeout: task.timeout_seconds.map(Duration::from_secs),
    })
}

fn output(task: &Task, output_path: &Selection, data: &Value, answer: Value) -> Result<Value, Failure> {
    if answer.to_string().len() > DATA_LIMIT {
        let cause = format!(
            "The function \"{}\" returned a result with a size exceeding the maximum number of bytes \
             service limit of {DATA_LIMIT}.",
            task.function
        );
        return Err(Failure::new(DATA_LIMIT_EXCEEDED, cause));
    }
    let result = json!({ "ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200 });
    let result = render(task.result_selector.as_ref(), result)?;
    select(output_path, &put(&task.result_path, data, result)?, "OutputPath")
}

fn ended(entered: Vec<String>, position: Position, failure: Failure) -> Step {
    Step { entered, position, action: Action::End(Outcome::Failed(failure)) }
}

/// Only a position that another definition made can lead here.
fn gone(position: Position) -> Step {
    let cause = format!("The definition has no such state: \"{}\".", position.state);
    ended(vec![], position, Failure::new(RUNTIME, cause))
}
