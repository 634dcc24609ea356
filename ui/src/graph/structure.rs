//! The shape of the picture before it has a size: which way each link runs, the layer of each node, and the lanes in
//! which links pass the layers between.
//!
//! Links leave a node together, as one trunk that branches towards its ends: a picture with a line for each link all
//! the way would be mostly lines. A link against the order of the layers belongs to a trunk that gathers at its end.

use super::topology::{Link, Topology};

/// What stands in a layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Item {
    /// A node.
    Node(usize),
    /// A trunk on its way through.
    Lane(Trunk),
}

/// Links that share their left end. Tells lines apart: what belongs to one trunk may touch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Trunk {
    /// The node at the left.
    pub(super) node: usize,
    /// The links run from right to left.
    pub(super) is_back: bool,
}

/// A piece of a trunk between two neighbouring layers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Segment {
    /// The item at the left.
    pub(super) left: usize,
    /// The item at the right.
    pub(super) right: usize,
    /// The trunk.
    pub(super) trunk: Trunk,
    /// The link that ends here; none where the piece leads to a lane.
    pub(super) link: Option<usize>,
}

/// Nodes that are connected, and what connects them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Component {
    /// Nodes and lanes.
    pub(super) items: Vec<Item>,
    /// The items of each layer, from top to bottom.
    pub(super) layers: Vec<Vec<usize>>,
    /// The pieces between each layer and the next.
    pub(super) gaps: Vec<Vec<Segment>>,
}

/// The components of a topology, by their first nodes; those of a single node come last.
pub(super) fn components(topology: &Topology) -> Vec<Component> {
    let count = topology.nodes.len();
    let links: Vec<(usize, Link)> = topology.links.iter().copied().enumerate().collect();
    let links: Vec<(usize, Link)> = links.into_iter().filter(|(_, link)| link.from != link.to).collect();
    let runs = directions(count, &links);
    let layers = layers(count, &runs);
    let groups = connected(count, &runs);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (node, group) in groups.iter().enumerate() {
        members[*group].push(node);
    }
    let mut runs_of: Vec<Vec<Run>> = vec![Vec::new(); count];
    for run in runs {
        runs_of[groups[run.left]].push(run);
    }
    let together = members.into_iter().zip(runs_of).filter(|(members, _)| !members.is_empty());
    let mut all: Vec<Component> = together.map(|(members, runs)| component(&members, &runs, &layers)).collect();
    all.sort_by_key(|component| component.items.len() == 1);
    all
}

/// A link with its ends in the order of the layers.
#[derive(Clone, Copy, Debug)]
struct Run {
    link: usize,
    left: usize,
    right: usize,
    is_back: bool,
}

/// Which way each link runs, so that following them never leads in a circle: whoever is only called by somebody who is
/// being followed already is called backwards. Starts at those whom nobody calls, then in the order of the nodes.
fn directions(count: usize, links: &[(usize, Link)]) -> Vec<Run> {
    let mut callees: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
    let mut is_called = vec![false; count];
    for (number, link) in links {
        callees[link.from].push((link.to, *number));
        is_called[link.to] = true;
    }
    let (mut state, mut is_back) = (vec![State::New; count], std::collections::HashSet::new());
    let first = (0..count).filter(|node| !is_called[*node]).chain(0..count);
    for root in first.collect::<Vec<_>>() {
        if state[root] != State::New {
            continue;
        }
        state[root] = State::Open;
        let mut path = vec![(root, 0)];
        while let Some((node, next)) = path.last_mut() {
            let Some((callee, link)) = callees[*node].get(*next).copied() else {
                state[*node] = State::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match state[callee] {
                State::Open => drop(is_back.insert(link)),
                State::New => {
                    state[callee] = State::Open;
                    path.push((callee, 0));
                }
                State::Done => {}
            }
        }
    }
    let run = |(number, link): &(usize, Link)| {
        let is_back = is_back.contains(number);
        let (left, right) = if is_back { (link.to, link.from) } else { (link.from, link.to) };
        Run { link: *number, left, right, is_back }
    };
    links.iter().map(run).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// The layer of each node: as far left as its callers allow; one that nobody calls stands next to whom it calls.
fn layers(count: usize, runs: &[Run]) -> Vec<usize> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut missing = vec![0_usize; count];
    for run in runs {
        next[run.left].push(run.right);
        missing[run.right] += 1;
    }
    let is_first: Vec<bool> = missing.iter().map(|callers| *callers == 0).collect();
    let mut layers = vec![0; count];
    let mut ready: Vec<usize> = (0..count).filter(|node| is_first[*node]).collect();
    while let Some(node) = ready.pop() {
        for right in &next[node] {
            layers[*right] = layers[*right].max(layers[node] + 1);
            missing[*right] -= 1;
            if missing[*right] == 0 {
                ready.push(*right);
            }
        }
    }
    for node in (0..count).filter(|node| is_first[*node]) {
        if let Some(nearest) = next[node].iter().map(|right| layers[*right]).min() {
            layers[node] = nearest - 1;
        }
    }
    layers
}

/// The number of each node's component.
fn connected(count: usize, runs: &[Run]) -> Vec<usize> {
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); count];
    for run in runs {
        neighbours[run.left].push(run.right);
        neighbours[run.right].push(run.left);
    }
    let mut groups = vec![usize::MAX; count];
    for root in 0..count {
        if groups[root] != usize::MAX {
            continue;
        }
        groups[root] = root;
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            for neighbour in &neighbours[node] {
                if groups[*neighbour] == usize::MAX {
                    groups[*neighbour] = root;
                    waiting.push(*neighbour);
                }
            }
        }
    }
    groups
}

fn component(members: &[usize], runs: &[Run], layer_of: &[usize]) -> Component {
    let first = members.iter().map(|node| layer_of[*node]).min().unwrap_or(0);
    let last = members.iter().map(|node| layer_of[*node]).max().unwrap_or(0);
    let mut component = Component {
        items: members.iter().map(|node| Item::Node(*node)).collect(),
        layers: vec![Vec::new(); last - first + 1],
        gaps: vec![Vec::new(); last - first],
    };
    let place = |node: usize| members.binary_search(&node).unwrap_or(0);
    for (item, node) in members.iter().enumerate() {
        component.layers[layer_of[*node] - first].push(item);
    }
    let mut trunks: std::collections::BTreeMap<Trunk, Vec<Run>> = std::collections::BTreeMap::new();
    for run in runs {
        trunks.entry(Trunk { node: run.left, is_back: run.is_back }).or_default().push(*run);
    }
    for (trunk, mut ends) in trunks {
        ends.sort_by_key(|run| (layer_of[run.right], run.right));
        let mut left = place(trunk.node);
        let mut at = layer_of[trunk.node] - first;
        while let Some(end) = ends.last().map(|run| layer_of[run.right] - first)
            && at < end
        {
            for run in ends.iter().filter(|run| layer_of[run.right] - first == at + 1) {
                let segment = Segment { left, right: place(run.right), trunk, link: Some(run.link) };
                component.gaps[at].push(segment);
            }
            at += 1;
            if at < end {
                let lane = component.items.len();
                component.items.push(Item::Lane(trunk));
                component.layers[at].push(lane);
                component.gaps[at - 1].push(Segment { left, right: lane, trunk, link: None });
                left = lane;
            }
        }
    }
    component
}
