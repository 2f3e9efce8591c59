//! Passing requests on to the emulator.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode, header};

use crate::emulator::Emulator;

/// More than an HTTP API takes (10 MB), so that the emulator is the one to refuse.
const LARGEST: usize = 11 * 1024 * 1024;

/// An answer, whole.
pub(crate) struct Whole {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A request, whole; or what to answer where it is not.
pub(crate) async fn whole(request: Request) -> Result<(Parts, Bytes), Response<Body>> {
    let (mut parts, body) = request.into_parts();
    for hop in [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        parts.headers.remove(hop);
    }
    match to_bytes(body, LARGEST).await {
        Ok(body) => Ok((parts, body)),
        Err(error) => Err(refused(StatusCode::PAYLOAD_TOO_LARGE, &error.to_string())),
    }
}

/// The emulator's answer to a request.
pub(crate) async fn pass_on(emulator: &Emulator, parts: Parts, body: Bytes) -> Result<Whole, Response<Body>> {
    let url = format!("{}{}", emulator.address(), parts.uri);
    let request = emulator.http().request(parts.method, url).headers(parts.headers).body(body);
    let answered = async {
        let answer = request.send().await?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        for hop in [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            headers.remove(hop);
        }
        Ok::<_, reqwest::Error>(Whole { status, headers, body: answer.bytes().await? })
    };
    answered.await.map_err(|error| refused(StatusCode::BAD_GATEWAY, &error.to_string()))
}

impl From<Whole> for Response<Body> {
    fn from(whole: Whole) -> Self {
        let mut answer = Self::new(Body::from(whole.body));
        *answer.status_mut() = whole.status;
        *answer.headers_mut() = whole.headers;
        answer
    }
}

/// An answer of our own.
pub(crate) fn refused(status: StatusCode, why: &str) -> Response<Body> {
    let mut answer = Response::new(Body::from(format!("emulated cloud: {why}\n")));
    *answer.status_mut() = status;
    answer
}
