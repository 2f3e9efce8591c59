//! The principals of the Account Factory portfolio (AWS Service Catalog API reference,
//! `AssociatePrincipalWithPortfolio` and its neighbours). Signatures are not checked here, so the list only
//! records what was associated; it is not enforced.

use rusqlite::params;
use serde_json::{Value, json};

use crate::catalogue;
use crate::paging::EmptyPage;
use crate::session::Session;
use crate::wire::action::Answer;
use crate::wire::error::{Exception, Failure};
use crate::wire::parameters::Parameters;

const PRINCIPAL_TYPE: &str = "IAM";

/// Associated twice is associated.
pub(crate) fn associate_principal(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    portfolio(parameters)?;
    principal_type(parameters.required_text("PrincipalType")?, parameters)?;
    let arn = principal(parameters)?;
    session.sql.execute("INSERT OR IGNORE INTO portfolio_principals (arn) VALUES (?)", params![arn])?;
    Ok(json!({}))
}

pub(crate) fn disassociate_principal(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    portfolio(parameters)?;
    if let Some(kind) = parameters.text("PrincipalType")? {
        principal_type(kind, parameters)?;
    }
    let arn = principal(parameters)?;
    let gone = session.sql.execute("DELETE FROM portfolio_principals WHERE arn = ?", params![arn])?;
    if gone == 0 {
        let message = format!("The principal {arn} is not associated with the portfolio");
        return Err(Exception::ResourceNotFound.because(message).into());
    }
    Ok(json!({}))
}

pub(crate) fn list_principals(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    portfolio(parameters)?;
    let principals = session
        .sql
        .prepare_cached("SELECT arn FROM portfolio_principals ORDER BY position")?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    let request = parameters.catalog_page("ListPrincipalsForPortfolio", 20)?;
    let (window, next) = request.place(principals.len(), EmptyPage::BeforeSeveral);
    let page: Vec<Value> = principals
        .iter()
        .skip(window.offset)
        .take(window.size)
        .map(|arn| json!({"PrincipalARN": arn, "PrincipalType": PRINCIPAL_TYPE}))
        .collect();
    Ok(json!({"Principals": page, "NextPageToken": next}))
}

fn portfolio(parameters: &Parameters<'_>) -> Result<(), Failure> {
    let id = parameters.required_text("PortfolioId")?;
    if id == catalogue::PORTFOLIO_ID {
        return Ok(());
    }
    Err(Exception::ResourceNotFound.because(format!("There is no portfolio {id}")).into())
}

fn principal<'a>(parameters: &Parameters<'a>) -> Result<&'a str, Failure> {
    let arn = parameters.required_text("PrincipalARN")?;
    let is_one = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':')).is_some_and(
        |(account, resource)| {
            account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && ["role/", "user/", "group/"]
                    .iter()
                    .any(|kind| resource.strip_prefix(kind).is_some_and(|name| !name.is_empty()))
        },
    );
    if is_one {
        Ok(arn)
    } else {
        Err(parameters.wrong("PrincipalARN", "must be the ARN of a role, user or group").into())
    }
}

fn principal_type(kind: &str, parameters: &Parameters<'_>) -> Result<(), Failure> {
    if kind == PRINCIPAL_TYPE {
        return Ok(());
    }
    Err(parameters.wrong("PrincipalType", "must be IAM").into())
}
