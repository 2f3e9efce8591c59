//! The landing zone, on the wire: what no emulator of AWS has.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use accounts_landing_zone::{LandingZone, Report, Settings};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::watch;

use crate::emulator::Emulator;
use crate::error::{CloudError, While};
use crate::served::Served;

/// A landing zone on a free port. It serves Organizations and Service Catalog, `GET /local/landing-zone` (what
/// it did), and `GET /local/jwks.json`: the keys of the user pool, at an address that is known before the pool
/// is. Dropping it ends it.
#[derive(Debug)]
pub struct Simulator {
    landing_zone: LandingZoneOpen,
    served: Served,
    pool: watch::Sender<Option<String>>,
    holds: Holds,
}

/// Calls that are held up, so that whoever made them is in the middle of them for as long as one wants.
#[derive(Clone, Debug, Default)]
struct Holds(Arc<Mutex<Vec<Held>>>);

#[derive(Debug)]
struct Held {
    operation: String,
    stage: watch::Sender<Stage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Armed,
    Reached,
    Released,
}

/// The next call of one operation, held up after it was carried out and before it is answered. Dropping this
/// lets it go.
#[derive(Debug)]
pub struct Hold {
    stage: watch::Sender<Stage>,
}

/// `LandingZone` shows nothing of itself.
#[derive(Clone)]
struct LandingZoneOpen(LandingZone);

impl std::fmt::Debug for LandingZoneOpen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LandingZone")
    }
}

impl Simulator {
    /// Serves a landing zone, kept in this folder, that takes so long for an account; the keys come from this
    /// emulator.
    pub(crate) async fn start(
        folder: &Path,
        provision_seconds: f64,
        emulator: &Emulator,
    ) -> Result<Self, CloudError> {
        let cannot = "the landing zone cannot be served";
        let settings = Settings { provision_seconds, ..Settings::default() };
        let landing_zone = LandingZone::open(folder, settings).or_cloud(cannot)?;
        let (pool, holds) = (watch::Sender::new(None), Holds::default());
        let router = landing_zone
            .router()
            .layer(from_fn_with_state(holds.clone(), hold))
            .merge(landing_zone.report_router())
            .merge(keys(emulator.clone(), pool.subscribe()));
        let served = Served::start(0, router).await?;
        Ok(Self { landing_zone: LandingZoneOpen(landing_zone), served, pool, holds })
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        self.served.address()
    }

    /// Where the keys of the user pool are, as soon as there is one.
    pub(crate) fn jwks_url(&self) -> String {
        format!("{}/local/jwks.json", self.address())
    }

    pub(crate) fn serve_keys_of(&self, pool: &str) {
        self.pool.send_replace(Some(pool.to_owned()));
    }

    /// What the landing zone did.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn report(&self) -> Result<Report, CloudError> {
        self.landing_zone.0.report().or_cloud("the landing zone cannot be read")
    }

    /// Holds up the next call of this operation, as in `ProvisionProduct`.
    pub fn hold(&self, operation: &str) -> Hold {
        let stage = watch::Sender::new(Stage::Armed);
        let held = Held { operation: operation.to_owned(), stage: stage.clone() };
        self.holds.0.lock().unwrap_or_else(PoisonError::into_inner).push(held);
        Hold { stage }
    }
}

impl Hold {
    /// Waits until the call has come.
    pub async fn reached(&self) {
        // The other end lives in `self`, so the wait ends only as it should.
        let mut stage = self.stage.subscribe();
        drop(stage.wait_for(|stage| *stage != Stage::Armed).await);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.stage.send_replace(Stage::Released);
    }
}

async fn hold(State(holds): State<Holds>, request: Request, next: Next) -> Response {
    let target =
        request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let held = {
        let mut holds = holds.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A hold that nobody has any more is none.
        holds.retain(|held| *held.stage.borrow() == Stage::Armed);
        holds.iter().position(|held| held.operation == operation).map(|at| holds.remove(at))
    };
    let answer = next.run(request).await;
    if let Some(held) = held {
        held.stage.send_replace(Stage::Reached);
        let mut stage = held.stage.subscribe();
        drop(stage.wait_for(|stage| *stage == Stage::Released).await);
    }
    answer
}

/// The authorizer's settings need the address of the keys before Terraform has made the pool that has them.
fn keys(emulator: Emulator, pool: watch::Receiver<Option<String>>) -> Router {
    let keys = async move || {
        let Some(pool) = pool.borrow().clone() else {
            return (StatusCode::SERVICE_UNAVAILABLE, "there is no user pool yet").into_response();
        };
        let url = format!("{}/{pool}/.well-known/jwks.json", emulator.address());
        let fetched = async { emulator.http().get(url).send().await?.error_for_status()?.text().await };
        match fetched.await {
            Ok(keys) => ([("content-type", "application/json")], keys).into_response(),
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    };
    Router::new().route("/local/jwks.json", get(keys))
}
