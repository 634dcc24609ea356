//! A trace as a tree, one span a line.

use daptop_model::grpc_status_name;
use unicode_width::UnicodeWidthStr;

use crate::commands::text;
use crate::control::proto::{CallSummary, Leg, TraceSpan};

/// How deep a tree is drawn; what is deeper stands there.
const DEEPEST: u32 = 40;

/// The trace of a call under its title.
pub(super) fn section(call: &CallSummary, spans: &[TraceSpan], left_out: u64) -> String {
    if call.trace_id.is_empty() {
        return "\nNo trace: tracing is off\n".to_owned();
    }
    let mut section = format!("\nTrace {}\n", call.trace_id);
    let depths: Vec<u32> = spans.iter().map(|span| span.depth.min(DEEPEST)).collect();
    let names: Vec<String> =
        spans.iter().enumerate().map(|(index, span)| branches(&depths, index) + &name(span)).collect();
    let width = names.iter().map(|name| name.width()).max().unwrap_or_default();
    // A call has a span on either side: it is pointed at where it begins.
    let begins = spans.iter().position(|span| span.call == call.id);
    for (index, (span, name)) in spans.iter().zip(&names).enumerate() {
        let padding = " ".repeat(width - name.width());
        let took = span.duration_micros.map_or_else(|| "open".to_owned(), text::duration);
        let start = format!("+{}", text::duration(span.start_micros));
        let status = match (span.grpc_status, span.status) {
            (Some(code), _) => grpc_status_name(code),
            (None, 0) => "   ".to_owned(),
            (None, status) => status.to_string(),
        };
        let here = if begins == Some(index) { "  <- this call" } else { "" };
        let row = format!("  {name}{padding}  {start:>10}  {took:>10}  {status}  #{}{here}", span.call);
        section.push_str(row.trim_end());
        section.push('\n');
    }
    if left_out > 0 {
        text::push(&mut section, format_args!("  ({left_out} more spans are not shown)\n"));
    }
    if matches!(call.leg(), Leg::ToProcess | Leg::FromProcess) {
        section.push_str("  (what other processes saw of this trace is not here)\n");
    }
    section
}

fn name(span: &TraceSpan) -> String {
    let side = if span.server { "server" } else { "client" };
    format!("{} {side} {}", text::line(&span.app), text::line(&span.name))
}

/// The lines before a span's name: `|-- ` or `` `-- `` to its parent, `|   ` where an ancestor has more children.
fn branches(depths: &[u32], index: usize) -> String {
    let depth = depths[index];
    // Whether, after this span, another one comes at a level before that level's parent ends.
    let goes_on = |level: u32| depths[index + 1..].iter().find(|depth| **depth <= level) == Some(&level);
    (1..=depth)
        .map(|level| match (level == depth, goes_on(level)) {
            (true, true) => "|-- ",
            (true, false) => "`-- ",
            (false, true) => "|   ",
            (false, false) => "    ",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_join_each_span_to_its_parent() {
        let depths = [0, 1, 2, 2, 1, 2, 0, 1];
        let drawn: Vec<String> = (0..depths.len()).map(|index| branches(&depths, index)).collect();
        assert_eq!(drawn, ["", "|-- ", "|   |-- ", "|   `-- ", "`-- ", "    `-- ", "", "`-- "]);
    }
}
