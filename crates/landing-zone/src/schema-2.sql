-- Who may launch the products of the portfolio.
CREATE TABLE portfolio_principals (
    position INTEGER PRIMARY KEY,
    arn      TEXT NOT NULL UNIQUE
) STRICT;

PRAGMA user_version = 2;
