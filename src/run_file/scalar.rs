//! What a plain scalar means, by the rules of YAML 1.1 as the Dapr CLI's parser has them.

/// The meaning of a scalar.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Meaning {
    /// `null`, `~`, nothing.
    Null,
    /// `true`, `yes`, `on`, `y` and their opposites.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Itself.
    Text,
}

/// The meaning of a plain scalar.
pub(crate) fn meaning(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Meaning::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Meaning::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Meaning::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Meaning::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Meaning::Float(f64::NAN),
        _ if text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) => number(text),
        _ => Meaning::Text,
    }
}

fn number(text: &str) -> Meaning {
    let digits = text.replace('_', "");
    if let Ok(number) = crate::cli::integer(&digits) {
        return Meaning::Int(number);
    }
    // Rust's own reading of a float also takes words, which start with a letter and so never come here.
    let shape = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
    let numeric = shape.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && shape.chars().any(|digit| digit.is_ascii_digit());
    match digits.parse() {
        Ok(number) if numeric => Meaning::Float(number),
        _ => Meaning::Text,
    }
}

impl Meaning {
    /// The meaning in a reader's words, for `expected …, found …`.
    pub(crate) fn describe(self, text: &str) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Bool(_) => format!("the bool {text}"),
            Self::Int(_) | Self::Float(_) => format!("the number {text}"),
            Self::Text => format!("the text {text:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_yaml_1_1_says() {
        for (text, expected) in [
            ("", Meaning::Null),
            ("~", Meaning::Null),
            ("null", Meaning::Null),
            ("nUll", Meaning::Text),
            ("yes", Meaning::Bool(true)),
            ("On", Meaning::Bool(true)),
            ("TRUE", Meaning::Bool(true)),
            ("off", Meaning::Bool(false)),
            ("No", Meaning::Bool(false)),
            ("tRue", Meaning::Text),
            ("3000", Meaning::Int(3000)),
            ("-1", Meaning::Int(-1)),
            ("+1", Meaning::Int(1)),
            ("1_000", Meaning::Int(1000)),
            ("0x1F", Meaning::Int(31)),
            ("010", Meaning::Int(8)),
            ("0b11", Meaning::Int(3)),
            ("-0x10", Meaning::Int(-16)),
            ("0o10", Meaning::Int(8)),
            ("08", Meaning::Float(8.0)),
            ("1_", Meaning::Int(1)),
            ("_1", Meaning::Text),
            ("0x", Meaning::Text),
            ("1:30", Meaning::Text),
            ("2020-01-01", Meaning::Text),
            ("1.50", Meaning::Float(1.5)),
            ("8e3", Meaning::Float(8000.0)),
            ("-.5", Meaning::Float(-0.5)),
            ("4Mi", Meaning::Text),
            ("1.2.3", Meaning::Text),
            ("-", Meaning::Text),
            (".", Meaning::Text),
            ("--app", Meaning::Text),
            ("127.0.0.1", Meaning::Text),
            ("-inf", Meaning::Text),
            ("nan", Meaning::Text),
        ] {
            assert_eq!(meaning(text), expected, "{text:?}");
        }
    }
}
