//! The authorizer of the API, as a Lambda function.

use accounts_lambda::{Error, Settings, log, serve};
use authorizer::Authorizer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::init();
    let authorizer = Authorizer::connect(&Settings::from_env()).await?;
    serve(|event| authorizer.handle(event)).await
}
