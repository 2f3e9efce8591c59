//! The function `update-failed`.

use accounts_aws::Sdk;
use accounts_lambda::{Error, Settings, log, serve};
use update_failed::UpdateFailed;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::init();
    let function = UpdateFailed::connect(&Settings::from_env(), &Sdk::from_env().await)?;

    serve(async |event| function.handle(&event).await).await
}
