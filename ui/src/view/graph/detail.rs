//! What is selected in the graph, with all its numbers; with nothing selected, what is wrong, and what the signs mean.

use std::time::Duration;

use daptop_model::{AppId, FindingGroup, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::super::{apps, put_all};
use super::{looks, words};
use crate::format;
use crate::graph::{Facts, Kind, Node, Spot};
use crate::row::Row;
use crate::text;
use crate::ui::Ui;

/// Draws it, with a rule above.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, facts: &[Facts], area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let (title, mut rows) = match ui.graph.spot() {
        Some(Spot::Link(link)) => (link_title(ui, link), link_rows(ui, link, &facts[link], width)),
        Some(Spot::Node(node)) => node_rows(ui, snapshot, node, facts, width),
        None => summary(ui, facts, width, usize::from(area.height.saturating_sub(1))),
    };
    let mut rule = Row::new(ui.theme, width);
    rule.put(ui.theme.glyphs.rule, ui.theme.dim()).gap(1).put(&title, ui.theme.strong()).gap(1);
    let rest = ui.theme.glyphs.rule.repeat(rule.room());
    rule.put(&rest, ui.theme.dim());
    rows.insert(0, rule.finish());
    put_all(buffer, area, rows);
}

fn link_title(ui: &Ui, link: usize) -> String {
    let ends = ui.graph.topology.links[link];
    let name = |node: usize| ui.graph.topology.nodes[node].name(ui.theme.ascii);
    format!("{} {} {}", name(ends.from), ui.theme.glyphs.arrow, name(ends.to))
}

/// A row of facts: dim names, plain values.
fn facts_row(ui: &Ui, width: usize, facts: &[(&str, String)]) -> Line<'static> {
    let mut row = Row::new(ui.theme, width);
    row.gap(1);
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let needed = text::width(name) + 1 + text::width(value) + 3;
        if row.room() >= needed {
            row.put(name, ui.theme.dim()).gap(1).put(value, ui.theme.plain()).gap(3);
        }
    }
    row.finish()
}

fn micros(ui: &Ui, micros: u64) -> String {
    if micros == 0 { String::new() } else { format::duration(Duration::from_micros(micros), ui.theme.ascii) }
}

fn link_rows(ui: &Ui, link: usize, facts: &Facts, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let spoken: Vec<&str> = facts.protocols.iter().map(looks::protocol).collect();
    let share = |part: u64| match part {
        0 => "0".to_owned(),
        _ => format!("{} ({})", format::count(part), format::percent(part, facts.calls).unwrap_or_default()),
    };
    let age = |at| format::age(ui.now.since(at));
    let open = facts.oldest_open.map_or_else(
        || "none".to_owned(),
        |at| format!("{}, the oldest for {}", facts.in_flight, format::duration(ui.now.since(at), theme.ascii)),
    );
    let mut rows = vec![
        facts_row(
            ui,
            width,
            &[
                ("calls", format::count(facts.calls)),
                ("rate", format!("{}/s", format::rate(facts.last_five, 5))),
                ("p50", micros(ui, facts.p50)),
                ("p95", micros(ui, facts.p95)),
                ("answered with an error", share(facts.errors)),
                ("not answered", share(facts.failed)),
                ("left by the caller", if facts.cancelled > 0 { share(facts.cancelled) } else { String::new() }),
            ],
        ),
        facts_row(
            ui,
            width,
            &[
                ("in flight", open),
                ("requests", format::bytes(facts.bytes.0)),
                ("answers", format::bytes(facts.bytes.1)),
                ("over", spoken.join(", ")),
                ("last call", format!("{} ago", age(facts.last_at))),
                ("edges", if facts.edges > 1 { facts.edges.to_string() } else { String::new() }),
            ],
        ),
    ];
    rows.extend(findings(ui, link, width).or_else(|| trouble(ui, facts, width)).unwrap_or_default());
    rows
}

/// What was found on the link, the heaviest first, and what to do about it.
fn findings(ui: &Ui, link: usize, width: usize) -> Option<Vec<Line<'static>>> {
    let is_here = |group: &&FindingGroup| ui.graph.topology.find_link(&group.from, &group.to) == Some(link);
    let group = ui.findings.found().groups().find(is_here)?;
    let weight = group.kind().weight();
    let (sign, style) = (super::super::findings::sign(ui, weight), super::super::findings::style(ui, weight));
    let mut rows = text_rows(ui, width, sign, &format!("{} {}", group.newest, group.finding.text), style);
    rows.extend(text_rows(ui, width, "", &format!("Do: {}", group.finding.advice), ui.theme.plain()));
    Some(rows)
}

/// How the newest bad call ended.
fn trouble(ui: &Ui, facts: &Facts, width: usize) -> Option<Vec<Line<'static>>> {
    let (theme, trouble) = (ui.theme, facts.trouble.as_ref()?);
    let (sign, style) =
        if facts.is_failing { (theme.glyphs.fail, theme.bad()) } else { (theme.glyphs.dot, theme.dim()) };
    let since = if facts.is_failing { "" } else { "; the calls since have gone well" };
    let age = format::age(ui.now.since(trouble.at));
    let sentence = format!("{} {}, {age} ago{since}", trouble.call, words::long(&trouble.reason));
    Some(text_rows(ui, width, sign, &sentence, style))
}

/// A sentence on two rows at most, after a sign.
fn text_rows(ui: &Ui, width: usize, sign: &str, sentence: &str, style: Style) -> Vec<Line<'static>> {
    let lines = text::words(&text::clean(sentence, ui.theme.ascii), width.saturating_sub(5));
    let row = |(index, line): (usize, String)| {
        Row::new(ui.theme, width).gap(1).left(if index == 0 { sign } else { "" }, 2, style).put(&line, style).finish()
    };
    lines.into_iter().take(2).enumerate().map(row).collect()
}

fn node_rows(ui: &Ui, snapshot: &Snapshot, node: usize, facts: &[Facts], width: usize) -> (String, Vec<Line<'static>>) {
    let topology = &ui.graph.topology;
    let this: &Node = &topology.nodes[node];
    let mut rows = Vec::new();
    let known = || snapshot.apps.iter().filter(|app| this.members.contains(&app.id));
    match this.kind {
        Kind::App if known().count() == 1 => {
            let Some(app) = known().next() else { return (String::new(), rows) };
            let port = |port: u16| if port == 0 { String::new() } else { format!(":{port}") };
            rows.push(facts_row(
                ui,
                width,
                &[
                    ("", apps::state(ui, app).1),
                    ("port", port(app.ports.app)),
                    ("sidecar", port(app.ports.http)),
                    ("grpc", port(app.ports.grpc)),
                    ("pid", app.pid.map_or_else(String::new, |pid| pid.to_string())),
                    ("cpu", app.cpu_percent.map_or_else(String::new, |cpu| format!("{cpu:.0}%"))),
                    ("memory", app.memory.map_or_else(String::new, format::bytes)),
                    ("restarts", if app.restarts > 0 { app.restarts.to_string() } else { String::new() }),
                ],
            ));
        }
        Kind::App => {
            let states: Vec<String> = known().map(|app| format!("{} {}", app.id, apps::state(ui, app).1)).collect();
            rows.push(facts_row(ui, width, &[("", format!("{} apps", states.len()))]));
            rows.push(sentence(ui, width, &states.join(", ")));
        }
        Kind::Elsewhere => rows.push(sentence(ui, width, "An app of another process.")),
        Kind::External => rows.push(sentence(ui, width, &format!("A place outside: {}.", names(&this.members)))),
        Kind::Unknown => {
            rows.push(sentence(ui, width, &format!("No app answers to this name: {}.", names(&this.members))));
        }
    }
    let side = |is_called: bool| {
        let mut sum = (0, 0, 0, 0);
        let mut others = Vec::new();
        for (link, facts) in topology.links.iter().zip(facts) {
            let (own, other) = if is_called { (link.to, link.from) } else { (link.from, link.to) };
            if own == node {
                let (bad, calls) = looks::bad_in_all(facts);
                sum = (sum.0 + calls, sum.1 + facts.last_five, sum.2 + bad, sum.3 + facts.in_flight);
                others.push(topology.nodes[other].name(ui.theme.ascii));
            }
        }
        (sum, others)
    };
    for (name, is_called) in [("called by", true), ("calls", false)] {
        let ((calls, last_five, bad, open), others) = side(is_called);
        if others.is_empty() {
            continue;
        }
        rows.push(facts_row(
            ui,
            width,
            &[
                (name, text::clip(&others.join(", "), width / 2, ui.theme.glyphs.cut).into_owned()),
                ("", format!("{} calls", format::count(calls))),
                ("", format!("{}/s", format::rate(last_five, 5))),
                ("bad", format::percent(bad, calls).unwrap_or_default()),
                ("in flight", open.to_string()),
            ],
        ));
    }
    (this.name(ui.theme.ascii), rows)
}

fn names(members: &[AppId]) -> String {
    let names: Vec<&str> = members.iter().map(AppId::as_str).collect();
    names.join(", ")
}

fn sentence(ui: &Ui, width: usize, what: &str) -> Line<'static> {
    Row::new(ui.theme, width).gap(1).put(what, ui.theme.plain()).finish()
}

/// With nothing selected: what fails, and the legend.
fn summary(ui: &Ui, facts: &[Facts], width: usize, height: usize) -> (String, Vec<Line<'static>>) {
    let theme = ui.theme;
    let failing: Vec<(usize, &Facts)> = facts.iter().enumerate().filter(|(_, facts)| facts.is_failing).collect();
    let title = match failing.len() {
        0 => "nothing fails".to_owned(),
        1 => "1 edge fails".to_owned(),
        count => format!("{count} edges fail"),
    };
    let mut rows = Vec::new();
    for (link, facts) in failing.iter().take(height.saturating_sub(1)) {
        let Some(trouble) = &facts.trouble else { continue };
        let mut row = Row::new(theme, width);
        row.gap(1).put(theme.glyphs.fail, theme.bad()).gap(1).put(&link_title(ui, *link), theme.strong()).gap(2);
        row.put(&format!("{} {}", trouble.call, words::long(&trouble.reason)), theme.plain());
        rows.push(row.finish());
    }
    while rows.len() + 1 < height {
        rows.push(Line::default());
    }
    rows.push(legend(ui, width));
    (title, rows)
}

/// What the signs mean.
fn legend(ui: &Ui, width: usize) -> Line<'static> {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    let pick = |unicode: &'static str, ascii: &'static str| if theme.ascii { ascii } else { unicode };
    let signs = [
        (glyphs.on, "ready"),
        (glyphs.half, "starting"),
        (glyphs.fail, "fails"),
        (pick("↗", "^"), "external"),
        ("?", "no such app"),
        (pick("◇", "@"), "other process"),
        (glyphs.focus, "group"),
        (glyphs.again, "calls itself"),
        (pick("╌╌", ".."), "idle"),
        (pick("━━", "=="), "selected"),
    ];
    let mut row = Row::new(theme, width);
    row.gap(1);
    for (sign, meaning) in signs {
        if row.room() > text::width(sign) + text::width(meaning) + 3 {
            row.put(sign, theme.plain()).gap(1).put(meaning, theme.dim()).gap(3);
        }
    }
    row.finish()
}
