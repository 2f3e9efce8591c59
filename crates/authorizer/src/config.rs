//! The settings of this function.

use std::path::PathBuf;
use std::time::Duration;

use accounts_lambda::{SettingError, Settings};
use reqwest::Url;

use crate::token::Expectations;

/// Where Amazon Linux (`provided.al2023`) keeps its roots in one file. The folder beside it costs 900 system
/// calls at the cold start.
const AMAZON_LINUX_BUNDLE: &str = "/etc/pki/tls/certs/ca-bundle.crt";

#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) expectations: Expectations,
    pub(crate) jwks_url: Url,
    pub(crate) refresh: Duration,
    pub(crate) roots: PathBuf,
}

impl Config {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingError> {
        let issuer = settings.required("ISSUER")?;
        let clients = clients(&settings.required("AUDIENCE")?)?;
        let jwks_url = jwks_url(&settings.or("JWKS_URL", ""), &issuer)?;
        let refresh = refresh(settings.number("JWKS_REFRESH_SECONDS", 60)?)?;
        let roots = settings.or("SSL_CERT_FILE", AMAZON_LINUX_BUNDLE).into();
        Ok(Self { expectations: Expectations { issuer, clients }, jwks_url, refresh, roots })
    }
}

fn clients(audience: &str) -> Result<Vec<String>, SettingError> {
    let clients: Vec<_> =
        audience.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if clients.is_empty() {
        return Err(unusable("AUDIENCE", audience, "it names no client"));
    }
    Ok(clients)
}

fn jwks_url(given: &str, issuer: &str) -> Result<Url, SettingError> {
    let parse = |name, text: &str| {
        let url = Url::parse(text).map_err(|error| unusable(name, text, &error.to_string()))?;
        match url.scheme() {
            "http" | "https" if url.has_host() => Ok(url),
            _ => Err(unusable(name, text, "it is no http or https address")),
        }
    };
    if !given.is_empty() {
        return parse("JWKS_URL", given);
    }
    let url = parse("ISSUER", &format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/')))?;
    if url.scheme() != "https" {
        // Keys that anybody on the way can exchange have to be asked for by name.
        return Err(unusable("ISSUER", issuer, "it is not https, so JWKS_URL has to say where its keys are"));
    }
    Ok(url)
}

fn refresh(seconds: u64) -> Result<Duration, SettingError> {
    if seconds == 0 {
        return Err(unusable("JWKS_REFRESH_SECONDS", "0", "any token could then cause a fetch of keys"));
    }
    Ok(Duration::from_secs(seconds))
}

fn unusable(name: &str, value: &str, reason: &str) -> SettingError {
    SettingError::Unusable { name: name.to_owned(), value: value.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, String> {
        Config::read(&Settings::from_pairs(pairs.iter().copied())).map_err(|error| error.to_string())
    }

    #[test]
    fn the_keys_of_an_issuer_are_where_openid_says() {
        for issuer in ["https://issuer.example.com/pool", "https://issuer.example.com/pool/"] {
            let config = read(&[("ISSUER", issuer), ("AUDIENCE", " one, two ,,")]).expect("good settings");
            assert_eq!(config.jwks_url.as_str(), "https://issuer.example.com/pool/.well-known/jwks.json");
            assert_eq!(config.expectations.clients, ["one", "two"]);
            assert_eq!(config.refresh, Duration::from_secs(60));
        }
    }

    #[test]
    fn what_is_missing_or_unusable_stops_the_start_with_its_name() {
        let issuer = ("ISSUER", "https://issuer.example.com");
        let audience = ("AUDIENCE", "one");
        for (name, pairs) in [
            ("ISSUER", vec![audience]),
            ("AUDIENCE", vec![issuer]),
            ("AUDIENCE", vec![issuer, ("AUDIENCE", ", ,")]),
            ("ISSUER", vec![("ISSUER", "pool"), audience]),
            ("JWKS_URL", vec![issuer, audience, ("JWKS_URL", "keys.json")]),
            ("JWKS_URL", vec![issuer, audience, ("JWKS_URL", "file:///keys.json")]),
            ("JWKS_REFRESH_SECONDS", vec![issuer, audience, ("JWKS_REFRESH_SECONDS", "0")]),
            ("JWKS_REFRESH_SECONDS", vec![issuer, audience, ("JWKS_REFRESH_SECONDS", "often")]),
        ] {
            let error = read(&pairs).expect_err("the settings are bad");
            assert!(error.starts_with(&format!("the environment variable {name} is")), "{error}");
        }
    }

    #[test]
    fn keys_come_over_plain_http_only_where_the_settings_say_so() {
        let local = [("ISSUER", "http://127.0.0.1:3000/pool"), ("AUDIENCE", "one")];
        let error = read(&local).expect_err("http was not asked for");
        assert!(error.contains("JWKS_URL"), "{error}");
        let named = [local[0], local[1], ("JWKS_URL", "http://127.0.0.1:3000/jwks")];
        assert_eq!(read(&named).map(|config| config.jwks_url.to_string()), Ok(named[2].1.to_owned()));
    }
}
