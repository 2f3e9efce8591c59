//! The landing zone as its clients see it, with a clock that the tests turn.

mod catalogue;
mod control;
mod durability;
mod modules;
mod organization;
mod organizations;
mod portfolio;
mod provision;
mod rules;
mod wire;
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::clock::Clock;
use crate::{LandingZone, Settings};

const PROVISION_MS: i64 = 20_000;

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The name of an exception and its message.
#[derive(Debug, PartialEq, Eq)]
struct Refused {
    exception: &'static str,
    message: String,
}

struct Bench {
    folder: TempDir,
    clock: Arc<TestClock>,
    zone: LandingZone,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(1_700_000_000_000)));
        let zone = LandingZone::open_at(folder.path(), Settings::default(), clock.clone()).unwrap();
        Self { folder, clock, zone }
    }

    /// The same folder, opened again.
    fn reopen(&mut self, settings: Settings) {
        self.zone = LandingZone::open_at(self.folder.path(), settings, self.clock.clone()).unwrap();
    }

    fn pass_ms(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    fn try_organizations(&self, operation: &str, parameters: Value) -> Result<Value, Refused> {
        self.call(&format!("AWSOrganizationsV20161128.{operation}"), &parameters)
    }

    fn try_catalog(&self, operation: &str, parameters: Value) -> Result<Value, Refused> {
        self.call(&format!("AWS242ServiceCatalogService.{operation}"), &parameters)
    }

    fn organizations(&self, operation: &str, parameters: Value) -> Value {
        self.try_organizations(operation, parameters).unwrap()
    }

    fn catalog(&self, operation: &str, parameters: Value) -> Value {
        self.try_catalog(operation, parameters).unwrap()
    }

    fn call(&self, target: &str, parameters: &Value) -> Result<Value, Refused> {
        crate::wire::answer(target, parameters.to_string().as_bytes(), &self.zone.store)
            .unwrap()
            .map_err(|refusal| Refused { exception: refusal.exception.name(), message: refusal.message })
    }

    fn root_id(&self) -> String {
        self.every_page("ListRoots", json!({}), "Roots")[0]["Id"].as_str().unwrap().to_owned()
    }

    /// The id of the unit at this path.
    fn unit_id(&self, path: &str) -> String {
        path.split('/').fold(self.root_id(), |parent_id, name| {
            let units = self.every_page(
                "ListOrganizationalUnitsForParent",
                json!({"ParentId": parent_id}),
                "OrganizationalUnits",
            );
            let unit = units.iter().find(|unit| unit["Name"] == name).unwrap();
            unit["Id"].as_str().unwrap().to_owned()
        })
    }

    /// All items of a listing of Organizations.
    fn every_page(&self, operation: &str, parameters: Value, items: &str) -> Vec<Value> {
        self.pages(operation, parameters, items).concat()
    }

    fn pages(&self, operation: &str, mut parameters: Value, items: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        loop {
            let page = self.organizations(operation, parameters.clone());
            pages.push(page[items].as_array().unwrap().clone());
            match page.get("NextToken") {
                Some(token) => parameters["NextToken"] = token.clone(),
                None => return pages,
            }
        }
    }

    fn accounts(&self) -> Vec<Value> {
        self.every_page("ListAccounts", json!({}), "Accounts")
    }

    fn account_named(&self, name: &str) -> Option<Value> {
        self.accounts().into_iter().find(|account| account["Name"] == name)
    }

    fn record(&self, id: &str) -> Value {
        self.catalog("DescribeRecord", json!({"Id": id}))["RecordDetail"].clone()
    }

    fn status(&self, record_id: &str) -> String {
        self.record(record_id)["Status"].as_str().unwrap().to_owned()
    }

    fn reason(&self, record_id: &str) -> String {
        self.record(record_id)["RecordErrors"][0]["Description"].as_str().unwrap().to_owned()
    }

    fn product(&self, record_id: &str) -> Value {
        let name = self.record(record_id)["ProvisionedProductName"].clone();
        self.catalog("DescribeProvisionedProduct", json!({"Name": name}))["ProvisionedProductDetail"].clone()
    }

    /// The pages of a record's outputs, each as keys and values.
    fn output_pages(&self, record_id: &str) -> Vec<Vec<(String, String)>> {
        let mut parameters = json!({"Id": record_id});
        let mut pages = Vec::new();
        loop {
            let page = self.catalog("DescribeRecord", parameters.clone());
            let text = |output: &Value, member: &str| output[member].as_str().unwrap().to_owned();
            let outputs = page["RecordOutputs"].as_array().unwrap();
            pages.push(
                outputs
                    .iter()
                    .map(|output| (text(output, "OutputKey"), text(output, "OutputValue")))
                    .collect(),
            );
            match page.get("NextPageToken") {
                Some(token) => parameters["PageToken"] = token.clone(),
                None => return pages,
            }
        }
    }

    fn output(&self, record_id: &str, key: &str) -> Option<String> {
        self.output_pages(record_id).concat().into_iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// A valid request for an account of this name, with names and token of its own.
    fn request(&self, account_name: &str) -> Value {
        let slug: String =
            account_name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        json!({
            "ProductId": crate::catalogue::PRODUCT_ID,
            "ProvisioningArtifactId": "pa-x6rb4tn8vj2ye",
            "ProvisionedProductName": format!("{slug}-1"),
            "ProvisionToken": format!("{slug}-token"),
            "ProvisioningParameters": [
                {"Key": "AccountName", "Value": account_name},
                {"Key": "AccountEmail", "Value": format!("{slug}@example.com")},
                {"Key": "SSOUserFirstName", "Value": "Jean"},
                {"Key": "SSOUserLastName", "Value": "Dupont"},
                {"Key": "SSOUserEmail", "Value": "jean.dupont@example.com"},
                {"Key": "ManagedOrganizationalUnit", "Value": "Sandbox"},
            ],
        })
    }

    fn try_provision(&self, request: Value) -> Result<String, Refused> {
        let answer = self.try_catalog("ProvisionProduct", request)?;
        Ok(answer["RecordDetail"]["RecordId"].as_str().unwrap().to_owned())
    }

    /// Asks for an account and returns the record's id.
    fn provision(&self, account_name: &str) -> String {
        self.try_provision(self.request(account_name)).unwrap()
    }

    /// Asks, and lets the usual time pass.
    fn provisioned(&self, account_name: &str) -> String {
        let record_id = self.provision(account_name);
        self.pass_ms(PROVISION_MS);
        record_id
    }
}

/// The request with another value for one of the six parameters.
fn with(mut request: Value, key: &str, value: &str) -> Value {
    let parameters = request["ProvisioningParameters"].as_array_mut().unwrap();
    parameters.iter_mut().find(|parameter| parameter["Key"] == key).unwrap()["Value"] = json!(value);
    request
}

/// The request under another product name and token, as a second attempt has them.
fn again(mut request: Value, attempt: u32) -> Value {
    let name = request["ProvisionedProductName"].as_str().unwrap().to_owned();
    request["ProvisionedProductName"] = json!(format!("{name}-{attempt}"));
    request["ProvisionToken"] = json!(format!("token-{attempt}-of-{}", name.replace('.', "-")));
    request
}
