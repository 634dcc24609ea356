use super::*;
use crate::commands::streams::captured;
use crate::control::tests::{Served, directory, run_file};
use crate::plan::RunSource;

/// What a recorded command printed on standard output.
fn recorded(name: &str) -> String {
    let path = format!("{}/tests/golden/cli/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let (printed, _) = text.split_once('\n').unwrap().1.rsplit_once("exit 0").unwrap();
    printed.split_inclusive('\n').map(|line| line.strip_prefix("out| ").unwrap()).collect()
}

/// The two rows that were recorded, with paths as long as those that stand behind the recording's marks.
fn rows() -> [Row; 2] {
    let row = |id: &str, http_port, grpc_port, app_port, age: &str, created: &str, daprd_pid, app_pid| Row {
        app_id: id.into(),
        http_port,
        grpc_port,
        app_port,
        metrics_enabled: true,
        command: "python3 app.py".into(),
        age: age.into(),
        created: created.into(),
        daprd_pid,
        cli_pid: 12_964,
        app_pid,
        max_request_body_size: 4_194_304,
        http_read_buffer_size: 4_096,
        run_template_path: format!("{SHOP}/dapr.yaml"),
        app_log_path: format!("{SHOP}/{id}/.dapr/logs/{id}_app_{TIME}.log"),
        daprd_log_path: format!("{SHOP}/{id}/.dapr/logs/{id}_daprd_{TIME}.log"),
        run_template_name: String::new(),
    };
    [
        row("order-processor", 36_383, 37_221, 8_001, "8s", "2026-11-21 02:53.58", 12_982, 12_983),
        row("checkout", 34_945, 36_801, 0, "7s", "2026-11-21 02:53.59", 12_994, 13_004),
    ]
}

const SHOP: &str = "/recorded/shop";
const TIME: &str = "20261121025358";

fn marked(text: &str) -> String {
    text.replace(SHOP, "<shop>").replace(TIME, "<timestamp>")
}

#[test]
fn json_is_as_recorded() {
    assert_eq!(marked(&serde_json::to_string_pretty(&rows()).unwrap()), recorded("list-json"));
    assert_eq!(recorded("list-empty-json"), "[]");
}

#[test]
fn yaml_is_as_recorded() {
    assert_eq!(marked(&yaml(&rows()).unwrap()), recorded("list-yaml"));
}

#[test]
fn the_table_is_as_recorded() {
    assert_eq!(marked(&table(&rows())), recorded("list-table"));
}

#[test]
fn ages_change_their_unit_after_its_limit() {
    for (seconds, text) in [
        (0, "0s"),
        (60, "60s"),
        (61, "1m"),
        (3_600, "60m"),
        (3_601, "1h"),
        (86_400, "24h"),
        (86_401, "1d"),
        (400_000, "4d"),
    ] {
        assert_eq!(age(Duration::from_secs(seconds)), text);
    }
}

#[test]
fn a_long_command_is_cut_to_twenty_characters() {
    assert_eq!(shortened("12345678901234567890"), "12345678901234567890");
    assert_eq!(shortened("123456789012345678901"), "12345678901234567...");
    assert_eq!(shortened("éééééééééééééééééééééé"), "ééééééééééééééééé...");
}

#[tokio::test]
async fn where_nothing_runs_the_words_are_as_recorded() {
    let (_place, directory) = directory();
    for (format, name) in [("", "list-empty"), ("table", "list-empty"), ("json", "list-empty-json")] {
        let answer = captured(async |streams| list(&directory, format, streams).await).await;
        assert_eq!(answer, (0, recorded(name), String::new()), "{format}");
    }
    let answer = captured(async |streams| list(&directory, "yaml", streams).await).await;
    assert_eq!(answer, (0, "[]\n".to_owned(), String::new()));
}

#[tokio::test]
async fn an_unknown_format_is_refused() {
    let (_place, directory) = directory();
    let answer = captured(async |streams| list(&directory, "xml", streams).await).await;
    assert_eq!(answer, (1, String::new(), "❌  An invalid output format was specified.\n".to_owned()));
}

#[tokio::test]
async fn the_apps_of_every_process_are_listed_and_one_that_hangs_is_told() {
    let (_place, directory) = directory();
    let _shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
    let _bank = Served::new(&directory, 72, RunSource::Flags, &["bank"]);
    let _hanging = std::os::unix::net::UnixListener::bind(directory.socket(73)).unwrap();
    let (code, out, err) = captured(async |streams| list(&directory, "json", streams).await).await;
    assert_eq!(code, 0);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    let seen: Vec<_> =
        rows.iter().map(|row| (row["appId"].as_str().unwrap(), row["daprdPid"].as_u64().unwrap())).collect();
    assert_eq!(seen, [("order-processor", 71), ("checkout", 71), ("bank", 72)]);
    assert_eq!(rows[0]["runTemplatePath"], "/shop/dapr.yaml");
    assert_eq!(rows[0]["appLogPath"], "/shop/app.log");
    assert_eq!(rows[0]["daprdLogPath"], "/shop/daprd.log");
    assert_eq!(rows[2]["runTemplatePath"], "");
    assert!(err.starts_with("⚠  the daptop process 73 does not answer"), "{err}");
}
