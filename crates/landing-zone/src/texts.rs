//! The texts with which Control Tower and Service Catalog refuse a call or fail a record. Those that no source
//! shows are marked as unverified.

/// Another operation is in progress (aws-ia/terraform-aws-control_tower_account_factory #363). Worth
/// trying again.
pub const BUSY: &str = "Account Factory cannot complete an operation on this account, because another AWS \
     Control Tower operation is in progress. Try again later.";

/// The other text for it (aws-samples/aws-control-tower-automate-account-creation #9). The source shows no
/// exception around it; `InvalidParametersException` is unverified. Worth trying again.
pub const BUSY_ENROLLED: &str = "ResourceInUseException Account Factory cannot create this enrolled account \
     right now, because another execution is in progress. Try again later.";

/// The organization is full (aws-ia/terraform-aws-control_tower_account_factory #39). Final until the
/// quota is raised.
pub const ACCOUNT_LIMIT: &str = "AWS Control Tower cannot create an account because you have reached the \
     limit on the number of accounts in your organization";

/// The caller is no principal of the portfolio, or no portfolio has the product; `ListLaunchPaths` and
/// `ProvisionProduct` say so with `ResourceNotFoundException`, while the calls for administrators find the
/// product (aws/aws-cdk #8404, aws-ia/terraform-aws-control_tower_account_factory #33,
/// awslabs/aws-service-catalog-products #51).
pub fn no_launch_paths(product_id: &str) -> String {
    format!("No launch paths found for resource: {product_id}")
}

/// The caller's role lacks a permission; `service` is the prefix of IAM's actions, as in `servicecatalog`
/// (awslabs/service-workbench-on-aws #888). Signatures are not checked here, so the role has a made-up name.
pub fn access_denied(service: &str, action: &str) -> String {
    format!(
        "User: arn:aws:sts::000000000001:assumed-role/caller/caller is not authorized to perform: \
         {service}:{action} on resource: * because no identity-based policy allows the {service}:{action} action"
    )
}

/// API throttling, as every AWS service words it.
pub const THROTTLED: &str = "Rate exceeded";

/// Why an `IN_PROGRESS_IN_ERROR` record fails in the end (unverified wording).
pub const REMEDIATION_FAILED: &str = "AWS Control Tower could not provision the account, and its remediation \
     did not succeed either. No account was created.";

/// Why a record fails whose e-mail belongs to another account (unverified wording).
pub fn email_in_use(email: &str) -> String {
    format!(
        "AWS Control Tower cannot create an account because the email address {email} is already in use by \
         another AWS account"
    )
}

/// Why a record fails whose account nevertheless exists; the "try again" in it must not be followed.
pub fn activation_not_complete(account_id: &str) -> String {
    format!(
        "AWS Control Tower cannot complete the operation: activation of account {account_id} not complete. \
         Try again in one hour."
    )
}

/// Why a call for a retired provisioning artifact is refused (unverified wording and exception).
pub fn artifact_not_active(artifact_id: &str) -> String {
    format!("The provisioning artifact {artifact_id} is not active")
}

/// Why a path of organizational units is refused.
pub fn parent_not_enrolled(parent: &str) -> String {
    format!("The parent organizational unit '{parent}' is not enrolled in AWS Control Tower")
}

/// The name of the provisioned product is taken; the exception is `InvalidParametersException`
/// (aws-ia/terraform-aws-control_tower_account_factory #19, awslabs/aws-service-catalog-puppet #284).
pub fn stack_exists(product_name: &str) -> String {
    format!("A stack named {product_name} already exists.")
}
