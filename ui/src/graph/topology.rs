//! What the picture is of: nodes, and links between them. Nothing in it changes with rates, so that nothing moves with them.

use std::collections::HashMap;

use daptop_model::{AppId, Edge, Leg, Snapshot};

/// What a node stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// An app of this run, all its replicas together.
    App,
    /// An app of another process.
    Elsewhere,
    /// A place outside, called by its URL or by the name of an endpoint.
    External,
    /// A name that nobody answers to.
    Unknown,
}

/// A node of the picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Node {
    /// What it stands for.
    pub(crate) kind: Kind,
    /// Whom it stands for: one, or, where they are folded, several of the same kind.
    pub(crate) members: Vec<AppId>,
    /// How many apps share the name.
    pub(crate) replicas: usize,
}

impl Node {
    /// By whom it is known: the first whom it stands for.
    pub(crate) fn key(&self) -> &AppId {
        &self.members[0]
    }

    /// Whether it stands for several.
    pub(crate) fn is_group(&self) -> bool {
        self.members.len() > 1
    }

    /// Its name, and the number of its replicas; of a URL, the host; of a group, how many there are and what their
    /// names have in common.
    pub(crate) fn name(&self, ascii: bool) -> String {
        let count = self.members.len();
        if count == 1 {
            let name = self.key().as_str();
            let name = name.split_once("://").map_or(name, |(_, host)| host);
            let times = if ascii { "x" } else { "×" };
            return if self.replicas > 1 { format!("{name} {times}{}", self.replicas) } else { name.to_owned() };
        }
        let common = common_beginning(&self.members);
        let noun = match self.kind {
            _ if !common.is_empty() && !common.ends_with('s') => format!("{common}s"),
            _ if !common.is_empty() => common.to_owned(),
            Kind::App | Kind::Elsewhere => "apps".to_owned(),
            Kind::External => "URLs".to_owned(),
            Kind::Unknown => "unknown names".to_owned(),
        };
        format!("{count} {noun}")
    }
}

/// With what all names begin, without the digits and the signs that set the names apart.
fn common_beginning(members: &[AppId]) -> &str {
    let Some((first, rest)) = members.split_first() else { return "" };
    let first = first.as_str();
    let same = rest.iter().fold(first.len(), |same, other| {
        let both = first[..same].char_indices().zip(other.as_str().chars());
        both.take_while(|((_, a), b)| a == b).last().map_or(0, |((at, c), _)| at + c.len_utf8())
    });
    let common = first[..same].trim_end_matches(|c: char| c.is_ascii_digit() || "-_.:/".contains(c));
    // Half a word says less than none; what is cut must have been cut at a sign or a digit.
    let rest = &first[common.len()..];
    if rest.starts_with(|c: char| !c.is_alphabetic()) && !rest.starts_with("://") { common } else { "" }
}

/// Who calls whom.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Link {
    /// The caller's node.
    pub(crate) from: usize,
    /// The callee's node.
    pub(crate) to: usize,
}

/// Nodes and links. Two that are equal look the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Topology {
    /// The apps in file order, then whoever else was seen, in the order of their first calls.
    pub(crate) nodes: Vec<Node>,
    /// Sorted, none twice.
    pub(crate) links: Vec<Link>,
    /// Where each name is.
    places: HashMap<AppId, usize>,
}

impl Topology {
    /// All apps of a run, and whoever called or was called along the edges that `takes` takes. With `all_apps` also the
    /// apps without calls.
    pub(crate) fn of(snapshot: &Snapshot, all_apps: bool, takes: impl Fn(&Edge) -> bool) -> Self {
        let mut topology = Self::default();
        let mut apps: HashMap<&AppId, usize> = HashMap::new();
        for app in snapshot.apps.iter() {
            *apps.entry(&app.id).or_default() += 1;
        }
        if all_apps {
            for app in snapshot.apps.iter() {
                topology.node(&app.id, || (Kind::App, apps.get(&app.id).copied().unwrap_or(1)));
            }
        }
        let kind = |id: &AppId, other: &dyn Fn() -> Kind| {
            apps.get(id).map_or_else(|| (other(), 1), |replicas| (Kind::App, *replicas))
        };
        for edge in snapshot.edges.iter().filter(|edge| takes(edge)) {
            let from = topology.node(&edge.from, || kind(&edge.from, &|| Kind::Elsewhere));
            let to = topology.node(&edge.to, || kind(&edge.to, &|| kind_of_callee(edge)));
            topology.links.push(Link { from, to });
        }
        topology.links.sort_unstable();
        topology.links.dedup();
        topology
    }

    /// The names that call each other, in the order in which they come.
    #[cfg(test)]
    pub(crate) fn of_pairs<'a>(pairs: impl IntoIterator<Item = (&'a AppId, &'a AppId)>) -> Self {
        let mut topology = Self::default();
        for (from, to) in pairs {
            let kind = || (Kind::App, 1);
            let link = Link { from: topology.node(from, kind), to: topology.node(to, kind) };
            topology.links.push(link);
        }
        topology.links.sort_unstable();
        topology.links.dedup();
        topology
    }

    /// Puts nodes together: `owners` has the new node of each old one.
    pub(super) fn merged(&self, owners: &[usize], count: usize) -> Self {
        let mut nodes: Vec<Option<Node>> = vec![None; count];
        for (node, owner) in self.nodes.iter().zip(owners) {
            match &mut nodes[*owner] {
                Some(group) => group.members.extend(node.members.iter().cloned()),
                empty => *empty = Some(node.clone()),
            }
        }
        let mut links: Vec<Link> =
            self.links.iter().map(|link| Link { from: owners[link.from], to: owners[link.to] }).collect();
        links.sort_unstable();
        links.dedup();
        let places = self.places.iter().map(|(id, place)| (id.clone(), owners[*place])).collect();
        Self { nodes: nodes.into_iter().flatten().collect(), links, places }
    }

    /// The node of a name.
    pub(crate) fn find(&self, id: &AppId) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The link from a name to another.
    pub(crate) fn find_link(&self, from: &AppId, to: &AppId) -> Option<usize> {
        let link = Link { from: self.find(from)?, to: self.find(to)? };
        self.links.binary_search(&link).ok()
    }

    fn node(&mut self, id: &AppId, kind: impl Fn() -> (Kind, usize)) -> usize {
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        let (kind, replicas) = kind();
        self.nodes.push(Node { kind, members: vec![id.clone()], replicas });
        self.places.insert(id.clone(), self.nodes.len() - 1);
        self.nodes.len() - 1
    }
}

fn kind_of_callee(edge: &Edge) -> Kind {
    match edge.leg {
        Leg::External => Kind::External,
        Leg::ToProcess => Kind::Elsewhere,
        _ if edge.to.as_str().contains("://") => Kind::External,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_called_by_what_its_names_have_in_common() {
        let table: [(&[&str], &str); 6] = [
            (&["worker-1", "worker-2", "worker-10"], "3 workers"),
            (&["news-1", "news-2"], "2 news"),
            (&["alpha", "beta"], "2 apps"),
            (&["payments", "paypal"], "2 apps"),
            (&["世界1", "世界2"], "2 世界s"),
            (&["https://a", "https://b"], "2 apps"),
        ];
        for (names, expected) in table {
            let members = names.iter().map(|name| AppId::new(name)).collect();
            assert_eq!(Node { kind: Kind::App, members, replicas: 1 }.name(false), expected);
        }
    }
}
