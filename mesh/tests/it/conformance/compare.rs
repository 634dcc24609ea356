//! What differs between the recording and what happened, where it matters.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::Case;

/// Words of Go's network errors: behind one of these an error says the same in other words.
const GO_WORDS: [&str; 8] =
    ["dial tcp", "EOF", "readfrom", "malformed", "net/http", "connection reset", "transport", "use of closed"];
/// Headers of an answer that belong to its framing or to the clock.
const FREE_HEADERS: [&str; 3] = ["date", "content-length", "transfer-encoding"];
const ANY: &str = "<any>";

/// What differs, a line each.
pub(super) fn differences(case: &Case, want: &Value, got: &Value) -> Vec<String> {
    let (want, mut got) = (loosen(case, want), loosen(case, got));
    let loose = want["client_got"]["body"].as_str().and_then(|body| body.strip_suffix(ANY));
    let said = got["client_got"]["body"].as_str();
    if let (Some(loose), Some(said)) = (loose, said)
        && said.starts_with(loose)
    {
        got["client_got"]["body"] = want["client_got"]["body"].clone();
    }
    let mut differences = Vec::new();
    compare("", &want, &got, &mut differences);
    differences
}

/// Takes away what is not compared.
fn loosen(case: &Case, happened: &Value) -> Value {
    let mut happened = happened.clone();
    for part in ["app_saw", "client_got"] {
        if let Some(headers) = happened[part].get_mut("headers").and_then(Value::as_array_mut) {
            headers.retain(|header| {
                let name = header[0].as_str().unwrap_or_default();
                !matches!(name, "user-agent" | "accept-encoding") || case.sends(name)
            });
        }
    }
    if let Some(spans) = happened.get_mut("spans").and_then(Value::as_array_mut) {
        spans.sort_by_key(Value::to_string);
    }
    if let Some(body) = happened["client_got"]["body"].as_str() {
        happened["client_got"]["body"] = loosen_body(body).into();
    }
    happened
}

fn loosen_body(body: &str) -> String {
    let mut body = body.replace("timeout waiting for address for app id ", "couldn't find service: ");
    for key in [r#""runtimeVersion":""#, r#""daprRuntimeVersion":""#] {
        if let Some(start) = body.find(key).map(|at| at + key.len())
            && let Some(length) = body[start..].find('"')
        {
            body.replace_range(start..start + length, "<version>");
        }
    }
    if body.contains("ERR_")
        && let Some((before, reason)) = body.split_once("err: ")
        && GO_WORDS.iter().any(|word| reason.contains(word))
    {
        return format!("{before}err: {ANY}");
    }
    body
}

fn compare(path: &str, want: &Value, got: &Value, differences: &mut Vec<String>) {
    if let (Value::Object(wanted), Value::Object(found)) = (want, got) {
        let keys: BTreeSet<&String> = wanted.keys().chain(found.keys()).filter(|key| *key != "framing").collect();
        for key in keys {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            compare(&path, &want[key], &got[key], differences);
        }
    } else if path.ends_with("headers")
        && let (Value::Array(want), Value::Array(got)) = (want, got)
    {
        compare_headers(path, want, got, differences);
    } else if want != got && !(path.ends_with("body") && is_same_json(want, got)) {
        differences.push(format!("{path}: want {want}, got {got}"));
    }
}

/// Headers are compared without order, and with how often each occurs.
fn compare_headers(path: &str, want: &[Value], got: &[Value], differences: &mut Vec<String>) {
    let matters = |header: &&Value| {
        !(path.starts_with("client_got") && FREE_HEADERS.contains(&header[0].as_str().unwrap_or_default()))
    };
    let mut left: Vec<&Value> = got.iter().filter(matters).collect();
    for header in want.iter().filter(matters) {
        match left.iter().position(|other| *other == header) {
            Some(index) => {
                left.swap_remove(index);
            }
            None => differences.push(format!("{path}: missing {header}")),
        }
    }
    differences.extend(left.iter().map(|header| format!("{path}: too much {header}")));
}

fn is_same_json(want: &Value, got: &Value) -> bool {
    let (Some(want), Some(got)) = (want.as_str(), got.as_str()) else { return false };
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    want.starts_with(['{', '[']) && parsed(want).is_some() && parsed(want) == parsed(got)
}

#[test]
fn a_header_more_or_less_or_a_body_of_another_meaning_is_a_difference() {
    type Change = dyn Fn(&mut Value);
    let case = Case::all().into_iter().find(|case| case.name == "address/path-post").unwrap();
    let want = case.wanted("local").clone();
    assert!(differences(&case, &want, &want).is_empty());
    let changes: [(&str, &Change); 5] = [
        ("status", &|got| got["client_got"]["status"] = 201.into()),
        ("body", &|got| got["client_got"]["body"] = r#"{"ok":false}"#.into()),
        ("missing", &|got| got["app_saw"]["headers"].as_array_mut().unwrap().retain(|header| header[0] != "host")),
        ("too much", &|got| got["app_saw"]["headers"].as_array_mut().unwrap().push(serde_json::json!(["x", "y"]))),
        ("app_saw", &|got| got["app_saw"] = Value::Null),
    ];
    for (word, change) in changes {
        let mut got = want.clone();
        change(&mut got);
        let found = differences(&case, &want, &got).join("\n");
        assert!(found.contains(word), "{word} is not in {found:?}");
    }
    let mut spaced = want.clone();
    spaced["client_got"]["body"] = r#"{ "ok": true }"#.into();
    assert!(differences(&case, &want, &spaced).is_empty(), "JSON is compared by its meaning");
}
