//! Deploys the functions.

use std::sync::Arc;

use accounts_aws::Sdk;
use accounts_core::{RequestId, Timestamp};
use accounts_lambda::Settings;
use api::Api;
use check_status::CheckStatus;
use provision::Provision;
use stream_trigger::StreamTrigger;
use update_failed::UpdateFailed;
use update_status::UpdateStatus;
use validate::Validate;

use crate::RunError;
use crate::fleet::Fleet;
use crate::locks::lock;
use crate::network::Network;
use crate::workflow::STATE_MACHINE;
use crate::world::World;

/// The most slots that a deployment has.
pub(crate) const MOST_SLOTS: u32 = 5;

/// Deploys the functions, with settings by chance. Invocations under way go on with the old ones.
pub(crate) async fn deploy(world: &Arc<World>) -> Result<(), RunError> {
    let (slots, poll, backoff) = {
        let mut adversary = lock(&world.adversary);
        let draw = adversary.draw();
        (draw.u32(1..=MOST_SLOTS), draw.u32(60..=300), draw.u32(30..=120))
    };
    let settings = Settings::from_pairs([
        ("CONTROL_TOWER_SLOTS", slots.to_string()),
        ("FIRST_POLL_SECONDS", "240".to_owned()),
        ("POLL_SECONDS", poll.to_string()),
        ("OPERATION_TIMEOUT_SECONDS", "1800".to_owned()),
        ("BACKOFF_SECONDS", backoff.to_string()),
        ("SFN_ARN", STATE_MACHINE.to_owned()),
        ("TOPIC_ARN", "arn:aws:sns:us-east-1:000000000000:accounts".to_owned()),
    ]);
    let clock = world.clock;
    let sdk = Sdk::simulated(Arc::new(Network::new(world)), move || clock.system_time());
    let fleet = Fleet {
        slots,
        api: Api::connect(&settings, &sdk).await?.with_request_ids(request_id),
        trigger: StreamTrigger::connect(&settings, &sdk)?,
        validate: Validate::connect(&settings, &sdk)?,
        provision: Provision::connect(&settings, &sdk)?,
        check_status: CheckStatus::connect(&settings, &sdk)?,
        update_status: UpdateStatus::connect(&settings, &sdk)?,
        update_failed: UpdateFailed::connect(&settings, &sdk)?,
    };
    world.say("deployment", &format!("{slots} slots, polls each {poll} s, backoff {backoff} s"));
    lock(&world.known).deployed(slots);
    *lock(&world.fleet) = Some(Arc::new(fleet));
    Ok(())
}

/// A request id of the thread's generator, which the run has seeded.
fn request_id(now: Timestamp) -> RequestId {
    let random: Vec<u8> = (0..10).map(|_| fastrand::u8(..)).collect();
    let random = random.try_into().unwrap_or_default();
    let ms = u64::try_from(now.as_ms()).unwrap_or_default();
    RequestId::new(uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid())
}
