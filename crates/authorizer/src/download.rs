//! Getting the issuer's keys over HTTP, within bounds.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, StatusCode, Url, redirect};
use thiserror::Error;

use crate::keys::{KeySet, KeySetError};

const TIMEOUT: Duration = Duration::from_secs(3);
const LARGEST_BODY: usize = 64 * 1024;

/// Where the keys are.
#[derive(Debug)]
pub(crate) struct Jwks {
    url: Url,
    http: Client,
}

/// Why the keys could not be downloaded.
#[derive(Debug, Error)]
pub(crate) enum DownloadError {
    #[error("the key set could not be fetched")]
    Http(#[from] reqwest::Error),
    #[error("the address of the key set answers {0}")]
    Status(StatusCode),
    #[error("the key set is larger than {LARGEST_BODY} bytes")]
    TooLarge,
    #[error("the key set cannot be used")]
    KeySet(#[from] KeySetError),
}

impl Jwks {
    /// A client for this address. `roots` is a bundle of root certificates; where there is none, the
    /// platform's own are used.
    pub(crate) fn new(url: Url, roots: &Path) -> Result<Self, reqwest::Error> {
        // It fails where the process has a provider already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();

        let secure = url.scheme() == "https";
        // An idle connection would not outlive the freeze between two invocations.
        let mut http = Client::builder()
            .https_only(secure)
            .redirect(redirect::Policy::none())
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(0);
        if !secure {
            http = http.tls_certs_only([]);
        } else if let Ok(bundle) = std::fs::read(roots) {
            http = http.tls_certs_only(Certificate::from_pem_bundle(&bundle)?);
        }
        Ok(Self { url, http: http.build()? })
    }

    pub(crate) async fn download(&self) -> Result<KeySet, DownloadError> {
        let mut answer = self.http.get(self.url.clone()).send().await?;
        if answer.status() != StatusCode::OK {
            return Err(DownloadError::Status(answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST_BODY {
                return Err(DownloadError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(KeySet::of(&body)?)
    }
}
