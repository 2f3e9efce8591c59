//! The token as a text: its parts, their order and their encoding.

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE};
use jsonwebtoken::Algorithm::RS256;

use super::Change::{Message, Signature, Token};
use super::Verdict::Denied;
use super::*;

/// The three parts of a token.
fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().expect("three parts")
}

fn signature_bytes(message: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(ours().signature(message, RS256)).expect("base64")
}

/// The signature of these bytes, in place of the message's.
fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn tables() -> Vec<Table> {
    let cases = [of_parts(), of_signatures(), of_encodings()].into_iter().flatten().collect();
    vec![Table { good: Good::administrator(), cases }]
}

fn of_parts() -> Vec<Case> {
    let (signature, malformed) = (Denied(Denial::Signature), Denied(Denial::Malformed));
    vec![
        ("the header alone", Token(|t| parts(t)[0].to_owned()), malformed),
        ("no signature and no dot before it", Token(|t| parts(t)[..2].join(".")), malformed),
        ("no header", Token(|t| parts(t)[1..].join(".")), malformed),
        ("an empty header", Token(|t| format!(".{}", parts(t)[1..].join("."))), malformed),
        ("no claims between the dots", Token(|t| format!("{}..{}", parts(t)[0], parts(t)[2])), signature),
        (
            "claims in the place of the header",
            Token(|t| {
                let [h, c, s] = parts(t);
                format!("{c}.{h}.{s}")
            }),
            malformed,
        ),
        (
            "the parts in reverse order",
            Token(|t| {
                let [h, c, s] = parts(t);
                format!("{s}.{c}.{h}")
            }),
            malformed,
        ),
        ("a fourth part", Token(|t| format!("{t}.x")), signature),
        ("a fourth part that is empty", Token(|t| format!("{t}.")), signature),
        ("five parts, as an encrypted token has", Token(|t| format!("{t}.x.x")), signature),
        (
            "the claims twice",
            Token(|t| {
                let [h, c, s] = parts(t);
                format!("{h}.{c}.{c}.{s}")
            }),
            signature,
        ),
        ("a dot in front", Token(|t| format!(".{t}")), malformed),
        ("a token in a token", Token(|t| format!("{}.{t}.{}", parts(t)[0], parts(t)[2])), signature),
        (
            "the JSON form of a signed token",
            Token(|t| {
                let [h, c, s] = parts(t);
                json!({"protected": h, "payload": c, "signature": s}).to_string()
            }),
            malformed,
        ),
    ]
}

fn of_signatures() -> Vec<Case> {
    let signature = Denied(Denial::Signature);
    vec![
        (
            "the signature of another message",
            Signature(|_| ours().signature("another message", RS256)),
            signature,
        ),
        (
            "the signature of the claims alone",
            Signature(|m| ours().signature(m.split_once('.').expect("two parts").1, RS256)),
            signature,
        ),
        (
            "the signature of the header alone",
            Signature(|m| ours().signature(m.split_once('.').expect("two parts").0, RS256)),
            signature,
        ),
        (
            "the signature of the message and a dot",
            Signature(|m| ours().signature(&format!("{m}."), RS256)),
            signature,
        ),
        (
            "the signature of the message in lower case",
            Signature(|m| ours().signature(&m.to_lowercase(), RS256)),
            signature,
        ),
        ("a signature of zeros", Signature(|_| encoded([0; 256])), signature),
        (
            "a signature that is the number one",
            Signature(|_| encoded([[0; 255].as_slice(), &[1]].concat())),
            signature,
        ),
        ("a signature as large as can be", Signature(|_| encoded([0xff; 256])), signature),
        ("a signature without its last byte", Signature(|m| encoded(&signature_bytes(m)[..255])), signature),
        ("a signature without its first byte", Signature(|m| encoded(&signature_bytes(m)[1..])), signature),
        (
            "a signature with a zero byte in front",
            Signature(|m| encoded([&[0], signature_bytes(m).as_slice()].concat())),
            signature,
        ),
        (
            "a signature with a zero byte behind",
            Signature(|m| encoded([signature_bytes(m).as_slice(), &[0]].concat())),
            signature,
        ),
        ("a signature twice", Signature(|m| ours().signature(m, RS256).repeat(2)), signature),
        (
            "a signature from its end to its start",
            Signature(|m| encoded(signature_bytes(m).into_iter().rev().collect::<Vec<_>>())),
            signature,
        ),
        ("the message in place of the signature", Signature(|m| encoded(m)), signature),
    ]
}

fn of_encodings() -> Vec<Case> {
    let (signature, malformed) = (Denied(Denial::Signature), Denied(Denial::Malformed));
    let claims = Denied(Denial::Claims);
    vec![
        ("a signature with padding", Signature(|m| URL_SAFE.encode(signature_bytes(m))), signature),
        (
            "a signature in hexadecimal",
            Signature(|m| signature_bytes(m).iter().map(|byte| format!("{byte:02x}")).collect()),
            signature,
        ),
        (
            "a signature with a space behind a dot",
            Signature(|m| format!(" {}", ours().signature(m, RS256))),
            signature,
        ),
        (
            "a signature with a line break inside",
            Signature(|m| {
                let mut text = ours().signature(m, RS256);
                text.insert(64, '\n');
                text
            }),
            signature,
        ),
        (
            "a signature with its last bits set",
            Signature(|m| with_last_bits(&ours().signature(m, RS256))),
            signature,
        ),
        ("claims with padding, signed so", Message(|m| format!("{m}==")), claims),
        ("claims with a line break behind, signed so", Message(|m| format!("{m}\n")), claims),
        ("claims with a space in front, signed so", Message(|m| m.replace('.', ". ")), claims),
        ("claims with a dot behind, signed so", Message(|m| format!("{m}.")), claims),
        (
            "claims that are not encoded, signed so",
            Message(|m| {
                format!("{}.{}", m.split('.').next().unwrap_or_default(), access(&["Administrators"]))
            }),
            claims,
        ),
        (
            "claims that are encoded twice, signed so",
            Message(|m| {
                let (h, c) = m.split_once('.').expect("two parts");
                format!("{h}.{}", encoded(c))
            }),
            claims,
        ),
        (
            "claims of the alphabet that is not for addresses, signed so",
            Message(in_the_other_alphabet),
            claims,
        ),
        ("claims with their last bits set, signed so", Message(with_last_bits_of_the_claims), claims),
        (
            "a header with its last bits set, signed so",
            Message(|m| {
                let (h, c) = m.split_once('.').expect("two parts");
                assert_ne!(h.len() % 4, 0, "it has bits that stand for nothing");
                format!("{}.{c}", with_last_bits(h))
            }),
            malformed,
        ),
        ("a header with padding, signed so", Message(|m| m.replace('.', "=.")), malformed),
        ("a header with a space behind, signed so", Message(|m| m.replace('.', " .")), malformed),
        (
            "a header with a character of no alphabet, signed so",
            Message(|m| m.replacen(|_| true, "{", 1)),
            malformed,
        ),
        ("the token is encoded once more", Token(|t| encoded(t)), malformed),
        ("the dots are percent-encoded", Token(|t| t.replace('.', "%2E")), malformed),
        ("the dots are full-width", Token(|t| t.replace('.', "\u{ff0e}")), malformed),
        ("the dots are commas", Token(|t| t.replace('.', ",")), malformed),
        ("the token in upper case", Token(str::to_uppercase), malformed),
        ("the token in quotes", Token(|t| format!("\"{t}\"")), malformed),
        ("the token with a byte order mark in front", Token(|t| format!("\u{feff}{t}")), malformed),
        ("the token with a character of no width in front", Token(|t| format!("\u{200b}{t}")), malformed),
        ("the token with a zero byte in front", Token(|t| format!("\0{t}")), malformed),
        ("the token with a zero byte behind", Token(|t| format!("{t}\0")), signature),
        ("the token with a comment behind", Token(|t| format!("{t}#")), signature),
    ]
}

/// The same bytes in base64, but with ones in the bits that stand for nothing.
fn with_last_bits(text: &str) -> String {
    let last = text.chars().last().and_then(|last| char::from_u32(u32::from(last) + 1)).expect("a character");
    format!("{}{last}", &text[..text.len() - 1])
}

/// The good claims, and as many spaces that their last character has bits that stand for nothing.
fn with_last_bits_of_the_claims(message: &str) -> String {
    let (header, claims) = message.split_once('.').expect("two parts");
    let mut claims = URL_SAFE_NO_PAD.decode(claims).expect("base64");
    while claims.len().is_multiple_of(3) {
        claims.push(b' ');
    }
    format!("{header}.{}", with_last_bits(&encoded(claims)))
}

/// The good claims, and a text that has other characters in the alphabet that is not for addresses.
fn in_the_other_alphabet(message: &str) -> String {
    let (header, claims) = message.split_once('.').expect("two parts");
    let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    let claims = with(claims, &json!({"pad": "~~~~???????>>>>>>"})).to_string();
    let encoded = STANDARD_NO_PAD.encode(claims);
    assert!(encoded.contains(['+', '/']), "{encoded}");
    format!("{header}.{encoded}")
}

#[tokio::test]
async fn a_token_is_three_parts_each_written_in_the_one_way_that_there_is() {
    judge(tables()).await;
}
