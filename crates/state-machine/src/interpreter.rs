//! What an execution does next: pure, without time, chance or storage of its own.

use std::time::Duration;

use serde_json::{Value, json};

use crate::definition::{Definition, Kind, Next, Selection, State, Task, WaitTime};
use crate::error_name::{DATA_LIMIT_EXCEEDED, NO_CHOICE_MATCHED, RUNTIME, matches};
use crate::failure::Failure;
use crate::flow::{DATA_LIMIT, put, render, runtime, select};
use crate::history;
use crate::step::{Action, Invocation, Outcome, Position, Step};

impl Definition {
    /// Begins an execution.
    pub fn start(&self, input: Value) -> Step {
        self.enter(self.start_at().to_owned(), input, history::START)
    }

    /// Goes on after a wait.
    pub fn woken(&self, position: Position) -> Step {
        let Some(state) = self.state(&position.state) else { return gone(position) };
        match &state.kind {
            Kind::Task(task) => match invocation(state, task, &position.data) {
                Ok(invocation) => act(vec![], position, Action::Invoke(invocation)),
                Err(failure) => ended(vec![], position, failure),
            },
            Kind::Wait(wait) => match select(&state.input_path, &position.data, "InputPath")
                .and_then(|data| select(&state.output_path, &data, "OutputPath"))
            {
                Ok(data) => self.go_on(&wait.next, position, data),
                Err(failure) => ended(vec![], position, failure),
            },
            _ => self.enter(position.state, position.data, position.events),
        }
    }

    /// Goes on with the invocation that was under way when the process died. It counts no events: the
    /// service would not have invoked the function again.
    pub fn interrupted(&self, position: Position) -> Step {
        let Some(state @ State { kind: Kind::Task(task), .. }) = self.state(&position.state) else {
            return self.woken(position);
        };
        match invocation(state, task, &position.data) {
            Ok(invocation) => Step { entered: vec![], position, action: Action::Invoke(invocation) },
            Err(failure) => ended(vec![], position, failure),
        }
    }

    /// Goes on after a function answered.
    pub fn succeeded(&self, mut position: Position, answer: Value) -> Step {
        let Some(State { kind: Kind::Task(task), output_path, .. }) = self.state(&position.state) else {
            return gone(position);
        };
        if let Err(failure) = history::add(&mut position.events, history::ANSWERED) {
            return ended(vec![], position, failure);
        }
        match output(task, output_path, &position.data, answer) {
            Ok(data) => self.go_on(&task.next, position, data),
            // Chance is of no consequence: what fails here ends the execution, or is caught.
            Err(failure) => self.retry_or_catch(task, position, failure, 0.0),
        }
    }

    /// Goes on after a task failed: retries, catches, or ends. `random` is from 0 to 1 and is for jitter.
    pub fn failed(&self, mut position: Position, failure: Failure, random: f64) -> Step {
        let Some(State { kind: Kind::Task(task), .. }) = self.state(&position.state) else {
            return gone(position);
        };
        if let Err(failure) = history::add(&mut position.events, history::ANSWERED) {
            return ended(vec![], position, failure);
        }
        self.retry_or_catch(task, position, failure, random)
    }

    fn retry_or_catch(&self, task: &Task, mut position: Position, failure: Failure, random: f64) -> Step {
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
                Ok(data) => self.go_on(&Next::State(catcher.next.clone()), position, data),
                Err(failure) => ended(vec![], position, failure),
            },
            None => ended(vec![], position, failure),
        }
    }

    /// Leaves a state.
    fn go_on(&self, next: &Next, mut position: Position, data: Value) -> Step {
        if let Err(failure) = history::add(&mut position.events, history::EXITED) {
            return ended(vec![], position, failure);
        }
        match next {
            Next::State(name) => self.enter(name.clone(), data, position.events),
            Next::End => succeeded(vec![], position, data),
        }
    }

    /// Passes through states until there is something to do.
    fn enter(&self, name: String, data: Value, events: u32) -> Step {
        let mut position = Position { state: name, data, retries: Vec::new(), events };
        let mut entered = Vec::new();
        loop {
            let Some(state) = self.state(&position.state) else { return gone(position) };
            if let Err(failure) = history::add(&mut position.events, history::ENTERED) {
                return ended(entered, position, failure);
            }
            entered.push(position.state.clone());
            match pass(state, &position.data) {
                Ok(Passage::Through(next, data)) => {
                    if let Err(failure) = history::add(&mut position.events, history::EXITED) {
                        return ended(entered, position, failure);
                    }
                    match next {
                        Next::State(name) => position = Position { state: name, data, ..position },
                        Next::End => return succeeded(entered, position, data),
                    }
                }
                Ok(Passage::Do(action)) => return act(entered, position, action),
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
            return Err(Failure { error: error.clone(), cause: cause.clone() });
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

/// Stops in a state to do something. An invocation is in the history from now on.
fn act(entered: Vec<String>, mut position: Position, action: Action) -> Step {
    if matches!(action, Action::Invoke(_))
        && let Err(failure) = history::add(&mut position.events, history::INVOKED)
    {
        return ended(entered, position, failure);
    }
    Step { entered, position, action }
}

fn succeeded(entered: Vec<String>, mut position: Position, output: Value) -> Step {
    position.events += history::END;
    Step { entered, position, action: Action::End(Outcome::Succeeded(output)) }
}

fn ended(entered: Vec<String>, mut position: Position, failure: Failure) -> Step {
    position.events += history::END;
    Step { entered, position, action: Action::End(Outcome::Failed(failure)) }
}

/// Only a position that another definition made can lead here.
fn gone(position: Position) -> Step {
    let cause = format!("The definition has no such state: \"{}\".", position.state);
    ended(vec![], position, Failure::new(RUNTIME, cause))
}
