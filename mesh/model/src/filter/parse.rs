//! From text to an [`Expression`].

use super::FilterError;
use super::expression::Expression;
use super::term::{Comparison, Field, Flag, Number, Term, TextRelation};
use super::value;

/// How deep `not` and parentheses may nest.
const DEEPEST: usize = 32;

/// What the error for an unknown key offers.
const KEYS: &str = "one of m, path, app, from, to, status, grpc, dur, size, body, hdr, trace, id";

pub(super) fn parse(text: &str) -> Result<Option<Expression>, FilterError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.skip_space();
    if parser.rest().is_empty() {
        return Ok(None);
    }
    let root = parser.any()?;
    if parser.rest().is_empty() { Ok(Some(root)) } else { Err(parser.error(parser.at, "a word, or nothing more")) }
}

struct Parser<'a> {
    text: &'a str,
    /// Byte offset of what comes next.
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// The word that comes next, as far as it needs no quotes.
    fn word(&self) -> &'a str {
        let rest = self.rest();
        rest.find(value::ends_word).map_or(rest, |end| &rest[..end])
    }

    fn error(&self, at: usize, expected: impl Into<String>) -> FilterError {
        let found = self.text.get(at..).unwrap_or_default();
        let word = found.find(|character: char| character.is_whitespace()).map_or(found, |end| &found[..end]);
        let shown: String = word.chars().take(40).collect();
        FilterError {
            column: self.text.get(..at).unwrap_or_default().chars().count() + 1,
            expected: expected.into(),
            found: match shown.as_str() {
                "" if found.is_empty() => "the end".to_owned(),
                "" => "a space".to_owned(),
                _ => format!("`{shown}`"),
            },
        }
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let is_next = self.word().eq_ignore_ascii_case(keyword);
        if is_next {
            self.at += keyword.len();
            self.skip_space();
        }
        is_next
    }

    fn any(&mut self) -> Result<Expression, FilterError> {
        let mut members = vec![self.all()?];
        while self.keyword("or") {
            members.push(self.all()?);
        }
        Ok(combine(members, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, FilterError> {
        let mut members = vec![self.one()?];
        loop {
            let must_follow = self.keyword("and");
            let ends = self.rest().is_empty() || self.rest().starts_with(')') || self.word().eq_ignore_ascii_case("or");
            if ends && !must_follow {
                return Ok(combine(members, Expression::All));
            }
            members.push(self.one()?);
        }
    }

    fn one(&mut self) -> Result<Expression, FilterError> {
        if self.depth == DEEPEST {
            return Err(self.error(self.at, format!("no more than {DEEPEST} nested `not` and `(`")));
        }
        self.depth += 1;
        let found = if self.keyword("not") {
            Expression::Not(Box::new(self.one()?))
        } else if self.rest().starts_with('(') {
            self.at += 1;
            self.skip_space();
            let inner = self.any()?;
            if !self.rest().starts_with(')') {
                return Err(self.error(self.at, "a word or `)`"));
            }
            self.at += 1;
            inner
        } else {
            Expression::Term(self.term()?)
        };
        self.depth -= 1;
        self.skip_space();
        Ok(found)
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        let word = self.word();
        if self.rest().starts_with('"') {
            return self.value("text").map(Term::Text);
        }
        if word.is_empty() || ["and", "or"].iter().any(|keyword| keyword.eq_ignore_ascii_case(word)) {
            return Err(self.error(self.at, "a word"));
        }
        if let Some(key) = value::key(word) {
            return self.keyed(key);
        }
        self.at += word.len();
        Ok(Flag::parse(word).map_or_else(|| Term::Text(word.to_owned()), Term::Flag))
    }

    fn keyed(&mut self, key: &str) -> Result<Term, FilterError> {
        let start = self.at;
        self.at += key.len();
        match key.to_ascii_lowercase().as_str() {
            "m" | "method" | "verb" => self.field(Field::Method, "a method such as POST"),
            "path" => self.field(Field::Path, "the start of a path, such as /orders"),
            "app" => self.field(Field::App, "an app id"),
            "from" => self.field(Field::From, "an app id"),
            "to" => self.field(Field::To, "an app id"),
            "body" => {
                self.sign(&["~", ":"])?;
                self.value("text to look for in the bodies").map(Term::Body)
            }
            "status" => self.status(),
            "id" => self.number(Number::Id, &[":", "=", ">=", "<=", ">", "<"], "a call's number such as 12", |text| {
                text.strip_prefix('#').unwrap_or(text).parse().ok()
            }),
            "dur" => self.number(Number::Duration, &[">=", "<=", ">", "<"], "a time such as 250ms or 1.5s", |text| {
                value::number(text, &value::TIMES)
            }),
            "size" => self.number(Number::Size, &[">=", "<=", ">", "<"], "a size such as 512b, 1kb or 2mib", |text| {
                value::number(text, &value::SIZES)
            }),
            "hdr" | "header" => self.header(),
            "trace" => {
                self.sign(&[":", "="])?;
                let digits = |text: &str| {
                    let is_hex = text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
                    is_hex.then(|| Term::Trace(text.to_ascii_lowercase()))
                };
                self.read("the first hexadecimal digits of a trace id", digits)
            }
            "grpc" => {
                self.sign(&[":", "="])?;
                self.read("a gRPC status such as unavailable or 14", |text| value::grpc_code(text).map(Term::Grpc))
            }
            _ => Err(self.error(start, format!("{KEYS} before the sign (to look for the text itself, quote it)"))),
        }
    }

    /// Reads one of the signs that a key may have. Where one is the start of another the longer one comes first.
    fn sign(&mut self, signs: &[&'static str]) -> Result<&'static str, FilterError> {
        if self.rest().starts_with("!=") {
            return Err(self.error(self.at, "another sign (write `not` before the key)"));
        }
        let found = signs.iter().find(|sign| self.rest().starts_with(**sign));
        let Some(sign) = found else {
            let offered: Vec<_> = signs.iter().map(|sign| format!("`{sign}`")).collect();
            return Err(self.error(self.at, offered.join(" or ")));
        };
        self.at += sign.len();
        Ok(sign)
    }

    /// Reads a value, quoted or not; never an empty one.
    fn value(&mut self, expected: &str) -> Result<String, FilterError> {
        let start = self.at;
        let mut text = String::new();
        if self.rest().starts_with('"') {
            let mut characters = self.rest().char_indices().skip(1);
            let end = loop {
                match characters.next() {
                    Some((end, '"')) => break end,
                    Some((_, '\\')) => text.extend(characters.next().map(|(_, escaped)| escaped)),
                    Some((_, character)) => text.push(character),
                    None => return Err(self.error(self.text.len(), "a closing quote")),
                }
            };
            self.at += end + 1;
        } else {
            text.push_str(self.word());
            self.at += text.len();
        }
        if text.is_empty() { Err(self.error(start, expected)) } else { Ok(text) }
    }

    fn read<T>(&mut self, expected: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, FilterError> {
        let start = self.at;
        let text = self.value(expected)?;
        read(&text).ok_or_else(|| self.error(start, expected))
    }

    fn field(&mut self, field: Field, expected: &str) -> Result<Term, FilterError> {
        let relation = if self.sign(&[":", "=", "~"])? == "~" { TextRelation::Contains } else { TextRelation::Is };
        Ok(Term::Field(field, relation, self.value(expected)?))
    }

    fn number(
        &mut self,
        number: Number,
        signs: &[&'static str],
        expected: &str,
        read: impl FnOnce(&str) -> Option<u64>,
    ) -> Result<Term, FilterError> {
        let comparison = comparison(self.sign(signs)?);
        Ok(Term::Number(number, comparison, self.read(expected, read)?))
    }

    fn status(&mut self) -> Result<Term, FilterError> {
        let comparison = comparison(self.sign(&[":", "=", ">=", "<=", ">", "<"])?);
        let status = |text: &str| text.parse::<u16>().ok().filter(|status| (100..=999).contains(status));
        if comparison != Comparison::Equal {
            let test = |text: &str| Some(Term::Number(Number::Status, comparison, u64::from(status(text)?)));
            return self.read("a status such as 404", test);
        }
        self.read("a status such as 404 or 5xx", |text| {
            if let Some(class) = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")) {
                return class.parse().ok().filter(|class| (1..=9).contains(class)).map(Term::StatusClass);
            }
            Some(Term::Number(Number::Status, comparison, u64::from(status(text)?)))
        })
    }

    fn header(&mut self) -> Result<Term, FilterError> {
        self.sign(&[":", "="])?;
        let name = self.word().split('~').next().unwrap_or_default();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_name) {
            return Err(self.error(self.at, "the name of a header"));
        }
        self.at += name.len();
        let name = name.to_ascii_lowercase();
        if !self.rest().starts_with('~') {
            return Ok(Term::Header(name, None));
        }
        self.at += 1;
        Ok(Term::Header(name, Some(self.value("text to look for in the header")?)))
    }
}

fn comparison(sign: &str) -> Comparison {
    match sign {
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => Comparison::Equal,
    }
}

/// One member stands for itself.
fn combine(mut members: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        Some(last) => {
            members.push(last);
            several(members)
        }
        None => several(members),
    }
}
