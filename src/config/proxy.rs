//! The HTTP proxy through which an upstream is reached, with its user and password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use hyper::header::HeaderValue;
use secrecy::ExposeSecret as _;

use crate::config::secret::{Environment, SecretSource};

/// An HTTP proxy that opens tunnels by CONNECT (RFC 9110, section 9.3.6).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    /// `http://host:port`.
    pub uri: Uri,
    /// The user of the URL, if the proxy needs one.
    pub user: Option<String>,
    /// Where the user's password is; without one it is empty, as in curl.
    pub password: Option<SecretSource>,
}

const FORM: &str = "give scheme, host and port, as in http://proxy.internal:3128";

impl Proxy {
    /// Reads `http://proxy.internal:3128` or `http://user@proxy.internal:3128`, the user percent-encoded.
    ///
    /// # Errors
    /// A sentence that says what would be right; it holds nothing of the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (user, address) = match text.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')) {
            None => (None, text.to_owned()),
            Some((user, host)) => (Some(self::user(user)?), format!("http://{host}")),
        };
        let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
        if ["https", "socks4", "socks4a", "socks5", "socks5h"].contains(&scheme) {
            return Err(format!("is a proxy of {scheme}, and those of http alone are served: {FORM}"));
        }
        let sound = |uri: &Uri| {
            uri.scheme_str() == Some("http")
                && uri.port_u16().is_some_and(|port| port > 0)
                && matches!(uri.path(), "" | "/")
                && uri.query().is_none()
        };
        match address.parse::<Uri>() {
            Ok(uri) if sound(&uri) => Ok(Self { uri, user, password: None }),
            _ => Err(format!("is no proxy: {FORM}")),
        }
    }

    /// The `Proxy-Authorization` value (RFC 7617), if the URL has a user. It must never be shown.
    ///
    /// # Errors
    /// A sentence that names the setting, if the password cannot be read.
    pub fn login(&self, environment: &Environment) -> Result<Option<HeaderValue>, String> {
        let Some(user) = &self.user else {
            return Ok(None);
        };
        let password = self.password.as_ref().map(|source| source.read(environment)).transpose();
        let password = password.map_err(|what| format!("upstream.proxy_password: {what}"))?;
        let password = password.as_ref().map_or("", |password| password.expose_secret());
        let value = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        let mut value = HeaderValue::try_from(value).map_err(|error| format!("upstream.proxy: {error}"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

fn user(text: &str) -> Result<String, String> {
    let user = match text.split_once(':') {
        Some((_, password)) if !password.is_empty() => {
            return Err("has a password in it, which no settings file is to hold: write the user alone, as in \
                        http://user@proxy.internal:3128, and where the password is as proxy_password = { file = \"…\" } \
                        or { env = \"…\" }"
                .to_owned());
        }
        Some((user, _)) => user,
        None => text,
    };
    // A colon would end the user (RFC 7617, section 2).
    let is_user = |user: &String| !user.is_empty() && !user.contains(|c: char| c == ':' || c.is_control());
    decoded(user).filter(is_user).ok_or_else(|| {
        "has a user that no proxy could be told: give it percent-encoded, without colons, as in http://user%40example.com@proxy.internal:3128"
            .to_owned()
    })
}

/// The text behind its percent-encoding; `None` if that is broken, or the text no UTF-8.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::Proxy;
    use crate::config::secret::{Environment, SecretSource};

    #[test]
    fn a_user_may_stand_in_the_url_and_a_password_may_not() {
        let user = |text: &str| Proxy::parse(text).map(|proxy| (proxy.uri.to_string(), proxy.user));
        let at = |user: Option<&str>| Ok(("http://p:1/".to_owned(), user.map(str::to_owned)));
        for (text, is) in [
            ("http://p:1", at(None)),
            ("http://p:1/", at(None)),
            ("http://anton@p:1", at(Some("anton"))),
            ("http://anton:@p:1/", at(Some("anton"))),
            ("http://a%20b%5cc%40d@p:1", at(Some("a b\\c@d"))),
            ("http://a@b@p:1", at(Some("a@b"))),
        ] {
            assert_eq!(user(text), is, "{text}");
        }
        for (text, said) in [
            ("http://anton:MARK@p:1", "has a password in it"),
            ("http://anton:MARK/@p:1", "has a password in it"),
            ("https://anton:MARK@p:1", "has a password in it"),
            ("http://@p:1", "has a user that"),
            ("http://:@p:1", "has a user that"),
            ("http://MARK%3a@p:1", "has a user that"),
            ("http://MARK%0a@p:1", "has a user that"),
            ("http://MARK%4@p:1", "has a user that"),
            ("http://MARK%+4@p:1", "has a user that"),
            ("http://MARK%é@p:1", "has a user that"),
            ("http://MARK%ff@p:1", "has a user that"),
            ("https://MARK@p:1", "is a proxy of https"),
            ("socks5h://p:1", "is a proxy of socks5h"),
            ("ftp://p:1", "is no proxy"),
            ("http://p", "is no proxy"),
            ("http://p:0", "is no proxy"),
            ("http://MARK@p:1/x", "is no proxy"),
            ("p:1", "is no proxy"),
        ] {
            let told = user(text).expect_err(text);
            assert!(told.starts_with(said) && !told.contains("MARK"), "{text}: {told}");
        }
    }

    #[test]
    fn what_a_proxy_is_told_is_marked_so_that_nothing_shows_it() {
        let environment = Environment::new([("P".to_owned(), "open sesame".to_owned())].into_iter());
        let mut proxy = Proxy::parse("http://Aladdin@p:1").expect("a proxy");
        proxy.password = Some(SecretSource::Environment("P".to_owned()));
        let login = proxy.login(&environment).expect("a password").expect("a user");
        // RFC 7617, section 2.
        assert_eq!(login, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(login.is_sensitive() && !format!("{login:?}").contains("QWxh"));
        let gone = proxy.login(&Environment::default()).expect_err("no password");
        assert_eq!(gone, "upstream.proxy_password: the variable P is not set");
    }
}
