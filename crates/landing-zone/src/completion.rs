//! How operations end: each call first settles what is due, which is to complete every operation whose end
//! time has passed. Nothing runs between calls, so a killed process loses nothing.

use rusqlite::{Row, params};

use crate::plan::Outcome;
use crate::session::Session;
use crate::texts;

/// Ends every operation whose time has come, in the order in which their times came.
pub(crate) fn settle(session: &Session<'_>) -> rusqlite::Result<()> {
    let due: Vec<(i64, Outcome, Due)> = session
        .sql
        .prepare_cached(
            "SELECT position, ending, failure, record_id, parent_id, account_name, account_email, end_ms
             FROM operations WHERE state = 'open' AND end_ms <= ? ORDER BY end_ms, position",
        )?
        .query_map([session.now_ms], |row| {
            let due = Due {
                record_id: row.get(3)?,
                parent_id: row.get(4)?,
                account_name: row.get(5)?,
                account_email: row.get(6)?,
                end_ms: row.get(7)?,
            };
            Ok((row.get(0)?, outcome(row)?, due))
        })?
        .collect::<rusqlite::Result<_>>()?;

    for (position, outcome, due) in due {
        let (state, failure, account_id) = due.complete(session, outcome)?;
        session
            .sql
            .prepare_cached(
                "UPDATE operations SET state = ?, failure = ?, account_id = ? WHERE position = ?",
            )?
            .execute(params![state, failure, account_id, position])?;
    }
    Ok(())
}

struct Due {
    record_id: String,
    parent_id: String,
    account_name: String,
    account_email: String,
    end_ms: i64,
}

/// The state of the operation, the reason of its failure and the id of its account.
type Completed = (&'static str, Option<String>, Option<String>);

impl Due {
    fn complete(&self, session: &Session<'_>, outcome: Outcome) -> rusqlite::Result<Completed> {
        if let Outcome::Failure(reason) = outcome {
            return Ok(("failed", Some(reason), None));
        }
        if session.email_has_account(&self.account_email)? {
            return Ok(("failed", Some(texts::email_in_use(&self.account_email)), None));
        }
        let account_id = session.add_account(
            &self.parent_id,
            &self.account_name,
            &self.account_email,
            self.end_ms,
            &self.record_id,
        )?;
        if outcome == Outcome::AccountThenFailure {
            let reason = texts::activation_not_complete(&account_id);
            return Ok(("tainted", Some(reason), Some(account_id)));
        }
        Ok(("succeeded", None, Some(account_id)))
    }
}

fn outcome(row: &Row<'_>) -> rusqlite::Result<Outcome> {
    Ok(match row.get_ref("ending")?.as_str()? {
        "account" => Outcome::Account,
        "account then failure" => Outcome::AccountThenFailure,
        _ => Outcome::Failure(row.get("failure")?),
    })
}
