//! The function `stream-trigger`.

use accounts_aws::Sdk;
use accounts_lambda::{Error, Settings, log, serve};
use stream_trigger::StreamTrigger;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::init();
    let function = StreamTrigger::connect(&Settings::from_env(), &Sdk::from_env().await)?;

    serve(async |event| function.handle(&event).await).await
}
