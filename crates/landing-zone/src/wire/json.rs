//! How values are written in AWS JSON 1.1.

use serde_json::Value;

/// Absent members are left out on the wire, not sent as null.
pub(crate) fn without_nulls(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(|member| *member = without_nulls(member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_nulls(item.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    value
}

/// A timestamp as JSON 1.1 has it: seconds since 1970, with a fraction.
pub(crate) fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
