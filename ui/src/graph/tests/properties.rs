//! What holds of any graph, however it is tangled.

use std::collections::{HashMap, HashSet};

use daptop_model::AppId;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::draw;
use super::super::picture::{Picture, Structure};
use super::super::place::{Detail, Measures};
use super::super::topology::Topology;
use super::looks;
use crate::theme::{Theme, ThemeName};

fn any_topology() -> impl Strategy<Value = Topology> {
    let sparse = (2..130_usize).prop_flat_map(|nodes| prop::collection::vec((0..nodes, 0..nodes), 0..nodes * 2));
    let dense = (2..14_usize).prop_flat_map(|nodes| prop::collection::vec((0..nodes, 0..nodes), 0..nodes * nodes));
    let name = prop_oneof![
        "[a-z]{1,12}",
        "\\PC{0,30}",
        "[世界订单]{1,20}",
        Just("\u{202e}\u{1b}[2J".to_owned()),
        Just("e\u{301}\u{200d}👩‍👩‍👧".to_owned()),
    ];
    (prop_oneof![sparse, dense], prop::collection::vec(name, 130)).prop_map(|(pairs, names)| {
        let ids: Vec<AppId> =
            names.iter().enumerate().map(|(number, name)| AppId::new(&format!("{name}{number}"))).collect();
        Topology::of_pairs(pairs.iter().map(|(from, to)| (&ids[*from], &ids[*to])))
    })
}

/// No two nodes share a cell, no line runs through a node, and lines that lie on each other are of one trunk.
fn check(picture: &Picture) -> Result<(), TestCaseError> {
    let mut cells = HashMap::new();
    for (node, frame) in picture.frames.iter().enumerate() {
        for y in frame.y..frame.y + frame.height {
            for x in frame.x..frame.x + frame.width {
                prop_assert_eq!(cells.insert((x, y), node), None, "nodes at {} {}", x, y);
            }
        }
    }
    let (mut level, mut upright) = (HashMap::new(), HashMap::new());
    let mut heads = HashSet::new();
    for path in &picture.paths {
        for run in &path.runs {
            let is_level = run.from.1 == run.to.1;
            for x in run.from.0..=run.to.0 {
                for y in run.from.1..=run.to.1 {
                    prop_assert!(!cells.contains_key(&(x, y)), "a line through a node at {} {}", x, y);
                    let lines = if is_level { &mut level } else { &mut upright };
                    if picture.detail != Detail::Dots || !is_level {
                        let other = lines.insert((x, y), path.trunk);
                        prop_assert!(other.is_none_or(|other| other == path.trunk), "two lines at {} {}", x, y);
                    }
                }
            }
        }
        if !path.runs.is_empty() && picture.detail != Detail::Dots {
            prop_assert!(path.is_back || heads.insert(path.head), "two heads at {:?}", path.head);
            let (x, y, columns) = path.label;
            for x in x..x + columns {
                prop_assert!(!cells.contains_key(&(x, y)), "a label on a node");
                prop_assert!(!upright.contains_key(&(x, y)), "a label on a line of others");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_lies_on_anything_else(topology in any_topology(), label in 0..24_i32, spacing in 0..2_i32, room in 20..300_i32) {
        let structure = Structure::of(&topology, false);
        prop_assert_eq!(&structure, &Structure::of(&topology, false), "the same topology has the same structure");
        for detail in [Detail::Full, Detail::Names, Detail::Dots] {
            let measures = Measures { detail, name: 16, label, spacing };
            let picture = structure.picture(measures, room);
            check(&picture)?;
            prop_assert_eq!(picture, structure.picture(measures, room));
        }
    }

    #[test]
    fn any_part_of_any_picture_is_drawn(
        topology in any_topology(),
        (x, y) in (-50..400_i32, -50..400_i32),
        (width, height) in (0..200_u16, 0..80_u16),
        ascii in any::<bool>(),
    ) {
        let structure = Structure::of(&topology, ascii);
        for detail in [Detail::Full, Detail::Names, Detail::Dots] {
            let picture = structure.picture(Measures { detail, name: 12, label: 9, spacing: 0 }, 160);
            let area = Rect::new(0, 0, width, height);
            let mut buffer = Buffer::empty(area);
            draw(&picture, &looks(&topology, ascii), Theme::new(ThemeName::Terminal, ascii), area, (x, y), &mut buffer);
            for cell in buffer.content() {
                let steers = cell.symbol().chars().any(|c| c.is_control() || c == '\u{202e}');
                prop_assert!(!steers, "{:?}", cell.symbol());
                prop_assert!(!ascii || cell.symbol().is_ascii(), "{:?}", cell.symbol());
            }
        }
    }
}
