//! What differs from language to language.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A quickstart.
pub(crate) struct Language {
    /// The name of its folder.
    pub(crate) name: &'static str,
    /// Commands that must be there, each with an argument that makes it print its version.
    tools: &'static [(&'static str, &'static str)],
    /// No machine of ours needs to have it.
    pub(crate) may_be_missing: bool,
    /// The port of order-processor.
    pub(crate) port: u16,
    /// What order-processor prints, with `#` for the number of the order.
    received: &'static str,
    /// What checkout prints, with `#` for the number of the order.
    passed: &'static str,
}

pub(crate) const RUST: Language = Language {
    name: "rust",
    tools: &[("cargo", "--version")],
    may_be_missing: false,
    port: 6001,
    received: r#"Order received: {"orderId":#}"#,
    passed: r#"Order passed: {"orderId":#}"#,
};

pub(crate) const PYTHON: Language = Language {
    name: "python",
    tools: &[("python3", "--version")],
    may_be_missing: false,
    port: 8001,
    received: r#"Order received : {"orderId": #}"#,
    passed: r#"Order passed: {"orderId": #}"#,
};

pub(crate) const JAVASCRIPT: Language = Language {
    name: "javascript",
    tools: &[("node", "--version"), ("npm", "--version")],
    may_be_missing: false,
    port: 5001,
    received: "Order received: { orderId: # }",
    passed: r#"Order passed: {"orderId":#}"#,
};

pub(crate) const JAVA: Language = Language {
    name: "java",
    tools: &[("javac", "--version"), ("mvn", "--version")],
    may_be_missing: false,
    port: 9001,
    received: "Order received: #",
    passed: "Order passed: #",
};

pub(crate) const GO: Language = Language {
    name: "go",
    tools: &[("go", "version")],
    may_be_missing: false,
    port: 6006,
    received: r#"Order received: {"orderId":#}"#,
    passed: r#"Order passed: {"orderId":#}"#,
};

pub(crate) const CSHARP: Language = Language {
    name: "csharp",
    tools: &[("dotnet", "--version")],
    may_be_missing: true,
    port: 7001,
    received: "Order received : Order { orderId = # }",
    passed: "Order passed: Order { OrderId = # }",
};

/// Every quickstart.
pub(crate) const ALL: [Language; 6] = [RUST, PYTHON, JAVASCRIPT, JAVA, GO, CSHARP];

impl Language {
    /// The folder of the quickstart in the repository.
    pub(crate) fn folder(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("quickstarts/service_invocation").join(self.name).join("http")
    }

    /// Whether the commands are there that it needs, or which is not.
    pub(crate) fn toolchain(&self) -> Result<(), String> {
        for (tool, version) in self.tools {
            let mut command = Command::new(tool);
            command.arg(version).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            match command.status() {
                Ok(status) if status.success() => {}
                Ok(status) => return Err(format!("`{tool} {version}` ended with {status}")),
                Err(error) => return Err(format!("there is no `{tool}`: {error}")),
            }
        }
        Ok(())
    }

    /// The line of order-processor for an order.
    pub(crate) fn received(&self, order: u32) -> String {
        format!("== APP - order-processor == {}", self.received.replace('#', &order.to_string()))
    }

    /// The line of checkout for an order.
    pub(crate) fn passed(&self, order: u32) -> String {
        format!("== APP - checkout == {}", self.passed.replace('#', &order.to_string()))
    }
}
