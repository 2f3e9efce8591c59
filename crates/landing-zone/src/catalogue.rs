//! The one product of the landing zone: Account Factory, as Service Catalog shows it.

use serde_json::{Value, json};

/// The region in its ARNs.
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const PRODUCT_ID: &str = "prod-m4vxq7zk2hdw6";
pub(crate) const PRODUCT_NAME: &str = "AWS Control Tower Account Factory";
pub(crate) const OWNER: &str = "AWS Control Tower";
/// The portfolio that holds it. Whoever launches the product is one of its principals.
pub const PORTFOLIO_ID: &str = "port-k3n7wq5zt2xvd";
pub(crate) const PATH_ID: &str = "lpv3-t5jc3nqx8rwbe";
pub(crate) const PATH_NAME: &str = "AWS Control Tower Account Factory Portfolio";
/// The type that Account Factory's product and provisioned products carry.
pub(crate) const PRODUCT_TYPE: &str = "CONTROL_TOWER_ACCOUNT";

/// The parameters of the product, all required.
pub(crate) const PARAMETERS: [&str; 6] = [
    "AccountName",
    "AccountEmail",
    "SSOUserFirstName",
    "SSOUserLastName",
    "SSOUserEmail",
    "ManagedOrganizationalUnit",
];

/// The guidance of an artifact that may be launched.
pub(crate) const DEFAULT: &str = "DEFAULT";
const DEPRECATED: &str = "DEPRECATED";

const CREATED_SECONDS: i64 = 1_561_000_000;

/// A version of the product.
#[derive(Clone)]
pub(crate) struct Artifact {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_seconds: i64,
    pub(crate) active: bool,
    pub(crate) guidance: &'static str,
}

/// The artifacts of a new landing zone. Neither the first, nor the last, nor the newest active one is the right
/// one: it is the only one both active and DEFAULT.
pub(crate) fn artifacts() -> Vec<Artifact> {
    [
        ("pa-2wq5hd7xk3mzc", CREATED_SECONDS, false, DEFAULT),
        ("pa-x6rb4tn8vj2ye", 1_634_000_000, true, DEFAULT),
        ("pa-c9kfw3p5gq7sa", 1_668_000_000, true, DEPRECATED),
        ("pa-h8zd6ym4ur3ln", 1_699_000_000, false, DEFAULT),
    ]
    .into_iter()
    .zip(1..)
    .map(|((id, created_seconds, active, guidance), version)| Artifact {
        id: id.to_owned(),
        name: format!("{PRODUCT_NAME}, version {version}"),
        created_seconds,
        active,
        guidance,
    })
    .collect()
}

pub(crate) fn product_view(region: &str, management_id: &str) -> Value {
    json!({
        "ProductViewSummary": {
            "Id": "prodview-q3ht7wzn5kfxc",
            "ProductId": PRODUCT_ID,
            "Name": PRODUCT_NAME,
            "Owner": OWNER,
            "ShortDescription": "Creates an account and enrolls it in AWS Control Tower",
            "Type": PRODUCT_TYPE,
            "HasDefaultPath": false,
        },
        "Status": "AVAILABLE",
        "ProductARN": format!("arn:aws:catalog:{region}:{management_id}:product/{PRODUCT_ID}"),
        "CreatedTime": CREATED_SECONDS,
    })
}
