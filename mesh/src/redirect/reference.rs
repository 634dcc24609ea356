//! References to other URLs (RFC 3986, 5.2).

/// The URL that a reference means where it stands at `current`. Its fragment is dropped: it is never sent.
pub(super) fn resolve(current: &str, reference: &str) -> String {
    let reference = reference.split('#').next().unwrap_or_default();
    let (scheme, rest) = current.split_once("://").unwrap_or(("http", current));
    let (authority, current_path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let path_only = current_path.split('?').next().unwrap_or_default();
    if let Some(scheme) = scheme_of(reference) {
        let rest = reference.get(scheme.len() + 1..).unwrap_or_default();
        return tidy(&format!("{}:{rest}", scheme.to_ascii_lowercase()));
    }
    tidy(&if reference.starts_with("//") {
        format!("{scheme}:{reference}")
    } else if reference.starts_with('/') {
        format!("{scheme}://{authority}{reference}")
    } else if reference.is_empty() {
        current.to_owned()
    } else if reference.starts_with('?') {
        format!("{scheme}://{authority}{path_only}{reference}")
    } else {
        let folder = path_only.rfind('/').map_or("/", |end| path_only.get(..=end).unwrap_or("/"));
        format!("{scheme}://{authority}{folder}{reference}")
    })
}

fn scheme_of(reference: &str) -> Option<&str> {
    let (scheme, _) = reference.split_once(':')?;
    let mut characters = scheme.chars();
    let is_scheme = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character));
    is_scheme.then_some(scheme)
}

/// Takes `.` and `..` out of a URL's path.
fn tidy(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
    if !path.split('/').any(|element| matches!(element, "." | "..")) {
        return url.to_owned();
    }
    let mut elements: Vec<&str> = Vec::new();
    for element in path.split('/').skip(1) {
        match element {
            "." => {}
            ".." => drop(elements.pop()),
            _ => elements.push(element),
        }
    }
    let folder = if path.ends_with("/.") || path.ends_with("/..") { "/" } else { "" };
    let path = elements.join("/");
    let folder = if path.is_empty() { "" } else { folder };
    format!("{scheme}://{authority}/{path}{folder}{query}")
}

/// Whether a host is that of a URL, or one below it.
pub(super) fn is_same_site(url: &str, host: &str) -> bool {
    let Ok(url) = crate::base_url::BaseUrl::parse(url) else { return false };
    let (own, other) = (url.host.to_ascii_lowercase(), host.to_ascii_lowercase());
    own == other || (!other.contains(':') && other.strip_suffix(&own).is_some_and(|front| front.ends_with('.')))
}

/// A URL without user and password.
pub(super) fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let authority = authority.rsplit_once('@').map_or(authority, |(_, authority)| authority);
    format!("{scheme}://{authority}{path}")
}

/// A query whose blanks and characters beyond ASCII are escaped.
pub(super) fn escaped_query(query: &str) -> Vec<u8> {
    let escape = |byte: u8| {
        if byte.is_ascii_graphic() { vec![byte] } else { format!("%{byte:02X}").into_bytes() }
    };
    query.bytes().flat_map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_where_it_stands() {
        for (reference, expect) in [
            ("http://other/x", "http://other/x"),
            ("HTTPS://other/x", "https://other/x"),
            ("//other/x", "https://other/x"),
            ("/x?y=1", "https://h:1/x?y=1"),
            ("x", "https://h:1/a/x"),
            ("./x", "https://h:1/a/x"),
            ("../x", "https://h:1/x"),
            ("../../../x", "https://h:1/x"),
            (".", "https://h:1/a/"),
            ("..", "https://h:1/"),
            ("?z", "https://h:1/a/b?z"),
            ("#here", "https://h:1/a/b?q"),
            ("/x#here", "https://h:1/x"),
            ("mailto:x", "mailto:x"),
        ] {
            assert_eq!(resolve("https://h:1/a/b?q", reference), expect, "{reference}");
        }
        assert_eq!(resolve("http://h", "x"), "http://h/x");
    }

    #[test]
    fn a_host_below_belongs_to_the_same_site() {
        for (url, host, same) in [
            ("http://h:1/x", "h", true),
            ("http://h", "www.h", true),
            ("http://h", "xh", false),
            ("http://www.h", "h", false),
            ("http://127.0.0.1", "127.0.0.2", false),
        ] {
            assert_eq!(is_same_site(url, host), same, "{url} {host}");
        }
    }
}
