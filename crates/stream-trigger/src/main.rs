//! The function `stream-trigger`.

use stream_trigger::StreamTrigger;
use accounts_aws::Sdk;
use accounts_lambda::{Error, Settings, log, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::init();
    let function = StreamTrigger::connect(&Settings::from_env(), &Sdk::from_env().await)?;

    serve(async |event| function.handle(&event).await).await
}
