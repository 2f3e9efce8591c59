//! How fast a fleet takes requests in, how much of its own time each costs, and what bounds both. Figures, not
//! a test: `cargo bench -p accounts-tests`.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use accounts_core::Timestamp;
use accounts_tests::{Client, LocalFleet, Pace, body};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const CLIENTS: usize = 32;
const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_secs(3);

/// A fleet whose workflows take next to nothing from the front door while it is measured.
const QUIET: Pace = Pace { provision_seconds: 3600.0, poll_seconds: 600.0 };

#[tokio::main]
async fn main() {
    println!("cores: {}", std::thread::available_parallelism().map_or(0, usize::from));
    front_door().await;
    pipeline().await;
}

async fn front_door() {
    println!("\nThe front door, {CLIENTS} clients:");
    let fleet = LocalFleet::start(QUIET).await;
    let table = fleet.table();
    let email = "known@example.com";
    assert_eq!(fleet.create(&body(email, email)).await.status, 201);

    let client = (*fleet).clone();
    measure("GET /health (http alone)", SHORT, move |_| {
        expect(client.clone(), Method::GET, "/health".into(), None, 200)
    })
    .await;
    let client = (*fleet).clone();
    let path = format!("/getAccount?accountEmail={email}");
    measure("GET /getAccount (+ authorizer, one read)", SHORT, move |_| {
        expect(client.clone(), Method::GET, path.clone(), None, 200)
    })
    .await;
    let client = (*fleet).clone();
    let request = fleet.get(email).await.text("RequestID").to_owned();
    measure("GET /requests/{id} (+ three reads)", SHORT, move |_| {
        expect(client.clone(), Method::GET, format!("/requests/{request}"), None, 200)
    })
    .await;
    let client = (*fleet).clone();
    measure("POST, the same e-mail (+ a refused transaction)", SHORT, move |_| {
        expect(client.clone(), Method::POST, "/createAccount".into(), Some(body(email, "other")), 409)
    })
    .await;
    measure("PutItem straight to the table (four, as a POST)", SHORT, move |number| {
        let table = table.clone();
        async move {
            for kind in ["account", "request", "key", "name"] {
                let key = format!("{kind}#{number}");
                table.put(&json!({"AccountEmail": {"S": key}, "Record": {"S": "BENCH"}, "Text": {"S": "x".repeat(500)}})).await;
            }
        }
    })
    .await;
    let client = (*fleet).clone();
    measure("POST /createAccount, workflows running behind it", LONG, move |number| {
        let body = body(&format!("user{number}@example.com"), &format!("account {number}"));
        expect(client.clone(), Method::POST, "/createAccount".into(), Some(body), 201)
    })
    .await;
}

async fn expect(client: Client, method: Method, path: String, body: Option<Value>, status: u16) {
    let request = client.request(method, &path);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let answer = Client::send(request).await;
    assert_eq!(answer.status, status, "{}", answer.body);
}

/// Does something over and over in every client, and prints how often it was done and how long it took.
async fn measure<W, F>(what: &str, time: Duration, work: W)
where
    W: Fn(usize) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send,
{
    let (work, next) = (Arc::new(work), Arc::new(AtomicUsize::new(0)));
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (work, next) = (Arc::clone(&work), Arc::clone(&next));
        clients.spawn(async move {
            let mut took = Vec::new();
            while begun.elapsed() < time {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let at = Instant::now();
                work(number).await;
                took.push(at.elapsed().as_secs_f64() * 1000.0);
            }
            took
        });
    }
    let took = sorted(clients.join_all().await.into_iter().flatten().collect());
    #[allow(clippy::cast_precision_loss)]
    let rate = took.len() as f64 / begun.elapsed().as_secs_f64();
    println!(
        "{what:<50} {rate:>7.0} /s   ms: p50 {:>6.1}  p95 {:>6.1}  p99 {:>6.1}  max {:>6.1}",
        at(&took, 0.50),
        at(&took, 0.95),
        at(&took, 0.99),
        at(&took, 1.0)
    );
}

/// What a request costs beyond the landing zone's own time.
async fn pipeline() {
    println!("\nThe pipeline's own time per request, provisioning excluded:");
    for poll_seconds in [0.01, 0.1, 0.5] {
        let pace = Pace { provision_seconds: 0.5, poll_seconds };
        for at_once in [1, 4] {
            let fleet = LocalFleet::start(pace).await;
            let mut own = Vec::new();
            for round in 0..12 / at_once {
                let emails: Vec<_> =
                    (0..at_once).map(|number| format!("user{round}.{number}@example.com")).collect();
                for email in &emails {
                    assert_eq!(fleet.create(&body(email, email)).await.status, 201);
                }
                for email in &emails {
                    own.push((own_time(&fleet.ended(email).await) - pace.provision_seconds) * 1000.0);
                }
            }
            let own = sorted(own);
            println!(
                "poll {poll_seconds:>4} s, {at_once} at once{:<29} ms: p50 {:>6.0}  p95 {:>6.0}  max {:>6.0}",
                "",
                at(&own, 0.50),
                at(&own, 0.95),
                at(&own, 1.0)
            );
        }
    }
}

/// The seconds from its acceptance to its account.
fn own_time(item: &Value) -> f64 {
    assert_eq!(item["Status"], "Provisioned", "{item}");
    let time =
        |name: &str| Timestamp::try_from(item[name].as_str().unwrap_or_default().to_owned()).expect("a time");
    time("LastUpdateDate").seconds_since(time("CreatedAt"))
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]
fn at(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}
