//! Which action of which service a call asks for.

use accounts_aws::WireCall;

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::enum_variant_names)] // They are the names of the services.
pub(crate) enum Service {
    DynamoDb,
    Organizations,
    ServiceCatalog,
    StepFunctions,
    Sns,
}

/// An action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) service: Service,
    pub(crate) name: String,
}

impl Action {
    /// Of a call; SNS is the one service without a target.
    pub(crate) fn of(call: &WireCall) -> Self {
        let (prefix, name) = call.target.split_once('.').unwrap_or(("", "Publish"));
        let service = match prefix {
            "DynamoDB_20120810" => Service::DynamoDb,
            "AWSOrganizationsV20161128" => Service::Organizations,
            "AWS242ServiceCatalogService" => Service::ServiceCatalog,
            "AWSStepFunctions" => Service::StepFunctions,
            _ => Service::Sns,
        };
        Self { service, name: name.to_owned() }
    }

    /// Whether it changes anything.
    pub(crate) fn writes(&self) -> bool {
        matches!(
            self.name.as_str(),
            "TransactWriteItems"
                | "PutItem"
                | "UpdateItem"
                | "DeleteItem"
                | "ProvisionProduct"
                | "StartExecution"
                | "TagResource"
                | "AssociatePrincipalWithPortfolio"
                | "Publish"
        )
    }
}
