//! The Account Factory product: its id, its artifact, its launch path.

use std::time::Duration;

use accounts_core::{Error, Kind, Result};
use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::types::ProvisioningArtifactGuidance;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::MOST_PAGES;
use crate::sdk_error::{CallFailure, classify};

/// The product's name, unless it was renamed.
const PRODUCT: &str = "AWS Control Tower Account Factory";

const SENTENCE: &str = "The Account Factory product could not be read.";

/// How long a lookup is used for new operations. Control Tower replaces the artifact when the landing zone is updated;
/// an operation with a retired one is rejected, and the next one looks it up afresh.
const CACHE_TTL: Duration = Duration::from_secs(600);

/// The product, as it was looked up.
#[derive(Clone, Debug)]
pub(super) struct Product {
    pub(super) id: String,
    pub(super) artifact_id: String,
    pub(super) path_id: String,
}

/// The last lookup, kept for a while: three calls less for every operation.
#[derive(Debug, Default)]
pub(super) struct ProductCache {
    looked_up: Mutex<Option<(Instant, Product)>>,
}

impl ProductCache {
    /// The product.
    ///
    /// # Errors
    /// [`Kind::Misconfigured`] if there is none, or the role is no principal of its portfolio.
    pub(super) async fn get(&self, client: &Client) -> Result<Product> {
        let mut looked_up = self.looked_up.lock().await;
        if let Some((at, product)) = looked_up.as_ref()
            && at.elapsed() < CACHE_TTL
        {
            return Ok(product.clone());
        }
        let product = look_up(client).await?;
        *looked_up = Some((Instant::now(), product.clone()));
        Ok(product)
    }

    /// Has the next call look again.
    pub(super) async fn forget(&self) {
        *self.looked_up.lock().await = None;
    }
}

async fn look_up(client: &Client) -> Result<Product> {
    let answer = client
        .describe_product_as_admin()
        .name(PRODUCT)
        .send()
        .await
        .map_err(|error| unless_missing(classify(SENTENCE, error)))?;
    let id = answer
        .product_view_detail
        .and_then(|detail| detail.product_view_summary)
        .and_then(|summary| summary.product_id)
        .ok_or_else(|| missing("the product has no id"))?;
    let artifacts = client
        .list_provisioning_artifacts()
        .product_id(&id)
        .send()
        .await
        .map_err(|error| unless_missing(classify(SENTENCE, error)))?
        .provisioning_artifact_details
        .unwrap_or_default();
    let artifact_id = artifacts
        .into_iter()
        .filter(|artifact| artifact.active() == Some(true))
        .max_by_key(|artifact| {
            let preferred = artifact.guidance() != Some(&ProvisioningArtifactGuidance::Deprecated);
            (preferred, artifact.created_time().map(|time| time.as_nanos()))
        })
        .and_then(|artifact| artifact.id)
        .ok_or_else(|| missing("the product has no active provisioning artifact"))?;
    let path_id = launch_path(client, &id).await?;
    Ok(Product { id, artifact_id, path_id })
}

/// The first launch path. A page can be empty and name a next one.
async fn launch_path(client: &Client, product_id: &str) -> Result<String> {
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let page = client
            .list_launch_paths()
            .product_id(product_id)
            .set_page_token(token)
            .send()
            .await
            .map_err(|error| unless_missing(classify(SENTENCE, error)))?;
        let mut paths = page.launch_path_summaries.unwrap_or_default().into_iter();
        if let Some(id) = paths.find_map(|path| path.id) {
            return Ok(id);
        }
        token = page.next_page_token;
        if token.is_none() {
            break;
        }
    }
    Err(missing("the product has no launch path for this role"))
}

fn missing(cause: &str) -> Error {
    Error::new(Kind::Misconfigured, SENTENCE).caused_by(cause)
}

/// "Not found" is what a role sees that is no principal of the portfolio.
fn unless_missing(failure: CallFailure) -> Error {
    match failure.code.as_deref() {
        Some("ResourceNotFoundException") => {
            Error::new(Kind::Misconfigured, SENTENCE).caused_by(failure.error)
        }
        _ => failure.error,
    }
}
