//! A client of the API, as a test wants it.

use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Longer than anything takes here, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);

/// A client of one fleet, with one token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    address: String,
    token: String,
}

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body, as JSON.
    pub body: Value,
}

impl Answer {
    /// A text of the body.
    pub fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }

    /// A header, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Client {
    /// A client of the fleet at this address.
    pub fn new(address: String, token: String) -> Self {
        Self { http: http(), address, token }
    }

    /// The fleet's address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A request with the token in it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(&self.token)
    }

    /// A request without a token.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.address))
    }

    /// Sends a request.
    ///
    /// # Errors
    /// If the fleet does not answer, or not in JSON.
    pub async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Answer { status, headers, body: answer.json().await? })
    }

    /// Sends a request to a fleet that has to answer.
    pub async fn send(request: RequestBuilder) -> Answer {
        Self::try_send(request).await.expect("an answer in JSON")
    }

    /// Requests an account.
    pub async fn create(&self, body: &Value) -> Answer {
        Self::send(self.request(Method::POST, "/createAccount").json(body)).await
    }

    /// Shows the account of an e-mail.
    pub async fn get(&self, email: &str) -> Answer {
        let query = [("accountEmail", email)];
        Self::send(self.request(Method::GET, "/getAccount").query(&query)).await
    }

    /// Shows a request with its operations.
    pub async fn show(&self, request_id: &str) -> Answer {
        Self::send(self.request(Method::GET, &format!("/requests/{}", encoded(request_id)))).await
    }

    /// Shows a page of the requests for an account, which is an e-mail or an id. The query starts with `?`, or is empty.
    pub async fn history(&self, account: &str, query: &str) -> Answer {
        let path = format!("/accounts/{}/requests{query}", encoded(account));
        Self::send(self.request(Method::GET, &path)).await
    }

    /// States the outcome of an overdue operation.
    pub async fn resolve(&self, request_id: &str, statement: &Value) -> Answer {
        let path = format!("/requests/{}/resolve", encoded(request_id));
        Self::send(self.request(Method::POST, &path).json(statement)).await
    }

    /// Shows the account of an e-mail as soon as its request has ended.
    pub async fn ended(&self, email: &str) -> Value {
        let is_final =
            |body: &Value| ["Provisioned", "Failed"].iter().any(|status| body["Status"] == *status);
        self.once(email, is_final).await
    }

    /// Shows the account of an e-mail as soon as it is so.
    pub async fn once(&self, email: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(email).await;
            if is_so(&answer.body) {
                return answer.body;
            }
            assert!(Instant::now() < deadline, "{email} is still so: {}", answer.body);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the landing zone did.
    pub async fn landing_zone(&self) -> Value {
        Self::send(self.bare(Method::GET, "/local/landing-zone")).await.body
    }
}

/// A client of anything.
pub(crate) fn http() -> reqwest::Client {
    // Plain http all the same; reqwest builds no client without a provider.
    let provider = rustls::crypto::ring::default_provider();
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        drop(provider.install_default());
    }
    reqwest::Client::builder().timeout(Duration::from_secs(60)).build().expect("a client")
}

/// A text as a segment of a path holds it.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    })
}

/// A good body for this e-mail and this account name.
pub fn body(email: &str, name: &str) -> Value {
    json!({
        "AccountEmail": email,
        "AccountName": name,
        "OrgUnit": "Engineering/Platform/Dev",
        "SSOUserEmail": "owner@example.com",
        "SSOUserFirstName": "jean",
        "SSOUserLastName": "DUPONT",
        "Tags": [{"Key": "env", "Value": "dev"}]
    })
}
