//! Why a run cannot begin.

use accounts_lambda::SettingError;
use accounts_landing_zone::OpenError;
use accounts_local::stream_filters::FilterError;
use accounts_state_machine::DefinitionError;

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The embedded DynamoDB does not open.
    #[error("the table cannot be made")]
    Table(#[from] dynoxide::DynoxideError),
    /// The landing zone does not open.
    #[error(transparent)]
    LandingZone(#[from] OpenError),
    /// The state machine is not understood.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// The filters are not understood.
    #[error(transparent)]
    Filters(#[from] FilterError),
    /// The functions refuse their settings.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The list of protections is malformed.
    #[error("protections.json is malformed")]
    List(#[from] serde_json::Error),
    /// There is no such protection.
    #[error("there is no protection `{0}`")]
    UnknownProtection(String),
    /// There is no runtime.
    #[error("the runtime does not start")]
    Runtime(#[from] std::io::Error),
}
