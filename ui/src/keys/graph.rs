//! Keys of the graph.

use super::Place::In;
use super::{Binding, Key, char, key, row};
use crate::action::Action::{Graph, Open};
use crate::action::GraphAction as Do;
use crate::ui::Pane;

const HERE: super::Place = In(Pane::Graph);

pub(super) const KEYS: &[Binding] = &[
    row(
        HERE,
        &[key(Key::Enter)],
        Open,
        "only this",
        "narrow every screen to what is selected; once more shows its calls; opens a group",
    ),
    row(HERE, &[char('o')], Graph(Do::Narrow), "", "narrow every screen to what is selected; Esc takes it back"),
    row(HERE, &[char('n')], Graph(Do::Next), "next", "the next of all apps and edges"),
    row(HERE, &[char('N')], Graph(Do::Previous), "", "the one before"),
    row(HERE, &[char('e')], Graph(Do::NextFailing), "next failing", "the next edge that fails or is stuck"),
    row(HERE, &[key(Key::Left), char('h')], Graph(Do::Left), "", "from an app to a call at its left, and on"),
    row(HERE, &[key(Key::Right), char('l')], Graph(Do::Right), "", "from an app to a call at its right, and on"),
    row(HERE, &[char('c')], Graph(Do::Fold), "fold", "open the selected group, or fold it again"),
    row(HERE, &[char('C')], Graph(Do::FoldAll), "", "fold all groups, or open them"),
    row(HERE, &[char('v')], Graph(Do::ListOrPicture), "list/picture", "show a list, or a picture"),
    row(HERE, &[char('+')], Graph(Do::Closer), "", "show more of each app"),
    row(HERE, &[char('-')], Graph(Do::Farther), "", "show less of each app"),
    row(HERE, &[char('=')], Graph(Do::Fit), "", "show as much as fits"),
    row(HERE, &[char('H')], Graph(Do::PanLeft), "", "see what is further left"),
    row(HERE, &[char('J')], Graph(Do::PanDown), "", "see what is further down"),
    row(HERE, &[char('K')], Graph(Do::PanUp), "", "see what is further up"),
    row(HERE, &[char('L')], Graph(Do::PanRight), "", "see what is further right"),
];
