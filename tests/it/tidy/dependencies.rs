//! Dependencies point one way: the binary to the mesh and the dashboard, and those to the model.

use serde_json::Value;

use super::{none, output, sources};

/// What a package of the project may depend on and what it may not.
struct Package {
    name: &'static str,
    /// The packages of the project that it may use.
    may_use: &'static [&'static str],
    /// Crates that it may not use.
    never: &'static [&'static str],
}

const PACKAGES: [Package; 8] = [
    Package {
        name: "daptop",
        may_use: &["daptop-mesh", "daptop-model", "daptop-ui", "checkout", "order-processor"],
        never: &["ratatui", "crossterm", "tui-logger"],
    },
    Package {
        name: "daptop-mesh",
        may_use: &["daptop-model"],
        never: &["ratatui", "crossterm", "tui-logger", "clap", "anyhow", "process-wrap", "sysinfo"],
    },
    Package {
        name: "daptop-model",
        may_use: &[],
        never: &["tokio", "hyper", "http", "tonic", "ratatui", "crossterm", "rustix", "serde", "tracing", "jiff"],
    },
    Package {
        name: "daptop-ui",
        may_use: &["daptop-model"],
        never: &["hyper", "hyper-util", "http", "tonic", "clap", "anyhow", "process-wrap", "sysinfo"],
    },
    Package { name: "checkout", may_use: &[], never: &["tokio"] },
    Package { name: "order-processor", may_use: &[], never: &[] },
    Package { name: "greeter-client", may_use: &[], never: &[] },
    Package { name: "greeter-server", may_use: &[], never: &[] },
];

/// The packages of the project, as cargo sees them.
fn packages() -> Vec<Value> {
    let metadata = output(env!("CARGO"), &["metadata", "--no-deps", "--format-version", "1", "--offline"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn dependencies_point_one_way() {
    let packages = packages();
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut found: Vec<String> = names
        .iter()
        .filter(|name| !PACKAGES.iter().any(|package| package.name == **name))
        .map(|name| format!("{name} is new: say here what it may depend on"))
        .collect();
    for Package { name, may_use, never } in PACKAGES {
        let Some(package) = packages.iter().find(|package| package["name"] == name) else {
            found.push(format!("{name} is not there"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let (on, is_normal) = (dependency["name"].as_str().unwrap(), dependency["kind"].is_null());
            // Tests, too, use only what is below them.
            let is_turned = names.contains(&on) && !may_use.contains(&on);
            if is_turned || (is_normal && never.contains(&on)) {
                found.push(format!("{name} depends on {on}"));
            }
        }
    }
    none(&found, "src -> {mesh, ui} -> mesh/model, and each keeps to its own trade");
}

#[test]
fn the_model_is_pure_and_the_dashboard_reaches_no_socket_file_or_process() {
    let outside = ["std::net", "std::fs", "std::process", "std::env", "tokio::net", "tokio::fs", "tokio::process"];
    // Decompressors read, from bytes in memory.
    let in_memory = |path: &str, line: &str| path == "mesh/model/src/coding.rs" && line == "use std::io::Read;";
    let impure = ["std::io", "std::thread", "Instant::now", "SystemTime"];
    let mut found = Vec::new();
    for source in sources() {
        let of_model = source.path.starts_with("mesh/model/src/");
        if source.is_test() || !(of_model || source.path.starts_with("ui/src/")) {
            continue;
        }
        // Nested imports would hide what is used.
        let words = outside.iter().chain(&["use std::{", "use tokio::{"]).chain(impure.iter().filter(|_| of_model));
        let words: Vec<&&str> = words.collect();
        let is_outside = |line: &str| words.iter().any(|word| line.contains(**word)) && !in_memory(&source.path, line);
        let lines = source.code().into_iter().filter(|(_, line)| is_outside(line));
        found.extend(lines.map(|(number, line)| format!("{}:{number}: {line}", source.path)));
    }
    none(&found, "whoever wants the outside world asks for it with a Command, or is told of it by an Event");
}
