//! README.md and ARCHITECTURE.md say what is so.

use std::collections::BTreeSet;
use std::process::Command;

use daptop_model::Filter;

use super::{files, has_extension, none, read, root, sources};

/// The lines of a document's section, without its heading.
fn section(document: &str, heading: &str) -> String {
    let text = read(document);
    let mut lines = text.lines().skip_while(|line| *line != heading).skip(1).peekable();
    assert!(lines.peek().is_some(), "{document} has no section `{heading}`");
    let lines: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
    lines.join("\n") + "\n"
}

/// The first cells of the rows of a section's tables, where they are code.
fn first_cells(section: &str) -> Vec<&str> {
    section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |")).map(|(cell, _)| cell).collect()
}

/// What stands in backquotes.
fn quoted(text: &str) -> BTreeSet<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|prose| prose.split('`').skip(1).step_by(2)).collect()
}

fn help(arguments: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_daptop")).args(arguments).arg("--help").output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_readme_lists_the_keys_that_there_are() {
    let keys = section("README.md", "## Keys");
    let fresh = daptop_ui::key_list();
    assert!(keys.contains(&fresh), "the table of keys in README.md is old; this is the new one:\n\n{fresh}");
    assert_eq!(keys.matches("\n|").count(), fresh.lines().count(), "README.md has another table of keys");
}

#[test]
fn the_readme_lists_the_commands_that_there_are() {
    let listed = section("README.md", "## Commands");
    let mut found = Vec::new();
    let mut commands = BTreeSet::new();
    for example in first_cells(&listed) {
        let mut words = example.split_whitespace().skip_while(|word| *word != "daptop").skip(1);
        let command = words.next().unwrap_or_default();
        commands.insert(command);
        let Some(help) = help(&[command]) else {
            found.push(format!("`{example}`: there is no command `{command}`"));
            continue;
        };
        let flags = words.take_while(|word| *word != "--").filter(|word| word.starts_with('-'));
        let unknown = flags.map(|flag| flag.split('=').next().unwrap_or(flag)).filter(|flag| !help.contains(flag));
        found.extend(unknown.map(|flag| format!("`{example}`: there is no flag {flag}")));
    }
    let help = help(&[]).unwrap();
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let known = lines.filter_map(|line| line.split_whitespace().next()).filter(|command| *command != "help");
    found.extend(known.filter(|command| !commands.contains(command)).map(|command| format!("{command} is not listed")));
    none(&found, "the table in README.md has every command, with an example");
}

#[test]
fn the_readme_shows_filters_that_can_be_read() {
    let shown = section("README.md", "## Filters");
    let filters = first_cells(&shown);
    assert!(filters.len() > 5, "the filters are not found");
    let wrong = filters.iter().filter_map(|filter| Some(format!("`{filter}`: {}", Filter::parse(filter).err()?)));
    none(&wrong.collect::<Vec<_>>(), "every filter in README.md can be typed as it stands");
}

#[test]
fn the_readme_lists_the_environment_variables_that_are_read() {
    let listed = section("README.md", "## Environment variables");
    let listed: BTreeSet<&str> = first_cells(&listed).into_iter().flat_map(|cell| cell.split("`, `")).collect();
    let mut read = BTreeSet::new();
    for source in sources() {
        let of_daptop = source.path.starts_with("src/") || source.path.starts_with("mesh/src/");
        if !of_daptop || !source.is_rust() || source.is_test() {
            continue;
        }
        for (_, line) in source.code() {
            for way in ["variable(\"", "set(\"", "var(\"", "var_os(\"", "VARIABLE: &str = \"", "PAUSE: &str = \""] {
                let named = line.split(way).skip(1).filter_map(|rest| rest.split('"').next());
                read.extend(named.map(str::to_owned));
            }
        }
    }
    let read: BTreeSet<&str> = read.iter().map(String::as_str).collect();
    assert_eq!(listed, read, "README.md lists the one, the code reads the other");
}

#[test]
fn the_map_names_every_folder_and_every_module() {
    let map = section("ARCHITECTURE.md", "## Code map");
    let (whole, parts) = map.split_once("\n### ").unwrap();
    let parts: Vec<(&str, BTreeSet<&str>)> = parts
        .split("\n### ")
        .filter_map(|part| part.split_once('\n'))
        .map(|(heading, text)| (heading.trim_matches('`'), quoted(text)))
        .collect();
    let mut missing = BTreeSet::new();
    for source in sources() {
        let folder = source.path.split_once('/').map(|(folder, _)| format!("{folder}/"));
        missing.extend(folder.filter(|folder| !quoted(whole).contains(folder.as_str())));
        for code in ["src/", "mesh/src/", "mesh/model/src/", "ui/src/"] {
            let named = parts.iter().find(|(heading, _)| *heading == code).map(|(_, named)| named).unwrap();
            let name = source.path.strip_prefix(code).and_then(|path| path.split(['/', '.']).next());
            let name = name.filter(|name| !["main", "lib"].contains(name) && !named.contains(name));
            missing.extend(name.map(|name| format!("{code}{name}")));
        }
    }
    none(&missing.into_iter().collect::<Vec<_>>(), "the code map in ARCHITECTURE.md names everything once");
}

#[test]
fn documents_point_at_files_that_are_there() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.has_extension("md")) {
        let folder = root().join(&source.path);
        let links = source.text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let here = links.filter(|link| !link.is_empty() && !link.contains("://"));
        let lost = here.filter(|link| !folder.parent().unwrap().join(link).exists());
        found.extend(lost.map(|link| format!("{}: {link}", source.path)));
    }
    let architecture = read("ARCHITECTURE.md");
    let files = files();
    let is_file = |word: &&str| word.contains('/') && has_extension(word, "rs");
    let lost =
        quoted(&architecture).into_iter().filter(is_file).filter(|word| !files.split('\0').any(|file| file == *word));
    found.extend(lost.map(|word| format!("ARCHITECTURE.md: {word}")));
    none(&found, "a reader who follows a link finds something");
}
