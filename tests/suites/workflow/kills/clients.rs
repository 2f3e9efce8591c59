//! Clients that keep posting, whatever becomes of the fleet.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use accounts_tests::{Client, body};
use tokio::sync::watch;
use tokio::task::JoinSet;

const CLIENTS: usize = 4;

/// How long a client rests between two requests.
const REST: Duration = Duration::from_millis(150);

/// Clients at work.
pub(super) struct Crowd {
    clients: JoinSet<HashMap<String, String>>,
    done: watch::Sender<bool>,
    accepted: Arc<AtomicUsize>,
}

impl Crowd {
    /// Sets them to work at the address that is the fleet's now.
    pub(super) async fn start(address: &watch::Receiver<String>, token: String) -> Self {
        let (done, is_done) = watch::channel(false);
        let (accepted, mut clients) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
        for number in 0..CLIENTS {
            let (address, token, is_done) = (address.clone(), token.clone(), is_done.clone());
            let all = Arc::clone(&accepted);
            clients.spawn(async move { work(number, address, token, is_done, &all).await });
        }
        Self { clients, done, accepted }
    }

    /// How many requests were accepted by now.
    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Lets each finish the request that it is at; gives the e-mails that were accepted, with their request's id.
    pub(super) async fn finish(self) -> HashMap<String, String> {
        self.done.send_replace(true);
        self.clients.join_all().await.into_iter().flatten().collect()
    }
}

async fn work(
    client: usize,
    mut address: watch::Receiver<String>,
    token: String,
    mut done: watch::Receiver<bool>,
    all: &AtomicUsize,
) -> HashMap<String, String> {
    let mut accepted = HashMap::new();
    for number in 0.. {
        let email = format!("user{number}.{client}@example.com");
        let request_id = post_until_accepted(&email, &mut address, &token).await;
        accepted.insert(email, request_id);
        all.fetch_add(1, Ordering::SeqCst);
        if tokio::time::timeout(REST, done.wait_for(|done| *done)).await.is_ok() {
            break;
        }
    }
    accepted
}

/// Posts with the same key until there is an answer; where the connection breaks, at the next address or, if
/// it is the same, a little later.
async fn post_until_accepted(email: &str, address: &mut watch::Receiver<String>, token: &str) -> String {
    let body = body(email, &format!("account of {email}"));
    loop {
        let fleet = Client::new(address.borrow_and_update().clone(), token.to_owned());
        let request = fleet.request(reqwest::Method::POST, "/createAccount").header("Idempotency-Key", email);
        match Client::try_send(request.json(&body)).await {
            Ok(answer) if answer.status == 201 => return answer.text("RequestID").to_owned(),
            Ok(answer) => assert!([429, 503].contains(&answer.status), "{email}: {}", answer.body),
            Err(_) => {
                // Either it is somewhere else soon, or it is worth another try at the same place.
                drop(tokio::time::timeout(Duration::from_millis(100), address.changed()).await);
            }
        }
    }
}
