//! Looks: one accent for focus, red only for failure, yellow only for waiting, all that is calm is dim. Colour never
//! says anything alone: a glyph or a word says it too.

use ratatui::style::{Color, Modifier, Style};

/// Which colours fit the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ThemeName {
    /// The terminal's own sixteen colours; fits dark and light backgrounds.
    #[default]
    Terminal,
    /// Colours of their own for a dark background, from the 256 that most terminals have.
    Dark,
    /// The same for a light background.
    Light,
    /// Nothing is dim, and what is told by colour is bold as well.
    HighContrast,
    /// No colour at all (`NO_COLOR`): bold, dim and reversed only.
    Mono,
}

impl ThemeName {
    /// The themes with colours, in the order in which a key goes through them.
    pub const COLOURED: [ThemeName; 4] =
        [ThemeName::Terminal, ThemeName::Dark, ThemeName::Light, ThemeName::HighContrast];

    /// Its name, as on the command line.
    pub fn title(self) -> &'static str {
        match self {
            ThemeName::Terminal => "16",
            ThemeName::Dark => "dark",
            ThemeName::Light => "light",
            ThemeName::HighContrast => "high-contrast",
            ThemeName::Mono => "none",
        }
    }
}

/// What is told by a colour.
#[derive(Clone, Copy)]
enum Meaning {
    Focus,
    Failure,
    Waiting,
}

/// How things look.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    name: ThemeName,
    /// Only ASCII characters may be drawn.
    pub(crate) ascii: bool,
    /// The signs.
    pub(crate) glyphs: &'static Glyphs,
}

impl Theme {
    /// A theme, with Unicode signs or with ASCII ones.
    pub fn new(name: ThemeName, ascii: bool) -> Self {
        Self { name, ascii, glyphs: if ascii { &ASCII } else { &UNICODE } }
    }

    /// Whether colours may be used at all.
    pub(crate) fn has_colour(self) -> bool {
        self.name != ThemeName::Mono
    }

    /// Its name.
    pub(crate) fn name(self) -> ThemeName {
        self.name
    }

    fn coloured(self, meaning: Meaning) -> Style {
        let [of_terminal, dark, light] = match meaning {
            Meaning::Focus => [Color::Cyan, Color::Indexed(80), Color::Indexed(25)],
            Meaning::Failure => [Color::Red, Color::Indexed(203), Color::Indexed(160)],
            Meaning::Waiting => [Color::Yellow, Color::Indexed(221), Color::Indexed(130)],
        };
        match self.name {
            ThemeName::Terminal => Style::new().fg(of_terminal),
            ThemeName::Dark => Style::new().fg(dark),
            ThemeName::Light => Style::new().fg(light),
            ThemeName::HighContrast => Style::new().fg(of_terminal).add_modifier(Modifier::BOLD),
            ThemeName::Mono => Style::new().add_modifier(Modifier::BOLD),
        }
    }

    /// Where the focus is.
    pub(crate) fn accent(self) -> Style {
        self.coloured(Meaning::Focus).add_modifier(Modifier::BOLD)
    }

    /// A failure.
    pub(crate) fn bad(self) -> Style {
        self.coloured(Meaning::Failure)
    }

    /// Something that waits.
    pub(crate) fn waiting(self) -> Style {
        self.coloured(Meaning::Waiting)
    }

    /// What is calm.
    pub(crate) fn dim(self) -> Style {
        match self.name {
            ThemeName::HighContrast => Style::new(),
            ThemeName::Dark => Style::new().fg(Color::Indexed(245)),
            ThemeName::Light => Style::new().fg(Color::Indexed(242)),
            ThemeName::Terminal | ThemeName::Mono => Style::new().add_modifier(Modifier::DIM),
        }
    }

    /// What was looked for, and the cursor.
    #[expect(clippy::unused_self, reason = "every look is asked of the theme")]
    pub(crate) fn found(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The name of something in a text: a key of JSON, a tag.
    pub(crate) fn key(self) -> Style {
        self.tinted(Color::Blue)
    }

    /// A string in a text that has others too.
    pub(crate) fn string(self) -> Style {
        self.tinted(Color::Green)
    }

    /// A number, or a word such as `true`.
    pub(crate) fn number(self) -> Style {
        self.tinted(Color::Magenta)
    }

    /// A colour that says nothing that the text does not say.
    fn tinted(self, colour: Color) -> Style {
        if self.has_colour() { Style::new().fg(colour) } else { Style::new() }
    }

    /// Ordinary text.
    #[expect(clippy::unused_self, reason = "every look is asked of the theme")]
    pub(crate) fn plain(self) -> Style {
        Style::new()
    }

    /// What the eye should find first.
    #[expect(clippy::unused_self, reason = "every look is asked of the theme")]
    pub(crate) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }
}

/// The signs of the dashboard.
#[derive(Debug)]
pub(crate) struct Glyphs {
    /// A rule line.
    pub(crate) rule: &'static str,
    /// A line between two panes side by side.
    pub(crate) wall: &'static str,
    /// Where a wall hangs from a rule.
    pub(crate) tee_down: &'static str,
    /// Where a wall stands on a rule.
    pub(crate) tee_up: &'static str,
    /// The selected row.
    pub(crate) marker: &'static str,
    /// The title of the focused pane.
    pub(crate) focus: &'static str,
    /// Something was cut.
    pub(crate) cut: &'static str,
    /// Between parts of a phrase.
    pub(crate) dot: &'static str,
    /// From one to another.
    pub(crate) arrow: &'static str,
    /// The one and the other.
    pub(crate) both: &'static str,
    /// An edge.
    pub(crate) edge: &'static str,
    /// Well.
    pub(crate) on: &'static str,
    /// Not yet.
    pub(crate) half: &'static str,
    /// Off, in good order.
    pub(crate) off: &'static str,
    /// Failed.
    pub(crate) fail: &'static str,
    /// Open.
    pub(crate) open: &'static str,
    /// The caller went away.
    pub(crate) gone: &'static str,
    /// Started again, so many times.
    pub(crate) again: &'static str,
    /// Waiting on a time axis.
    pub(crate) shade: &'static str,
    /// A column filled from the left, in eighths.
    pub(crate) eighths: [&'static str; 8],
    /// A thin line: the left half of a column, all of it, the right half.
    pub(crate) thin: [&'static str; 3],
    /// A round time on a time axis.
    pub(crate) tick: &'static str,
    /// There is more beyond the left edge, beyond the right one.
    pub(crate) beyond: [&'static str; 2],
    /// What is within it is folded away.
    pub(crate) folded: &'static str,
    /// What it belongs to was not seen.
    pub(crate) unseen: &'static str,
    /// What it belongs to is a guess.
    pub(crate) guessed: &'static str,
    /// So many times.
    pub(crate) times: &'static str,
    /// A child in a tree: one more follows, the last, a level that goes on.
    pub(crate) tree: [&'static str; 3],
    /// A line of standard error.
    pub(crate) stderr: &'static str,
    /// More rows below.
    pub(crate) more: &'static str,
    /// Something below is meant.
    pub(crate) below: &'static str,
    /// A node whose lines are seen, and one whose lines are folded away.
    pub(crate) fold: [&'static str; 2],
    /// Levels of a sparkline, lowest first.
    pub(crate) spark: [&'static str; 8],
}

static UNICODE: Glyphs = Glyphs {
    rule: "─",
    wall: "│",
    tee_down: "┬",
    tee_up: "┴",
    marker: "▌",
    focus: "▸",
    cut: "…",
    dot: "·",
    arrow: "→",
    both: "⟷",
    edge: "▶",
    on: "●",
    half: "◐",
    off: "○",
    fail: "✖",
    open: "⋯",
    gone: "⊘",
    again: "↻",
    shade: "░",
    eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
    thin: ["╴", "─", "╶"],
    tick: "┆",
    beyond: ["‹", "›"],
    folded: "▸",
    unseen: "?",
    guessed: "≈",
    times: "×",
    tree: ["├ ", "└ ", "│ "],
    stderr: "┃",
    more: "▼",
    below: "▾",
    fold: ["▾", "▸"],
    spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

static ASCII: Glyphs = Glyphs {
    rule: "-",
    wall: "|",
    tee_down: "+",
    tee_up: "+",
    marker: ">",
    focus: ">",
    cut: "~",
    dot: "-",
    arrow: "->",
    both: "<->",
    edge: "->",
    on: "*",
    half: "~",
    off: "o",
    fail: "x",
    open: "~",
    gone: "/",
    again: "r",
    shade: ".",
    eighths: ["|", "|", "|", "=", "=", "=", "=", "="],
    thin: ["-", "-", "-"],
    tick: ":",
    beyond: ["<", ">"],
    folded: ">",
    unseen: "?",
    guessed: "~",
    times: "x",
    tree: ["|-", "`-", "| "],
    stderr: "!",
    more: "v",
    below: "v",
    fold: ["v", ">"],
    spark: ["_", ".", ":", "-", "=", "+", "*", "#"],
};
