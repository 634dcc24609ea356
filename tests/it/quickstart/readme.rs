//! The commands of a README, written for people and marked for `mechanical-markdown`: an HTML comment `STEP` holds
//! what is expected of the `bash` blocks that follow it, up to the comment `END_STEP`.

use std::path::Path;

/// Some commands of a README and what is expected of them.
#[derive(serde::Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) background: bool,
    #[serde(default)]
    pub(crate) sleep: u64,
    #[serde(default)]
    pub(crate) timeout_seconds: Option<u64>,
    #[serde(default)]
    output_match_mode: Option<String>,
    #[serde(default)]
    match_order: Option<String>,
    #[serde(default)]
    pub(crate) expected_stdout_lines: Vec<String>,
    /// The `bash` blocks, each of which is one command.
    #[serde(skip)]
    pub(crate) commands: Vec<String>,
}

/// Reads the steps of a README.
pub(crate) fn steps(readme: &Path) -> Vec<Step> {
    let text = std::fs::read_to_string(readme).unwrap();
    let (mut steps, mut rest) = (Vec::new(), text.as_str());
    while let Some((_, after)) = rest.split_once("<!-- STEP\n") {
        let (head, after) = after.split_once("-->").expect("the comment STEP ends");
        let (body, after) = after.split_once("<!-- END_STEP -->").expect("a STEP has an END_STEP");
        rest = after;
        let mut step: Step = serde_yaml::from_str(head).expect("a STEP is YAML");
        step.commands = blocks(body, "bash");
        assert!(!step.commands.is_empty(), "the step `{}` has a command", step.name);
        // The only way of matching that these tests know.
        let loose =
            step.output_match_mode.as_deref() == Some("substring") && step.match_order.as_deref() == Some("none");
        assert!(
            loose || step.expected_stdout_lines.is_empty(),
            "the step `{}` matches substrings in any order",
            step.name
        );
        steps.push(step);
    }
    steps
}

/// The fenced blocks of a language.
pub(crate) fn blocks(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    let fenced = text.split(&opening).skip(1);
    fenced.map(|block| block.split_once("\n```").expect("a fence is closed").0.to_owned()).collect()
}
