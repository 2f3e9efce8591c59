//! The function `validate`.

use accounts_aws::Sdk;
use accounts_lambda::{Error, Settings, log, serve};
use validate::Validate;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::init();
    let function = Validate::connect(&Settings::from_env(), &Sdk::from_env().await)?;

    serve(async |event| function.handle(&event).await).await
}
