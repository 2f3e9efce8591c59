//! What an emulator holds.

use reqwest::Method;
use serde_json::{Value, json};

use crate::emulator::{Emulator, Service};
use crate::error::CloudError;

/// A kind of thing that is listed by a call in JSON: the call, and where its answer lists them.
struct Kind {
    name: &'static str,
    service: Service,
    operation: &'static str,
    body: fn() -> Value,
    list: &'static str,
    /// What names one of the list; nothing, where the list is of names.
    id: &'static str,
}

const KINDS: [Kind; 9] = [
    kind("tables", Service::DYNAMODB, "ListTables", || json!({}), "TableNames", ""),
    kind(
        "state machines",
        Service::STEP_FUNCTIONS,
        "ListStateMachines",
        || json!({}),
        "stateMachines",
        "name",
    ),
    kind(
        "user pools",
        Service::COGNITO,
        "ListUserPools",
        || json!({ "MaxResults": 60 }),
        "UserPools",
        "Name",
    ),
    kind("queues", Service::SQS, "ListQueues", || json!({}), "QueueUrls", ""),
    kind("rules", Service::EVENTS, "ListRules", || json!({}), "Rules", "Name"),
    kind("log groups", Service::LOGS, "DescribeLogGroups", || json!({}), "logGroups", "logGroupName"),
    kind("alarms", Service::CLOUDWATCH, "DescribeAlarms", || json!({}), "MetricAlarms", "AlarmName"),
    kind(
        "dashboards",
        Service::CLOUDWATCH,
        "ListDashboards",
        || json!({}),
        "DashboardEntries",
        "DashboardName",
    ),
    kind("aliases of keys", Service::KMS, "ListAliases", || json!({}), "Aliases", "AliasName"),
];

const fn kind(
    name: &'static str,
    service: Service,
    operation: &'static str,
    body: fn() -> Value,
    list: &'static str,
    id: &'static str,
) -> Kind {
    Kind { name, service, operation, body, list, id }
}

/// Everything of the kinds that the fleet consists of, by kind. What AWS has by itself does not count.
pub(crate) async fn holdings(emulator: &Emulator) -> Result<Vec<(&'static str, Vec<String>)>, CloudError> {
    let mut found = Vec::new();
    for kind in KINDS {
        let answer = emulator.json(kind.service, kind.operation, &(kind.body)()).await?;
        found.push((kind.name, names(&answer, kind.list, kind.id)));
    }
    for (name, service, path, list, id) in [
        ("functions", Service::LAMBDA, "/2015-03-31/functions", "Functions", "FunctionName"),
        (
            "event source mappings",
            Service::LAMBDA,
            "/2015-03-31/event-source-mappings",
            "EventSourceMappings",
            "UUID",
        ),
        ("APIs", Service::API_GATEWAY, "/v2/apis", "items", "name"),
    ] {
        let answer = emulator.rest(Method::GET, service, path, &Value::Null).await?;
        found.push((name, names(&answer, list, id)));
    }
    for (name, service, operation, version, element) in [
        ("topics", Service::SNS, "ListTopics", "2010-03-31", "TopicArn"),
        ("subscriptions", Service::SNS, "ListSubscriptions", "2010-03-31", "SubscriptionArn"),
        ("roles", Service::IAM, "ListRoles", "2010-05-08", "RoleName"),
    ] {
        let answer = emulator.form(service, operation, version, &[]).await?;
        found.push((name, elements(&answer, element)));
    }
    found.push(("keys", usable_keys(emulator).await?));
    for (_, names) in &mut found {
        names.retain(|name| !is_of_aws(name));
    }
    Ok(found)
}

/// A key that is deleted waits for its end for a week or more; nobody can use it in that time.
async fn usable_keys(emulator: &Emulator) -> Result<Vec<String>, CloudError> {
    let keys = emulator.json(Service::KMS, "ListKeys", &json!({})).await?;
    let mut usable = Vec::new();
    for key in names(&keys, "Keys", "KeyId") {
        let described = emulator.json(Service::KMS, "DescribeKey", &json!({ "KeyId": key })).await?;
        let metadata = &described["KeyMetadata"];
        if metadata["KeyState"] != "PendingDeletion" && metadata["KeyManager"] != "AWS" {
            usable.push(key);
        }
    }
    Ok(usable)
}

fn is_of_aws(name: &str) -> bool {
    name.starts_with("alias/aws/") || name.starts_with("AWSServiceRoleFor")
}

fn names(answer: &Value, list: &str, id: &str) -> Vec<String> {
    let entries = answer[list].as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |entry: &Value| {
        if id.is_empty() { entry.as_str().map(str::to_owned) } else { entry[id].as_str().map(str::to_owned) }
    };
    entries.iter().filter_map(name).collect()
}

/// The texts of the elements of this name.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (opened, closed) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&opened).skip(1).filter_map(|rest| Some(rest.split_once(&closed)?.0.to_owned())).collect()
}
