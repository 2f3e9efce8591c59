//! A plain address for the API: the emulator knows an API only by the name of its host.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::emulator::Emulator;
use crate::error::{CloudError, While};

/// More than an HTTP API takes (10 MB), so that the emulator is the one to refuse.
const LARGEST: usize = 11 * 1024 * 1024;

/// Passes everything on to the API, under its host. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Front {
    address: String,
    host: watch::Sender<Option<String>>,
    _server: JoinSet<()>,
}

#[derive(Debug)]
struct Behind {
    emulator: Emulator,
    host: watch::Receiver<Option<String>>,
}

impl Front {
    /// Listens on a port of 127.0.0.1; 0 takes a free one.
    pub(crate) async fn start(port: u16, emulator: &Emulator) -> Result<Self, CloudError> {
        let cannot = format!("port {port} cannot be listened on");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.or_cloud(cannot.clone())?;
        let address = format!("http://{}", listener.local_addr().or_cloud(cannot)?);
        let host = watch::Sender::new(None);
        let behind = Arc::new(Behind { emulator: emulator.clone(), host: host.subscribe() });
        let router = Router::new().fallback(pass_on).with_state(behind);
        let mut server = JoinSet::new();
        server.spawn(async move {
            // It ends with an error only where the listener breaks; callers then see that nobody answers.
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { address, host, _server: server })
    }

    /// The API is now the one at this endpoint.
    pub(crate) fn lead_to(&self, endpoint: &str) -> Result<(), CloudError> {
        let url = Url::parse(endpoint).or_cloud(format!("the API's endpoint {endpoint}"))?;
        let name = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        self.host.send_replace(Some(host));
        Ok(())
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

async fn pass_on(State(behind): State<Arc<Behind>>, request: Request) -> Response<Body> {
    let Some(host) = behind.host.borrow().clone() else {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "nothing is deployed yet");
    };
    let (mut parts, body) = request.into_parts();
    let body = match to_bytes(body, LARGEST).await {
        Ok(body) => body,
        Err(error) => return refused(StatusCode::PAYLOAD_TOO_LARGE, &error.to_string()),
    };
    for hop in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        parts.headers.remove(hop);
    }
    let url = format!("{}{}", behind.emulator.address(), parts.uri);
    let request =
        behind.emulator.http().request(parts.method, url).headers(parts.headers).header(header::HOST, host);
    let passed_on = async {
        let answer = request.body(body).send().await?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove(header::TRANSFER_ENCODING);
        headers.remove(header::CONNECTION);
        Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?))
    };
    match passed_on.await {
        Ok((status, headers, body)) => {
            let mut answer = Response::new(Body::from(body));
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            answer
        }
        Err(error) => refused(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

fn refused(status: StatusCode, why: &str) -> Response<Body> {
    let mut answer = Response::new(Body::from(format!("accounts emulated cloud: {why}\n")));
    *answer.status_mut() = status;
    answer
}
