//! How nodes and links look: what is drawn of them besides their place.

use ratatui::style::Style;

use super::canvas::Stroke;
use crate::text;
use crate::theme::Theme;

/// What a line tells, the less urgent first: where lines meet, the more urgent one is seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) enum Tone {
    /// It has nothing to do with what is selected.
    Faded,
    /// Nothing has passed for some time.
    Idle,
    /// All is well.
    #[default]
    Calm,
    /// It belongs to what is selected.
    Near,
    /// Something waits.
    Waiting,
    /// Something fails.
    Failing,
    /// It is selected.
    Chosen,
}

impl Tone {
    /// All of them, in their order.
    pub(super) const ALL: [Tone; 1 + Tone::Chosen as usize] =
        [Tone::Faded, Tone::Idle, Tone::Calm, Tone::Near, Tone::Waiting, Tone::Failing, Tone::Chosen];

    /// The style of a line.
    pub(super) fn style(self, theme: Theme) -> Style {
        match self {
            Tone::Faded | Tone::Idle | Tone::Calm => theme.dim(),
            Tone::Near => theme.plain(),
            Tone::Waiting => theme.waiting(),
            Tone::Failing => theme.bad(),
            Tone::Chosen => theme.accent(),
        }
    }
}

/// How a node looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeLook {
    /// The sign before its name.
    pub(crate) sign: &'static str,
    /// Its style.
    pub(crate) sign_style: Style,
    /// The name.
    pub(crate) name: String,
    /// Its style.
    pub(crate) name_style: Style,
    /// The line below the name, where there is room for it.
    pub(crate) note: String,
    /// Its style.
    pub(crate) note_style: Style,
    /// What it tells; the style of its walls.
    pub(crate) tone: Tone,
}

/// A part of a label.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Part {
    /// In full.
    pub(crate) long: String,
    /// Where there is less room; empty where it is then left out.
    pub(crate) short: String,
    /// Its style.
    pub(crate) style: Style,
    /// The part with the least number stays longest where not all fit.
    pub(crate) rank: u8,
}

/// The parts of a label that fit into some columns, with a space between each, each as long as it can be.
pub(super) fn fitting<'a>(parts: &[&'a Part], room: usize, ascii: bool) -> Vec<(&'a str, Style)> {
    let columns = |text: &str| text::width(&text::clean(text, ascii));
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|part| parts[*part].rank);
    let (mut shown, mut used) = (vec![""; parts.len()], 0);
    for part in &order {
        let Part { short, long, .. } = parts[*part];
        let short = if short.is_empty() { long } else { short };
        let needed = columns(short) + usize::from(used > 0);
        if used == 0 || used + needed <= room {
            shown[*part] = short;
            used += needed;
        }
    }
    for part in &order {
        let more = columns(&parts[*part].long).saturating_sub(columns(shown[*part]));
        if !shown[*part].is_empty() && used + more <= room {
            shown[*part] = &parts[*part].long;
            used += more;
        }
    }
    let styled = shown.into_iter().zip(parts).filter(|(text, _)| !text.is_empty());
    styled.map(|(text, part)| (text, part.style)).collect()
}

/// How a link looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct LinkLook {
    /// What it tells.
    pub(crate) tone: Tone,
    /// Nothing has passed for some time: drawn with gaps.
    pub(crate) is_idle: bool,
    /// It fails: said by its head.
    pub(crate) is_failing: bool,
    /// The parts of its label, as they are read: what is always told.
    pub(crate) label: Vec<Part>,
    /// What differs from calm: below the line, where there is room.
    pub(crate) notes: Vec<Part>,
}

impl LinkLook {
    /// All that is said.
    pub(super) fn parts(&self) -> Vec<&Part> {
        self.label.iter().chain(&self.notes).collect()
    }

    pub(super) fn stroke(&self) -> Stroke {
        match (self.tone, self.is_idle) {
            (Tone::Chosen, _) => Stroke::Heavy,
            (_, true) => Stroke::Dashed,
            _ => Stroke::Light,
        }
    }
}

/// How all nodes and links of a topology look, in its order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looks {
    /// The nodes.
    pub(crate) nodes: Vec<NodeLook>,
    /// The links.
    pub(crate) links: Vec<LinkLook>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_label_that_does_not_fit_the_less_important_parts_are_shorter_or_left_out() {
        let part = |long: &str, short: &str, rank| Part {
            long: long.to_owned(),
            short: short.to_owned(),
            rank,
            ..Part::default()
        };
        let parts = [part("19/s", "", 1), part("25% 503", "503", 0), part("p95 12 ms", "", 2)];
        for (room, expected) in [
            (30, "19/s 25% 503 p95 12 ms"),
            (18, "19/s 503 p95 12 ms"),
            (12, "19/s 25% 503"),
            (8, "19/s 503"),
            (7, "25% 503"),
            (2, "503"),
        ] {
            let shown: Vec<&str> = fitting(&parts.each_ref(), room, false).into_iter().map(|(part, _)| part).collect();
            assert_eq!(shown.join(" "), expected);
        }
    }
}
