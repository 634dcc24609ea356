//! Small known graphs, as text, and what holds of any graph.

mod properties;

use daptop_model::AppId;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::draw;
use super::fold::Folding;
use super::look::{LinkLook, Looks, NodeLook, Part};
use super::picture::Structure;
use super::place::{Detail, Measures};
use super::topology::{Link, Node, Topology};
use crate::theme::{Theme, ThemeName};

/// A topology out of pairs: `checkout>order-processor checkout>mailer`.
fn topology(pairs: &str) -> Topology {
    let pairs: Vec<(AppId, AppId)> = pairs
        .split_whitespace()
        .map(|pair| pair.split_once('>').unwrap())
        .map(|(from, to)| (AppId::new(from), AppId::new(to)))
        .collect();
    Topology::of_pairs(pairs.iter().map(|(from, to)| (from, to)))
}

fn looks(topology: &Topology, ascii: bool) -> Looks {
    let part = |long: &str| Part { long: long.to_owned(), ..Part::default() };
    let node = |node: &Node| NodeLook {
        sign: if ascii { "*" } else { "●" },
        name: node.name(ascii),
        note: ":6001 4/s".to_owned(),
        ..NodeLook::default()
    };
    let link = |_: &Link| LinkLook { label: vec![part("4/s")], ..LinkLook::default() };
    Looks { nodes: topology.nodes.iter().map(node).collect(), links: topology.links.iter().map(link).collect() }
}

fn measures(detail: Detail) -> Measures {
    Measures { detail, name: 22, label: if detail == Detail::Dots { 0 } else { 6 }, spacing: 0 }
}

fn text(topology: &Topology, detail: Detail, ascii: bool) -> String {
    let picture = Structure::of(topology, ascii).picture(measures(detail), 120);
    let area = Rect::new(0, 0, picture.width as u16, picture.height as u16);
    let mut buffer = Buffer::empty(area);
    draw(&picture, &looks(topology, ascii), Theme::new(ThemeName::Mono, ascii), area, (0, 0), &mut buffer);
    let row = |y| (0..area.width).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<String>();
    (0..area.height).map(|y| row(y).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[test]
fn small_graphs_in_every_detail() {
    let table = [
        ("chain", "a>b b>c c>d"),
        ("fan_out", "a>b a>c a>d b>d"),
        ("two_way", "a>b b>a"),
        ("cycle_and_self_call", "a>b b>c c>a a>a"),
        ("crossings", "a>x a>y b>x b>y c>x c>y"),
        ("long_ways_and_a_second_component", "a>b b>c c>d a>d d>b e>d x>y"),
        ("wide_names", "世界>订单处理器 世界>a-name-that-is-much-too-long-for-a-box"),
    ];
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    let _bound = settings.bind_to_scope();
    for (name, pairs) in table {
        let topology = topology(pairs);
        let pictures = [Detail::Full, Detail::Names, Detail::Dots].map(|detail| text(&topology, detail, false));
        let ascii = text(&topology, Detail::Full, true);
        assert!(ascii.replace(['世', '界'], "").is_ascii() || name == "wide_names", "{ascii}");
        insta::assert_snapshot!(name, [&pictures[..], &[ascii]].concat().join("\n\n"));
    }
}

#[test]
fn leaves_with_the_same_neighbours_fold_where_there_are_many_nodes() {
    let workers = |count: usize| {
        let pairs: Vec<String> = (1..=count).map(|number| format!(" hub>worker-{number}")).collect();
        pairs.concat()
    };
    let few = Folding::default().fold(topology(&format!("shop>hub{}", workers(5))));
    assert_eq!(few.nodes.len(), 7, "so few are all shown");
    let pairs = format!("shop>hub{} hub>bank bank>hub odd>hub", workers(20));
    let many = Folding::default().fold(topology(&pairs));
    insta::assert_snapshot!(text(&many, Detail::Names, false), @r"
                             ╭ 4/s ───▶ ● 20 workers
    ● shop ─ 4/s ───▶▏● hub ─┴ 4/s ───▶▏● bank
    ● odd ── 4/s ───▶▏      ◀─ 4/s ────▏
    ");
    let mut folding = Folding::default();
    folding.open.insert(AppId::new("worker-1"));
    assert_eq!(folding.fold(topology(&pairs)).nodes.len(), 24, "an opened group is shown whole");
    let shut = Folding { wanted: Some(true), ..Folding::default() };
    assert_eq!(shut.fold(topology(&format!("shop>hub{}", workers(5)))).nodes.len(), 3);
}
