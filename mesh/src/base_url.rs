//! URLs to which methods are added: external ones, and those of `HTTPEndpoint` resources.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::uri::Authority;

/// An `http` or `https` URL before a method.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    /// Whether it is `https`.
    pub(crate) secure: bool,
    /// The host.
    pub(crate) host: String,
    /// The port, or the scheme's.
    pub(crate) port: u16,
    /// Host and port as they are written.
    pub(crate) authority: String,
    /// User and password, as `Authorization` carries them.
    pub(crate) credentials: Option<HeaderValue>,
    path: String,
    query: Option<String>,
}

/// What is wrong with a URL.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a URL like http://host:port/path or https://host")]
pub(crate) struct InvalidUrl;

impl BaseUrl {
    /// Reads a URL.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let (rest, secure) = match (text.strip_prefix("http://"), text.strip_prefix("https://")) {
            (Some(rest), _) => (rest, false),
            (None, Some(rest)) => (rest, true),
            (None, None) => return Err(InvalidUrl),
        };
        if rest.contains('#') {
            return Err(InvalidUrl);
        }
        let (written, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let parsed: Authority = written.parse().map_err(|_| InvalidUrl)?;
        if parsed.host().is_empty() {
            return Err(InvalidUrl);
        }
        let (user, authority) = written.rsplit_once('@').map_or((None, written), |(user, rest)| (Some(user), rest));
        let port = match authority.get(parsed.host().len()..).and_then(|port| port.strip_prefix(':')) {
            None | Some("") => {
                if secure {
                    443
                } else {
                    80
                }
            }
            Some(port) => port.parse().map_err(|_| InvalidUrl)?,
        };
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        Ok(Self {
            secure,
            host: parsed.host().to_owned(),
            port,
            authority: authority.to_owned(),
            credentials: user.and_then(credentials),
            path: path.to_owned(),
            query: query.map(str::to_owned),
        })
    }

    /// Adds a method and a query: the texts are put together and then read again. The path is without its first slash.
    pub(crate) fn with_method(&self, method: Vec<u8>, query: String) -> (Vec<u8>, String) {
        let Some(own_query) = &self.query else {
            if self.path.is_empty() {
                return (method, query);
            }
            let path = [self.path.as_bytes(), if method.is_empty() { b"" } else { b"/" }, &method].concat();
            return (path.get(1..).unwrap_or_default().to_vec(), query);
        };
        let slash = if method.is_empty() { "" } else { "/" };
        let more = if query.is_empty() { query } else { format!("?{query}") };
        let query = format!("{own_query}{slash}{}{more}", String::from_utf8_lossy(&method));
        (self.path.as_bytes().get(1..).unwrap_or_default().to_vec(), query)
    }
}

/// Written by hand: a password is nobody's business.
impl std::fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

fn credentials(user: &str) -> Option<HeaderValue> {
    let user = crate::method::decode(user.as_bytes())?;
    let user = if user.contains(&b':') { user.into_owned() } else { [&user, &b":"[..]].concat() };
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(user))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_url_are_taken_as_they_are_written() {
        for (text, secure, host, port, authority) in [
            ("http://h", false, "h", 80, "h"),
            ("https://h", true, "h", 443, "h"),
            ("https://h:444/base", true, "h", 444, "h:444"),
            ("http://[::1]:81/", false, "[::1]", 81, "[::1]:81"),
            ("http://user:word@h:1?x=1", false, "h", 1, "h:1"),
        ] {
            let url = BaseUrl::parse(text).unwrap();
            let parts = (url.secure, url.host.as_str(), url.port, url.authority.as_str());
            assert_eq!(parts, (secure, host, port, authority), "{text}");
        }
        let url = BaseUrl::parse("http://user:w%40rd@h").unwrap();
        assert_eq!(url.credentials.unwrap(), format!("Basic {}", STANDARD.encode("user:w@rd")).as_str());
        for text in ["", "h", "ftp://h", "http://", "http:///path", "http://h:port", "http://h/#x", "HTTP://h"] {
            assert_eq!(BaseUrl::parse(text), Err(InvalidUrl), "{text}");
        }
    }

    #[test]
    fn a_method_is_put_behind_the_url_as_text() {
        for (url, method, query, expect) in [
            ("http://h", "m", "", ("m", "")),
            ("http://h", "", "", ("", "")),
            ("http://h/", "m", "a=1", ("/m", "a=1")),
            ("http://h/base", "m/n", "a=1", ("base/m/n", "a=1")),
            ("http://h/base", "", "", ("base", "")),
            ("http://h/base/", "m", "", ("base//m", "")),
            ("http://h/base?k=v", "m", "a=1", ("base", "k=v/m?a=1")),
        ] {
            let (path, asked) = BaseUrl::parse(url).unwrap().with_method(method.into(), query.to_owned());
            assert_eq!((std::str::from_utf8(&path).unwrap(), asked.as_str()), expect, "{url} {method}");
        }
    }
}
