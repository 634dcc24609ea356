//! The row of each item: as near as possible to the rows of its neighbours, so that most lines run straight.

use super::structure::{Component, Item, Trunk};

/// How much room is taken, in cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Measures {
    /// How much of a node is shown.
    pub(crate) detail: Detail,
    /// Columns for a name, at most.
    pub(crate) name: i32,
    /// Columns for the label of a link; 0 for none.
    pub(crate) label: i32,
    /// Empty rows between nodes.
    pub(crate) spacing: i32,
}

/// How much of a node is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) enum Detail {
    /// A box with name and numbers.
    #[default]
    Full,
    /// The name.
    Names,
    /// The sign of its state.
    Dots,
}

/// An item's rows, counted from its own top.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shape {
    /// How many rows it has.
    pub(super) height: i32,
    /// The row of its name, and of the trunk that leaves it.
    pub(super) name: i32,
    /// The row of the trunk that gathers at it from the right.
    pub(super) back: i32,
}

impl Shape {
    /// The row in which a trunk meets the item's right side.
    pub(super) fn exit(self, trunk: Trunk) -> i32 {
        if trunk.is_back { self.back } else { self.name }
    }
}

/// The rows of a component's items and of their ports.
pub(super) struct Rows {
    /// The shape of each item.
    pub(super) shapes: Vec<Shape>,
    /// Of each segment of each gap, the row in which it meets its right item, counted from the item's top.
    pub(super) ports: Vec<Vec<i32>>,
    /// The top row of each item.
    pub(super) tops: Vec<i32>,
    /// The place of each item in its layer.
    places: Vec<usize>,
}

/// Passes over all layers.
const PASSES: usize = 5;

/// Of more items than this, fewer passes have to do.
const MANY: usize = 800;

impl Rows {
    /// Places all items of a component whose layers are in order.
    pub(super) fn of(component: &Component, measures: Measures) -> Self {
        let places = places(component);
        let (shapes, ports) = shapes(component, &places, measures.detail);
        let mut rows = Self { tops: vec![0; shapes.len()], shapes, ports, places };
        for layer in &component.layers {
            let mut wanted = vec![vec![(0, 1)]; layer.len()];
            rows.settle(component, layer, &mut wanted, measures.spacing);
        }
        let count = component.layers.len();
        let passes = if rows.tops.len() > MANY { 3 } else { PASSES };
        for pass in 0..passes {
            let down = pass % 2 == 0;
            for step in 0..count {
                let at = if down { step } else { count - 1 - step };
                let mut wanted = rows.wanted(component, at, down || pass + 2 >= passes, !down || pass + 1 == passes);
                rows.settle(component, &component.layers[at], &mut wanted, measures.spacing);
            }
        }
        let top = rows.tops.iter().copied().min().unwrap_or(0);
        rows.tops.iter_mut().for_each(|row| *row -= top);
        rows
    }

    /// Where each item of a layer would stand for its lines to be straight, with weights.
    fn wanted(&self, component: &Component, layer: usize, left: bool, right: bool) -> Vec<Vec<(i32, i32)>> {
        let items = &component.layers[layer];
        let mut wanted: Vec<Vec<(i32, i32)>> = vec![Vec::new(); items.len()];
        let is_lane = |item: usize| matches!(component.items[item], Item::Lane(_));
        let weight = |a: usize, b: usize| if is_lane(a) && is_lane(b) { 4 } else { 1 };
        if left && layer > 0 {
            for (segment, port) in component.gaps[layer - 1].iter().zip(&self.ports[layer - 1]) {
                let row = self.tops[segment.left] + self.shapes[segment.left].exit(segment.trunk) - port;
                wanted[self.places[segment.right]].push((row, weight(segment.left, segment.right)));
            }
        }
        if right && layer + 1 < component.layers.len() {
            for (segment, port) in component.gaps[layer].iter().zip(&self.ports[layer]) {
                let row = self.tops[segment.right] + port - self.shapes[segment.left].exit(segment.trunk);
                wanted[self.places[segment.left]].push((row, weight(segment.left, segment.right)));
            }
        }
        for (wanted, item) in wanted.iter_mut().zip(items) {
            if wanted.is_empty() {
                wanted.push((self.tops[*item], 1));
            }
        }
        wanted
    }

    /// Puts the items of a layer as near to where they would stand as their order and heights allow: those that want
    /// the same room move together, to the median of what they want.
    fn settle(&mut self, component: &Component, layer: &[usize], wanted: &mut [Vec<(i32, i32)>], spacing: i32) {
        let is_node = |item: usize| matches!(component.items[item], Item::Node(_));
        let (mut offsets, mut offset) = (Vec::with_capacity(layer.len()), 0);
        for (at, item) in layer.iter().enumerate() {
            offsets.push(offset);
            let next = layer.get(at + 1);
            let gap = if next.is_some_and(|next| is_node(*item) && is_node(*next)) { spacing } else { 0 };
            offset += self.shapes[*item].height + gap;
        }
        let mut blocks: Vec<Block> = Vec::new();
        for (wanted, offset) in wanted.iter_mut().zip(&offsets) {
            wanted.sort_unstable();
            let weight = wanted.iter().map(|(_, weight)| weight).sum();
            blocks.push(Block::new(vec![(median(wanted) - offset, weight)], 1));
            while let [.., upper, lower] = blocks.as_slice()
                && upper.row > lower.row
            {
                let lower = blocks.pop().unwrap_or_default();
                let upper = blocks.pop().unwrap_or_default();
                blocks.push(upper.with(lower));
            }
        }
        let rows = blocks.iter().flat_map(|block| std::iter::repeat_n(block.row, block.count));
        for ((item, offset), row) in layer.iter().zip(offsets).zip(rows) {
            self.tops[*item] = row + offset;
        }
    }
}

/// Items that stand close together.
#[derive(Default)]
struct Block {
    wanted: Vec<(i32, i32)>,
    count: usize,
    row: i32,
}

impl Block {
    /// Of rows that are sorted.
    fn new(wanted: Vec<(i32, i32)>, count: usize) -> Self {
        Self { row: median(&wanted), wanted, count }
    }

    fn with(mut self, lower: Self) -> Self {
        self.wanted.extend(lower.wanted);
        // A stable sort merges two sorted runs instead of sorting anew.
        self.wanted.sort_by_key(|wanted| *wanted);
        Self::new(self.wanted, self.count + lower.count)
    }
}

/// The row in the middle of sorted rows with weights.
fn median(wanted: &[(i32, i32)]) -> i32 {
    let all: i32 = wanted.iter().map(|(_, weight)| weight).sum();
    let mut before = 0;
    let median = wanted.iter().find(|(_, weight)| {
        before += weight;
        2 * before >= all
    });
    median.map_or(0, |(row, _)| *row)
}

/// The place of each item in its layer.
fn places(component: &Component) -> Vec<usize> {
    let mut places = vec![0; component.items.len()];
    for layer in &component.layers {
        for (place, item) in layer.iter().enumerate() {
            places[*item] = place;
        }
    }
    places
}

/// The shapes of the items, and the ports of the segments: each has a row of its own where names are shown.
fn shapes(component: &Component, places: &[usize], detail: Detail) -> (Vec<Shape>, Vec<Vec<i32>>) {
    let count = component.items.len();
    let mut incoming: Vec<Vec<(usize, bool, usize, usize)>> = vec![Vec::new(); count];
    let mut exits = vec![[false; 2]; count];
    for (gap, segments) in component.gaps.iter().enumerate() {
        for (index, segment) in segments.iter().enumerate() {
            incoming[segment.right].push((places[segment.left], segment.trunk.is_back, gap, index));
            exits[segment.left][usize::from(segment.trunk.is_back)] = true;
        }
    }
    let mut ports: Vec<Vec<i32>> = component.gaps.iter().map(|segments| vec![0; segments.len()]).collect();
    let mut shapes = Vec::with_capacity(count);
    for (item, incoming) in incoming.iter_mut().enumerate() {
        let both = exits[item] == [true; 2];
        let shape = match component.items[item] {
            Item::Lane(_) => Shape { height: 1, name: 0, back: 0 },
            Item::Node(_) => shape(detail, incoming.len() as i32, both),
        };
        incoming.sort_unstable();
        let first = match detail {
            Detail::Full if incoming.len() <= 2 => shape.name,
            Detail::Full => 1,
            Detail::Names if incoming.len() == 1 => shape.name,
            Detail::Names | Detail::Dots => 0,
        };
        for (port, (_, _, gap, index)) in incoming.iter().enumerate() {
            let is_shared = detail == Detail::Dots || matches!(component.items[item], Item::Lane(_));
            ports[*gap][*index] = if is_shared { shape.name } else { first + port as i32 };
        }
        shapes.push(shape);
    }
    (shapes, ports)
}

/// A node's shape, by how many lines come in and whether trunks of both kinds meet its right side.
fn shape(detail: Detail, incoming: i32, both: bool) -> Shape {
    let trunks = if both { 2 } else { 1 };
    match detail {
        Detail::Full => {
            let rows = incoming.max(2);
            let name = 1 + (rows - 2) / 2;
            Shape { height: rows + 2, name, back: if both { name + 1 } else { name } }
        }
        Detail::Names => {
            let rows = incoming.max(trunks);
            let name = (rows - trunks) / 2;
            Shape { height: rows, name, back: name + trunks - 1 }
        }
        Detail::Dots => Shape { height: trunks, name: 0, back: trunks - 1 },
    }
}
