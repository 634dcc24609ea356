//! Calls that an app answered with an error.

use std::sync::Arc;

use crate::{BodyEnd, Call, Outcome};

use super::scene::{Scene, ended_badly, is_server_error, route};
use super::{Finding, FindingKind, words};

/// How many paths that worked are named.
const PATHS: usize = 4;

/// gRPC's `UNIMPLEMENTED`.
const UNIMPLEMENTED: u32 = 12;

/// There is no such path, or not with this verb: says which ones did work.
pub(super) fn no_such_path(scene: &Scene<'_>) -> Option<Finding> {
    let (to, asked) = (&scene.call.to, route(scene.call));
    let status = scene.answered()?;
    if !is_path_error(scene.call) {
        return None;
    }
    let answered = if scene.call.grpc_status().is_some() { "UNIMPLEMENTED".to_owned() } else { status.to_string() };
    let worked = worked(scene);
    let mut text = format!("{to} answered {answered} to {asked}.");
    if let Some(like) = worked.iter().find(|worked| template(worked) == template(&asked) && **worked != asked) {
        text = format!("{text} {like} worked, so the path may be right and the thing asked for may not exist.");
        let advice = "Check the id in the path.".to_owned();
        return Some(Finding::new(FindingKind::NoSuchPath, text, advice));
    }
    if worked.contains(&asked) {
        text.push_str(" The same has worked before, so the path is right: the thing asked for may be gone.");
        let advice = format!("See in the answer, or in the log of {to}, what it did not find.");
        return Some(Finding::new(FindingKind::NoSuchPath, text, advice));
    }
    let advice = if worked.is_empty() {
        text.push_str(" Nothing else has been asked of it with success lately.");
        format!("Compare the path with the routes of {to}.")
    } else {
        text = format!("{text} What worked there: {}.", words::list(&worked));
        guess(&asked, &worked)
            .unwrap_or_else(|| format!("Use one of those, or compare the path with the routes of {to}."))
    };
    Some(Finding::new(FindingKind::NoSuchPath, text, advice))
}

fn is_path_error(call: &Call) -> bool {
    match call.grpc_status().filter(|code| *code != 0) {
        Some(code) => code == UNIMPLEMENTED,
        None => matches!(call.status(), Some(404 | 405)),
    }
}

/// What worked on the same app lately, the nearest to what was asked first.
fn worked(scene: &Scene<'_>) -> Vec<String> {
    let asked = route(scene.call);
    let is_well = |call: &Call| {
        call.to == scene.call.to
            && call.outcome == Outcome::Answered
            && call.status().is_some_and(|status| status < 400)
    };
    let mut routes: Vec<String> = Vec::new();
    for call in scene.before().filter(|call| is_well(call) && !call.is_error()) {
        let found = route(call);
        let known = routes.iter().any(|known| template(known) == template(&found));
        if (!known || found == asked) && !routes.contains(&found) {
            routes.push(found);
        }
    }
    routes.sort_by_cached_key(|found| strsim::damerau_levenshtein(found, &asked));
    routes.truncate(PATHS);
    routes
}

/// What may have been meant, where it is near enough.
fn guess(asked: &str, worked: &[String]) -> Option<String> {
    let (verb, path) = asked.split_once(' ')?;
    let same_path = worked.iter().find(|other| other.split_once(' ').is_some_and(|(_, other)| other == path));
    if let Some((other, _)) = same_path.and_then(|other| other.split_once(' ')) {
        return Some(format!("Send {other} instead of {verb}: that worked on this path."));
    }
    let near = words::nearest(asked, worked.iter().map(String::as_str))?;
    Some(format!("Perhaps {near} is meant."))
}

/// A route whose segments with digits, or of many hexadecimal ones, are taken for ids.
pub(super) fn template(route: &str) -> String {
    let is_id = |segment: &str| {
        let hexadecimal = segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        !segment.is_empty()
            && (segment.bytes().all(|byte| byte.is_ascii_digit()) || (segment.len() >= 16 && hexadecimal))
    };
    let segments: Vec<&str> = route.split('/').map(|segment| if is_id(segment) { "{id}" } else { segment }).collect();
    segments.join("/")
}

/// An error of the app's own: says who really failed.
pub(super) fn server_error(scene: &Scene<'_>) -> Option<Finding> {
    scene.answered()?;
    if !is_server_error(scene.call) {
        return None;
    }
    let (to, with) = (&scene.call.to, answer(scene.call));
    if let Some(cause) = deepest_failure(scene) {
        let below = format!("{} asking {} ({})", cause.from, cause.to, cause.id);
        let how = if cause.failed() { "no answer".to_owned() } else { answer(&cause) };
        let text = format!("{to} answered {with}, but it began below: {below} got {how}.");
        let advice = format!("Open {}: that is where it failed.", cause.id);
        return Some(Finding::new(FindingKind::ServerError, text, advice).seeing(cause.id));
    }
    let text = format!("{to} itself answered {with}: no call below this one failed, as far as daptop saw.");
    let advice = format!("Read the answer's body, and the log of {to} at that time.");
    Some(Finding::new(FindingKind::ServerError, text, advice))
}

/// `503 (unavailable)`, `gRPC INTERNAL`.
fn answer(call: &Call) -> String {
    match call.grpc_status().filter(|code| *code != 0) {
        Some(code) => format!("gRPC {}", crate::grpc_status_name(code)),
        None => call.status().map_or_else(String::new, |status| format!("{status}{}", words::status(status))),
    }
}

/// Of the calls that were made to serve this one, the failing one that is deepest; of several the first. Only what
/// failed leads further down: a failure below a call that went well is not the reason.
fn deepest_failure(scene: &Scene<'_>) -> Option<Arc<Call>> {
    let (trace, position) = scene.below()?;
    let mut on_the_way = vec![position];
    let mut deepest = None;
    for at in position + 1..=position + trace.calls[position].below {
        let traced = trace.calls.get(at)?;
        if traced.parent.is_some_and(|parent| on_the_way.contains(&parent)) && ended_badly(&traced.call) {
            on_the_way.push(at);
            if deepest.is_none_or(|deepest: usize| traced.depth > trace.calls[deepest].depth) {
                deepest = Some(at);
            }
        }
    }
    deepest.map(|at| Arc::clone(&trace.calls[at].call))
}

/// An error of the request, as the app sees it.
pub(super) fn client_error(scene: &Scene<'_>) -> Option<Finding> {
    let status = scene.answered()?;
    if !scene.call.is_error() || is_server_error(scene.call) || is_path_error(scene.call) {
        return None;
    }
    let to = &scene.call.to;
    let text = format!("{to} turned the request down with {}.", answer(scene.call));
    let advice = match status {
        401 | 403 => format!("See which credentials {to} expects; the sidecar passes the caller's headers on."),
        429 => format!("Send slower, or let {to} take more at once."),
        415 => "Compare the Content-Type of the request with what the app takes.".to_owned(),
        _ if scene.call.grpc_status().is_some() => {
            "Read the message and the details of the status: they should say what is wrong with the request.".to_owned()
        }
        _ => "Read the answer's body: it should say what is wrong with the request.".to_owned(),
    };
    Some(Finding::new(FindingKind::ClientError, text, advice))
}

/// The answer began well and broke off.
pub(super) fn broke_off(scene: &Scene<'_>) -> Option<Finding> {
    scene.answered()?;
    let (to, body) = (&scene.call.to, &scene.call.response_body);
    if body.end != BodyEnd::Broken {
        return None;
    }
    let headers = scene.call.response.as_ref().map(|head| &head.headers);
    let announced: Option<u64> = headers.and_then(|headers| headers.text("content-length")?.parse().ok());
    let of = announced.map_or_else(String::new, |length| format!(" of {}", words::size(length)));
    let text = format!("The answer of {to} broke off after {}{of}.", words::size(body.seen));
    let advice = format!("Look into the log of {to} at that time: it closed the connection in the middle.");
    Some(Finding::new(FindingKind::BrokenAnswer, text, advice))
}
