//! The state of the graph: what is in the picture, what is selected, and which part of it is seen.

use daptop_model::{AppId, Snapshot};

use super::fold::Folding;
use super::narrowed::{Narrowed, Pairs};
use super::picture::{Picture, Structure};
use super::place::{Detail, Measures};
use super::topology::Topology;

/// A node or a link, by name: what is selected stays selected when others come and go.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Target {
    /// The node that a name belongs to.
    Node(AppId),
    /// The link from one name to another.
    Link(AppId, AppId),
}

/// The same, by place in the topology of now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spot {
    /// A node.
    Node(usize),
    /// A link.
    Link(usize),
}

/// What there is room for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Room {
    /// Columns and rows for the picture.
    pub(crate) size: (u16, u16),
    /// A list is better than a picture that does not fit: where one cannot pan.
    pub(crate) must_fit: bool,
    /// Too narrow for any picture.
    pub(crate) is_narrow: bool,
}

/// The state of the graph.
#[derive(Debug, Default)]
pub(crate) struct GraphPane {
    /// What is selected.
    pub(crate) selected: Option<Target>,
    /// What is folded.
    pub(crate) folding: Folding,
    /// How much of a node is to be shown; `None` for as much as fits.
    pub(crate) wanted: Option<Detail>,
    /// A list is to be shown, or a picture; `None` for what fits.
    pub(crate) list_wanted: Option<bool>,
    /// What the filter leaves.
    pub(crate) narrowed: Narrowed,
    /// The nodes and links that are shown.
    pub(crate) topology: Topology,
    /// Where they are.
    pub(crate) picture: Picture,
    /// The column and row of the picture at the top left of what is seen.
    pub(crate) origin: (i32, i32),
    structure: Structure,
    /// The link of each edge of the snapshot that was seen last.
    links: Vec<Option<usize>>,
    is_list: bool,
    room: Room,
    ascii: bool,
    /// Of what the topology was made: the snapshot's number, and how the rest was.
    made_of: Option<(u64, Folding, Option<Pairs>)>,
    drawn_for: Option<(Room, Option<Detail>, Option<bool>)>,
}

/// Columns for a name and for a label, of pictures from the most detailed to the least: the first that fits is shown.
const ATTEMPTS: [(Detail, &[(i32, i32)]); 2] = [
    (Detail::Full, &[(22, 24), (22, 18), (22, 13), (22, 9), (14, 9)]),
    (Detail::Names, &[(22, 24), (22, 17), (22, 13), (16, 10), (12, 8), (10, 7)]),
];

/// The same where no picture fits.
const OVERSIZED: (i32, i32) = (20, 13);

impl GraphPane {
    /// Takes a snapshot, the filter and the room into account.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot, room: Room, ascii: bool) {
        let pairs = self.narrowed.pairs();
        let is_new = self.made_of.as_ref().is_none_or(|(rev, folding, before)| {
            *rev != snapshot.rev || *folding != self.folding || before.as_ref() != pairs
        });
        if is_new {
            self.made_of = Some((snapshot.rev, self.folding.clone(), pairs.cloned()));
            let takes = |edge: &daptop_model::Edge| {
                pairs.is_none_or(|pairs| pairs.get(&edge.from).is_some_and(|callees| callees.contains(&edge.to)))
            };
            let topology = self.folding.fold(Topology::of(snapshot, pairs.is_none(), takes));
            if topology != self.topology || self.drawn_for.is_none() {
                self.structure = Structure::of(&topology, ascii);
                self.topology = topology;
                self.drawn_for = None;
            }
            let link = |edge: &daptop_model::Edge| self.topology.find_link(&edge.from, &edge.to);
            self.links = snapshot.edges.iter().map(link).collect();
        }
        let drawn_for = (room, self.wanted, self.list_wanted);
        if self.drawn_for != Some(drawn_for) {
            self.drawn_for = Some(drawn_for);
            (self.room, self.ascii) = (room, ascii);
            self.draw_anew();
        }
    }

    fn draw_anew(&mut self) {
        let (width, height) = (i32::from(self.room.size.0), i32::from(self.room.size.1));
        let fits = |picture: &Picture| picture.width <= width && picture.height <= height;
        let details = ATTEMPTS.iter().filter(|(detail, _)| self.wanted.is_none_or(|wanted| wanted == *detail));
        let measures = details.flat_map(|(detail, columns)| {
            // Rows between nodes are worth more than columns: what differs from calm is said in them.
            let spaced = |spacing| {
                let measures =
                    move |(name, label): &(i32, i32)| Measures { detail: *detail, name: *name, label: *label, spacing };
                columns.iter().map(measures)
            };
            spaced(1).chain(spaced(0))
        });
        let may_fit = |measures: &Measures| {
            let (columns, rows) = self.structure.least(*measures);
            columns <= width && rows <= height
        };
        let fitting = measures.filter(may_fit).map(|measures| self.structure.picture(measures, width)).find(fits);
        let has_fit = fitting.is_some();
        self.picture = fitting.unwrap_or_else(|| {
            let detail = self.wanted.unwrap_or(Detail::Names);
            let (name, label) = OVERSIZED;
            let label = if detail == Detail::Dots { 0 } else { label };
            self.structure.picture(Measures { detail, name, label, spacing: 0 }, width)
        });
        let no_room = self.room.is_narrow || (self.room.must_fit && !has_fit);
        self.is_list = self.list_wanted.unwrap_or(no_room);
        self.look_at_selected();
    }

    /// The link of the edge at a position of a snapshot.
    pub(super) fn link_of(&self, position: usize, edge: &daptop_model::Edge, snapshot: &Snapshot) -> Option<usize> {
        if self.made_of.as_ref().is_some_and(|(rev, ..)| *rev == snapshot.rev) {
            return self.links.get(position).copied().flatten();
        }
        self.topology.find_link(&edge.from, &edge.to)
    }

    /// Whether a part of these columns and rows of the picture is seen.
    pub(crate) fn sees(&self, columns: std::ops::Range<i32>, rows: std::ops::Range<i32>) -> bool {
        let ((x, y), (width, height)) = (self.origin, self.seen());
        columns.start < x + width && columns.end > x && rows.start < y + height && rows.end > y
    }

    /// How many columns and rows of the picture are seen.
    pub(crate) fn seen(&self) -> (i32, i32) {
        (i32::from(self.room.size.0), i32::from(self.room.size.1))
    }

    /// Whether a list is shown and no picture.
    pub(crate) fn is_list(&self) -> bool {
        self.is_list
    }

    /// What is selected, where it is in the topology.
    pub(crate) fn spot(&self) -> Option<Spot> {
        match self.selected.as_ref()? {
            Target::Node(id) => self.topology.find(id).map(Spot::Node),
            Target::Link(from, to) => self.topology.find_link(from, to).map(Spot::Link),
        }
    }

    /// The name of a place in the topology.
    pub(crate) fn target(&self, spot: Spot) -> Option<Target> {
        Some(match spot {
            Spot::Node(node) => Target::Node(self.topology.nodes.get(node)?.key().clone()),
            Spot::Link(link) => {
                let link = self.topology.links.get(link)?;
                let key = |node: usize| self.topology.nodes[node].key().clone();
                Target::Link(key(link.from), key(link.to))
            }
        })
    }

    /// Selects, and brings into view what is selected.
    pub(crate) fn select(&mut self, spot: Option<Spot>) {
        self.selected = spot.and_then(|spot| self.target(spot));
        self.look_at_selected();
    }

    /// Shows more of a node, or less.
    pub(crate) fn zoom(&mut self, closer: bool) {
        let details = [Detail::Full, Detail::Names, Detail::Dots];
        let at = details.iter().position(|detail| *detail == self.picture.detail).unwrap_or(0);
        let next = if closer { at.saturating_sub(1) } else { (at + 1).min(2) };
        self.wanted = Some(details[next]);
    }

    /// Moves what is seen.
    pub(crate) fn pan(&mut self, columns: i32, rows: i32) {
        self.origin = (self.origin.0 + columns, self.origin.1 + rows);
        self.clamp();
    }

    /// Opens or folds the selected group, or, with nothing selected, all of them. Whether something changed.
    pub(crate) fn fold(&mut self, all: bool) -> bool {
        if all {
            let is_on =
                self.folding.is_on(&self.topology) || self.topology.nodes.iter().any(super::topology::Node::is_group);
            self.folding.open.clear();
            self.folding.wanted = Some(!is_on);
            return true;
        }
        let Some(Spot::Node(node)) = self.spot() else { return false };
        let node = &self.topology.nodes[node];
        if node.is_group() {
            // A group that was folded because there are many nodes stays folded but for this one.
            self.folding.wanted = Some(true);
            return self.folding.open.insert(node.key().clone());
        }
        match self.folding.group_of(&self.topology, node.key()) {
            Some(key) => self.folding.open.remove(&key),
            None => false,
        }
    }

    fn look_at_selected(&mut self) {
        const MARGIN: i32 = 2;
        let place = match self.spot() {
            Some(Spot::Node(node)) => {
                self.picture.frames.get(node).map(|frame| (frame.x, frame.y, frame.width, frame.height))
            }
            Some(Spot::Link(link)) => {
                self.picture.paths.get(link).map(|path| (path.label.0, path.head.1, path.label.2.max(1), 1))
            }
            None => None,
        };
        if let Some((x, y, width, height)) = place {
            let see = |origin: i32, at: i32, length: i32, room: u16| {
                let last = at + length + MARGIN - i32::from(room);
                origin.max(last).min((at - MARGIN).max(0))
            };
            self.origin =
                (see(self.origin.0, x, width, self.room.size.0), see(self.origin.1, y, height, self.room.size.1));
        }
        self.clamp();
    }

    fn clamp(&mut self) {
        let clamp = |origin: i32, length: i32, room: u16| {
            let spare = i32::from(room) - length;
            if spare >= 0 { -(spare / 2) } else { origin.clamp(0, -spare) }
        };
        self.origin = (
            clamp(self.origin.0, self.picture.width, self.room.size.0),
            clamp(self.origin.1, self.picture.height, self.room.size.1),
        );
    }
}
