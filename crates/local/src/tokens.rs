//! The token issuer: claims shaped like Cognito's, signed by a key of this installation.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rsa::RsaPrivateKey;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _};
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::error::{LocalError, OrLocal};

const FILE: &str = "signing-key.der";
const BITS: usize = 2048;

/// The one client that tokens are made for.
pub(crate) const CLIENT: &str = "accounts-local";

/// How long a token is good, in seconds: a working day.
const GOOD_FOR_SECONDS: u64 = 12 * 3600;

/// A group of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// They may do everything.
    Administrators,
    /// They may only read.
    Readers,
}

impl Group {
    /// The group's name in a token.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrators => "Administrators",
            Self::Readers => "Readers",
        }
    }

    /// What a member of the group is called in a token.
    const fn member(self) -> &'static str {
        match self {
            Self::Administrators => "Local Administrator",
            Self::Readers => "Local Reader",
        }
    }

    /// The group of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Administrators, Self::Readers].into_iter().find(|group| group.name() == name)
    }
}

/// Makes tokens, and serves the key to check them.
pub(crate) struct Issuer {
    key: EncodingKey,
    kid: String,
    issuer: String,
    modulus: String,
    exponent: String,
}

impl Issuer {
    /// The issuer of this folder; its key is made once, so tokens outlive a restart.
    pub(crate) fn open(folder: &Path) -> Result<Self, LocalError> {
        let file = folder.join(FILE);
        if !file.exists() {
            make_key(folder, &file)?;
        }
        let der = std::fs::read(&file).or_local("the signing key cannot be read")?;
        let private = RsaPrivateKey::from_pkcs1_der(&der).or_local(format!(
            "the signing key {} is unusable; remove it to have a new one made",
            file.display()
        ))?;
        let modulus = URL_SAFE_NO_PAD.encode(private.n().to_bytes_be());
        let exponent = URL_SAFE_NO_PAD.encode(private.e().to_bytes_be());
        let kid = URL_SAFE_NO_PAD.encode(&Sha256::digest(modulus.as_bytes())[..12]);
        let issuer = format!("https://accounts-local.invalid/{kid}");
        Ok(Self { key: EncodingKey::from_rsa_der(&der), kid, issuer, modulus, exponent })
    }

    /// Who issues, as the tokens and the authorizer's settings name it.
    pub(crate) fn name(&self) -> &str {
        &self.issuer
    }

    /// The public key, as a set (RFC 7517).
    pub(crate) fn jwks(&self) -> Value {
        json!({"keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256",
            "kid": self.kid, "n": self.modulus, "e": self.exponent,
        }]})
    }

    /// An access token of somebody in this group.
    pub(crate) fn token(&self, group: Group) -> Result<String, LocalError> {
        let now =
            SystemTime::now().duration_since(UNIX_EPOCH).or_local("the clock is before 1970")?.as_secs();
        let claims = json!({
            "sub": format!("local-{}", group.name().to_lowercase()),
            "username": group.name().to_lowercase(),
            "name": group.member(),
            "cognito:groups": [group.name()],
            "iss": self.issuer,
            "client_id": CLIENT,
            "token_use": "access",
            "auth_time": now,
            "iat": now,
            "exp": now + GOOD_FOR_SECONDS,
            "version": 2,
        });
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, &claims, &self.key).or_local("a token cannot be signed")
    }
}

/// Writes the key beside its place and renames it, so that a kill leaves a whole key or none.
fn make_key(folder: &Path, file: &Path) -> Result<(), LocalError> {
    let private =
        RsaPrivateKey::new(&mut rsa::rand_core::OsRng, BITS).or_local("a signing key cannot be made")?;
    let der = private.to_pkcs1_der().or_local("the signing key cannot be written")?;
    let draft = folder.join(format!("{FILE}.draft"));
    let written = || -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        std::io::Write::write_all(&mut options.open(&draft)?, der.as_bytes())?;
        std::fs::rename(&draft, file)
    };
    written().or_local("the signing key cannot be written")
}
