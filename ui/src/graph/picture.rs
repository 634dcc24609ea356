//! The picture in cells: where the nodes stand and which way the links run. Depends on the topology and on the room
//! alone, and is made anew only when one of them changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::order;
use super::place::{Detail, Measures, Rows};
use super::structure::{Component, Item, Segment, Trunk, components};
use super::topology::Topology;
use super::tracks::{self, Bundle};
use crate::text;

/// A box has room for a port and a rate at least.
const NARROWEST: i32 = 14;
/// How often a row may be moved to keep two lines apart.
const MOST_MOVES: usize = 400;
/// Columns between components side by side.
const BESIDE: i32 = 4;

/// Cells of a node. Where it has walls, they are within.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Frame {
    /// The first column.
    pub(crate) x: i32,
    /// The first row.
    pub(crate) y: i32,
    /// Columns.
    pub(crate) width: i32,
    /// Rows.
    pub(crate) height: i32,
    /// The row of the name, counted from the first.
    pub(crate) name: i32,
}

impl Frame {
    /// Whether it has this cell.
    pub(crate) fn contains(&self, x: i32, y: i32) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }
}

/// A straight line of cells, ends included, from left to right or from top to bottom.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Run {
    /// The first column and row.
    pub(crate) from: (i32, i32),
    /// The last column and row.
    pub(crate) to: (i32, i32),
}

/// The way of a link.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Path {
    /// Its lines. None for a link from a node to itself.
    pub(crate) runs: Vec<Run>,
    /// The same lines, by their places in [`Picture::lines`].
    pub(crate) lines: Vec<usize>,
    /// Whose lines it may touch: a number for all that share their left end.
    pub(crate) trunk: usize,
    /// The cell of the arrow's head.
    pub(crate) head: (i32, i32),
    /// The head points to the left.
    pub(crate) is_back: bool,
    /// The first cell of the label, and how many columns it has; 0 for none.
    pub(crate) label: (i32, i32, i32),
    /// The row below the label is free.
    pub(crate) has_below: bool,
}

/// The picture.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Picture {
    /// How much of a node is shown.
    pub(crate) detail: Detail,
    /// Columns.
    pub(crate) width: i32,
    /// Rows.
    pub(crate) height: i32,
    /// Of each node.
    pub(crate) frames: Vec<Frame>,
    /// Of each link.
    pub(crate) paths: Vec<Path>,
    /// The lines of all links, each once, and their trunks: links that share an end share lines.
    pub(crate) lines: Vec<(Run, usize)>,
}

impl Picture {
    fn share_lines(&mut self) {
        let mut known: HashMap<(Run, usize), usize> = HashMap::new();
        for path in &mut self.paths {
            path.lines.clear();
            for run in &path.runs {
                let line = (*run, path.trunk);
                let next = self.lines.len();
                let place = *known.entry(line).or_insert(next);
                if place == next {
                    self.lines.push(line);
                }
                path.lines.push(place);
            }
        }
    }
}

/// A topology in layers, from which pictures of any detail are made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Structure {
    components: Vec<Component>,
    names: Vec<i32>,
    loops: Vec<(usize, usize)>,
}

impl Structure {
    /// Finds the layers, and the order within them.
    pub(crate) fn of(topology: &Topology, ascii: bool) -> Self {
        let mut components = components(topology);
        components.iter_mut().for_each(order::arrange);
        let width = |node: &super::topology::Node| text::width(&text::clean(&node.name(ascii), ascii)) as i32;
        let loops = topology.links.iter().enumerate().filter(|(_, link)| link.from == link.to);
        Self {
            components,
            names: topology.nodes.iter().map(width).collect(),
            loops: loops.map(|(number, link)| (number, link.from)).collect(),
        }
    }

    /// The picture, its components beside each other as far as `room` columns allow, then below.
    pub(crate) fn picture(&self, measures: Measures, room: i32) -> Picture {
        let links = self.components.iter().flat_map(|component| component.gaps.iter().flatten());
        let last = links.filter_map(|segment| segment.link).chain(self.loops.iter().map(|(link, _)| *link)).max();
        let mut picture = Picture {
            detail: measures.detail,
            frames: vec![Frame::default(); self.names.len()],
            paths: vec![Path::default(); last.map_or(0, |last| last + 1)],
            ..Picture::default()
        };
        let (mut x, mut y, mut below) = (0, 0, 0);
        for component in &self.components {
            let mut drawing = Drawing { structure: self, component, measures, picture: &mut picture };
            let (width, height) = drawing.draw((x, y));
            if x > 0 && x + width > room {
                (x, y) = (0, below);
                Drawing { structure: self, component, measures, picture: &mut picture }.draw((x, y));
            }
            picture.width = picture.width.max(x + width);
            picture.height = picture.height.max(y + height);
            x += width + BESIDE;
            let gap = if measures.detail == Detail::Full { measures.spacing } else { 1 - measures.spacing };
            below = below.max(y + height + gap);
        }
        for (link, node) in &self.loops {
            let frame = picture.frames[*node];
            let path = &mut picture.paths[*link];
            path.head = (frame.x + frame.width - 2, frame.y + frame.name);
            if measures.detail == Detail::Full {
                path.label = (frame.x + 2, frame.y + frame.height - 1, frame.width - 4);
            }
        }
        picture.share_lines();
        picture
    }

    /// No picture of these measures takes less columns and rows: told without making one.
    pub(crate) fn least(&self, measures: Measures) -> (i32, i32) {
        let width = |component: &Component| {
            let widest =
                |layer: &Vec<usize>| layer.iter().map(|item| component.width(self, *item, measures)).max().unwrap_or(0);
            let gaps = component.gaps.len() as i32 * (measures.label + 2);
            component.layers.iter().map(widest).sum::<i32>() + gaps
        };
        let height = |component: &Component| component.layers.iter().map(Vec::len).max().unwrap_or(0) as i32;
        let (widths, heights) = (self.components.iter().map(width), self.components.iter().map(height));
        (widths.max().unwrap_or(0), heights.max().unwrap_or(0))
    }

    /// How many columns a node takes.
    fn width(&self, node: usize, measures: Measures) -> i32 {
        let has_loop = self.loops.iter().any(|(_, other)| *other == node);
        let name = self.names[node].min(measures.name);
        match measures.detail {
            Detail::Full => (name + 2).max(NARROWEST) + 4,
            Detail::Names => name + 4 + 2 * i32::from(has_loop),
            Detail::Dots => 1,
        }
    }
}

impl Component {
    /// How many columns an item takes.
    fn width(&self, structure: &Structure, item: usize, measures: Measures) -> i32 {
        match self.items[item] {
            Item::Node(node) => structure.width(node, measures),
            Item::Lane(_) => 1,
        }
    }
}

/// One component on its way into the picture.
struct Drawing<'a> {
    structure: &'a Structure,
    component: &'a Component,
    measures: Measures,
    picture: &'a mut Picture,
}

/// The columns of a gap between two layers.
struct Gap {
    /// The first column.
    left: i32,
    /// The column after the last.
    right: i32,
    /// Of each segment, the column in which its trunk runs up and down, counted from the first.
    columns: Vec<Option<i32>>,
    /// How many columns trunks take.
    count: i32,
}

impl Drawing<'_> {
    /// Draws it at a column and row, and says how many columns and rows it took.
    fn draw(&mut self, (x, y): (i32, i32)) -> (i32, i32) {
        let mut rows = Rows::of(self.component, self.measures);
        let mut gaps = Vec::with_capacity(self.component.gaps.len());
        let mut left = x;
        for (at, layer) in self.component.layers.iter().enumerate() {
            let widest = layer.iter().map(|item| self.item_width(*item)).max().unwrap_or(1);
            self.frames(layer, &rows, (left, y), widest);
            left += widest;
            if let Some(segments) = self.component.gaps.get(at) {
                let (columns, count) = self.columns(segments, at, &mut rows);
                let label = if self.measures.label > 0 { self.measures.label + 2 + self.lead() } else { 0 };
                let right = left + 1 + count + label + 1;
                gaps.push(Gap { left, right, columns, count });
                left = right;
            }
        }
        self.paths(&rows, &gaps, y);
        let bottom = rows.tops.iter().zip(&rows.shapes).map(|(top, shape)| top + shape.height).max();
        // What is said below the lowest line needs a row, too.
        let below = i32::from(self.measures.spacing > 0 && self.measures.detail == Detail::Names);
        (left - x, bottom.unwrap_or(0) + below)
    }

    /// Columns of line before a label.
    fn lead(&self) -> i32 {
        i32::from(self.measures.detail == Detail::Full)
    }

    fn item_width(&self, item: usize) -> i32 {
        self.component.width(self.structure, item, self.measures)
    }

    fn frames(&mut self, layer: &[usize], rows: &Rows, (x, y): (i32, i32), widest: i32) {
        for item in layer {
            let Item::Node(node) = self.component.items[*item] else { continue };
            let width = if self.measures.detail == Detail::Full { widest } else { self.item_width(*item) };
            let shape = rows.shapes[*item];
            let frame = Frame { x, y: y + rows.tops[*item], width, height: shape.height, name: shape.name };
            self.picture.frames[node] = frame;
        }
    }

    /// The columns in which trunks run up and down; moves rows where no order of columns keeps lines apart.
    fn columns(&self, segments: &[Segment], at: usize, rows: &mut Rows) -> (Vec<Option<i32>>, i32) {
        for _ in 0..MOST_MOVES {
            let mut of_trunk: BTreeMap<Trunk, usize> = BTreeMap::new();
            let mut ends: Vec<(i32, Vec<i32>)> = Vec::new();
            for (segment, port) in segments.iter().zip(&rows.ports[at]) {
                let number = *of_trunk.entry(segment.trunk).or_insert(ends.len());
                if number == ends.len() {
                    let from = rows.tops[segment.left] + rows.shapes[segment.left].exit(segment.trunk);
                    ends.push((from, Vec::new()));
                }
                ends[number].1.push(rows.tops[segment.right] + port);
            }
            let bundles: Vec<Bundle> = ends.into_iter().map(|(from, to)| Bundle::new(from, to)).collect();
            match tracks::assign(&bundles) {
                Ok((columns, count)) => {
                    let column = |segment: &Segment| of_trunk.get(&segment.trunk).and_then(|number| columns[*number]);
                    return (segments.iter().map(column).collect(), count);
                }
                Err(row) => move_down(&self.component.layers[at + 1], segments, at, rows, row),
            }
        }
        // Every line gets a column, so that the picture is whole, if not clear.
        let numbers: BTreeMap<Trunk, i32> = segments.iter().map(|segment| (segment.trunk, 0)).collect();
        let trunks: Vec<Trunk> = numbers.into_keys().collect();
        let column = |segment: &Segment| trunks.binary_search(&segment.trunk).ok().map(|column| column as i32);
        (segments.iter().map(column).collect(), trunks.len() as i32)
    }

    fn paths(&mut self, rows: &Rows, gaps: &[Gap], y: i32) {
        let mut lanes: BTreeMap<Trunk, Vec<Run>> = BTreeMap::new();
        for (at, (segments, gap)) in self.component.gaps.iter().zip(gaps).enumerate() {
            let row = |(segment, port): (&Segment, &i32)| y + rows.tops[segment.right] + port;
            let taken: BTreeSet<i32> = segments.iter().zip(&rows.ports[at]).map(row).collect();
            for (index, segment) in segments.iter().enumerate() {
                let from = y + rows.tops[segment.left] + rows.shapes[segment.left].exit(segment.trunk);
                let to = y + rows.tops[segment.right] + rows.ports[at][index];
                let (begin, end) = self.ends(segment, gap, gaps.get(at + 1));
                let mut runs = lanes.get(&segment.trunk).cloned().unwrap_or_default();
                match gap.columns[index].map(|column| gap.left + 1 + column) {
                    Some(column) if from != to => {
                        go_right(&mut runs, begin, column, from);
                        runs.push(Run { from: (column, from.min(to)), to: (column, from.max(to)) });
                        go_right(&mut runs, column, end, to);
                    }
                    _ => go_right(&mut runs, begin, end, from),
                }
                match segment.link {
                    Some(link) => {
                        let path = self.path(segment, gap, runs, to);
                        self.picture.paths[link] = Path { has_below: !taken.contains(&(to + 1)), ..path };
                    }
                    // Of a trunk's segments in a gap, the one that leads to a lane is the last.
                    None => drop(lanes.insert(segment.trunk, runs)),
                }
            }
        }
    }

    /// The first and the last column of a segment's lines: from the node's side, or from where its lane has come, to
    /// the node or to where the lane goes on.
    fn ends(&self, segment: &Segment, gap: &Gap, next: Option<&Gap>) -> (i32, i32) {
        let begin = match self.component.items[segment.left] {
            Item::Node(node) => self.picture.frames[node].x + self.picture.frames[node].width,
            Item::Lane(_) => gap.left,
        };
        let end = match (self.component.items[segment.right], next) {
            (Item::Lane(_), Some(next)) => next.left - 1,
            _ => gap.right - 1,
        };
        (begin, end)
    }

    fn path(&self, segment: &Segment, gap: &Gap, runs: Vec<Run>, row: i32) -> Path {
        let first = runs.first().map_or((0, 0), |run| run.from);
        let is_back = segment.trunk.is_back;
        let head = if is_back { first } else { (gap.right - 1, row) };
        let start = gap.left + 1 + gap.count + 1 + self.lead();
        let trunk = segment.trunk.node * 2 + usize::from(is_back);
        Path {
            runs,
            lines: Vec::new(),
            trunk,
            head,
            is_back,
            label: (start, row, self.measures.label),
            has_below: false,
        }
    }
}

/// Adds a level line, or makes the last one longer.
fn go_right(runs: &mut Vec<Run>, begin: i32, end: i32, row: i32) {
    match runs.last_mut() {
        Some(last) if last.from.1 == row && last.to == (begin - 1, row) => last.to.0 = end,
        _ => runs.push(Run { from: (begin, row), to: (end, row) }),
    }
}

/// Moves the item that is reached in a row, and all below it, one row down.
fn move_down(layer: &[usize], segments: &[Segment], at: usize, rows: &mut Rows, row: i32) {
    let reached = segments.iter().zip(&rows.ports[at]).find(|(segment, port)| rows.tops[segment.right] + *port == row);
    let item = reached.map(|(segment, _)| segment.right);
    let from = layer.iter().position(|other| Some(*other) == item).unwrap_or(0);
    for item in &layer[from..] {
        rows.tops[*item] += 1;
    }
}
