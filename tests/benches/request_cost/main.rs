//! What one request uses of AWS, alone and while others wait: calls, DynamoDB's request units, transitions. Figures for
//! `docs/cost.md`, and the bound that they have to keep: `cargo bench -p accounts-tests --bench request_cost`.
//!
//! The real functions run, in the real state machine. DynamoDB's units are those that the embedded table (dynoxide)
//! answers when it is asked for `ReturnConsumedCapacity`, indexes and transactions included; what it does not answer
//! is what a cancelled transaction costs, which is counted here as AWS charges it: two units an item. Everything else
//! is counted at the wire; transitions are the states that the engine entered.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod meter;
mod world;

use meter::Used;
use world::World;

/// How many requests are followed from their post to their end. The first one meets functions that remember nothing;
/// each of the others has to use the same.
const FOLLOWED: usize = 4;

/// How many requests wait where many do.
const MANY: usize = 10_000;

/// How often a 25-minute operation is polled as it is deployed: after 300 seconds, and each 60 after that.
const DEPLOYED_POLLS: f64 = 21.0;

#[tokio::main]
async fn main() {
    // Plain http all the same; reqwest builds no client without a provider.
    rustls::crypto::ring::default_provider().install_default().expect("the only provider");
    let mut columns = Vec::new();
    let mut cold = Used::new();
    for waiting in [0, 100, MANY] {
        let (first, next) = one_request(waiting).await;
        if waiting == 0 {
            cold = first;
        }
        columns.push((format!("{waiting} waiting"), next));
    }
    let poll = one_more_poll().await;
    let deployed = added(&columns[0].1, &poll, DEPLOYED_POLLS - 1.0);
    println!(
        "\nOne request, from its post to its end, with one poll: after others; where no function remembers anything; \
         what a poll more uses; and the first column with {DEPLOYED_POLLS} polls:"
    );
    let mut all = columns.clone();
    all.push(("cold start".to_owned(), cold));
    all.push(("a poll more".to_owned(), poll));
    all.push(("25 minutes".to_owned(), deployed));
    print(&all);
    println!("\nCalls of the API, and runs of the reconciler:");
    print(&others().await);

    let [(_, alone), (_, some), (_, many)] = columns.as_slice() else { panic!("three columns") };
    assert_eq!(some, many, "a request costs the same, however many wait");
    for (used, count) in many {
        let (service, kind) = (used.0, used.1.as_str());
        let at_most = alone.get(used).copied().unwrap_or_default();
        // Where others wait, the record of a new request finds no free slot, and the index is not read for it.
        let may_be_less = service == "DynamoDB" && ["Query", "read units"].contains(&kind);
        assert!(
            if may_be_less { *count <= at_most } else { *count == at_most },
            "{service} {kind}: {count} where 10,000 wait, {at_most} alone"
        );
    }
}

/// What the first request uses, and what every later one does, while so many others wait.
async fn one_request(waiting: usize) -> (Used, Used) {
    let mut world = World::start().await;
    if waiting > 0 {
        world.fill(waiting).await;
        // Somebody has the slot.
        world.record("REMOVE", "SLOT#control-tower", "1").await;
        world.at_poll().await;
        world.meter.take();
    }
    let mut costs = Vec::new();
    for number in 0..FOLLOWED {
        let email = format!("user{number}@example.com");
        let (status, account) = world.post(&email, &format!("account {number}")).await;
        assert_eq!(status, 201, "{account}");
        world.meter.add("Lambda", "invocations", 1.0);
        let record = format!("REQUEST#{}", account["RequestID"].as_str().expect("an id"));
        world.record("INSERT", &email, &record).await;
        if waiting == 0 {
            world.at_poll().await;
        }
        // The one that has the slot ends, and the next one gets it: of each part of a request there is one.
        world.let_end().await;
        world.record("REMOVE", "SLOT#control-tower", "1").await;
        if waiting > 0 {
            world.at_poll().await;
        }
        costs.push(world.meter.take());
    }
    let first = costs.remove(0);
    for cost in &costs {
        assert_eq!(cost, &costs[0], "each request uses the same");
    }
    (first, costs.swap_remove(0))
}

/// What one more poll of an operation that runs uses.
async fn one_more_poll() -> Used {
    let world = World::start().await;
    let email = "user@example.com";
    let (_, account) = world.post(email, "sim-never").await;
    let record = format!("REQUEST#{}", account["RequestID"].as_str().expect("an id"));
    world.record("INSERT", email, &record).await;
    world.at_poll().await;
    world.meter.take();
    world.let_poll();
    world.at_poll().await;
    world.meter.take()
}

/// What reads, refusals and the reconciler use.
async fn others() -> Vec<(String, Used)> {
    let mut columns = Vec::new();
    for waiting in [0, MANY] {
        let world = World::start().await;
        let email = "user@example.com";
        world.fill(waiting).await;
        assert_eq!(world.post(email, "mine").await.0, 201);
        if waiting > 0 {
            world.record("REMOVE", "SLOT#control-tower", "1").await;
            world.at_poll().await;
        }
        let mut measured = |what: &str| columns.push((format!("{what}, {waiting}"), world.meter.take()));
        measured("");
        let (status, account) = world.get(email).await;
        assert_eq!((status, &account["Status"]), (200, &"Requested".into()), "{account}");
        assert!(account["QueuePosition"].is_string(), "{account}");
        measured("GET");
        assert_eq!(world.post(email, "other").await.0, 409);
        measured("POST 409");
        if waiting > 0 {
            // With a free slot it would dispatch.
            world.trigger.handle(&serde_json::json!({"reconcile": true})).await.expect("it reconciles");
            measured("reconcile");
        }
    }
    let idle = World::start().await;
    idle.trigger.handle(&serde_json::json!({"reconcile": true})).await.expect("it reconciles");
    columns.push(("reconcile, 0".to_owned(), idle.meter.take()));
    columns.retain(|(what, _)| !what.starts_with(','));
    columns
}

fn added(one: &Used, other: &Used, times: f64) -> Used {
    let mut sum = one.clone();
    for (used, count) in other {
        *sum.entry(used.clone()).or_default() += count * times;
    }
    sum
}

fn print(columns: &[(String, Used)]) {
    let mut kinds: Vec<_> = columns.iter().flat_map(|(_, used)| used.keys().cloned()).collect();
    kinds.sort();
    kinds.dedup();
    let titles: String = columns.iter().map(|(title, _)| format!(" {title:>16}")).collect();
    println!("{:<46}{titles}", "");
    for kind in kinds {
        let counts: String = columns
            .iter()
            .map(|(_, used)| match used.get(&kind) {
                Some(count) => format!(" {count:>16}"),
                None => format!(" {:>16}", "-"),
            })
            .collect();
        println!("{:<46}{counts}", format!("{} {}", kind.0, kind.1));
    }
}
