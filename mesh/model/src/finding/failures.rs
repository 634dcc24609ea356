//! Calls that no app answered.

use crate::{App, AppState, ExitReason, Failure, FailureFact, FailureKind, Leg, Side, Spoken};

use super::scene::Scene;
use super::{Finding, FindingKind, words};

/// Nothing listens on the app's port: it crashed, is stopped, still starts, or listens elsewhere.
pub(super) fn nothing_listens(scene: &Scene<'_>) -> Option<Finding> {
    let failure = scene.failure(FailureKind::ConnectionRefused)?;
    let refused = matches!(failure.fact, Some(FailureFact::Refused(_)));
    if scene.call.leg == Leg::External || (failure.fact.is_none() && scene.callee().is_none()) {
        return if refused { Some(outside(scene)) } else { None };
    }
    let port = match failure.fact {
        Some(FailureFact::Refused(port)) => port,
        _ => scene.callee()?.ports.app,
    };
    let (text, advice) = match scene.callee() {
        Some(app) => why_not(scene, app, port),
        None => (
            format!("Nothing listens on port {port}, which {} should answer on.", scene.call.to),
            format!("See in the log of {} whether it runs and on which port.", scene.call.to),
        ),
    };
    Some(Finding::new(FindingKind::NothingListens, text, advice))
}

/// Nothing listens at a URL.
fn outside(scene: &Scene<'_>) -> Finding {
    let url = &scene.call.to;
    let text = format!("Nothing listens at {url}.");
    Finding::new(FindingKind::NothingListens, text, "Start what should answer there, or mend the URL.")
}

/// Why an app of this run did not listen when the call came.
fn why_not(scene: &Scene<'_>, app: &App, port: u16) -> (String, String) {
    let id = &app.id;
    let (came, ended) = (scene.call.phases.received, scene.end());
    if app.times.spawned.is_some_and(|spawned| spawned > ended) {
        let text = format!("Nothing listened on :{port} when the call came; {id} has been started since.");
        return (text, "Send the call again.".to_owned());
    }
    match &app.state {
        AppState::NotStarted(why) => (
            format!("{id} could not be started, so nothing listens on :{port}: {}.", words::quote(why)),
            format!("Mend the command or the folder of {id}, then restart it."),
        ),
        // What has ended since the call came may have listened then.
        AppState::Ended(reason) if app.times.ended.is_none_or(|at| at <= ended) => has_ended(app, reason, port),
        AppState::Waiting => (
            format!("{id} has not been started yet: nothing listens on :{port}."),
            format!("Start {id}, then send the call again."),
        ),
        AppState::Stopping => (
            format!("{id} was being stopped: nothing listened on :{port} any more."),
            format!("Start {id} again, then send the call again."),
        ),
        _ => match app.listens_on.as_deref() {
            Some(ports) if !ports.is_empty() && !ports.contains(&port) => listens_elsewhere(app, ports, port),
            _ if app.times.port_open.is_some_and(|open| open <= came) => (
                format!(
                    "Nothing listened on :{port} when the call came, though {id} runs and had listened there before."
                ),
                format!("Look into the log of {id}: a server that reloads or has lost a worker looks like this."),
            ),
            _ => (
                format!("{id} runs, but nothing listens on :{port} yet."),
                format!("Wait until {id} is ready; if it never is, it listens on another port than its appPort says."),
            ),
        },
    }
}

fn has_ended(app: &App, reason: &ExitReason, port: u16) -> (String, String) {
    let id = &app.id;
    let (how, advice) = match reason {
        ExitReason::Asked => (format!("{id} was stopped"), format!("Start {id} again, then send the call again.")),
        ExitReason::Code(0) => (
            format!("{id} has ended with exit code 0"),
            format!("Let {id} run for as long as it is called, or do not call it; restart it to try again."),
        ),
        ExitReason::Code(code) => (
            format!("{id} has crashed with exit code {code}"),
            format!("Read the last lines of {id}, mend what they say, and restart it."),
        ),
        ExitReason::Signal(name) => (
            format!("{id} was ended by {name}"),
            format!("Read the last lines of {id}; the system or somebody else has ended it. Restart it to try again."),
        ),
    };
    (format!("{how}, so nothing listens on :{port}."), advice)
}

fn listens_elsewhere(app: &App, ports: &[u16], port: u16) -> (String, String) {
    let id = &app.id;
    let others: Vec<String> = ports.iter().map(|port| format!(":{port}")).collect();
    let text = format!("Nothing listens on :{port}: {id} listens on {} instead.", words::list(&others));
    let advice = match ports {
        [other] => format!("Set appPort of {id} to {other}, or let {id} listen on the port that APP_PORT tells it."),
        _ => format!("Set appPort of {id} to the right one, or let {id} listen on the port that APP_PORT tells it."),
    };
    (text, advice)
}

/// Neither refused nor answered: another process's sidecar is gone, or a place outside cannot be reached.
pub(super) fn unreachable(scene: &Scene<'_>) -> Option<Finding> {
    let to = &scene.call.to;
    if scene.failure(FailureKind::SidecarUnreachable).is_some() {
        let text = format!("The sidecar of {to}, in another process, could not be reached.");
        let advice = format!("See with \"daptop list\" whether the process of {to} still runs.");
        return Some(Finding::new(FindingKind::Unreachable, text, advice));
    }
    let failure = scene.failure(FailureKind::ConnectionRefused)?;
    if matches!(failure.fact, Some(FailureFact::Refused(_))) || (scene.callee().is_some() && failure.fact.is_none()) {
        return None;
    }
    let text = format!("{to} could not be reached: {}.", words::quote(&failure.text));
    Some(Finding::new(FindingKind::Unreachable, text, "Check the host name and the network, then send it again."))
}

/// No app has the id; the nearest one is suggested as a guess.
pub(super) fn unknown_app(scene: &Scene<'_>) -> Option<Finding> {
    scene.failure(FailureKind::UnknownApp)?;
    let asked = &scene.call.to;
    let apps = scene.snapshot.apps.iter().map(|app| app.id.as_str());
    let called = scene.snapshot.edges.iter().filter(|edge| edge.calls > edge.failed).map(|edge| edge.to.as_str());
    if let Some(near) = words::nearest(asked.as_str(), apps.clone().chain(called)) {
        let text = format!("No app is called {asked}. The nearest name is {near}: perhaps that one is meant.");
        let advice = format!("Ask for {near}, or give an app the id {asked}.");
        return Some(Finding::new(FindingKind::UnknownApp, text, advice));
    }
    let mut known: Vec<&str> = apps.take(8).collect();
    known.dedup();
    let known = if known.is_empty() { "none".to_owned() } else { words::list(&known) };
    let text = format!("No app is called {asked}. Those of this run: {known}.");
    Some(Finding::new(FindingKind::UnknownApp, text, format!("Ask for one of them, or start the app {asked}.")))
}

/// The request names no app.
pub(super) fn no_app_id(scene: &Scene<'_>) -> Option<Finding> {
    scene.failure(FailureKind::NoAppId)?;
    let text = "The request names no app: neither its path nor a dapr-app-id header does.";
    let advice = "Ask for /v1.0/invoke/APP/method/PATH, or add the header dapr-app-id: APP.";
    Some(Finding::new(FindingKind::NoAppId, text, advice))
}

/// The app has no port.
pub(super) fn no_app_port(scene: &Scene<'_>) -> Option<Finding> {
    scene.failure(FailureKind::NoAppPort)?;
    let to = &scene.call.to;
    let text = format!("{to} has no app port, so its sidecar cannot pass anything on to it.");
    let advice = match scene.callee().and_then(|app| app.listens_on.as_deref()) {
        Some([port]) => format!("Set appPort of {to} in the run file; it listens on {port}."),
        _ => format!("Set appPort of {to} in the run file (--app-port on the command line)."),
    };
    Some(Finding::new(FindingKind::NoAppPort, text, advice))
}

/// The app had not started in time.
pub(super) fn still_starting(scene: &Scene<'_>) -> Option<Finding> {
    scene.failure(FailureKind::StillStarting)?;
    let (to, on) = (&scene.call.to, scene.on_port());
    let waited = words::time(scene.call.phases.waited());
    let mut text = format!("{to} was still starting: the call waited {waited} for it, and nothing answered{on}.");
    let mut advice = format!("See in the log of {to} what takes so long.");
    if let Some(app) = scene.callee()
        && let Some(ports) = app.listens_on.as_deref().filter(|ports| !ports.contains(&app.ports.app))
        && app.ports.app != 0
        && !ports.is_empty()
    {
        let elsewhere = listens_elsewhere(app, ports, app.ports.app);
        text = format!("The call waited {waited} in vain. {}", elsewhere.0);
        advice = elsewhere.1;
    }
    Some(Finding::new(FindingKind::StillStarting, text, advice))
}

/// Health checks say no.
pub(super) fn unhealthy(scene: &Scene<'_>) -> Option<Finding> {
    scene.failure(FailureKind::Unhealthy)?;
    let to = &scene.call.to;
    let text = format!("{to} fails its health checks, so its sidecar passes no call on to it.");
    let advice = format!("See what {to} answers on its health path, and its log; calls go through once it is well.");
    Some(Finding::new(FindingKind::Unhealthy, text, advice))
}

/// Access control says no.
pub(super) fn denied(scene: &Scene<'_>) -> Option<Finding> {
    scene.failure(FailureKind::Denied)?;
    let (from, to, route) = (&scene.call.from, &scene.call.to, super::scene::route(scene.call));
    let text = format!("The access control of {to} does not let {from} ask for {route}.");
    let advice = format!("Allow it under accessControl in the Configuration of {to}, or do not call it.");
    Some(Finding::new(FindingKind::Denied, text, advice))
}

/// The sidecar could not pass the request on.
pub(super) fn refused(scene: &Scene<'_>) -> Option<Finding> {
    let failure = scene.failure(FailureKind::BadRequest)?;
    let text = format!("The sidecar could not pass the request on: {}.", words::quote(&failure.text));
    Some(Finding::new(FindingKind::Refused, text, "Mend the verb or the path of the request."))
}

/// Over a limit: which, and by how much.
pub(super) fn too_large(scene: &Scene<'_>) -> Option<Finding> {
    let failure = scene.failure(FailureKind::TooLarge)?;
    let (from, to) = (&scene.call.from, &scene.call.to);
    let (text, advice) = match failure.fact {
        Some(FailureFact::BodyLimit(limit)) => {
            let announced = scene.call.request.headers.text("content-length").and_then(|length| length.parse().ok());
            let seen = scene.call.request_body.seen;
            let limit = words::size(limit);
            let over = match announced {
                _ if scene.call.is_of_messages() => format!("A message of the request is over the limit of {limit}."),
                Some(length) => {
                    format!("The request's body is over the limit of {limit}: it has {}.", words::size(length))
                }
                None => {
                    let seen = words::size(seen);
                    format!("The request's body is over the limit of {limit}: more than {seen} had come.")
                }
            };
            (over, format!("Send less, or raise maxBodySize of {from} in the run file (--max-body-size)."))
        }
        Some(FailureFact::HeadLimit(limit)) => (
            format!("The header lines of {to}'s answer are over the limit of {}.", words::size(limit)),
            format!("Let {to} send shorter header lines, or raise its readBufferSize (--read-buffer-size)."),
        ),
        _ => (
            format!("A body or a head was over its limit: {}.", words::quote(&failure.text)),
            "Send less, or raise maxBodySize in the run file (--max-body-size).".to_owned(),
        ),
    };
    Some(Finding::new(FindingKind::TooLarge, text, advice))
}

/// The first bytes that came from the app's port belong to another protocol.
pub(super) fn wrong_protocol(scene: &Scene<'_>) -> Option<Finding> {
    let Some(FailureFact::Speaks(spoken)) = scene.failure(FailureKind::BrokenAnswer)?.fact else { return None };
    let (to, on) = (&scene.call.to, scene.on_port());
    let (speaks, advice) = match spoken {
        Spoken::Tls => ("TLS", format!("Set appProtocol of {to} to https, or let it serve without TLS.")),
        Spoken::Http2 => {
            ("HTTP/2, as gRPC does", format!("Set appProtocol of {to} to grpc (or h2c), or call another port."))
        }
        // HTTP/1 that cannot be read is a broken answer.
        Spoken::Http1 => return None,
        Spoken::Unknown => {
            ("something else than its appProtocol says", format!("Check appProtocol and appPort of {to}."))
        }
    };
    let text = format!("What came from {to}{on} looks like {speaks}: no answer could be read.");
    Some(Finding::new(FindingKind::WrongProtocol, text, advice))
}

/// The answer was none.
pub(super) fn broken_answer(scene: &Scene<'_>) -> Option<Finding> {
    let failure = scene.failure(FailureKind::BrokenAnswer)?;
    if wrong_protocol(scene).is_some() {
        return None;
    }
    let to = &scene.call.to;
    let messages = scene.call.messages.seen(Side::Response);
    if messages > 0 {
        let count = if messages == 1 { "1 message".to_owned() } else { format!("{messages} messages") };
        let text = format!("The answer of {to} broke off after {count}: {}.", words::quote(&last(failure)));
        let advice = format!("Look into the log of {to} at that time: it, or a worker of it, may have ended.");
        return Some(Finding::new(FindingKind::BrokenAnswer, text, advice));
    }
    let text = format!("{to} took the request but gave no answer that can be read: {}.", words::quote(&last(failure)));
    let advice = format!("Look into the log of {to} at that time: a worker that crashed looks like this.");
    Some(Finding::new(FindingKind::BrokenAnswer, text, advice))
}

/// What stands last in a chain of errors, as Go words it.
fn last(failure: &Failure) -> String {
    failure.text.rsplit_once("\": ").map_or(&*failure.text, |(_, last)| last).to_owned()
}

/// It failed in a way that has no rule.
pub(super) fn unexplained(scene: &Scene<'_>) -> Option<Finding> {
    let failure = scene.failure(FailureKind::Other)?;
    let text = format!("The call failed: {}.", words::quote(&failure.text));
    Some(Finding::new(
        FindingKind::Unexplained,
        text,
        "The text is what the caller got; the sidecar's log may say more.",
    ))
}
