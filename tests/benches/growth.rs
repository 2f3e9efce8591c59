//! Whether the local fleet stays as fast as its table and its queue grow: accepted requests per second, the own time of a
//! request, and operations per second. Figures, as ratios to the smallest size: `cargo bench -p accounts-tests --bench
//! growth`.
#![allow(clippy::cast_precision_loss, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::time::{Duration, Instant};

use accounts_core::Timestamp;
use accounts_tests::{LocalFleet, Pace, Table, body};
use serde_json::Value;
use tokio::task::JoinSet;

/// How many requests of the table have ended.
const ENDED: [usize; 3] = [1_000, 10_000, 100_000];

/// How many requests wait.
const WAITING: [usize; 4] = [10, 100, 1_000, 10_000];

/// How many posts are timed.
const POSTS: usize = 400;

/// How many requests are followed one after the other.
const FOLLOWED: usize = 20;

const CLIENTS: usize = 32;

/// How long operations are counted.
const COUNTED: Duration = Duration::from_secs(6);

/// Slots that are never idle have as many operations as they are, each this time.
const PACE: Pace = Pace { provision_seconds: 0.2, poll_seconds: 0.02 };

#[tokio::main]
async fn main() {
    table_grows().await;
    queue_grows().await;
}

async fn table_grows() {
    println!("requests in the table | accepted per second | own time of one, ms | both to the first");
    let fleet = LocalFleet::start(PACE).await;
    let table = fleet.table();
    let template = template(&fleet).await;
    let (mut there, mut first) = (0, None);
    for size in ENDED {
        fill(&table, &template, there..size).await;
        there = size;
        let rate = accepted_per_second(&fleet, &format!("t{size}")).await;
        for number in 0..POSTS {
            fleet.ended(&email(&format!("t{size}"), number)).await;
        }
        let own_ms = own_time_ms(&fleet, size).await;
        let (first_rate, first_ms) = *first.get_or_insert((rate, own_ms));
        println!(
            "{size:>21} | {rate:>19.0} | {own_ms:>19.0} | {:.2}, {:.2}",
            rate / first_rate,
            own_ms / first_ms
        );
    }
}

async fn queue_grows() {
    println!("\nrequests that wait | accepted per second | operations per second | both to the first");
    let fleet = LocalFleet::start(PACE).await;
    let mut first = None;
    for waiting in WAITING {
        let name = format!("w{waiting}");
        // What ends while it is measured is posted besides.
        post(&fleet, &format!("{name}-before"), waiting).await;
        let rate = accepted_per_second(&fleet, &name).await;
        let before = operations(&fleet).await;
        let begun = Instant::now();
        tokio::time::sleep(COUNTED).await;
        let done = (operations(&fleet).await - before) / begun.elapsed().as_secs_f64();
        let (first_rate, first_done) = *first.get_or_insert((rate, done));
        println!(
            "{waiting:>18} | {rate:>19.0} | {done:>21.1} | {:.2}, {:.2}",
            rate / first_rate,
            done / first_done
        );
    }
}

/// The items of a request that has ended with an account.
async fn template(fleet: &LocalFleet) -> Vec<String> {
    let (address, name) = (email("template", 0), "template 0");
    assert_eq!(fleet.create(&body(&address, name)).await.status, 201);
    let account = fleet.ended(&address).await;
    let (request, id) = (account["RequestID"].clone(), account["AccountId"].clone());
    let (request, id) = (request.as_str().expect("an id"), id.as_str().expect("an id"));
    let table = fleet.table();
    let mut items = table.records(&address, "").await;
    items.push(table.item(&format!("REQUESTID#{request}"), "KEY").await);
    items.push(table.item(&format!("NAME#{name}"), "CLAIM").await);
    items.push(table.item(&format!("ID#{id}"), "CLAIM").await);
    assert!(items.len() >= 6 && items.iter().all(Value::is_object), "{items:?}");
    let general = |item: &Value| {
        item.to_string()
            .replace(&address, "@EMAIL")
            .replace(name, "@NAME")
            .replace(request, "@REQUEST")
            .replace(id, "@ID")
    };
    items.iter().map(general).collect()
}

/// Fills the table with copies.
async fn fill(table: &Table, template: &[String], numbers: std::ops::Range<usize>) {
    let mut writers = JoinSet::new();
    for writer in 0..CLIENTS {
        let (table, template) = (table.clone(), template.to_vec());
        let own: Vec<_> = numbers.clone().skip(writer).step_by(CLIENTS).collect();
        writers.spawn(async move {
            for few in own.chunks(4) {
                let items = few.iter().flat_map(|number| copies(&template, *number));
                table.put_all(&items.collect::<Vec<_>>()).await;
            }
        });
    }
    writers.join_all().await;
}

fn copies(template: &[String], number: usize) -> Vec<Value> {
    let copy = |item: &String| {
        let item = item
            .replace("@EMAIL", &email("filler", number))
            .replace("@NAME", &format!("filler {number}"))
            .replace("@REQUEST", &format!("01900000-0000-7000-8000-{number:012}"))
            .replace("@ID", &format!("9{number:011}"));
        serde_json::from_str(&item).expect("JSON")
    };
    template.iter().map(copy).collect()
}

/// How fast some requests are accepted.
async fn accepted_per_second(fleet: &LocalFleet, name: &str) -> f64 {
    let begun = Instant::now();
    post(fleet, name, POSTS).await;
    POSTS as f64 / begun.elapsed().as_secs_f64()
}

async fn post(fleet: &LocalFleet, name: &str, count: usize) {
    let mut posts = JoinSet::new();
    for client in 0..CLIENTS {
        let (fleet, name) = ((**fleet).clone(), name.to_owned());
        posts.spawn(async move {
            for number in (client..count).step_by(CLIENTS) {
                let answer = fleet.create(&body(&email(&name, number), &format!("{name} {number}"))).await;
                assert_eq!(answer.status, 201, "{}", answer.body);
            }
        });
    }
    posts.join_all().await;
}

/// The median of what requests take beyond their accounts, one after the other.
async fn own_time_ms(fleet: &LocalFleet, size: usize) -> f64 {
    let mut own = Vec::new();
    for number in 0..FOLLOWED {
        let address = email(&format!("own{size}"), number);
        assert_eq!(fleet.create(&body(&address, &address)).await.status, 201);
        let account = fleet.ended(&address).await;
        let time = |name: &str| {
            Timestamp::try_from(account[name].as_str().unwrap_or_default().to_owned()).expect("a time")
        };
        let seconds = time("LastUpdateDate").seconds_since(time("CreatedAt")) - PACE.provision_seconds;
        own.push(seconds * 1000.0);
    }
    own.sort_by(f64::total_cmp);
    own[own.len() / 2]
}

/// How many operations the landing zone accepted so far.
async fn operations(fleet: &LocalFleet) -> f64 {
    fleet.landing_zone().await["operations"].as_f64().expect("a count")
}

fn email(name: &str, number: usize) -> String {
    format!("{name}.{number}@example.com")
}
