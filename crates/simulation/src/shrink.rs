//! Makes a failing run short: fewer clients, fewer kinds of faults, fewer faults.

use std::collections::BTreeSet;

use crate::{Plan, RunError, run};

/// A shorter plan that still violates something, found in at most so many runs. The violation may be another one.
///
/// # Errors
/// If a run cannot begin.
pub fn shrink(plan: &Plan, most_runs: u32) -> Result<Plan, RunError> {
    let mut shrinker = Shrinker { best: plan.clone(), runs_left: most_runs };
    shrinker.fewer_clients()?;
    shrinker.fewer_kinds()?;
    shrinker.fewer_faults()?;
    Ok(shrinker.best)
}

struct Shrinker {
    best: Plan,
    runs_left: u32,
}

impl Shrinker {
    /// Keeps the plan if it fails too.
    fn keeps(&mut self, plan: Plan) -> Result<bool, RunError> {
        if self.runs_left == 0 {
            return Ok(false);
        }
        self.runs_left -= 1;
        let fails = !run(&plan)?.violations.is_empty();
        if fails {
            self.best = plan;
        }
        Ok(fails)
    }

    fn fewer_clients(&mut self) -> Result<(), RunError> {
        for clients in [1, 2, 3, 5, 8, 13] {
            if clients < self.best.clients && self.keeps(Plan { clients, ..self.best.clone() })? {
                break;
            }
        }
        Ok(())
    }

    fn fewer_kinds(&mut self) -> Result<(), RunError> {
        for kind in self.best.enabled.clone() {
            let mut plan = self.best.clone();
            plan.enabled.remove(&kind);
            self.keeps(plan)?;
        }
        Ok(())
    }

    /// Suppresses halves of the faults, then quarters, and so on.
    fn fewer_faults(&mut self) -> Result<(), RunError> {
        let all = run(&self.best)?.ordinals;
        let mut size = all.div_ceil(2);
        while size > 0 {
            let mut from = 0;
            while from < all {
                let mut plan = self.best.clone();
                let chunk: BTreeSet<_> = (from..(from + size).min(all)).collect();
                if !chunk.is_subset(&plan.suppressed) {
                    plan.suppressed.extend(chunk);
                    self.keeps(plan)?;
                }
                from += size;
            }
            size /= 2;
        }
        Ok(())
    }
}
