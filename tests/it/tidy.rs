//! The rules of the project that no compiler checks: which way dependencies point, how long files are, what is in no
//! file, and that the documents say what is so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

mod dependencies;
mod documents;

/// No file of code is longer than this; tests are.
const LONGEST: usize = 500;

/// Files that may be longer, each with its reason.
const MAY_BE_LONGER: [(&str, &str); 0] = [];

/// Hosts that packages are fetched from. Only the tools' own lock files name them.
const REGISTRIES: [&str; 9] = [
    concat!("crates", ".io"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("repo1.maven", ".org"),
    concat!("repo.maven.apache", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("nuget", ".org"),
];

/// A file of the project.
struct Source {
    /// From the project's folder.
    path: String,
    text: String,
}

impl Source {
    /// Whether it is a test, as a whole.
    fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    fn has_extension(&self, wanted: &str) -> bool {
        has_extension(&self.path, wanted)
    }

    fn is_rust(&self) -> bool {
        self.has_extension("rs")
    }

    /// Its lines outside of tests, with their numbers.
    fn code(&self) -> Vec<(usize, &str)> {
        let mut lines = (1..).zip(self.text.lines());
        let mut code = Vec::new();
        while let Some((number, line)) = lines.next() {
            if line != "#[cfg(test)]" {
                code.push((number, line));
                continue;
            }
            let item_opens = lines.next().is_some_and(|(_, item)| !item.ends_with(';'));
            if item_opens {
                lines.by_ref().find(|(_, line)| *line == "}");
            }
        }
        code
    }
}

fn has_extension(path: &str, wanted: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == wanted)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The output of a program in the project's folder.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The paths of all files of the project, each with a zero byte behind it.
fn files() -> String {
    // Where another user has made the clone, git looks into it only when it is told to.
    let listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    output("git", &[&["-c", "safe.directory=*"], &listing[..]].concat())
}

/// Every text file of the project that is not ignored, also those that nobody has added yet.
fn sources() -> Vec<Source> {
    let listed = files();
    let paths: BTreeSet<&str> = listed.split_terminator('\0').collect();
    let read = |path: &str| Some(Source { path: path.to_owned(), text: fs::read_to_string(root().join(path)).ok()? });
    let sources: Vec<Source> = paths.into_iter().filter_map(read).collect();
    assert!(sources.iter().filter(|source| source.is_rust()).count() > 100, "the files are not found");
    sources
}

/// Fails with every line that should not be there.
fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn a_file_of_code_can_be_read_at_a_sitting() {
    let may = |path: &str| MAY_BE_LONGER.iter().any(|(longer, _)| *longer == path);
    let long = sources().into_iter().filter(|source| source.is_rust() && !source.is_test() && !may(&source.path));
    let long = long.map(|source| (source.text.lines().count(), source.path)).filter(|(lines, _)| *lines > LONGEST);
    let long: Vec<String> = long.map(|(lines, path)| format!("{path} has {lines} lines")).collect();
    none(&long, "a file of code has at most 500 lines");
}

#[test]
fn nothing_is_left_to_be_done_later() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("dbg", "!("), concat!("todo", "!(")];
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path != "Cargo.toml") {
        let lines = (1..).zip(source.text.lines());
        let marked = lines.filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
        found.extend(marked.map(|(number, line)| format!("{}:{number}: {line}", source.path)));
    }
    none(&found, "what is not done is written down where people plan, not in the code");
}

#[test]
fn code_outside_of_tests_does_not_panic_on_purpose() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.is_rust() && !source.is_test()) {
        let of_people = ["/benches/", "/examples/", "quickstarts/"].iter().any(|part| source.path.contains(part));
        let panics = [".unwrap()", ".expect(\"", "panic!(", "process::exit("];
        let bad = |line: &str| !of_people && panics.iter().any(|panic| line.contains(panic));
        let code = source.code().into_iter().filter(|(_, line)| !line.trim_start().starts_with("//") && bad(line));
        found.extend(code.map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim())));
    }
    none(&found, "an error is handled, or given to the caller");
}

#[test]
fn no_file_names_a_package_registry_or_the_machine_that_it_was_written_on() {
    let home = std::env::home_dir().unwrap_or_default();
    // A folder like `/app` says nothing of a machine.
    let tells = |path: &String| path == concat!("/ro", "ot/") || path.matches('/').count() > 2;
    let here: Vec<String> =
        [home.as_path(), root()].map(|path| format!("{}/", path.display())).into_iter().filter(tells).collect();
    let unwanted: Vec<&str> = REGISTRIES.into_iter().chain(here.iter().map(String::as_str)).collect();
    let mut found = Vec::new();
    // Cargo writes into its lock file what it likes.
    for source in sources().iter().filter(|source| source.path != "Cargo.lock") {
        let named = unwanted.iter().filter(|word| source.text.contains(**word));
        found.extend(named.map(|word| format!("{}: {word}", source.path)));
    }
    none(&found, "a clone works on every machine, whatever registry it uses");
}
