//! Where the time of a call went.

use std::time::Duration;

use daptop_model::{Activity, Call, Piece, Stamp};
use ratatui::text::Line;

use crate::format;
use crate::row::Row;
use crate::text;
use crate::theme::Theme;
use crate::waterfall::{spent, spent_in_short, stretch};

/// A sentence, and a row for each phase that was reached, on one time axis.
pub(super) fn lines(call: &Call, now: Stamp, clock: &str, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let whole = call.age(now);
    let mut head = Row::new(theme, width);
    head.put("Timing", theme.strong()).gap(2).put(&format::duration(whole, theme.ascii), theme.plain());
    head.gap(2).put("received at ", theme.dim()).put(clock, theme.dim());
    let mut lines = vec![head.finish()];
    let pieces = call.pieces(whole);
    if let Some(sentence) = sentence(call, &pieces, whole, theme.ascii) {
        let wrapped = text::words(&text::clean(&sentence, theme.ascii), width.saturating_sub(2));
        let style = if call.is_open() { theme.waiting() } else { theme.plain() };
        lines.extend(wrapped.iter().map(|line| Row::new(theme, width).gap(2).put(line, style).finish()));
    }
    let in_short = |piece: &Piece| matches!(piece.activity, Activity::Trying(_));
    let in_words = |piece: &Piece| if in_short(piece) { spent_in_short(piece) } else { spent(call, piece) };
    let mut words: Vec<String> = pieces.iter().map(in_words).collect();
    if words.iter().any(|words| text::width(words) > (width * 2 / 5).max(18)) {
        words = pieces.iter().map(spent_in_short).collect();
    }
    let longest = words.iter().map(|words| text::width(words)).max().unwrap_or(0).min((width * 2 / 5).max(18));
    lines.extend(pieces.iter().zip(&words).map(|(piece, words)| {
        let mut row = Row::new(theme, width);
        row.gap(2).left(words, longest, theme.plain());
        part(row, piece, whole, theme)
    }));
    if let Some(turn) = call.delays.turn() {
        let most = format::plural(turn.limit as usize, "call");
        let why = format!("its turn: {most} at once, as the limit says (appMaxConcurrency)");
        let wrapped = text::words(&why, width.saturating_sub(2));
        lines.extend(wrapped.iter().map(|line| Row::new(theme, width).gap(2).put(line, theme.dim()).finish()));
    }
    for failed in call.delays.failed_tries() {
        let why = format!("try {} failed: {}", failed.number, failed.why);
        let wrapped = text::words(&text::clean(&why, theme.ascii), width.saturating_sub(2));
        lines.extend(wrapped.iter().map(|line| Row::new(theme, width).gap(2).put(line, theme.dim()).finish()));
    }
    lines
}

fn part(mut row: Row, piece: &Piece, whole: Duration, theme: Theme) -> Line<'static> {
    let waits = piece.activity.is_waiting();
    let style = if waits || piece.open { theme.waiting() } else { theme.plain() };
    row.right(&format::duration(piece.duration(), theme.ascii), 9, style);
    let share = format::percent(micros(piece.duration()), micros(whole)).unwrap_or_default();
    row.right(&share, 7, theme.dim()).gap(2);
    let columns = row.room().saturating_sub(1);
    let bar = stretch(piece.from..piece.to, whole, columns, waits, style, theme);
    row.spans(bar).finish()
}

/// What most of the time was spent on, where that is one thing.
fn sentence(call: &Call, pieces: &[Piece], whole: Duration, ascii: bool) -> Option<String> {
    let longest = pieces.iter().max_by_key(|piece| piece.duration())?;
    if longest.duration() * 2 < whole || whole.is_zero() {
        return None;
    }
    let share = format::percent(micros(longest.duration()), micros(whole))?;
    let time = format::duration(longest.duration(), ascii);
    let app = &call.to;
    let what = match (longest.activity, longest.open) {
        (Activity::Waiting, true) => {
            return Some(format!("The call is held until {app} has started, {time} so far."));
        }
        (_, true) => return Some(format!("Not ended: {} for {time} so far.", spent(call, longest))),
        (Activity::Waiting, false) => format!("was waiting for {app} to start"),
        (Activity::Finding, _) => format!("was finding {app}"),
        (Activity::Queueing, _) => "was waiting for its turn".to_owned(),
        (Activity::Trying(number), _) => format!("was try {number}, which got no answer"),
        (Activity::Pausing(number), _) => format!("was waiting before try {}", number.saturating_add(1)),
        (Activity::Connecting, _) => format!("was getting a connection to {app}"),
        (Activity::Sending, _) => "was sending the request".to_owned(),
        (Activity::Answering, _) => format!("was {app}'s own, before it began to answer"),
        (Activity::Receiving, _) => "was reading the answer".to_owned(),
        (Activity::Failing, _) => "passed until it was clear that no app answers".to_owned(),
        (Activity::Leaving, _) => "passed until the caller left".to_owned(),
    };
    Some(format!("{time} of it, {share}, {what}."))
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use daptop_model::Outcome;

    use super::*;

    fn piece(activity: Activity, from: u64, to: u64, open: bool) -> Piece {
        Piece { activity, from: Duration::from_millis(from), to: Duration::from_millis(to), open }
    }

    #[test]
    fn each_try_and_the_waiting_after_it_has_a_row_of_its_own() {
        let millis = Duration::from_millis;
        let mut call = crate::inspector::tests::call(Outcome::Answered);
        call.phases.mark(daptop_model::Phase::Ended, Stamp(1_013_000));
        call.delays.try_failed(millis(3), "connection refused");
        call.delays.try_again(millis(1_003));
        let theme = Theme::new(crate::theme::ThemeName::Terminal, true);
        let rows: Vec<String> =
            lines(&call, Stamp(0), "12:00:00.000", theme, 100).iter().map(ToString::to_string).collect();
        for (row, words) in rows.iter().skip(1).zip([
            &["1.0 s of it, 98%, was waiting before try 2."][..],
            &["try 1 failed ", "3.0 ms"],
            &["waited before try 2", "1.0 s", "98%"],
            &["bank worked", "10 ms"],
            &["try 1 failed: connection refused"],
        ]) {
            assert!(words.iter().all(|words| row.contains(words)), "{words:?}: {rows:#?}");
        }
    }

    #[test]
    fn the_wait_for_its_turn_has_a_row_and_its_limit_is_told() {
        let theme = Theme::new(crate::theme::ThemeName::Terminal, true);
        let rows = |call: &Call| {
            let lines = lines(call, Stamp(2_000_000), "12:00:00.000", theme, 100);
            lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let mut call = crate::inspector::tests::call(Outcome::Pending);
        call.delays.turn_begins(Duration::ZERO, 3);
        let told = rows(&call);
        assert!(told.contains("Not ended: waits for its turn for 2.0 s so far."), "{told}");
        assert!(told.contains("its turn: 3 calls at once, as the limit says (appMaxConcurrency)"), "{told}");
        call.delays.turn_came(Duration::from_secs(1));
        call.outcome = Outcome::Answered;
        call.phases.mark(daptop_model::Phase::Ended, Stamp(1_200_000));
        let told = rows(&call);
        assert!(told.contains("1.0 s of it, 83%, was waiting for its turn."), "{told}");
        assert!(told.contains("  waited for its turn  ") && told.contains("  bank worked  "), "{told}");
    }

    #[test]
    fn what_took_half_of_the_time_or_more_is_said_in_a_sentence() {
        let call = crate::inspector::tests::call(Outcome::Answered);
        let said = |pieces: &[Piece]| {
            let whole = pieces.last().map_or(Duration::ZERO, |piece| piece.to);
            sentence(&call, pieces, whole, true)
        };
        for (pieces, sentence) in [
            (
                vec![piece(Activity::Waiting, 0, 1_200, false), piece(Activity::Answering, 1_200, 1_300, false)],
                Some("1.2 s of it, 92%, was waiting for bank to start."),
            ),
            (
                vec![piece(Activity::Sending, 0, 2, false), piece(Activity::Answering, 2, 12, false)],
                Some("10 ms of it, 83%, was bank's own, before it began to answer."),
            ),
            (
                vec![piece(Activity::Waiting, 0, 9_000, true)],
                Some("The call is held until bank has started, 9.0 s so far."),
            ),
            (
                vec![piece(Activity::Answering, 0, 3_000, true)],
                Some("Not ended: waits for bank to answer for 3.0 s so far."),
            ),
            (
                vec![
                    piece(Activity::Sending, 0, 4, false),
                    piece(Activity::Answering, 4, 8, false),
                    piece(Activity::Receiving, 8, 12, false),
                ],
                None,
            ),
            (vec![piece(Activity::Failing, 0, 0, false)], None),
        ] {
            assert_eq!(said(&pieces).as_deref(), sentence);
        }
    }
}
