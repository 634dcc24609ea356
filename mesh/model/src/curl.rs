//! A request as a command line for `curl`, quoted for a POSIX shell.

use crate::shell::{is_plain, octal, push, word};
use crate::{MASK, ReplayRequest, is_secret};

/// The command that sends a request to `base`, such as `http://localhost:3500`. Whatever the request consists of, a shell
/// hands it to curl as it is, and no control character of it stands in the command. Values of secret headers are masked
/// unless `whole`; whether one was, is told too.
pub fn curl(request: &ReplayRequest, base: &str, whole: bool) -> (String, bool) {
    let mut command = String::new();
    let body = &request.body[..];
    let piped = !body.is_empty() && !is_plain(body);
    if piped {
        push(&mut command, format_args!("printf {} | ", octal(body)));
    }
    command.push_str("curl");
    match request.verb.as_str() {
        "GET" if body.is_empty() => {}
        // With `-X HEAD` curl would wait for a body.
        "HEAD" => command.push_str(" --head"),
        verb => push(&mut command, format_args!(" -X {}", word(verb.as_bytes()))),
    }
    if request.target.contains("/.") {
        command.push_str(" --path-as-is");
    }
    if request.target.contains(['[', ']', '{', '}']) {
        command.push_str(" --globoff");
    }
    push(&mut command, format_args!(" {}", word(format!("{base}{}", request.target).as_bytes())));
    let masked = headers(&mut command, request, whole);
    if piped {
        command.push_str(" \\\n  --data-binary @-");
    } else if !body.is_empty() {
        push(&mut command, format_args!(" \\\n  --data-raw {}", word(body)));
    }
    command.push('\n');
    (command, masked)
}

/// Adds the headers; tells whether one was masked.
fn headers(command: &mut String, request: &ReplayRequest, whole: bool) -> bool {
    let mut masked = false;
    for (name, value) in request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
        let secret = !whole && is_secret(name);
        masked |= secret;
        let value = if secret { MASK.as_bytes() } else { &value[..] };
        // A colon with nothing behind it would take the header away.
        let line =
            if value.is_empty() { format!("{name};").into_bytes() } else { [name.as_bytes(), b": ", value].concat() };
        push(command, format_args!(" \\\n  -H {}", word(&line)));
    }
    if !request.body.is_empty() && request.header("content-type").is_none() {
        // Otherwise curl says that it is a form.
        command.push_str(" \\\n  -H 'content-type:'");
    }
    if request.header("accept-encoding").is_some() {
        command.push_str(" \\\n  --compressed");
    }
    if request.chunked && !request.body.is_empty() {
        command.push_str(" \\\n  -H 'transfer-encoding: chunked'");
    }
    masked
}
