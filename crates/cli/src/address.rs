//! Where the API is.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

/// The address of the API: scheme, host, and perhaps a path under which all its routes are.
#[derive(Clone, Debug)]
pub struct Address(Url);

impl Address {
    /// The address of one route, each segment of its path and each query parameter percent-encoded.
    pub(crate) fn route(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        let mut path = url.path().trim_end_matches('/').to_owned();
        for segment in segments {
            path.push('/');
            path.extend(segment.bytes().map(percent_encoded));
        }
        url.set_path(&path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Whether the address is one of TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether requests leave this machine unencrypted.
    pub(crate) fn is_unencrypted_remote(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let loopback = host == "localhost"
            || host.ends_with(".localhost")
            || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        !self.is_https() && !loopback
    }
}

/// One byte of a path segment: whatever is not unreserved (RFC 3986) is encoded, so that no server or proxy
/// reads a `+` as a space or an `@` as anything of its own.
fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("it does not begin with http:// or https:// and a host".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("it ends in a query or a fragment".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it names a user; the API knows callers by their token".to_owned());
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().expect("a good address")
    }

    #[test]
    fn routes_lie_under_the_path_of_the_address() {
        for (base, expected) in [
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/getAccount?accountId=1"),
            ("https://api.example.com/prod/", "https://api.example.com/prod/getAccount?accountId=1"),
            ("https://api.example.com/prod", "https://api.example.com/prod/getAccount?accountId=1"),
        ] {
            assert_eq!(address(base).route(&["getAccount"], &[("accountId", "1")]).as_str(), expected);
        }
    }

    #[test]
    fn a_plus_in_an_email_arrives_as_a_plus() {
        let url = address("http://localhost").route(&["getAccount"], &[("accountEmail", "a+b@example.com")]);
        assert_eq!(url.query(), Some("accountEmail=a%2Bb%40example.com"));
    }

    #[test]
    fn a_segment_of_a_path_stays_one_segment_whatever_it_holds() {
        let path =
            |segment| address("http://h/prod/").route(&["accounts", segment, "requests"], &[]).to_string();
        assert_eq!(path("a+b/c@example.com"), "http://h/prod/accounts/a%2Bb%2Fc%40example.com/requests");
        assert_eq!(path("50%?#é@x"), "http://h/prod/accounts/50%25%3F%23%C3%A9%40x/requests");
    }

    #[test]
    fn what_is_no_address_of_an_api_is_refused() {
        for text in [
            "",
            "127.0.0.1:3000",
            "ftp://host",
            "http://",
            "http://me:pw@host",
            "http://host/?a=1",
            "http://host/#x",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_plain_http_to_another_host_is_unencrypted() {
        for safe in
            ["http://127.0.0.1:3000", "http://localhost", "http://[::1]:80", "https://api.example.com"]
        {
            assert!(!address(safe).is_unencrypted_remote(), "{safe}");
        }
        assert!(address("http://api.example.com").is_unencrypted_remote());
        assert!(address("http://10.0.0.1").is_unencrypted_remote());
    }
}
