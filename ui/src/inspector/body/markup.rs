//! XML and HTML: one element a line, indented; whatever is not well-formed is shown as it comes.

use crate::inspector::document::{Class, Writer};
use crate::text;

/// Elements of HTML that have no end.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements of HTML whose content is no markup, or whose spaces count.
const RAW: [&str; 4] = ["script", "style", "textarea", "pre"];

/// An element with nothing but text in it stays on one line up to this many columns.
const SHORT: usize = 100;

/// Writes a document.
pub(super) fn write(writer: &mut Writer, markup: &str, html: bool) {
    let mut printer = Printer { base: writer.depth(), writer, open: Vec::new(), html };
    let mut rest = markup;
    while !rest.is_empty() && !printer.writer.is_full() {
        rest = match rest.find('<') {
            Some(0) => printer.tag(rest),
            Some(at) => {
                printer.text(&rest[..at]);
                &rest[at..]
            }
            None => {
                printer.text(rest);
                ""
            }
        };
    }
    let base = printer.base;
    writer.close_to(base);
}

struct Printer<'a, 'b> {
    writer: &'a mut Writer,
    base: usize,
    /// The names of the elements that have begun.
    open: Vec<&'b str>,
    html: bool,
}

impl<'b> Printer<'_, 'b> {
    fn text(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.writer.line(Class::Text, &[], line);
        }
    }

    fn comment(&mut self, text: &str) {
        for line in text.lines() {
            self.writer.line(Class::Comment, &[], &line.replace('\t', "    "));
        }
    }

    /// Takes what begins with `<`, and returns what follows it.
    fn tag(&mut self, rest: &'b str) -> &'b str {
        for (begin, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")] {
            if rest.starts_with(begin) {
                let (token, after) = through(rest, end);
                self.comment(token);
                return after;
            }
        }
        let is_tag = |c: char| c.is_alphabetic() || c == '_' || c == '/' || c == ':';
        if !rest[1..].starts_with(is_tag) {
            self.text(&rest[..1]);
            return &rest[1..];
        }
        let (token, after) = rest.split_at(tag_end(rest));
        let name = name(token);
        let shown = token.split_whitespace().collect::<Vec<_>>().join(" ");
        if token.starts_with("</") {
            self.end(name, &shown);
            return after;
        }
        if token.ends_with("/>") || (self.html && is_one_of(&VOID, name)) {
            self.writer.line(Class::Tag, &[], &shown);
            return after;
        }
        self.begin(name, &shown, after)
    }

    fn begin(&mut self, name: &'b str, shown: &str, after: &'b str) -> &'b str {
        if let Some((inner, end, following)) = only_text(name, after)
            && !inner.trim().contains('\n')
            && text::width(shown) + text::width(inner) < SHORT
        {
            self.writer.line(Class::Tag, &[], &[shown, inner.trim(), end].concat());
            return following;
        }
        self.writer.line(Class::Tag, &[], shown);
        self.writer.open();
        self.open.push(name);
        if self.html && is_one_of(&RAW, name) {
            let close = format!("</{name}");
            let end = find_ignoring_case(after, &close).unwrap_or(after.len());
            for line in after[..end].trim_matches('\n').lines() {
                self.writer.line(Class::Text, &[], &line.trim_end().replace('\t', "    "));
            }
            return &after[end..];
        }
        after
    }

    /// An end tag ends the innermost element of its name; elements in it that had no end of their own end too.
    fn end(&mut self, name: &str, shown: &str) {
        let same = |other: &&str| if self.html { other.eq_ignore_ascii_case(name) } else { *other == name };
        let Some(at) = self.open.iter().rposition(same) else {
            self.writer.line(Class::Tag, &[], shown);
            return;
        };
        self.open.truncate(at);
        self.writer.close_to(self.base + at + 1);
        self.writer.close_with(shown);
    }
}

/// A token up to and with its end, and what follows.
fn through<'a>(text: &'a str, end: &str) -> (&'a str, &'a str) {
    text.split_at(text.find(end).map_or(text.len(), |at| at + end.len()))
}

/// Where a tag ends: at the first `>` that is in no quotes.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    // A quote without an end would take everything that follows with it.
    text.find('>').map_or(text.len(), |at| at + 1)
}

fn name(tag: &str) -> &str {
    let tag = tag.trim_start_matches(['<', '/']);
    tag.split(|c: char| c.is_whitespace() || c == '/' || c == '>').next().unwrap_or_default()
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// The text of an element that has nothing else in it, its end tag, and what follows.
fn only_text<'a>(name: &str, after: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    let at = after.find('<')?;
    let end = after.get(at..)?;
    let is_end = end.starts_with("</") && self::name(end.get(..tag_end(end))?).eq_ignore_ascii_case(name);
    let (tag, following) = end.split_at(tag_end(end));
    is_end.then_some((&after[..at], tag, following))
}

fn find_ignoring_case(text: &str, what: &str) -> Option<usize> {
    let (text, what) = (text.as_bytes(), what.as_bytes());
    text.windows(what.len()).position(|window| window.eq_ignore_ascii_case(what))
}

#[cfg(test)]
mod tests {
    use super::super::tests::shown;
    use super::*;

    #[test]
    fn elements_are_indented_and_short_ones_stay_on_a_line() {
        let xml = "<?xml version=\"1.0\"?><order id='4>1'><!-- a\nb --><item>tea</item><item/>\n more <a><b>1</b></a></order>";
        let lines = shown(|writer| write(writer, xml, false));
        assert_eq!(
            lines,
            [
                "<?xml version=\"1.0\"?>",
                "<order id='4>1'>",
                "  <!-- a",
                "  b -->",
                "  <item>tea</item>",
                "  <item/>",
                "  more",
                "  <a>",
                "    <b>1</b>",
                "  </a>",
                "</order>"
            ]
        );
    }

    #[test]
    fn html_has_elements_without_an_end_and_scripts_that_are_no_markup() {
        let html = "<!DOCTYPE html><HTML><p>one<br>two<p>three<script>if (a<b) {\n\tgo();\n}</script></body></html>";
        let lines = shown(|writer| write(writer, html, true));
        assert_eq!(
            lines,
            [
                "<!DOCTYPE html>",
                "<HTML>",
                "  <p>",
                "    one",
                "    <br>",
                "    two",
                "    <p>",
                "      three",
                "      <script>",
                "        if (a<b) {",
                "            go();",
                "        }",
                "      </script>",
                "      </body>",
                "</html>"
            ]
        );
    }

    #[test]
    fn what_is_not_well_formed_is_shown_as_it_comes() {
        for (markup, expected) in [
            ("a < b", &["a", "<", "b"][..]),
            ("<a href=\"x>y</a>", &["<a href=\"x>y</a>"]),
            ("</a><b", &["</a>", "<b"]),
            ("<a", &["<a"]),
            ("<!-- open", &["<!-- open"]),
        ] {
            assert_eq!(shown(|writer| write(writer, markup, false)), expected, "{markup}");
        }
    }
}
