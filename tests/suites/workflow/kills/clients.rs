//! Clients that keep posting, whatever becomes of the fleet.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use accounts_tests::{Client, body};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

const CLIENTS: usize = 8;

/// How long a client rests between two requests.
const REST: Duration = Duration::from_millis(150);

/// Every so many of a client's requests, one meets a misbehaviour of the landing zone.
const MISBEHAVES_EVERY: usize = 3;

/// How a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// With an account.
    Account,
    /// Without one.
    Failure,
    /// Without a usable one, though one exists.
    Unclear,
}

/// What misbehaves in turn, and how the request ends all the same.
const MISBEHAVIOURS: [(&str, Expected); 7] = [
    ("sim-email-in-use", Expected::Failure),
    ("sim-busy", Expected::Account),
    ("sim-refused-late", Expected::Account),
    ("sim-tainted", Expected::Unclear),
    ("sim-throttled", Expected::Account),
    ("sim-in-error-then-failed", Expected::Failure),
    ("sim-slow", Expected::Account),
];

/// The request that was accepted for an e-mail, and how it ends.
pub(super) type Accepted = HashMap<String, (String, Expected)>;

/// Clients at work.
pub(super) struct Crowd {
    clients: JoinSet<Accepted>,
    done: watch::Sender<bool>,
    accepted: Arc<AtomicUsize>,
}

impl Crowd {
    /// Sets them to work at the address that is the fleet's now. Each round has e-mails of its own.
    pub(super) async fn start(round: usize, address: &watch::Receiver<String>, token: String) -> Self {
        let (done, is_done) = watch::channel(false);
        let (accepted, mut clients) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
        for number in 0..CLIENTS {
            let (address, token, is_done) = (address.clone(), token.clone(), is_done.clone());
            let all = Arc::clone(&accepted);
            clients.spawn(async move { work(round, number, address, token, is_done, &all).await });
        }
        Self { clients, done, accepted }
    }

    /// How many requests were accepted by now.
    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Lets each finish the request that it is at; gives the e-mails that were accepted, with their request's id.
    pub(super) async fn finish(self) -> Accepted {
        self.done.send_replace(true);
        self.clients.join_all().await.into_iter().flatten().collect()
    }
}

async fn work(
    round: usize,
    client: usize,
    mut address: watch::Receiver<String>,
    token: String,
    mut done: watch::Receiver<bool>,
    all: &AtomicUsize,
) -> Accepted {
    let mut accepted = HashMap::new();
    for number in 0.. {
        let email = format!("user{number}.{client}.{round}@example.com");
        let (word, expected) = if number % MISBEHAVES_EVERY == MISBEHAVES_EVERY - 1 {
            MISBEHAVIOURS[(client + number / MISBEHAVES_EVERY) % MISBEHAVIOURS.len()]
        } else {
            ("good", Expected::Account)
        };
        let body = body(&email, &format!("{word} {number}.{client}.{round}"));
        let request_id = post_until_accepted(&email, &body, &mut address, &token).await;
        accepted.insert(email, (request_id, expected));
        all.fetch_add(1, Ordering::SeqCst);
        if tokio::time::timeout(REST, done.wait_for(|done| *done)).await.is_ok() {
            break;
        }
    }
    accepted
}

/// Posts with the same key until there is an answer; where the connection breaks, at the next address or, if
/// it is the same, a little later.
async fn post_until_accepted(
    email: &str,
    body: &Value,
    address: &mut watch::Receiver<String>,
    token: &str,
) -> String {
    loop {
        let fleet = Client::new(address.borrow_and_update().clone(), token.to_owned());
        let request = fleet.request(reqwest::Method::POST, "/createAccount").header("Idempotency-Key", email);
        match Client::try_send(request.json(body)).await {
            Ok(answer) if answer.status == 201 => return answer.text("RequestID").to_owned(),
            Ok(answer) => assert!([429, 503].contains(&answer.status), "{email}: {}", answer.body),
            Err(_) => {
                // Either it is somewhere else soon, or it is worth another try at the same place.
                drop(tokio::time::timeout(Duration::from_millis(100), address.changed()).await);
            }
        }
    }
}
