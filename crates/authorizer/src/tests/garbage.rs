//! Whatever is sent: no panic, and no way in.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::issuer::message;
use super::{CLIENT, NOW, POOL, Time, access, at, authorizer, ours};
use crate::event::Request;
use crate::keys::KeySet;
use crate::tests::key_server::KeyServer;
use crate::token::{Expectations, Token};

fn lets_in(token: &str) -> bool {
    let keys = KeySet::of(ours().jwks().as_bytes()).expect("our keys");
    let expectations = Expectations { issuer: POOL.to_owned(), clients: vec![CLIENT.to_owned()] };
    Token::parse(token).and_then(|token| token.check(&keys, at(NOW), &expectations)).is_ok()
}

fn good() -> &'static str {
    static TOKEN: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TOKEN.get_or_init(|| ours().token(&access(&["Administrators"])))
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(
                prop_oneof![
                    Just("version".to_owned()),
                    Just("routeKey".to_owned()),
                    Just("headers".to_owned()),
                    Just("authorization".to_owned()),
                    ".{0,8}"
                ],
                inner,
                0..5
            )
            .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_is_a_token(text in ".{0,200}") {
        prop_assert!(!lets_in(&text));
    }

    #[test]
    fn no_three_parts_are_a_token(parts in prop::array::uniform3("[A-Za-z0-9_-]{0,60}")) {
        prop_assert!(!lets_in(&parts.join(".")));
    }

    #[test]
    fn no_header_and_claims_of_ones_own_are_a_token(
        header in any_json(),
        claims in any_json(),
        alg in "RS256|ES256",
        kid in "rsa-1|ec-1",
        signature in "[A-Za-z0-9_-]{0,400}",
    ) {
        for header in [header, json!({"alg": alg, "kid": kid})] {
            for claims in [claims.clone(), access(&["Administrators"])] {
                let text = format!("{}.{signature}", message(&header, &claims));
                prop_assert!(!lets_in(&text));
            }
        }
    }

    #[test]
    fn a_good_token_with_any_one_character_changed_is_none(
        place in any::<prop::sample::Index>(),
        other in "[A-Za-z0-9_.=-]",
    ) {
        let place = place.index(good().len());
        let mut changed = good().to_owned();
        changed.replace_range(place..=place, &other);
        prop_assert_eq!(lets_in(&changed), changed == good());
    }

    #[test]
    fn a_good_token_cut_anywhere_is_none(place in any::<prop::sample::Index>()) {
        prop_assert!(!lets_in(&good()[..place.index(good().len())]));
    }

    #[test]
    fn any_event_is_understood_or_invalid(event in any_json()) {
        if let Ok(request) = Request::of(&event) {
            let _ = request.bearer_token();
        }
    }
}

#[tokio::test]
async fn no_event_is_let_in_by_its_shape() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    for authorization in
        ["Bearer ", "Bearer null", "Bearer true", "Bearer *", "null", "Bearer ..", "Bearer \u{0}"]
    {
        let event = json!({"version": "2.0", "routeKey": "GET /getAccount", "isAuthorized": true,
            "headers": {"authorization": authorization}});
        let answer = authorizer.handle(event).await.expect("a bad token is no error");
        assert_eq!(answer, json!({"isAuthorized": false}), "{authorization}");
    }
}
