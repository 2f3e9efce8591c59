//! The function `api`.

use std::convert::Infallible;

use accounts_aws::Sdk;
use accounts_lambda::{Error, Settings, log};
use api::Api;
use lambda_http::{Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::init();
    let api = Api::connect(&Settings::from_env(), &Sdk::from_env().await).await?;

    run(service_fn(async |request: Request| Ok::<_, Infallible>(Box::pin(api.handle(request)).await))).await
}
