//! The quickstarts, run for real: what their READMEs tell people to type is what is typed here.

mod files;
pub(crate) mod greeter;
pub(crate) mod language;
mod readme;
pub(crate) mod run;

use crate::support::{say_skipped, skip};
use greeter::Greeter;
use language::{CSHARP, GO, JAVA, JAVASCRIPT, Language, PYTHON, RUST};

/// A language whose toolchain is missing is skipped, and says so.
fn run_or_skip(language: &Language) {
    let test = format!("the {} quickstart", language.name);
    match language.toolchain() {
        Ok(()) => run::whole_readme(language),
        Err(missing) if language.may_be_missing => say_skipped(&test, &missing),
        Err(missing) => skip(&test, &missing),
    }
}

fn greet_or_skip(greeter: &Greeter) {
    match greeter.language.toolchain() {
        Ok(()) => greeter::whole_readme(greeter),
        Err(missing) => skip(&format!("the {} quickstart over gRPC", greeter.language.name), &missing),
    }
}

#[test]
fn the_go_readme_over_grpc_works() {
    greet_or_skip(&greeter::GO);
}

#[test]
fn the_python_readme_over_grpc_works() {
    greet_or_skip(&greeter::PYTHON);
}

#[test]
fn the_rust_readme_over_grpc_works() {
    greet_or_skip(&greeter::RUST);
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
