//! The functions as they are deployed.

use api::Api;
use check_status::CheckStatus;
use provision::Provision;
use stream_trigger::StreamTrigger;
use update_failed::UpdateFailed;
use update_status::UpdateStatus;
use validate::Validate;

/// The functions as they are deployed.
pub(crate) struct Fleet {
    pub(crate) slots: u32,
    pub(crate) api: Api,
    pub(crate) trigger: StreamTrigger,
    pub(crate) validate: Validate,
    pub(crate) provision: Provision,
    pub(crate) check_status: CheckStatus,
    pub(crate) update_status: UpdateStatus,
    pub(crate) update_failed: UpdateFailed,
}
