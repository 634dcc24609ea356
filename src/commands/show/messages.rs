//! The messages of a gRPC call, and its status.

use crate::commands::text;
use crate::control::proto::{GrpcStatus, Message, Messages};

/// The most messages that are printed.
const MOST: usize = 100;

/// The messages in the order in which they came: `->` from the caller, `<-` to it.
pub(super) fn section(messages: &Messages) -> String {
    let Messages { kept, requests, responses, source, failures } = messages;
    let mut section = format!("\nMessages ({requests} sent, {responses} answered");
    if !kept.is_empty() {
        text::push(&mut section, format_args!("; read by {source}"));
    }
    section.push_str(")\n");
    for failure in failures.iter().filter(|_| !kept.is_empty()) {
        text::push(&mut section, format_args!("  ({})\n", text::line(failure)));
    }
    for message in kept.iter().take(MOST) {
        push(&mut section, message);
    }
    if kept.len() > MOST {
        let left = kept.len() - MOST;
        text::push(&mut section, format_args!("  ({left} more are kept; the dashboard shows them)\n"));
    }
    let missing = (requests + responses).saturating_sub(kept.len() as u64);
    if missing > 0 {
        text::push(&mut section, format_args!("  ({missing} more passed and were not kept)\n"));
    }
    section
}

fn push(section: &mut String, message: &Message) {
    let arrow = if message.response { "<-" } else { "->" };
    let (at, bytes) = (text::duration(message.at_micros), if message.length == 1 { "byte" } else { "bytes" });
    let line =
        format!("  {arrow} {:<3} +{at}  {} {bytes}  {}", message.number, message.length, text::line(&message.r#type));
    text::push(section, format_args!("{}\n", line.trim_end()));
    for line in text::lines(&message.json).lines() {
        text::push(section, format_args!("    {line}\n"));
    }
    for note in &message.notes {
        text::push(section, format_args!("    ({})\n", text::line(note)));
    }
}

/// The status: its code by name, its words and what went with it.
pub(super) fn status(status: &GrpcStatus) -> String {
    let name = if status.name.is_empty() { "no code of gRPC" } else { &status.name };
    let mut section = format!("\nStatus\n  {} {name}", status.code);
    if !status.message.is_empty() {
        text::push(&mut section, format_args!(": {}", text::line(&status.message)));
    }
    section.push('\n');
    for detail in &status.details {
        text::push(&mut section, format_args!("  {}\n", text::line(&detail.r#type)));
        for line in text::lines(&detail.json).lines() {
            text::push(&mut section, format_args!("    {line}\n"));
        }
    }
    if !status.problem.is_empty() {
        text::push(&mut section, format_args!("  ({})\n", text::line(&status.problem)));
    }
    section
}
