use serde_json::{Value, json};

use super::Bench;
use crate::{PORTFOLIO_ID, Settings};

const ROLE: &str = "arn:aws:iam::000000000000:role/account-factory-dev-provision";

fn of(arn: &str) -> Value {
    json!({"PortfolioId": PORTFOLIO_ID, "PrincipalARN": arn, "PrincipalType": "IAM"})
}

fn principals(bench: &Bench) -> Vec<Value> {
    let mut parameters = json!({"PortfolioId": PORTFOLIO_ID});
    let mut principals = Vec::new();
    loop {
        let page = bench.catalog("ListPrincipalsForPortfolio", parameters.clone());
        principals
            .extend(page["Principals"].as_array().unwrap().iter().map(|one| one["PrincipalARN"].clone()));
        match page.get("NextPageToken") {
            Some(token) => parameters["PageToken"] = token.clone(),
            None => return principals,
        }
    }
}

#[test]
fn a_principal_is_associated_once_and_stays_so_until_it_is_taken_away() {
    let mut bench = Bench::new();
    assert!(principals(&bench).is_empty());
    for _ in 0..2 {
        bench.catalog("AssociatePrincipalWithPortfolio", of(ROLE));
    }
    bench.reopen(Settings::default());
    assert_eq!(principals(&bench), [ROLE]);
    bench.catalog("DisassociatePrincipalFromPortfolio", of(ROLE));
    assert!(principals(&bench).is_empty());
    let refused = bench.try_catalog("DisassociatePrincipalFromPortfolio", of(ROLE)).unwrap_err();
    assert_eq!(refused.exception, "ResourceNotFoundException");
}

#[test]
fn many_principals_come_in_pages() {
    let bench = Bench::new();
    let arns: Vec<_> = (0..25).map(|number| format!("{ROLE}-{number}")).collect();
    for arn in &arns {
        bench.catalog("AssociatePrincipalWithPortfolio", of(arn));
    }
    assert_eq!(principals(&bench), arns);
}

#[test]
fn what_is_no_principal_or_no_portfolio_is_refused() {
    let bench = Bench::new();
    let mut other_portfolio = of(ROLE);
    other_portfolio["PortfolioId"] = json!("port-other");
    let mut other_type = of(ROLE);
    other_type["PrincipalType"] = json!("ROBOT");
    for (parameters, exception) in [
        (other_portfolio, "ResourceNotFoundException"),
        (other_type, "InvalidParametersException"),
        (of("account-factory-dev-provision"), "InvalidParametersException"),
        (of("arn:aws:iam::12:role/x"), "InvalidParametersException"),
        (of("arn:aws:iam::000000000000:role/"), "InvalidParametersException"),
        (json!({"PortfolioId": PORTFOLIO_ID}), "InvalidParametersException"),
    ] {
        let refused = bench.try_catalog("AssociatePrincipalWithPortfolio", parameters).unwrap_err();
        assert_eq!(refused.exception, exception);
    }
    assert!(principals(&bench).is_empty());
}

#[test]
fn a_file_of_the_version_before_portfolios_is_brought_up_to_date() {
    let mut bench = Bench::new();
    let root = bench.root_id();
    let file = rusqlite::Connection::open(bench.folder.path().join("landing-zone.db")).unwrap();
    file.execute_batch("DROP TABLE portfolio_principals; PRAGMA user_version = 1").unwrap();
    drop(file);
    bench.reopen(Settings::default());
    bench.catalog("AssociatePrincipalWithPortfolio", of(ROLE));
    assert_eq!((principals(&bench), bench.root_id()), (vec![json!(ROLE)], root));
}
