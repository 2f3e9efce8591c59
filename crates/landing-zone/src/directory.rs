//! The organization as it is kept: its units, its accounts and their tags.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::ids::random_id;
use crate::organization::{OrganizationTree, Units};
use crate::paging::Window;
use crate::session::Session;

const MANAGEMENT_NAME: &str = "Management";
pub(crate) const MANAGEMENT_EMAIL: &str = "management@example.com";
const MANAGEMENT_ID: &str = "000000000001";

pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) root_id: String,
    pub(crate) management_id: String,
}

#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) id: String,
    pub(crate) parent_id: String,
    pub(crate) name: String,
}

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) parent_id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) joined_ms: i64,
    pub(crate) record_id: Option<String>,
}

/// Writes the ids of a new organization, and its management account.
pub(crate) fn create_organization(sql: &Connection, now_ms: i64) -> rusqlite::Result<()> {
    let root_id = format!("r-{}", random_id(4));
    sql.execute(
        "INSERT INTO installation (id, organization_id, root_id, management_account_id) VALUES (1, ?, ?, ?)",
        params![format!("o-{}", random_id(10)), root_id, MANAGEMENT_ID],
    )?;
    sql.execute(
        "INSERT INTO accounts (id, parent_id, name, email, joined_ms) VALUES (?, ?, ?, ?, ?)",
        params![MANAGEMENT_ID, root_id, MANAGEMENT_NAME, MANAGEMENT_EMAIL, now_ms],
    )?;
    Ok(())
}

/// Adds the units that are missing; units already there keep their ids, also those the tree lacks.
pub(crate) fn add_missing_units(sql: &Connection, organization: &OrganizationTree) -> rusqlite::Result<()> {
    let root_id: String = sql.query_row("SELECT root_id FROM installation", [], |row| row.get(0))?;
    let root_characters = root_id.trim_start_matches("r-");
    add_units_below(sql, root_characters, &root_id, organization.units())
}

fn add_units_below(
    sql: &Connection,
    root_characters: &str,
    parent_id: &str,
    units: &[(String, Units)],
) -> rusqlite::Result<()> {
    for (name, Units(below)) in units {
        sql.execute(
            "INSERT INTO organizational_units (id, parent_id, name) VALUES (?, ?, ?)
             ON CONFLICT (parent_id, name) DO NOTHING",
            params![format!("ou-{root_characters}-{}", random_id(8)), parent_id, name],
        )?;
        let id: String = sql.query_row(
            "SELECT id FROM organizational_units WHERE parent_id = ? AND name = ?",
            params![parent_id, name],
            |row| row.get(0),
        )?;
        add_units_below(sql, root_characters, &id, below)?;
    }
    Ok(())
}

const UNIT: &str = "SELECT id, parent_id, name FROM organizational_units";
const ACCOUNT: &str = "SELECT id, parent_id, name, email, joined_ms, record_id FROM accounts";

fn unit(row: &Row<'_>) -> rusqlite::Result<Unit> {
    Ok(Unit { id: row.get(0)?, parent_id: row.get(1)?, name: row.get(2)? })
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        parent_id: row.get(1)?,
        name: row.get(2)?,
        email: row.get(3)?,
        joined_ms: row.get(4)?,
        record_id: row.get(5)?,
    })
}

impl Session<'_> {
    pub(crate) fn organization(&self) -> rusqlite::Result<Organization> {
        self.sql
            .prepare_cached("SELECT organization_id, root_id, management_account_id FROM installation")?
            .query_row([], |row| {
                Ok(Organization { id: row.get(0)?, root_id: row.get(1)?, management_id: row.get(2)? })
            })
    }

    pub(crate) fn unit(&self, id: &str) -> rusqlite::Result<Option<Unit>> {
        self.sql.prepare_cached(&format!("{UNIT} WHERE id = ?"))?.query_row([id], unit).optional()
    }

    pub(crate) fn top_level_unit(&self, name: &str) -> rusqlite::Result<Option<Unit>> {
        self.sql
            .prepare_cached(&format!(
                "{UNIT} WHERE name = ? AND parent_id = (SELECT root_id FROM installation)"
            ))?
            .query_row([name], unit)
            .optional()
    }

    pub(crate) fn unit_count(&self, parent_id: &str) -> rusqlite::Result<usize> {
        self.sql
            .prepare_cached("SELECT count(*) FROM organizational_units WHERE parent_id = ?")?
            .query_row([parent_id], |row| row.get(0))
    }

    pub(crate) fn units(&self, parent_id: &str, window: &Window) -> rusqlite::Result<Vec<Unit>> {
        self.sql
            .prepare_cached(&format!("{UNIT} WHERE parent_id = ? ORDER BY position LIMIT ? OFFSET ?"))?
            .query_map(params![parent_id, window.size, window.offset], unit)?
            .collect()
    }

    /// The units from the top level down to this one; none for the root.
    pub(crate) fn lineage(&self, id: &str) -> rusqlite::Result<Vec<Unit>> {
        let mut lineage = Vec::new();
        let mut next = self.unit(id)?;
        while let Some(unit) = next {
            next = self.unit(&unit.parent_id)?;
            lineage.push(unit);
        }
        lineage.reverse();
        Ok(lineage)
    }

    pub(crate) fn account(&self, id: &str) -> rusqlite::Result<Option<Account>> {
        self.sql.prepare_cached(&format!("{ACCOUNT} WHERE id = ?"))?.query_row([id], account).optional()
    }

    pub(crate) fn account_count(&self, parent_id: Option<&str>) -> rusqlite::Result<usize> {
        match parent_id {
            None => self.sql.prepare_cached("SELECT count(*) FROM accounts")?.query_row([], |row| row.get(0)),
            Some(parent) => self
                .sql
                .prepare_cached("SELECT count(*) FROM accounts WHERE parent_id = ?")?
                .query_row([parent], |row| row.get(0)),
        }
    }

    /// Accounts in the order in which they joined, of one parent or of all.
    pub(crate) fn accounts(
        &self,
        parent_id: Option<&str>,
        window: &Window,
    ) -> rusqlite::Result<Vec<Account>> {
        match parent_id {
            None => self
                .sql
                .prepare_cached(&format!("{ACCOUNT} ORDER BY position LIMIT ? OFFSET ?"))?
                .query_map(params![window.size, window.offset], account)?
                .collect(),
            Some(parent) => self
                .sql
                .prepare_cached(&format!("{ACCOUNT} WHERE parent_id = ? ORDER BY position LIMIT ? OFFSET ?"))?
                .query_map(params![parent, window.size, window.offset], account)?
                .collect(),
        }
    }

    pub(crate) fn email_has_account(&self, email: &str) -> rusqlite::Result<bool> {
        self.sql.prepare_cached("SELECT 1 FROM accounts WHERE email = ?")?.exists([email])
    }

    /// Makes an account and returns its fresh id.
    pub(crate) fn add_account(
        &self,
        parent_id: &str,
        name: &str,
        email: &str,
        joined_ms: i64,
        record_id: &str,
    ) -> rusqlite::Result<String> {
        let id = loop {
            let id = fastrand::u64(100_000_000_000..1_000_000_000_000).to_string();
            if self.account(&id)?.is_none() {
                break id;
            }
        };
        self.sql
            .prepare_cached(
                "INSERT INTO accounts (id, parent_id, name, email, joined_ms, record_id)
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![id, parent_id, name, email, joined_ms, record_id])?;
        Ok(id)
    }

    pub(crate) fn tags(&self, resource_id: &str) -> rusqlite::Result<Vec<(String, String)>> {
        self.sql
            .prepare_cached("SELECT key, value FROM tags WHERE resource_id = ? ORDER BY key")?
            .query_map([resource_id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    pub(crate) fn put_tag(&self, resource_id: &str, key: &str, value: &str) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached("INSERT OR REPLACE INTO tags (resource_id, key, value) VALUES (?, ?, ?)")?
            .execute([resource_id, key, value])?;
        Ok(())
    }

    pub(crate) fn remove_tag(&self, resource_id: &str, key: &str) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached("DELETE FROM tags WHERE resource_id = ? AND key = ?")?
            .execute([resource_id, key])?;
        Ok(())
    }
}
