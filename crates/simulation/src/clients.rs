//! People who ask for accounts.

use std::sync::Arc;
use std::time::Duration;

use lambda_http::Response;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::clock::sleep_seconds;
use crate::lambda;
use crate::locks::lock;
use crate::services::embedded::plain;
use crate::world::World;

/// How often a client tries to get an answer; it waits longer each time, to half an hour.
const TRIES: u32 = 60;

/// How long the product remembers an `Idempotency-Key`, in seconds (README, "Idempotency-Key").
const KEY_KEPT_SECONDS: f64 = 24.0 * 3600.0;

/// What a client asks for.
#[derive(Clone, Debug)]
struct Wish {
    body: Value,
    key: Option<String>,
    twice_at_once: bool,
    key_again: Option<KeyAgain>,
}

/// What a client does with its key once it has an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyAgain {
    /// It asks for the same.
    SameBody,
    /// It asks for something else.
    OtherBody,
    /// It asks for the same after the key was forgotten.
    Forgotten,
}

impl Wish {
    /// The same e-mail again, with another name and another key.
    fn again(&self, suffix: &str) -> Self {
        let mut body = self.body.clone();
        body["AccountName"] = json!(format!("{}-{suffix}", body["AccountName"].as_str().unwrap_or_default()));
        let key = self.key.as_ref().map(|key| format!("{key}-{suffix}"));
        Self { body, key, twice_at_once: false, key_again: None }
    }
}

/// A client that comes at its time, and asks until it has an answer.
pub(crate) async fn client(world: Arc<World>, number: u32) {
    let (at, wish, again_after) = {
        let mut adversary = lock(&world.adversary);
        let draw = adversary.draw();
        let at = if draw.bool() { draw.f64() * 60.0 } else { draw.f64() * world.plan.faults_seconds * 0.8 };
        let again_after = (draw.f64() < 0.3).then(|| draw.f64() * 3.0 * 3600.0);
        (at, wish(draw, number), again_after)
    };
    sleep_seconds(at).await;
    if wish.twice_at_once {
        let (world, wish) = (Arc::clone(&world), wish.clone());
        tokio::spawn(async move { drop(ask(&world, number, &wish).await) });
    }
    if let Some(first) = ask(&world, number, &wish).await {
        use_key_again(&world, number, &wish, &first).await;
    }
    // Whoever failed may ask again; whoever has an account is told so.
    if let Some(seconds) = again_after {
        sleep_seconds(seconds).await;
        let again = wish.again("b");
        if wish.twice_at_once {
            let (world, other) = (Arc::clone(&world), wish.again("c"));
            tokio::spawn(async move { drop(ask(&world, number, &other).await) });
        }
        ask(&world, number, &again).await;
    }
}

fn wish(draw: &mut fastrand::Rng, number: u32) -> Wish {
    let words = accounts_landing_zone::words();
    let word = match draw.f64() < 0.4 {
        true => format!("-{}", words[draw.usize(..words.len())].word),
        false => String::new(),
    };
    // Some ask for the e-mail or the name of somebody else.
    let other = |draw: &mut fastrand::Rng| {
        if draw.f64() < 0.2 { draw.u32(number.saturating_sub(3)..=number) } else { number }
    };
    let units = ["Sandbox", "Security", "Engineering/Platform/Dev"];
    let unit = if draw.f64() < 0.1 { "Nowhere" } else { units[draw.usize(..units.len())] };
    let mut body = json!({
        "AccountEmail": format!("u{}@example.com", other(draw)),
        "AccountName": format!("a{}{word}", other(draw)),
        "OrgUnit": unit,
        "SSOUserEmail": "owner@example.com", "SSOUserFirstName": "Jean", "SSOUserLastName": "Dupont",
    });
    if draw.bool() {
        body["Tags"] = json!([{"Key": "team", "Value": "a"}]);
    }
    let key = (draw.f64() < 0.7).then(|| format!("key-{number}"));
    let key_again = match draw.f64() {
        chance if chance < 0.1 => Some(KeyAgain::SameBody),
        chance if chance < 0.2 => Some(KeyAgain::OtherBody),
        // A day is a long run.
        chance if chance < 0.202 => Some(KeyAgain::Forgotten),
        _ => None,
    };
    Wish { body, key, twice_at_once: draw.f64() < 0.2, key_again }
}

/// A key brings back its answer, or refuses another body, for a day; after that it is as good as new.
async fn use_key_again(world: &Arc<World>, number: u32, wish: &Wish, first: &str) {
    let (Some(key), Some(again)) = (&wish.key, wish.key_again) else {
        return;
    };
    let pause = match again {
        KeyAgain::Forgotten => KEY_KEPT_SECONDS + 60.0,
        _ => lock(&world.adversary).up_to(2.0 * 3600.0),
    };
    sleep_seconds(pause).await;
    let mut wish = wish.clone();
    if again == KeyAgain::OtherBody {
        wish.body["OrgUnit"] = json!("Security/Audit");
    }
    let answered = ask(world, number, &wish).await;
    let kept = remembers(world, first);
    let wrong = match again {
        KeyAgain::SameBody => kept && answered.as_deref() != Some(first),
        KeyAgain::OtherBody => kept && answered.is_some(),
        KeyAgain::Forgotten => answered.as_deref() == Some(first),
    };
    if wrong {
        world.violated(format!("key {key}, {again:?}: request {first}, and then {answered:?}"));
    }
}

/// Whether the answer with this request is remembered.
fn remembers(world: &World, request_id: &str) -> bool {
    let now = world.clock.now().as_ms() / 1000;
    let first = ("IDEMPOTENCY#".to_owned(), String::new());
    let table = lock(&world.table);
    let answers = table.items().range(first..).take_while(|(key, _)| key.0.starts_with("IDEMPOTENCY#"));
    answers.map(|(_, item)| plain(item)).any(|item| {
        item["ExpiresAt"].as_i64().is_some_and(|until| until > now)
            && item["Answer"].as_str().is_some_and(|answer| answer.contains(request_id))
    })
}

/// The request that was accepted, if one was.
async fn ask(world: &Arc<World>, number: u32, wish: &Wish) -> Option<String> {
    let mut event = event("POST /createAccount", "POST", "/createAccount");
    event["body"] = Value::String(wish.body.to_string());
    if let Some(key) = &wish.key {
        event["headers"]["idempotency-key"] = Value::String(key.clone());
    }
    let answer = answered(world, &format!("client {number}"), &event).await?;
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    match answer.status().as_u16() {
        201 => {
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let id = text("RequestID");
            world.say(&format!("client {number}"), &format!("has request {id}"));
            lock(&world.known).accepted.insert(id.clone(), text("AccountEmail"));
            look(world, number, &id).await;
            return Some(id);
        }
        409 | 422 => {}
        other => world.violated(format!("a good request was answered with {other}: {body}")),
    }
    None
}

/// A request that was answered with 201 is found.
async fn look(world: &Arc<World>, number: u32, id: &str) {
    let path = format!("/requests/{id}");
    let mut event = event("GET /requests/{requestId}", "GET", &path);
    event["pathParameters"] = json!({"requestId": id});
    let answer = answered(world, &format!("client {number}"), &event).await;
    match answer.map(|answer| answer.status().as_u16()) {
        None | Some(200) => {}
        Some(other) => world.violated(format!("request {id} was accepted, and its GET answered {other}")),
    }
}

/// The first answer that is none of a fault; none if there never was one.
pub(crate) async fn answered(
    world: &Arc<World>,
    who: &str,
    event: &Value,
) -> Option<Response<lambda_http::Body>> {
    for attempt in 0..TRIES {
        let calm = world.is_calm();
        match lambda::request(world, event).await {
            Ok(answer) if answer.status() != 429 && answer.status().as_u16() < 500 => {
                world.say(who, &format!("is answered {}", answer.status()));
                return Some(answer);
            }
            Ok(answer) if calm => {
                let body = String::from_utf8_lossy(answer.body()).into_owned();
                world.violated(format!(
                    "{who} was answered {} although nothing fails: {body}",
                    answer.status()
                ));
                return None;
            }
            Ok(answer) => world.say(who, &format!("is answered {}", answer.status())),
            Err(failed) => world.say(who, &format!("is not answered: {}", failed.error)),
        }
        sleep(Duration::from_secs((1 << attempt.min(11)).min(1800))).await;
    }
    None
}

/// An event of the gateway.
pub(crate) fn event(route: &str, method: &str, path: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "localhost"},
        "requestContext": {
            "accountId": "000000000000", "apiId": "simulated", "domainName": "localhost", "requestId": "simulated",
            "routeKey": route, "stage": "$default", "time": "", "timeEpoch": 0,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
            "authorizer": {"lambda": {"subject": "someone", "clientId": "simulated"}},
        },
        "isBase64Encoded": false,
    })
}
