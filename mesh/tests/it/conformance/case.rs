//! A recorded case: what is sent, how the app answers, and what Dapr made of it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::normal::Names;
use crate::support::{Act, Ask, Framing, Script};

const RECORDED: &str = include_str!("../../golden/http.jsonl");
const PARENT: &str = "00f067aa0ba902b7";

/// A recorded case.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Case {
    pub(super) name: String,
    send: Send,
    #[serde(default)]
    app: AppScript,
    /// Why a difference is none that matters.
    pub(super) quirk: Option<String>,
    #[serde(default, rename = "spans")]
    pub(super) has_spans: bool,
    dapr: serde_json::Map<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
struct Send {
    method: String,
    target: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<Body>,
    #[serde(default)]
    chunked: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct AppScript {
    #[serde(rename = "do")]
    act: Option<String>,
    status: Option<u16>,
    headers: Option<Vec<(String, String)>>,
    body: Option<Body>,
    #[serde(default)]
    chunked: bool,
    wait: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Body {
    Text(String),
    Binary { base64: String },
    Long { repeat: String, times: usize },
}

impl Body {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Binary { base64 } => super::normal::from_base64(base64),
            Self::Long { repeat, times } => repeat.repeat(*times).into_bytes(),
        }
    }
}

impl Case {
    /// Every recorded case.
    pub(super) fn all() -> Vec<Self> {
        let lines = RECORDED.lines().filter(|line| !line.trim().is_empty());
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The legs that it was recorded on.
    pub(super) fn legs(&self) -> Vec<&str> {
        self.dapr.keys().map(String::as_str).collect()
    }

    /// What Dapr made of it on a leg.
    pub(super) fn wanted(&self, leg: &str) -> &Value {
        &self.dapr[leg]
    }

    /// Whether the caller sent a header.
    pub(super) fn sends(&self, name: &str) -> bool {
        self.send.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name))
    }

    /// How the app answers in it.
    pub(super) fn script(&self) -> Script {
        let told = self.app.clone();
        let usual = Script::default();
        Script {
            status: told.status.unwrap_or(usual.status),
            headers: told.headers.unwrap_or(usual.headers),
            body: told.body.map_or(usual.body, |body| body.bytes()),
            framing: if told.chunked { Framing::Chunked } else { Framing::Length },
            wait: Duration::from_secs_f64(told.wait.unwrap_or_default()),
            act: match told.act.as_deref() {
                None => Act::Answer,
                Some("close") => Act::Close,
                Some("garbage") => Act::Garbage,
                Some("cut") => Act::Cut,
                Some(unknown) => panic!("{}: the app cannot {unknown}", self.name),
            },
        }
    }

    /// What is sent, with the names of this run filled in.
    pub(super) fn request(&self, trace: &str, names: &Names) -> Ask {
        let fill = |text: &str| {
            let mut text = text.replace("{trace}", trace).replace("{span}", PARENT);
            for (name, port) in &names.ports {
                text = text.replace(&format!("{{{}}}", name.replace('-', "_")), &port.to_string());
            }
            text
        };
        Ask {
            method: self.send.method.clone(),
            target: fill(&self.send.target),
            headers: self.send.headers.iter().map(|(name, value)| (name.clone(), fill(value))).collect(),
            body: self.send.body.as_ref().map(Body::bytes).unwrap_or_default(),
            chunked: self.send.chunked,
        }
    }
}
