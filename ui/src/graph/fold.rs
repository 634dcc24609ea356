//! Folding: leaves with the same neighbours become one node, so that twelve workers take the room of one.

use std::collections::{BTreeMap, BTreeSet};

use daptop_model::AppId;

use super::topology::{Kind, Topology};

/// From how many nodes on leaves are folded without being asked to.
const MANY: usize = 14;

/// So few are not worth a fold.
const LEAST: usize = 3;

/// What is folded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Folding {
    /// Whether leaves are folded at all; `None` folds them where there are many nodes.
    pub(crate) wanted: Option<bool>,
    /// The groups that were opened, by the keys of their nodes.
    pub(crate) open: BTreeSet<AppId>,
}

/// The neighbours by which leaves are told apart: callers, or callees.
type Side = (Kind, bool, Vec<usize>);

impl Folding {
    /// Whether leaves are folded.
    pub(crate) fn is_on(&self, topology: &Topology) -> bool {
        self.wanted.unwrap_or(topology.nodes.len() > MANY)
    }

    /// The topology with its leaves folded.
    pub(crate) fn fold(&self, topology: Topology) -> Topology {
        if !self.is_on(&topology) {
            return topology;
        }
        let mut groups: BTreeMap<Side, Vec<usize>> = BTreeMap::new();
        for (node, side) in sides(&topology).into_iter().enumerate() {
            if let Some(side) = side {
                groups.entry(side).or_default().push(node);
            }
        }
        let mut leaders: Vec<usize> = (0..topology.nodes.len()).collect();
        for members in groups.values().filter(|members| members.len() >= LEAST) {
            if !self.open.contains(topology.nodes[members[0]].key()) {
                for member in members {
                    leaders[*member] = members[0];
                }
            }
        }
        let mut owners = vec![0; leaders.len()];
        let mut count = 0;
        for (node, leader) in leaders.iter().enumerate() {
            if *leader == node {
                owners[node] = count;
                count += 1;
            } else {
                // A group is led by its first member, whose place is known by now.
                owners[node] = owners[*leader];
            }
        }
        if count == owners.len() { topology } else { topology.merged(&owners, count) }
    }
}

impl Folding {
    /// The key of the group that a node would fold into, if its group was opened.
    pub(crate) fn group_of(&self, topology: &Topology, id: &AppId) -> Option<AppId> {
        let node = topology.find(id)?;
        let sides = sides(topology);
        let side = sides[node].as_ref()?;
        let leader = sides.iter().position(|other| other.as_ref() == Some(side))?;
        let key = topology.nodes[leader].key();
        self.open.contains(key).then(|| key.clone())
    }
}

/// Of each node that only calls or is only called: which of the two, and whom.
fn sides(topology: &Topology) -> Vec<Option<Side>> {
    let mut called_by = vec![Vec::new(); topology.nodes.len()];
    let mut calling = vec![Vec::new(); topology.nodes.len()];
    for link in &topology.links {
        called_by[link.to].push(link.from);
        calling[link.from].push(link.to);
    }
    let side = |(node, (called_by, calling)): (usize, (Vec<usize>, Vec<usize>))| {
        let kind = topology.nodes[node].kind;
        match (called_by.is_empty(), calling.is_empty()) {
            (false, true) => Some((kind, true, called_by)),
            (true, false) => Some((kind, false, calling)),
            _ => None,
        }
    };
    called_by.into_iter().zip(calling).enumerate().map(side).collect()
}
