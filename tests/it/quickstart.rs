//! The quickstarts, run for real: what their READMEs tell people to type is what is typed here.

use std::io::Write;

mod files;
pub(crate) mod language;
mod readme;
pub(crate) mod run;

use language::{CSHARP, GO, JAVA, JAVASCRIPT, Language, PYTHON, RUST};

/// A language whose toolchain is missing is skipped, and says so, unless everything is required.
fn run_or_skip(language: &Language) {
    let Err(missing) = language.toolchain() else { return run::whole_readme(language) };
    let required = std::env::var("DAPTOP_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!required || language.may_be_missing, "{}: {missing}, and DAPTOP_REQUIRE_ALL is set", language.name);
    // Not `eprintln!`, whose text the test harness shows only for tests that fail.
    writeln!(std::io::stderr(), "skipped: the {} quickstart: {missing}", language.name).unwrap();
}

#[test]
fn the_rust_readme_works_on_what_the_demo_writes() {
    run_or_skip(&RUST);
}

#[test]
fn the_python_readme_works() {
    run_or_skip(&PYTHON);
}

#[test]
fn the_javascript_readme_works() {
    run_or_skip(&JAVASCRIPT);
}

#[test]
fn the_java_readme_works() {
    run_or_skip(&JAVA);
}

#[test]
fn the_go_readme_works() {
    run_or_skip(&GO);
}

#[test]
fn the_csharp_readme_works() {
    run_or_skip(&CSHARP);
}
