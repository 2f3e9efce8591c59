//! What must be true of every write, whatever the model says.

use serde_json::Value;

use super::database::Items;

/// What is wrong with a write that made `after` of `before`. A table that was restored from a backup may have slots and
/// requests that do not name each other, and claims that are missing.
pub(super) fn faults(before: &Items, after: &Items, restored: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (key, item) in after {
        let earlier = before.get(key);
        if earlier != Some(item) {
            faults.extend(of_write(key, earlier, item));
        }
    }
    for (key, item) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
        let may_go = ["SLOT#", "NAME#", "POOL#"].iter().any(|prefix| key.0.starts_with(prefix));
        let expired = key.0.starts_with("IDEMPOTENCY#");
        if !may_go && !expired {
            faults.push(format!("{key:?} was removed: {item}"));
        }
    }
    if !restored {
        faults.extend(of_slots(after));
        faults.extend(of_accounts(after));
    }
    faults
}

fn of_write(key: &(String, String), earlier: Option<&Value>, item: &Value) -> Option<String> {
    let versioned = ["ACCOUNT", "REQUEST#", "OPERATION#"].iter().any(|prefix| key.1.starts_with(prefix));
    if versioned {
        let version = |item: &Value| item["Version"].as_u64().unwrap_or_default();
        let rises_by_one = version(item) == earlier.map_or(0, version) + 1;
        return (!rises_by_one).then(|| format!("the version did not rise by one: {earlier:?}, {item}"));
    }
    let earlier = earlier?;
    if key.0.starts_with("SLOT#") {
        return Some(format!("a slot was taken from its holder: {earlier}, {item}"));
    }
    if key.0.starts_with("IDEMPOTENCY#") {
        return Some(format!("an answer was changed: {earlier}, {item}"));
    }
    (earlier["Owner"] != item["Owner"])
        .then(|| format!("a claim was taken from its owner: {earlier}, {item}"))
}

/// Slots and requests name each other.
fn of_slots(items: &Items) -> Vec<String> {
    let slots = items.iter().filter(|(key, _)| key.0.starts_with("SLOT#")).map(|(key, slot)| {
        (key.1.clone(), text(slot, "RequestID"), slot["Admission"].as_u64().unwrap_or_default())
    });
    let requests =
        items.iter().filter(|(key, item)| key.1.starts_with("REQUEST#") && !item["Slot"].is_null());
    let holders = requests.map(|(_, request)| {
        let admission = request["Admission"].as_u64().unwrap_or_default();
        (request["Slot"].to_string(), text(request, "RequestID"), admission)
    });
    let (mut slots, mut holders): (Vec<_>, Vec<_>) = (slots.collect(), holders.collect());
    slots.sort();
    holders.sort();
    if slots == holders { Vec::new() } else { vec![format!("slots {slots:?} have the holders {holders:?}")] }
}

/// An account that stands has its name, one that has an id has that id, and no claim is for nothing.
fn of_accounts(items: &Items) -> Vec<String> {
    let mut faults = Vec::new();
    let mut names = 0;
    for (_, account) in items.iter().filter(|(key, _)| key.1 == "ACCOUNT") {
        let name = format!("NAME#{}", text(account, "AccountName").to_lowercase());
        let claim = items.get(&(name, "CLAIM".to_owned()));
        let has_name = claim.is_some_and(|claim| claim["RequestID"] == account["RequestID"]);
        let stands = account["Status"] != "Failed" || account["AccountMayExist"] == true;
        names += usize::from(has_name);
        if has_name != stands {
            faults.push(format!("its name is claimed: {has_name}: {account}"));
        }
        if account["Status"] == "Provisioned" {
            let id = (format!("ID#{}", text(account, "AccountId")), "CLAIM".to_owned());
            if items.get(&id).is_none_or(|claim| claim["Owner"] != account["AccountEmail"]) {
                faults.push(format!("it does not have its id: {account}"));
            }
        }
    }
    if items.keys().filter(|key| key.0.starts_with("NAME#")).count() != names {
        faults.push("a name is claimed for nothing".to_owned());
    }
    faults
}

fn text(item: &Value, name: &str) -> String {
    item[name].as_str().unwrap_or_default().to_owned()
}
