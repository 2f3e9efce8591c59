//! What has to be true of the table whenever nobody writes it: no key, claim or slot without its owner, and none
//! missing.

use std::collections::{BTreeMap, BTreeSet};

use accounts_tests::Table;
use serde_json::Value;

/// Everything that is wrong, a sentence each.
pub(crate) async fn faults(table: &Table) -> Vec<String> {
    let keyed = |item: Value| {
        let key = (text(&item, "AccountEmail").to_owned(), text(&item, "Record").to_owned());
        (key, item)
    };
    let audit = Audit { items: table.items().await.into_iter().map(keyed).collect() };
    let mut faults = Vec::new();
    audit.requests(&mut faults);
    audit.accounts(&mut faults);
    audit.claims(&mut faults);
    audit.slots(&mut faults);
    faults
}

struct Audit {
    items: BTreeMap<(String, String), Value>,
}

impl Audit {
    fn item(&self, partition: &str, record: &str) -> Option<&Value> {
        self.items.get(&(partition.to_owned(), record.to_owned()))
    }

    fn with_record<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let all = self.items.iter();
        all.filter(move |((_, record), _)| record.starts_with(prefix))
            .map(|((partition, _), item)| (partition.as_str(), item))
    }

    fn with_partition<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let all = self.items.iter();
        all.filter(move |((partition, _), _)| partition.starts_with(prefix))
            .map(|((partition, _), item)| (partition.as_str(), item))
    }

    /// A request has its key, its account and its operations; an open one is at exactly one place.
    fn requests(&self, faults: &mut Vec<String>) {
        for (email, request) in self.with_record("REQUEST#") {
            let id = text(request, "RequestID");
            let key = self.item(&format!("REQUESTID#{id}"), "KEY");
            if key.is_none_or(|key| text(key, "Owner") != email) {
                faults.push(format!("the request {id} has no key of its own"));
            }
            if self.item(email, "ACCOUNT").is_none() {
                faults.push(format!("the request {id} has no account"));
            }
            let operations = self.with_record(&format!("OPERATION#{id}#")).count();
            if operations.to_string() != number(request, "Operation") {
                faults.push(format!("the request {id} has {operations} operations: {request}"));
            }
            let waits = text(request, "Queue") == "control-tower";
            let parked = !text(request, "ParkedUntil").is_empty();
            let holds = !number(request, "Slot").is_empty();
            let places = [waits, parked, holds].into_iter().filter(|is_there| *is_there).count();
            if places != usize::from(is_open(request)) {
                faults.push(format!("the request {id} is at {places} places: {request}"));
            }
        }
        for (partition, key) in self.with_record("KEY") {
            let id = partition.trim_start_matches("REQUESTID#");
            if self.item(text(key, "Owner"), &format!("REQUEST#{id}")).is_none() {
                faults.push(format!("{partition} is the key of no request"));
            }
        }
    }

    /// An account holds its name and its id for as long as it exists or may exist.
    fn accounts(&self, faults: &mut Vec<String>) {
        for (email, account) in self.with_record("ACCOUNT") {
            if holds_its_name(account) {
                let name = text(account, "AccountName").to_lowercase();
                let claim = self.item(&format!("NAME#{name}"), "CLAIM");
                if claim.is_none_or(|claim| text(claim, "RequestID") != text(account, "RequestID")) {
                    faults.push(format!("{email} does not hold its name"));
                }
            }
            let id = text(account, "AccountId");
            let claim = self.item(&format!("ID#{id}"), "CLAIM");
            if !id.is_empty() && claim.is_none_or(|claim| text(claim, "Owner") != email) {
                faults.push(format!("{email} does not hold its account id"));
            }
            if text(account, "Status") == "Provisioned" && id.is_empty() {
                faults.push(format!("{email} is provisioned without an account id"));
            }
        }
    }

    fn claims(&self, faults: &mut Vec<String>) {
        for (partition, claim) in self.with_record("CLAIM") {
            let account = self.item(text(claim, "Owner"), "ACCOUNT");
            let is_used = account.is_some_and(|account| {
                let name = format!("NAME#{}", text(account, "AccountName").to_lowercase());
                let id = format!("ID#{}", text(account, "AccountId"));
                (partition == name && holds_its_name(account)) || partition == id
            });
            if !is_used {
                faults.push(format!("{partition} is claimed for nothing: {claim}"));
            }
        }
    }

    /// A slot and its holder name each other.
    fn slots(&self, faults: &mut Vec<String>) {
        let slot =
            |request: &Value| (number(request, "Slot").to_owned(), text(request, "RequestID").to_owned());
        let held: BTreeSet<_> = self
            .with_record("REQUEST#")
            .map(|(_, request)| slot(request))
            .filter(|(slot, _)| !slot.is_empty())
            .collect();
        let taken: BTreeSet<_> = self
            .with_partition("SLOT#")
            .map(|(_, item)| (text(item, "Record").to_owned(), text(item, "RequestID").to_owned()))
            .collect();
        if held != taken {
            faults.push(format!("slots are taken by {taken:?}, and held by {held:?}"));
        }
        for (_, item) in self.with_partition("SLOT#") {
            let record = format!("REQUEST#{}", text(item, "RequestID"));
            let holder = self.item(text(item, "Owner"), &record);
            if holder.is_none_or(|holder| number(holder, "Admission") != number(item, "Admission")) {
                faults.push(format!("the holder has another admission: {item}"));
            }
        }
    }
}

fn is_open(request: &Value) -> bool {
    !["Provisioned", "Done", "Failed", "Cancelled"].contains(&text(request, "Status"))
}

fn holds_its_name(account: &Value) -> bool {
    text(account, "Status") != "Failed" || account["AccountMayExist"]["BOOL"] == true
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

fn number<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["N"].as_str().unwrap_or_default()
}
