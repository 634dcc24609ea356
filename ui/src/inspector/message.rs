//! A request or an answer as lines.

use daptop_model::{Call, Head};
use ratatui::text::Line;

use super::body;
use crate::row::Row;
use crate::text;
use crate::theme::Theme;

/// The request: what was asked, its headers, its body.
pub(super) fn request(call: &Call, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut row = Row::new(theme, width);
    row.put("Request", theme.strong()).gap(2).put(call.request.verb(), theme.plain()).gap(1);
    let mut lines = Vec::new();
    let target = call.request.target();
    let cleaned = text::clean(&target, theme.ascii);
    let mut pieces = text::wrap(&cleaned, row.room()).into_iter();
    lines.push(row.put(pieces.next().unwrap_or_default(), theme.plain()).finish());
    lines.extend(pieces.map(|piece| Row::new(theme, width).gap(2).put(piece, theme.plain()).finish()));
    headers(&call.request.headers, theme, width, &mut lines);
    lines.extend(body::lines(&call.request_body, Some(&call.request.headers), theme, width));
    lines
}

/// The answer: its status, its headers, its body.
pub(super) fn response(call: &Call, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut row = Row::new(theme, width);
    row.put("Response", theme.strong()).gap(2);
    let Some(response) = &call.response else {
        let text = if call.is_open() { "none yet" } else { "none" };
        return vec![row.put(text, theme.dim()).finish()];
    };
    let style = if response.status >= 500 { theme.bad() } else { theme.plain() };
    let mut lines = vec![row.put(&response.status.to_string(), style).finish()];
    headers(&response.headers, theme, width, &mut lines);
    lines.extend(body::lines(&call.response_body, Some(&response.headers), theme, width));
    lines
}

fn headers(head: &Head, theme: Theme, width: usize, lines: &mut Vec<Line<'static>>) {
    const LONGEST: usize = 22;
    let names = head.lines().map(|(name, _)| text::width(name)).max().unwrap_or(0).min(LONGEST);
    for (name, value) in head.lines() {
        let value = String::from_utf8_lossy(value);
        let cleaned = text::clean(&value, theme.ascii);
        let indent = names + 4;
        for (index, piece) in text::wrap(&cleaned, width.saturating_sub(indent)).into_iter().enumerate() {
            let mut row = Row::new(theme, width);
            row.gap(2).left(if index == 0 { name } else { "" }, names, theme.dim()).gap(2).put(piece, theme.plain());
            lines.push(row.finish());
        }
    }
}
