//! The shape of a filter, and how it prints.

use std::fmt;

use super::term::{Flag, Term};

/// Terms, combined. `All` and `Any` have at least two members.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Term(Term),
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Not(inner) => {
                f.write_str("not ")?;
                inner.fmt_within(f, matches!(**inner, Self::All(_) | Self::Any(_)))
            }
            Self::All(members) => join(f, " ", members, |member| matches!(member, Self::All(_) | Self::Any(_))),
            Self::Any(members) => join(f, " or ", members, |member| matches!(member, Self::Any(_))),
        }
    }
}

impl Expression {
    /// Whether it has this flag, and not as one that must not hold.
    pub(super) fn wants(&self, flag: Flag) -> bool {
        self.has(flag, true)
    }

    fn has(&self, flag: Flag, holding: bool) -> bool {
        match self {
            Self::All(members) | Self::Any(members) => members.iter().any(|member| member.has(flag, holding)),
            Self::Not(inner) => inner.has(flag, !holding),
            Self::Term(term) => holding && *term == Term::Flag(flag),
        }
    }

    fn fmt_within(&self, f: &mut fmt::Formatter<'_>, parentheses: bool) -> fmt::Result {
        if parentheses { write!(f, "({self})") } else { fmt::Display::fmt(self, f) }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    separator: &str,
    members: &[Expression],
    parentheses: fn(&Expression) -> bool,
) -> fmt::Result {
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        member.fmt_within(f, parentheses(member))?;
    }
    Ok(())
}
