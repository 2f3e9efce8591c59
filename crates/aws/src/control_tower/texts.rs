//! The texts by which Control Tower says what has no error code of its own, as they were seen in the wild.

/// Another operation runs, in two wordings: "… because another AWS Control Tower operation is in progress"
/// (aws-ia/terraform-aws-control_tower_account_factory #363) and "ResourceInUseException … because another execution
/// is in progress" (aws-samples/aws-control-tower-automate-account-creation #9).
const BUSY: [&str; 2] =
    ["another AWS Control Tower operation is in progress", "another execution is in progress"];

/// "… activation of account 123456789012 not complete. Try again in one hour.": the account exists, and another one
/// must never be made.
const ACTIVATING: &str = "activation of account";

/// Whether the text says that other operations run, and nothing was started.
pub(super) fn is_busy(text: &str) -> bool {
    BUSY.iter().any(|busy| text.contains(busy))
}

/// Whether the text says that the account exists and is only not ready.
pub(super) fn is_activating(text: &str) -> bool {
    text.contains(ACTIVATING)
}

/// Whether the text says that the provisioned product's name is taken: "A stack named X already exists"
/// (aws-ia/terraform-aws-control_tower_account_factory #19, awslabs/aws-service-catalog-puppet #284).
pub(super) fn is_name_taken(text: &str) -> bool {
    text.contains("A stack named") && text.contains("already exists")
}

/// Whether the text says that the provisioning artifact cannot be used any more. The wording is unverified; a text
/// that is not recognised ends the request with what it says.
pub(super) fn is_stale_artifact(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("provisioning artifact") && (text.contains("not active") || text.contains("inactive"))
}
