//! How the nodes and links look: what is calm is dim, what waits or fails is not, and says so in words as well.

use std::collections::BTreeSet;
use std::time::Duration;

use daptop_model::{App, AppState, Protocol, Snapshot};
use ratatui::style::Style;

use super::super::apps;
use super::words;
use crate::format;
use crate::graph::{Facts, Kind, LinkLook, Looks, Node, NodeLook, Part, SLOW, Spot, Tone};
use crate::scope::Scope;
use crate::ui::{Pane, Ui};

/// What stands out, where something does: the rest is faded.
pub(super) struct Bright {
    nodes: BTreeSet<usize>,
    links: BTreeSet<usize>,
    chosen: Option<Spot>,
}

/// How everything looks.
pub(super) fn looks(ui: &Ui, snapshot: &Snapshot, facts: &[Facts]) -> Looks {
    let topology = &ui.graph.topology;
    let bright = Bright::of(ui, snapshot);
    let rates = rates(ui, facts);
    let link = |(number, facts): (usize, &Facts)| {
        let chosen = bright.as_ref().is_some_and(|bright| bright.chosen == Some(Spot::Link(number)));
        let is_bright = bright.as_ref().is_none_or(|bright| bright.links.contains(&number));
        let is_seen = ui.graph.picture.paths.get(number).is_some_and(|path| {
            let (x, y, columns) = path.label;
            ui.graph.sees(x..x + columns, y..y + 2)
        });
        let mut look = link_look(ui, facts, chosen, is_bright, bright.is_some());
        if is_seen {
            (look.label, look.notes) = (label(ui, facts), notes(ui, facts));
        }
        if !is_bright {
            look.label.iter_mut().chain(&mut look.notes).for_each(|part| part.style = ui.theme.dim());
        }
        look
    };
    let node =
        |(number, node): (usize, &Node)| {
            let chosen = bright.as_ref().is_some_and(|bright| bright.chosen == Some(Spot::Node(number)));
            let is_bright = bright.as_ref().is_none_or(|bright| bright.nodes.contains(&number));
            let is_seen =
                ui.graph.picture.frames.get(number).is_some_and(|frame| {
                    ui.graph.sees(frame.x..frame.x + frame.width, frame.y..frame.y + frame.height)
                });
            if is_seen { node_look(ui, snapshot, node, &rates[number], chosen, is_bright) } else { NodeLook::default() }
        };
    Looks {
        nodes: topology.nodes.iter().enumerate().map(node).collect(),
        links: facts.iter().enumerate().map(link).collect(),
    }
}

impl Bright {
    fn of(ui: &Ui, snapshot: &Snapshot) -> Option<Self> {
        let topology = &ui.graph.topology;
        let is_focused = ui.focus() == Pane::Graph;
        let chosen = ui.graph.spot().filter(|_| is_focused);
        let links: BTreeSet<usize> = match (chosen, &ui.scope) {
            (Some(Spot::Link(link)), _) => [link].into(),
            (Some(Spot::Node(node)), _) => touching(ui, node),
            (None, Scope::Everything) => return None,
            (None, Scope::App(app)) => topology.find(app).map(|node| touching(ui, node)).unwrap_or_default(),
            (None, Scope::Edge(from, to)) => topology.find_link(from, to).into_iter().collect(),
            (None, Scope::Trace(trace)) => {
                let calls = snapshot.calls.of_trace(*trace);
                calls.filter_map(|call| topology.find_link(&call.from, &call.to)).collect()
            }
        };
        let ends = links.iter().flat_map(|link| [topology.links[*link].from, topology.links[*link].to]);
        let own = match (chosen, &ui.scope) {
            (Some(Spot::Node(node)), _) => Some(node),
            (None, Scope::App(app)) => topology.find(app),
            _ => None,
        };
        Some(Self { nodes: ends.chain(own).collect(), links, chosen })
    }
}

/// The links of a node.
fn touching(ui: &Ui, node: usize) -> BTreeSet<usize> {
    let links = ui.graph.topology.links.iter().enumerate();
    links.filter(|(_, link)| link.from == node || link.to == node).map(|(number, _)| number).collect()
}

/// Calls of the last five seconds to and from each node, and whether a call to it fails.
#[derive(Clone, Copy, Default)]
struct Rate {
    called: u64,
    calls: u64,
    is_called: bool,
}

fn rates(ui: &Ui, facts: &[Facts]) -> Vec<Rate> {
    let mut rates = vec![Rate::default(); ui.graph.topology.nodes.len()];
    for (link, facts) in ui.graph.topology.links.iter().zip(facts) {
        rates[link.from].calls += facts.last_five;
        rates[link.to].called += facts.last_five;
        rates[link.to].is_called = true;
    }
    rates
}

fn link_look(ui: &Ui, facts: &Facts, chosen: bool, is_bright: bool, is_narrowed: bool) -> LinkLook {
    let is_idle = facts.is_idle(ui.now);
    let tone = match (chosen, is_bright) {
        (true, _) => Tone::Chosen,
        (_, false) => Tone::Faded,
        _ if facts.is_failing => Tone::Failing,
        _ if facts.is_stuck(ui.now) => Tone::Waiting,
        _ if is_idle => Tone::Idle,
        _ if is_narrowed => Tone::Near,
        _ => Tone::Calm,
    };
    LinkLook { tone, is_idle, is_failing: facts.is_failing, ..LinkLook::default() }
}

/// What a link says of itself: its rate, what it speaks where that is not HTTP/1.1, and how long calls take.
fn label(ui: &Ui, facts: &Facts) -> Vec<Part> {
    let theme = ui.theme;
    let part = |rank, long: String, short: &str, style| Part { long, short: short.to_owned(), style, rank };
    if facts.is_idle(ui.now) {
        let age = format::age(ui.now.since(facts.last_at));
        return vec![part(1, format!("idle {age}"), "idle", theme.dim())];
    }
    let rate = part(1, format!("{}/s", format::rate(facts.last_five, 5)), "", theme.strong());
    let badge = badge(facts).map(|badge| part(4, badge, "", theme.dim()));
    let p95 = || format!("p95 {}", format::duration(Duration::from_micros(facts.p95), theme.ascii));
    let calm = (1..SLOW).contains(&facts.p95).then(|| part(5, p95(), "", theme.dim()));
    [Some(rate), badge, calm].into_iter().flatten().collect()
}

/// What differs from calm: what fails, what is stuck, what is slow.
pub(super) fn notes(ui: &Ui, facts: &Facts) -> Vec<Part> {
    let theme = ui.theme;
    let part = |rank, long: String, short: String, style| Part { long, short, style, rank };
    let failing = facts.trouble.as_ref().filter(|_| facts.is_failing).map(|trouble| {
        let short = words::short(&trouble.reason);
        let (bad, all) = if facts.bad > 0 { (facts.bad, facts.last_ten.max(facts.bad)) } else { bad_in_all(facts) };
        let percent = format::percent(bad, all).unwrap_or_default();
        part(0, format!("{percent} {short}"), short, theme.bad())
    });
    let stuck = facts.oldest_open.filter(|_| facts.is_stuck(ui.now)).map(|oldest| {
        let age = format::duration(ui.now.since(oldest), theme.ascii);
        part(2, format!("{} open {age}", facts.in_flight), format!("{} open", facts.in_flight), theme.waiting())
    });
    let slow = (facts.p95 >= SLOW).then(|| {
        let p95 = format::duration(Duration::from_micros(facts.p95), theme.ascii);
        part(3, format!("p95 {p95}"), p95, theme.waiting())
    });
    [failing, stuck, slow].into_iter().flatten().collect()
}

/// Calls that ended badly, of all.
pub(super) fn bad_in_all(facts: &Facts) -> (u64, u64) {
    (facts.failed + facts.errors + facts.cancelled, facts.calls)
}

/// What is spoken, where it is not HTTP/1.1 alone.
pub(super) fn badge(facts: &Facts) -> Option<String> {
    let names: Vec<&str> = facts.protocols.iter().map(protocol).collect();
    (names != ["h1"] && !names.is_empty()).then(|| names.join("+"))
}

/// A protocol in short.
pub(super) fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http1 => "h1",
        Protocol::Http2 => "h2",
        Protocol::Grpc => "grpc",
    }
}

fn node_look(ui: &Ui, snapshot: &Snapshot, node: &Node, rate: &Rate, chosen: bool, is_bright: bool) -> NodeLook {
    let theme = ui.theme;
    let known: Vec<&App> =
        snapshot.apps.iter().map(AsRef::as_ref).filter(|app| node.members.contains(&app.id)).collect();
    let (sign, mut sign_style, mut below, tone) = match node.kind {
        Kind::App => of_apps(ui, node, &known, rate),
        Kind::Elsewhere => ("◇", theme.dim(), "other process".to_owned(), Tone::Calm),
        Kind::External => ("↗", theme.dim(), format!("external {}", busy(ui, rate)), Tone::Calm),
        Kind::Unknown => ("?", theme.bad(), "no such app".to_owned(), Tone::Failing),
    };
    let sign = match (sign, theme.ascii) {
        ("◇", true) => "@",
        ("↗", true) => "^",
        (sign, _) => sign,
    };
    if known.is_empty() && node.kind == Kind::App {
        below = busy(ui, rate);
    }
    let mut note_style = if tone == Tone::Calm { theme.dim() } else { sign_style };
    let mut name_style = if tone == Tone::Calm { theme.plain() } else { theme.strong() };
    let tone = match (chosen, is_bright) {
        (true, _) => Tone::Chosen,
        (false, false) => Tone::Faded,
        _ => tone,
    };
    match tone {
        Tone::Chosen => name_style = theme.accent(),
        Tone::Faded => (sign_style, note_style, name_style) = (theme.dim(), theme.dim(), theme.dim()),
        _ => {}
    }
    NodeLook {
        sign,
        sign_style,
        name: node.name(theme.ascii),
        name_style,
        note: below.trim().to_owned(),
        note_style,
        tone,
    }
}

/// The calls to a node; of one that is never called, the calls that it makes.
fn busy(ui: &Ui, rate: &Rate) -> String {
    let (sign, calls) = if rate.is_called { ("", rate.called) } else { (ui.theme.glyphs.arrow, rate.calls) };
    format!("{sign}{}/s", format::rate(calls, 5))
}

/// The worst state of the apps of a node: how many have it, and where that is none but ready, port and rate.
fn of_apps(ui: &Ui, node: &Node, known: &[&App], rate: &Rate) -> (&'static str, Style, String, Tone) {
    let theme = ui.theme;
    let badness = |app: &&&App| match app.state {
        AppState::Ready => 0,
        AppState::Ended(ref reason) if !reason.is_crash() => 1,
        AppState::Waiting | AppState::Starting | AppState::Stopping => 2,
        AppState::Unhealthy | AppState::Ended(_) | AppState::NotStarted(_) => 3,
    };
    let sign = if node.is_group() { theme.glyphs.focus } else { theme.glyphs.on };
    let Some(worst) = known.iter().max_by_key(badness) else { return (sign, theme.dim(), String::new(), Tone::Calm) };
    let (state_sign, state, style) = apps::state(ui, worst);
    let tone = [Tone::Calm, Tone::Calm, Tone::Waiting, Tone::Failing][badness(&worst)];
    if worst.state == AppState::Ready {
        let port =
            if node.is_group() || worst.ports.app == 0 { String::new() } else { format!(":{} ", worst.ports.app) };
        return (sign, theme.plain(), format!("{port}{}", busy(ui, rate)), tone);
    }
    let same = known.iter().filter(|app| badness(app) == badness(&worst)).count();
    let words = if known.len() > 1 { format!("{same} of {} {state}", known.len()) } else { state };
    (if node.is_group() { sign } else { state_sign }, style, words, tone)
}
