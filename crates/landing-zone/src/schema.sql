-- The one row of what this installation is and has counted.
CREATE TABLE installation (
    id                         INTEGER PRIMARY KEY CHECK (id = 1),
    organization_id            TEXT NOT NULL,
    root_id                    TEXT NOT NULL,
    management_account_id      TEXT NOT NULL,
    peak_concurrent_operations INTEGER NOT NULL DEFAULT 0,
    refused_operations         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE organizational_units (
    position  INTEGER PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE,
    parent_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    UNIQUE (parent_id, name)
) STRICT;

CREATE TABLE accounts (
    position  INTEGER PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE,
    parent_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    email     TEXT NOT NULL COLLATE NOCASE UNIQUE,
    joined_ms INTEGER NOT NULL,
    record_id TEXT -- of the operation that made it; none for the management account
) STRICT;
CREATE INDEX accounts_of_parent ON accounts (parent_id);

CREATE TABLE tags (
    resource_id TEXT NOT NULL,
    key         TEXT NOT NULL,
    value       TEXT NOT NULL,
    PRIMARY KEY (resource_id, key)
) STRICT, WITHOUT ROWID;

-- One ProvisionProduct call that was accepted: its record and its provisioned product.
CREATE TABLE operations (
    position       INTEGER PRIMARY KEY,
    record_id      TEXT NOT NULL UNIQUE,
    product_id     TEXT NOT NULL UNIQUE,
    product_name   TEXT NOT NULL UNIQUE,
    token          TEXT NOT NULL UNIQUE,
    input          TEXT NOT NULL,
    artifact_id    TEXT NOT NULL,
    account_name   TEXT NOT NULL,
    account_email  TEXT NOT NULL,
    sso_user_email TEXT NOT NULL,
    parent_id      TEXT NOT NULL,
    tags           TEXT NOT NULL,
    created_ms     INTEGER NOT NULL,
    progress_ms    INTEGER NOT NULL,
    error_ms       INTEGER,
    end_ms         INTEGER,
    ending         TEXT NOT NULL CHECK (ending IN ('account', 'account then failure', 'failure')),
    state          TEXT NOT NULL CHECK (state IN ('open', 'succeeded', 'tainted', 'failed')),
    failure        TEXT,
    account_id     TEXT
) STRICT;
CREATE INDEX open_operations ON operations (end_ms) WHERE state = 'open';
CREATE INDEX operations_by_account ON operations (account_id) WHERE account_id IS NOT NULL;

-- Calls that a word in the account name spoiled, in lower case.
CREATE TABLE spoiled_calls (
    account_name TEXT NOT NULL,
    word         TEXT NOT NULL,
    calls        INTEGER NOT NULL,
    PRIMARY KEY (account_name, word)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
