//! Bodies of many messages: a JSON document a line, and server-sent events.

use super::json;
use crate::inspector::document::{Class, Writer};

/// Writes JSON lines, each line as a document of its own.
pub(super) fn json_lines(writer: &mut Writer, text: &str) {
    for (number, line) in (1..).zip(text.lines()) {
        // RFC 7464 begins each document with a record separator.
        let line = line.trim_start_matches('\u{1e}');
        if !line.trim().is_empty() {
            json::write(writer, &format!("line {number}: "), line);
        }
    }
}

/// Whether a text has several lines, and the first ones are JSON objects or arrays.
pub(super) fn is_json_lines(text: &str, whole: bool) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first: Vec<&str> = lines.by_ref().take(2).collect();
    // The last line of a body that was cut is cut too.
    let complete = whole || lines.next().is_some();
    first.len() == 2 && complete && first.iter().all(|line| json::is_structure(line))
}

/// Writes server-sent events: each with its fields, its data as JSON where it is.
pub(super) fn events(writer: &mut Writer, text: &str) {
    let mut number = 0;
    let mut fields: Vec<(&str, &str)> = Vec::new();
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).split('\n').map(|line| line.trim_end_matches('\r'));
    for line in lines.chain([""]) {
        if !line.is_empty() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            fields.push((name, value.strip_prefix(' ').unwrap_or(value)));
        } else if !fields.is_empty() {
            number += 1;
            event(writer, number, &std::mem::take(&mut fields));
        }
    }
}

fn event(writer: &mut Writer, number: usize, fields: &[(&str, &str)]) {
    let kind = fields.iter().rev().find(|(name, _)| *name == "event").map_or("", |(_, value)| value);
    writer.line(Class::Title, &[], format!("event {number}  {kind}").trim_end());
    writer.open();
    for (name, value) in fields.iter().filter(|(name, _)| *name != "data") {
        if name.is_empty() {
            writer.line(Class::Comment, &[], &format!(": {value}"));
        } else {
            writer.line(Class::Field, &[name, ": "], value);
        }
    }
    let data: Vec<&str> = fields.iter().filter(|(name, _)| *name == "data").map(|(_, value)| *value).collect();
    let joined = data.join("\n");
    if json::is_structure(&joined) {
        json::write(writer, "data: ", &joined);
    } else {
        for line in data {
            writer.line(Class::Field, &["data: "], line);
        }
    }
    writer.close();
}

#[cfg(test)]
mod tests {
    use super::super::tests::shown;
    use super::*;

    #[test]
    fn each_line_of_json_lines_is_a_document() {
        let lines = shown(|writer| json_lines(writer, "{\"a\":1}\n\n[]\n{\"b\""));
        assert_eq!(lines, ["line 1: {", "  \"a\": 1", "}", "line 3: []", "line 4: {", "  \"b\""]);
        for (text, whole, expected) in [
            ("{\"a\":1}\n{\"a\":2}", true, true),
            ("{\"a\":1}\n{\"a\":2}", false, false),
            ("{\"a\":1}\n{\"a\":2}\n{\"a", false, true),
            ("{\"a\":1}", true, false),
            ("1\n2\n", true, false),
        ] {
            assert_eq!(is_json_lines(text, whole), expected, "{text:?}");
        }
    }

    #[test]
    fn events_have_their_fields_and_their_data_as_json() {
        let text = "event: order\nid: 7\ndata: {\"a\":\ndata: 1}\n\n: keep-alive\r\n\r\ndata: plain";
        let lines = shown(|writer| events(writer, text));
        assert_eq!(
            lines,
            [
                "event 1  order",
                "  event: order",
                "  id: 7",
                "  data: {",
                "    \"a\": 1",
                "  }",
                "event 2",
                "  : keep-alive",
                "event 3",
                "  data: plain"
            ]
        );
    }
}
