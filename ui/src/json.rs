//! JSON made readable without changing a token: numbers, escapes, the order of keys and duplicates stay as they were sent.

/// One entry a line, indented by two spaces. Works on the beginning of a document too.
pub(crate) fn pretty(json: &str) -> Vec<String> {
    let mut printer = Printer::default();
    let mut rest = json.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '{' | '[' | '}' | ']' | ',' | ':' => 1,
            '"' => string_end(rest),
            _ => rest.find(|c: char| "{}[],:\"".contains(c) || c.is_ascii_whitespace()).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        rest = after.trim_start();
        printer.token(token, rest.chars().next());
    }
    printer.end_line();
    printer.lines
}

/// Whether a text is a JSON object or array.
pub(crate) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[derive(Default)]
struct Printer {
    lines: Vec<String>,
    line: String,
    depth: usize,
    /// An opening bracket whose closing one follows at once stays on its line.
    empty: bool,
}

impl Printer {
    fn token(&mut self, token: &str, next: Option<char>) {
        match token {
            "{" | "[" => {
                self.write(token);
                self.empty = next == Some(if token == "{" { '}' } else { ']' });
                if !self.empty {
                    self.depth += 1;
                    self.end_line();
                }
            }
            "}" | "]" => {
                if !std::mem::take(&mut self.empty) {
                    self.depth = self.depth.saturating_sub(1);
                    self.end_line();
                }
                self.write(token);
            }
            "," => {
                self.write(token);
                self.end_line();
            }
            ":" => self.write(": "),
            _ => self.write(token),
        }
    }

    fn write(&mut self, text: &str) {
        // Deeper levels than this would push the text off every screen.
        const DEEPEST: usize = 40;
        if self.line.is_empty() {
            self.line.push_str(&"  ".repeat(self.depth.min(DEEPEST)));
        }
        self.line.push_str(text);
    }

    fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.lines.push(std::mem::take(&mut self.line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_as_they_were_sent() {
        let json = r#"{"n":1.0e2,"b":{},"a":[1,[ ],"x,\"{y"],"n":12345678901234567890}"#;
        let expected = [
            "{",
            "  \"n\": 1.0e2,",
            "  \"b\": {},",
            "  \"a\": [",
            "    1,",
            "    [],",
            "    \"x,\\\"{y\"",
            "  ],",
            "  \"n\": 12345678901234567890",
            "}",
        ];
        assert_eq!(pretty(json), expected);
    }

    #[test]
    fn the_beginning_of_a_document_is_printed_as_far_as_it_goes() {
        assert_eq!(pretty(r#"{"a":[1,2,"thr"#), ["{", "  \"a\": [", "    1,", "    2,", "    \"thr"]);
        assert_eq!(pretty("]}]"), ["]", "}", "]"]);
        assert_eq!(pretty(""), Vec::<String>::new());
    }

    #[test]
    fn only_objects_and_arrays_that_parse_count_as_json() {
        for (text, expected) in [("{\"a\":1}", true), (" [1] ", true), ("1", false), ("{a}", false), ("", false)] {
            assert_eq!(is_json(text), expected, "{text}");
        }
    }
}
