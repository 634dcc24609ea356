//! `$NAME` and `${NAME}`, by the rules of Go's `os.ExpandEnv`.

/// Puts variables in. What `variable` does not know becomes nothing; a `$` that no name follows stays.
pub(super) fn expand(text: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, length) = name(after);
        match name {
            Some(name) => expanded.push_str(&variable(name).unwrap_or_default()),
            None if length == 0 => expanded.push('$'),
            None => {}
        }
        rest = &after[length..];
    }
    expanded.push_str(rest);
    expanded
}

/// The name at the start of a text, and how much of the text it takes with its braces. A brace that is not closed and
/// an empty pair are taken without a name.
fn name(text: &str) -> (Option<&str>, usize) {
    let is_special = |character: char| "*#$@!?-0123456789".contains(character);
    if let Some(inner) = text.strip_prefix('{') {
        return match inner.find('}') {
            None => (None, 1),
            Some(0) => (None, 2),
            Some(end) => (Some(&inner[..end]), end + 2),
        };
    }
    if text.starts_with(is_special) {
        return (Some(&text[..1]), 1);
    }
    let end = text.find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    let end = end.unwrap_or(text.len());
    ((end > 0).then(|| &text[..end]), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_as_go_does() {
        let variable = |name: &str| match name {
            "HOST" => Some("zipkin".to_owned()),
            "_1" => Some("one".to_owned()),
            _ => None,
        };
        for (text, expanded) in [
            ("http://$HOST:9411", "http://zipkin:9411"),
            ("${HOST}name", "zipkinname"),
            ("$HOSTname.", "."),
            ("$_1 ${_1}", "one one"),
            ("a$MISSING b", "a b"),
            ("cost: 5$", "cost: 5$"),
            ("$ x", "$ x"),
            ("$$HOST", "HOST"),
            ("$5", ""),
            ("${}x", "x"),
            ("${HOST", "HOST"),
            ("$é", "$é"),
            ("no variables", "no variables"),
        ] {
            assert_eq!(expand(text, variable), expanded, "{text:?}");
        }
    }
}
