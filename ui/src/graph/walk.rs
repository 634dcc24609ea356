//! From one node or link to the next, by keys and by the mouse, in the order in which they are seen.

use super::pane::{GraphPane, Spot};
use super::topology::Link;

/// Where a key leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// To what stands above.
    Up,
    /// To what stands below.
    Down,
    /// From a node to a link at its left, from a link to its left end.
    Left,
    /// From a node to a link at its right, from a link to its right end.
    Right,
    /// To the next of all nodes and links.
    Next,
    /// To the one before.
    Previous,
}

impl GraphPane {
    /// All nodes and links: column by column, each node followed by the links that it calls along.
    pub(crate) fn spots(&self) -> Vec<Spot> {
        let mut nodes: Vec<usize> = (0..self.topology.nodes.len()).collect();
        nodes.sort_by_key(|node| self.picture.frames.get(*node).map(|frame| (frame.x, frame.y)));
        let mut spots = Vec::with_capacity(nodes.len() + self.topology.links.len());
        for node in nodes {
            spots.push(Spot::Node(node));
            let first = self.topology.links.partition_point(|link| link.from < node);
            let own = self.topology.links[first..].iter().take_while(|link| link.from == node).count();
            let mut links: Vec<usize> = (first..first + own).collect();
            links.sort_by_key(|link| self.picture.paths.get(*link).map(|path| (path.head.1, path.head.0)));
            spots.extend(links.into_iter().map(Spot::Link));
        }
        spots
    }

    /// The rows of the list: every link, and the nodes without any.
    pub(crate) fn rows(&self) -> Vec<Spot> {
        let is_alone = |node: usize| !self.topology.links.iter().any(|link| link.from == node || link.to == node);
        let is_row = |spot: &Spot| match spot {
            Spot::Link(_) => true,
            Spot::Node(node) => is_alone(*node),
        };
        let (links, nodes) =
            self.spots().into_iter().filter(is_row).partition::<Vec<_>, _>(|spot| matches!(spot, Spot::Link(_)));
        links.into_iter().chain(nodes).collect()
    }

    /// Where a way leads from what is selected; with nothing selected, to the first. `None` where it leads nowhere.
    pub(crate) fn way(&self, way: Way) -> Option<Spot> {
        let Some(spot) = self.spot() else { return self.spots().into_iter().next() };
        match (way, spot) {
            (Way::Next | Way::Previous, _) => neighbour(&self.spots(), spot, way == Way::Next),
            (Way::Up | Way::Down, Spot::Node(node)) => self.node_beside(node, way == Way::Down).map(Spot::Node),
            (Way::Up | Way::Down, Spot::Link(link)) => self.link_beside(link, way == Way::Down).map(Spot::Link),
            (Way::Left | Way::Right, Spot::Node(node)) => self.link_at(node, way == Way::Right).map(Spot::Link),
            (Way::Left | Way::Right, Spot::Link(link)) => {
                let (left, right) = self.ends(link);
                Some(Spot::Node(if way == Way::Right { right } else { left }))
            }
        }
    }

    /// The next link that fails after what is selected, round to the first.
    pub(crate) fn next_of(&self, is_sought: impl Fn(usize) -> bool) -> Option<Spot> {
        let spots = self.spots();
        let at = self.spot().and_then(|spot| spots.iter().position(|other| *other == spot)).map_or(0, |at| at + 1);
        let sought = |spot: &&Spot| matches!(spot, Spot::Link(link) if is_sought(*link));
        spots[at..].iter().chain(&spots[..at]).find(sought).copied()
    }

    /// What is seen at a column and row of the picture.
    pub(crate) fn at(&self, x: i32, y: i32) -> Option<Spot> {
        let node = self.picture.frames.iter().position(|frame| frame.contains(x, y));
        if let Some(node) = node {
            return Some(Spot::Node(node));
        }
        let on = |path: &super::picture::Path| {
            let (label, row, room) = path.label;
            let on_run = path
                .runs
                .iter()
                .any(|run| (run.from.0..=run.to.0).contains(&x) && (run.from.1..=run.to.1).contains(&y));
            let on_label = (row..=row + i32::from(path.has_below)).contains(&y) && (label..label + room).contains(&x);
            (on_label, on_run)
        };
        let paths = || self.picture.paths.iter().map(on);
        // A label is one link's own; a line may be several links'.
        paths().position(|(label, _)| label).or_else(|| paths().position(|(_, run)| run)).map(Spot::Link)
    }

    /// The nodes at the left and at the right end of a link.
    fn ends(&self, link: usize) -> (usize, usize) {
        let Link { from, to } = self.topology.links[link];
        let is_back = self.picture.paths.get(link).is_some_and(|path| path.is_back);
        if is_back { (to, from) } else { (from, to) }
    }

    fn link_at(&self, node: usize, at_right: bool) -> Option<usize> {
        let touches = |link: &usize| {
            let (left, right) = self.ends(*link);
            left != right && if at_right { left == node } else { right == node }
        };
        let row = |link: &usize| self.picture.paths.get(*link).map(|path| (path.label.1, path.label.0));
        (0..self.topology.links.len()).filter(touches).min_by_key(row)
    }

    fn node_beside(&self, node: usize, down: bool) -> Option<usize> {
        let here = self.picture.frames.get(node)?;
        let distance = |(other, frame): (usize, &super::picture::Frame)| {
            let rows = if down { frame.y - here.y } else { here.y - frame.y };
            (rows > 0).then_some((2 * (frame.x - here.x).abs() + rows, other))
        };
        self.picture.frames.iter().enumerate().filter_map(distance).min().map(|(_, other)| other)
    }

    fn link_beside(&self, link: usize, down: bool) -> Option<usize> {
        let here = self.picture.paths.get(link)?.label;
        let distance = |(other, path): (usize, &super::picture::Path)| {
            let rows = if down { path.label.1 - here.1 } else { here.1 - path.label.1 };
            (rows > 0).then_some((2 * (path.label.0 - here.0).abs() + rows, other))
        };
        self.picture.paths.iter().enumerate().filter_map(distance).min().map(|(_, other)| other)
    }
}

/// The one after or before in a list, round its ends.
fn neighbour(spots: &[Spot], spot: Spot, forward: bool) -> Option<Spot> {
    let at = spots.iter().position(|other| *other == spot)?;
    let by = if forward { 1 } else { spots.len() - 1 };
    spots.get((at + by) % spots.len()).copied()
}
