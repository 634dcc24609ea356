use daptop_model::diff::{Compared, Diff};

use super::*;
use crate::control::tests::{Served, directory, run_file};

fn args(call: &str) -> ReplayArgs {
    ReplayArgs { call: Some(call.to_owned()), times: 1, ..ReplayArgs::default() }
}

#[tokio::test]
async fn what_cannot_be_replayed_is_refused_with_the_reason() {
    let (_place, directory) = directory();
    let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
    shop.start_call(1);
    shop.end_call(1);
    let changed = |change: &dyn Fn(&mut ReplayArgs)| {
        let mut args = args("1");
        change(&mut args);
        args
    };
    for (args, told) in [
        (args("orders"), "\"orders\" is not the number of a call; `daptop calls` lists them"),
        (args("7"), "no call #7 is here; #1 to #1 are"),
        (
            changed(&|args| args.set_header = vec!["x".into()]),
            "--set-header \"x\" is not NAME=VALUE, as in: --set-header x-tenant=blue",
        ),
        (changed(&|args| args.set_header = vec!["a b=1".into()]), "\"a b\" is not the name of a header"),
        (changed(&|args| args.times = 0), "--times 0 is not possible: it is 1 or more"),
        (changed(&|args| args.times = 1_001), "a call is replayed 1000 times at most"),
        (changed(&|args| args.data = Some("@/nowhere".into())), "the body cannot be read from \"/nowhere\""),
        (changed(&|args| args.path = Some("/a b".into())), "' ' cannot stand in a path: write it as %20"),
        (changed(&|args| args.method = Some("GE T".into())), "\"GE T\" is not a verb, such as GET or POST"),
        // This process has an app of that name, and no sidecar.
        (args("1"), "checkout has no sidecar in this run: it is closed already, or runs in another process"),
    ] {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let refused = replay(&directory, &args, &mut Streams::new(&mut out, &mut err)).await.unwrap_err();
        assert_eq!(refused.to_string(), told);
    }
}

fn diff() -> Diff {
    let side = |authorization: &str, status: &str| Compared {
        status: status.to_owned(),
        took: Some(Duration::from_millis(12)),
        request_headers: vec![("authorization".to_owned(), authorization.as_bytes().to_vec())],
        headers: vec![
            ("x-nasty".to_owned(), format!("{status}\u{1b}[2J").into_bytes()),
            ("date".to_owned(), status.into()),
        ],
        caveats: vec![format!("a {status}")],
        ..Compared::default()
    };
    Diff::new(&side("Bearer one", "503"), &side("Bearer two", "200"))
}

#[test]
fn differences_are_printed_part_by_part_and_without_secrets() {
    let expected = r"  #1 -> #2
    sent header  authorization: *** -> *** (another one)
    status       503 -> 200
    header       x-nasty: 503\x1b[2J -> 200\x1b[2J
    (a 503)
    (a 200)
    (not counted, because it differs each time: date)
    (*** hides a secret; --no-redact shows it)
";
    assert_eq!(page::page(1, 2, &diff(), false), expected);
    assert!(page::page(1, 2, &diff(), true).contains("authorization: Bearer one -> Bearer two\n"));
    let same = Diff::new(&Compared::default(), &Compared::default());
    assert_eq!(page::page(1, 2, &same, false), "  #1 -> #2\n    nothing else differs\n");
}

#[test]
fn differences_are_told_as_json() {
    let json = serde_json::to_value(page::JsonDiff::new(&diff(), false)).unwrap();
    let expected = serde_json::json!({
        "differences": [
            { "part": "sent header", "name": "authorization", "before": "***", "after": "*** (another one)" },
            { "part": "status", "name": "", "before": "503", "after": "200" },
            { "part": "header", "name": "x-nasty", "before": "503\u{1b}[2J", "after": "200\u{1b}[2J" },
        ],
        "notComparable": ["a 503", "a 200"],
    });
    assert_eq!(json, expected);
}
