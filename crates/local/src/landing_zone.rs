//! The landing zone alone, for a fleet that runs elsewhere.

use std::io::Write;

use accounts_landing_zone::LandingZone;

use crate::arguments::LandingZoneAlone;
use crate::error::{LocalError, OrLocal};
use crate::listener;

/// Serves the landing zone until a signal stops the process.
pub(crate) async fn serve(alone: LandingZoneAlone) -> Result<(), LocalError> {
    let _lock = crate::database::lock(&alone.landing_zone.data)?;
    let landing_zone = LandingZone::open(&alone.landing_zone.data, alone.landing_zone.settings())
        .or_local("the landing zone cannot be opened")?;
    let (listener, address) = listener::bind(alone.port).await?;
    let server = listener::serve(listener, landing_zone.router().merge(landing_zone.report_router()));
    let environment = ["ORGANIZATIONS", "SERVICE_CATALOG"]
        .map(|service| format!("  AWS_ENDPOINT_URL_{service}=http://{address}\n"))
        .concat();
    write!(
        std::io::stdout(),
        "The landing zone is at http://{address}\n{environment}What it did: \
         http://{address}/local/landing-zone\n"
    )
    .or_local("the terminal cannot be written")?;
    listener::stop_signal().await;
    server.abort();
    Ok(())
}
