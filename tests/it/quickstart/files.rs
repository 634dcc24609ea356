//! Whether the files of each quickstart agree with each other: what is not run by a test is at least not wrong.

use std::fs::read_to_string;
use std::path::Path;

use super::language::{ALL, CSHARP, Language};
use super::readme;

/// The two apps of a run file: id, folder, port, command.
fn apps(language: &Language) -> Vec<serde_yaml::Value> {
    let text = read_to_string(language.folder().join("dapr.yaml")).unwrap();
    let file: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(file["version"], 1, "{}", language.name);
    file["apps"].as_sequence().unwrap().clone()
}

/// All source text below a folder, without what builds leave behind.
fn sources(folder: &Path) -> String {
    let built = ["target", "bin", "obj", "node_modules", ".dapr", "__pycache__"];
    let mut text = String::new();
    for entry in folder.read_dir().unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            if !built.iter().any(|name| entry.file_name() == *name) {
                text += &sources(&entry.path());
            }
        } else {
            text += &read_to_string(entry.path()).unwrap();
        }
    }
    text
}

#[test]
fn run_files_name_the_same_two_apps_in_every_language() {
    for language in &ALL {
        let apps = apps(language);
        let ids: Vec<_> = apps.iter().map(|app| app["appID"].as_str().unwrap()).collect();
        assert_eq!(ids, ["order-processor", "checkout"], "{}", language.name);
        let folders: Vec<_> = apps.iter().map(|app| app["appDirPath"].as_str().unwrap()).collect();
        assert_eq!(folders, ["./order-processor/", "./checkout/"], "{}", language.name);
        assert_eq!(apps[0]["appPort"], language.port, "{}", language.name);
        assert!(apps[1].get("appPort").is_none(), "{}: checkout is only a client", language.name);
    }
}

#[test]
fn sources_use_the_port_the_paths_and_the_header_of_their_run_file() {
    for language in &ALL {
        let (order_processor, checkout) =
            (sources(&language.folder().join("order-processor")), sources(&language.folder().join("checkout")));
        assert!(order_processor.contains(&language.port.to_string()), "{}: port", language.name);
        assert!(order_processor.contains("/orders"), "{}: path", language.name);
        for word in ["dapr-app-id", "order-processor", "/orders", "DAPR_HTTP_PORT", "ORDER_PAUSE_MS", "20"] {
            assert!(checkout.contains(word), "{}: checkout mentions {word}", language.name);
        }
    }
}

#[test]
fn csharp_needs_no_package() {
    for app in ["order-processor", "checkout"] {
        let project = read_to_string(CSHARP.folder().join(app).join(format!("{app}.csproj"))).unwrap();
        assert!(!project.contains("PackageReference"), "{app}");
        assert!(project.contains("<Project Sdk=\"Microsoft.NET.Sdk"), "{app}");
    }
}

#[test]
fn readmes_show_the_lines_and_the_single_runs_of_their_apps() {
    for language in &ALL {
        let text = read_to_string(language.folder().join("README.md")).unwrap();
        let shown = readme::blocks(&text, "text").concat();
        for order in [1, 2] {
            assert!(shown.contains(&language.received(order)), "{}: {shown}", language.name);
            assert!(shown.contains(&language.passed(order)), "{}: {shown}", language.name);
        }
        let commands = readme::blocks(&text, "bash").concat();
        for (app, port) in apps(language).iter().zip([format!(" --app-port {}", language.port), String::new()]) {
            let words: Vec<_> =
                app["command"].as_sequence().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
            let single = format!("daptop run --app-id {}{port} --app-protocol http", app["appID"].as_str().unwrap());
            assert!(commands.contains(&single), "{}: {single}", language.name);
            assert!(commands.contains(&format!("-- {}", words.join(" "))), "{}: {words:?}", language.name);
        }
    }
}

#[test]
fn each_step_of_a_readme_can_be_run_by_mechanical_markdown() {
    for language in &ALL {
        let steps = readme::steps(&language.folder().join("README.md"));
        let commands: Vec<_> = steps.iter().flat_map(|step| &step.commands).map(String::as_str).collect();
        let [.., run, stop] = &steps[..] else { panic!("{}: at least two steps", language.name) };
        assert!(commands.ends_with(&["daptop run -f .", "daptop stop -f ."]), "{}: {commands:?}", language.name);
        assert!(run.background && !stop.background, "{}", language.name);
        for order in [1, 20] {
            for line in [language.received(order), language.passed(order)] {
                assert!(run.expected_stdout_lines.contains(&line), "{}: {line}", language.name);
            }
        }
    }
}
