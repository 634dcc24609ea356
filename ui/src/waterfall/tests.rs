use std::sync::Arc;

use daptop_model::{Call, CallId, Outcome, Phase, SpanId, Stamp, Trace};
use proptest::prelude::*;

use super::bar::Axis;
use super::*;
use crate::inspector::tests::call;
use crate::text;
use crate::theme::{Theme, ThemeName};

fn axis(seen: Range<u64>, columns: usize) -> Axis {
    Axis { origin: Stamp(0), seen, columns }
}

fn part(id: u64, (start, end): (u64, u64), parent: Option<u64>) -> Arc<Call> {
    let mut call = call(Outcome::Answered);
    call.id = CallId(id);
    call.phases = daptop_model::Phases::new(Stamp(start));
    call.phases.mark(Phase::Ended, Stamp(end));
    if let Some(place) = &mut call.trace {
        place.caller_span = SpanId((2 * id + 100).to_be_bytes());
        place.callee_span = Some(SpanId((2 * id + 101).to_be_bytes()));
        place.parent = parent.map(|parent| SpanId((2 * parent + 101).to_be_bytes()));
    }
    Arc::new(call)
}

fn drawn(from: u64, to: u64, columns: usize, ascii: bool) -> String {
    let theme = Theme::new(ThemeName::Mono, ascii);
    let duration = std::time::Duration::from_micros;
    let style = ratatui::style::Style::new();
    let spans = stretch(duration(from)..duration(to), duration(80), columns, false, style, theme);
    let reversed =
        |span: &ratatui::text::Span<'_>| span.style.add_modifier.contains(ratatui::style::Modifier::REVERSED);
    spans
        .iter()
        .map(|span| if reversed(span) { format!("({})", span.content) } else { span.content.to_string() })
        .collect()
}

#[test]
fn bars_are_exact_to_an_eighth_of_a_column() {
    for (from, to, bar, ascii) in [
        (0, 80, "██████████", "=========="),
        (0, 40, "█████     ", "=====     "),
        (0, 43, "█████▍    ", "=====|    "),
        (3, 40, "(▍)████     ", "=====     "),
        (13, 14, " ▏        ", " |        "),
        (80, 80, "         (▉)", "         |"),
        (0, 0, "▏         ", "|         "),
    ] {
        assert_eq!(drawn(from, to, 10, false), bar, "{from}-{to}");
        assert_eq!(drawn(from, to, 10, true), ascii, "{from}-{to}");
    }
}

#[test]
fn ticks_are_round_and_named_as_exactly_as_they_need() {
    let labels = |seen: Range<u64>, columns| -> Vec<String> {
        axis(seen, columns).ticks(true).into_iter().map(|(_, label)| label).collect()
    };
    assert_eq!(labels(0..412_000, 80), ["0", "100 ms", "200 ms", "300 ms", "400 ms"]);
    assert_eq!(labels(0..412_000, 30), ["0", "200 ms", "400 ms"]);
    assert_eq!(labels(100_100..100_900, 40), ["100.2 ms", "100.4 ms", "100.6 ms", "100.8 ms"]);
    assert_eq!(labels(0..900, 20), ["0", "500 us"]);
    assert_eq!(labels(0..3_500_000, 60), ["0", "1 s", "2 s", "3 s"]);
    assert_eq!(labels(1_000_000..2_100_000, 60), ["1.0 s", "1.2 s", "1.4 s", "1.6 s", "1.8 s", "2.0 s"]);
    assert_eq!(labels(0..1, 5), ["0"]);
}

#[test]
fn the_sub_graph_says_who_calls_whom_how_often_and_what_went_wrong() {
    let theme = Theme::new(ThemeName::Mono, true);
    let between = |id, from: &str, to: &str, outcome| {
        let mut call = call(outcome);
        (call.id, call.from, call.to) = (CallId(id), from.into(), to.into());
        Arc::new(call)
    };
    let unknown =
        daptop_model::Failure { kind: daptop_model::FailureKind::UnknownApp, text: "unknown".into(), fact: None };
    let failed = || Outcome::Failed(Box::new(unknown.clone()));
    let calls = vec![
        between(1, "a", "b", Outcome::Answered),
        between(2, "b", "c", failed()),
        between(3, "b", "c", failed()),
        between(4, "b", "d", Outcome::Answered),
        between(5, "d", "a", Outcome::Answered),
        between(6, "x", "x", failed()),
    ];
    assert_eq!(flow(&Trace::new(calls, Stamp(0)), theme), "a -> b -> (c x2 x2, d -> a); x -> x x");
}

#[test]
fn of_a_deep_trace_what_is_around_the_selected_call_has_room() {
    let theme = Theme::new(ThemeName::Mono, true);
    let calls = (0..30).map(|level| part(level, (level, 100 - level), level.checked_sub(1))).collect();
    let trace = Trace::new(calls, Stamp(0));
    let rows: Vec<usize> = (0..30).collect();
    let line = |around, at| {
        let chart = Chart::new(&trace, &rows, Some(around), 0..100, Stamp(0), (theme, 60));
        chart.line(at, Look::default()).to_string()
    };
    assert!(line(0, 1).starts_with(" `-shop -> bank"), "{}", line(0, 1));
    assert!(line(29, 29).contains("shop -> bank"), "{}", line(29, 29));
    assert!(!line(0, 29).contains("bank"), "{}", line(0, 29));
}

proptest! {
    #[test]
    fn any_bar_on_any_axis_has_as_many_columns_as_there_are(
        (from, to) in (0_u64..u64::MAX, 0_u64..u64::MAX),
        (start, length) in (0_u64..u64::MAX / 2, 0_u64..u64::MAX / 2),
        columns in 0_usize..200,
        ascii in any::<bool>(),
    ) {
        let theme = Theme::new(ThemeName::Terminal, ascii);
        let axis = axis(start..start + length, columns);
        let ticks = axis.ticks(ascii);
        prop_assert!(ticks.iter().all(|(column, _)| *column <= columns) && ticks.len() <= columns.max(1));
        let mut bar = super::bar::Bar::new(&axis, theme);
        let stretch = Stamp(from.min(to))..Stamp(from.max(to));
        bar.thin(&stretch);
        bar.solid(&stretch);
        bar.point_to(&stretch);
        bar.sign_after(stretch.end, "r", ratatui::style::Style::new());
        bar.sign_at_end(&stretch, "o", ratatui::style::Style::new());
        let spans = bar.finish(ratatui::style::Style::new(), &ticks);
        prop_assert_eq!(spans.iter().map(|span| text::width(&span.content)).sum::<usize>(), columns);
    }

    #[test]
    fn any_fold_zoom_and_step_keeps_the_selection_in_sight(
        spans in prop::collection::vec((0_u64..500, 0_u64..500, 0_u64..40), 1..40),
        keys in prop::collection::vec(0_u8..12, 0..40),
        height in 1_usize..20,
    ) {
        let calls = (1..).zip(&spans).map(|(id, (start, length, parent))| {
            part(id, (*start, start + length), (*parent > 0).then_some(*parent))
        });
        let now = Stamp(1_000);
        let mut waterfall = Waterfall { trace: Trace::new(calls.collect(), now), ..Waterfall::default() };
        waterfall.lay_out();
        for key in keys {
            match key {
                0 => waterfall.step(Step::Down, height),
                1 => waterfall.step(Step::Up, height),
                2 => waterfall.step(Step::PageDown, height),
                3 => waterfall.fold(),
                4 => waterfall.fold_level(),
                5 => waterfall.unfold_level(),
                6 => waterfall.fold_all(),
                7 => waterfall.zoom(true, now),
                8 => waterfall.zoom(false, now),
                9 => drop(waterfall.pan(true, now)),
                10 => drop(waterfall.pan(false, now)),
                _ => waterfall.zoom_to_call(now),
            }
            let (window, row) = (waterfall.window(height), waterfall.row());
            prop_assert!(window.contains(&row), "{:?} {}", window, row);
            prop_assert_eq!(Some(waterfall.rows[row]), waterfall.position());
            let seen = waterfall.seen(now);
            prop_assert!(seen.start < seen.end && seen.end <= waterfall.length(now));
        }
        waterfall.fold_all();
        if waterfall.folds() {
            waterfall.fold_all();
        }
        prop_assert_eq!(waterfall.rows.len(), spans.len());
    }
}

#[test]
fn within_a_call_tries_that_failed_and_the_waiting_after_them_are_told_apart() {
    let micros = std::time::Duration::from_micros;
    let mut call = Arc::unwrap_or_clone(part(1, (0, 100), None));
    call.delays.try_failed(micros(20), "refused");
    call.delays.try_again(micros(60));
    let trace = Trace::new(vec![Arc::new(call)], Stamp(100));
    let theme = Theme::new(ThemeName::Mono, true);
    let chart = Chart::new(&trace, &[0], None, 0..100, Stamp(100), (theme, 80));
    let line = chart.line(0, Look::default()).to_string();
    assert!(line.contains(theme.glyphs.shade) && line.contains(theme.glyphs.again), "{line}");
    assert!(chart.legend().to_string().contains("waiting") && chart.legend().to_string().contains("asked again"));
    let told = facts(&trace, &trace.calls[0], Stamp(100), true).join(", ");
    for words in ["its sidecar tried 2 times", "try 1 failed: refused 20 us", "waited before try 2 40 us"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn the_wait_for_its_turn_is_shaded_as_waiting() {
    let micros = std::time::Duration::from_micros;
    let mut call = Arc::unwrap_or_clone(part(1, (0, 100), None));
    call.delays.turn_begins(micros(0), 1);
    call.delays.turn_came(micros(60));
    let trace = Trace::new(vec![Arc::new(call)], Stamp(100));
    let theme = Theme::new(ThemeName::Mono, true);
    let chart = Chart::new(&trace, &[0], None, 0..100, Stamp(100), (theme, 80));
    let line = chart.line(0, Look::default()).to_string();
    assert!(line.contains(theme.glyphs.shade) && chart.legend().to_string().contains("waiting"), "{line}");
    let told = facts(&trace, &trace.calls[0], Stamp(100), true).join(", ");
    assert!(told.contains("waited for its turn 60 us"), "{told}");
}
