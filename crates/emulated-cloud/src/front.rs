//! A plain address for the API: the emulator knows an API only by the name of its host.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use reqwest::Url;
use tokio::sync::watch;

use crate::emulator::Emulator;
use crate::error::{CloudError, While};
use crate::passing::{pass_on, refused, whole};
use crate::served::Served;

/// The route that MiniStack answers itself, under whatever host.
const HEALTH: &str = "/health";

/// Passes everything on to the API, under its host. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Front {
    served: Served,
    host: watch::Sender<Option<HeaderValue>>,
}

#[derive(Debug)]
struct Behind {
    emulator: Emulator,
    host: watch::Receiver<Option<HeaderValue>>,
}

impl Front {
    /// Listens on a port of 127.0.0.1; 0 takes a free one.
    pub(crate) async fn start(port: u16, emulator: &Emulator) -> Result<Self, CloudError> {
        let host = watch::Sender::new(None);
        let behind = Arc::new(Behind { emulator: emulator.clone(), host: host.subscribe() });
        let router = Router::new().fallback(to_the_api).with_state(behind);
        Ok(Self { served: Served::start(port, router).await?, host })
    }

    /// The API is now the one at this endpoint.
    pub(crate) fn lead_to(&self, endpoint: &str) -> Result<(), CloudError> {
        let url = Url::parse(endpoint).or_cloud(format!("the API's endpoint {endpoint}"))?;
        let name = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let host = HeaderValue::from_str(&host).or_cloud(format!("the API's host {host}"))?;
        self.host.send_replace(Some(host));
        Ok(())
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &str {
        self.served.address()
    }
}

async fn to_the_api(State(behind): State<Arc<Behind>>, request: Request) -> Response<Body> {
    let Some(host) = behind.host.borrow().clone() else {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "nothing is deployed yet");
    };
    let (mut parts, body) = match whole(request).await {
        Ok(request) => request,
        Err(refused) => return refused,
    };
    if parts.uri.path() == HEALTH {
        // Under the emulator's own host, where a path names the API.
        let api = host.to_str().ok().and_then(|host| host.split('.').next()).unwrap_or_default();
        match format!("/_aws/execute-api/{api}/$default{HEALTH}").parse() {
            Ok(uri) => parts.uri = uri,
            Err(error) => return refused(StatusCode::BAD_GATEWAY, &format!("the API's path: {error}")),
        }
        parts.headers.remove(header::HOST);
    } else {
        parts.headers.insert(header::HOST, host);
    }
    pass_on(&behind.emulator, parts, body).await.map_or_else(|refused| refused, Into::into)
}
