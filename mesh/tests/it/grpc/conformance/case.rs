//! A recorded call: what is sent, how the app answers, and what Dapr made of it.

use bytes::Bytes;
use prost::Message;
use serde::Deserialize;
use serde_json::{Value, json};
use tonic::Code;

use crate::conformance::normal;
use crate::support::{Any, GrpcScript, RichStatus, Script};

const RECORDED: &str = include_str!("../../../golden/grpc.jsonl");
const PARENT: &str = "00f067aa0ba902b7";

/// A recorded call.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Case {
    pub(super) name: String,
    send: Send,
    #[serde(default)]
    app: AppScript,
    #[serde(default)]
    web: WebScript,
    dapr: serde_json::Map<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
struct Send {
    method: Option<String>,
    metadata: Option<Vec<(String, Data)>>,
    messages: Option<Vec<Data>>,
    invoke: Option<Invoke>,
}

#[derive(Clone, Debug, Deserialize)]
struct Invoke {
    #[serde(default)]
    id: String,
    method: Option<String>,
    verb: Option<String>,
    query: Option<String>,
    data: Option<Data>,
    type_url: Option<String>,
    content_type: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct AppScript {
    #[serde(default)]
    initial: Vec<(String, Data)>,
    #[serde(default)]
    echo: bool,
    messages: Option<Vec<Data>>,
    #[serde(default)]
    trailing: Vec<(String, Data)>,
    #[serde(default)]
    code: i32,
    words: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct WebScript {
    status: Option<u16>,
    headers: Option<Vec<(String, String)>>,
    body: Option<Data>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Data {
    Text(String),
    Binary { base64: String },
    Long { repeat: String, times: usize },
    Answer { invoke: Answer },
}

#[derive(Clone, Debug, Deserialize)]
struct Answer {
    data: Box<Data>,
    content_type: Option<String>,
}

impl Data {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Binary { base64 } => normal::from_base64(base64),
            Self::Long { repeat, times } => repeat.repeat(*times).into_bytes(),
            Self::Answer { invoke } => {
                let data = Some(Any { type_url: String::new(), value: invoke.data.bytes() });
                let content_type = invoke.content_type.clone().unwrap_or_default();
                InvokeResponse { data, content_type }.encode_to_vec()
            }
        }
    }
}

fn pairs(pairs: &[(String, Data)]) -> Vec<(String, Vec<u8>)> {
    pairs.iter().map(|(key, value)| (key.clone(), value.bytes())).collect()
}

impl Case {
    /// Every recorded call.
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

    /// Whether it is `InvokeService`.
    pub(super) fn is_invocation(&self) -> bool {
        self.send.invoke.is_some()
    }

    /// Whether it asks the app that speaks HTTP.
    pub(super) fn asks_web(&self) -> bool {
        self.send.invoke.as_ref().is_some_and(|invoke| invoke.id == "web")
    }

    /// The full method.
    pub(super) fn method(&self) -> String {
        self.send.method.clone().unwrap_or_else(|| "/dapr.proto.runtime.v1.Dapr/InvokeService".to_owned())
    }

    /// What goes with it.
    pub(super) fn metadata(&self, trace: &str) -> Vec<(String, Vec<u8>)> {
        let fill = |(key, value): (String, Vec<u8>)| {
            let filled = String::from_utf8(value.clone())
                .map(|text| text.replace("{trace}", trace).replace("{span}", PARENT).into_bytes());
            (key, filled.unwrap_or(value))
        };
        pairs(self.send.metadata.as_deref().unwrap_or_default()).into_iter().map(fill).collect()
    }

    /// Its messages.
    pub(super) fn messages(&self) -> Vec<Vec<u8>> {
        match (&self.send.invoke, &self.send.messages) {
            (Some(invoke), _) => vec![invoke.request().encode_to_vec()],
            (None, Some(messages)) => messages.iter().map(Data::bytes).collect(),
            (None, None) => vec![b"hello".to_vec()],
        }
    }

    /// How the app that speaks gRPC answers.
    pub(super) fn app(&self) -> GrpcScript {
        let told = &self.app;
        let usual = if self.is_invocation() {
            let data = Some(Any { type_url: String::new(), value: b"ok".to_vec() });
            InvokeResponse { data, content_type: "text/plain".to_owned() }.encode_to_vec()
        } else {
            b"reply".to_vec()
        };
        let messages = told.messages.as_ref().map(|messages| messages.iter().map(Data::bytes).collect());
        let messages: Vec<Vec<u8>> = messages.unwrap_or_else(|| vec![usual]);
        let words = told.words.clone().unwrap_or_else(|| "the app says no".to_owned());
        GrpcScript {
            initial: pairs(&told.initial),
            echo: told.echo,
            messages: messages.into_iter().map(Bytes::from).collect(),
            trailing: pairs(&told.trailing),
            code: Code::from(told.code),
            words: if told.code == 0 { String::new() } else { words },
            ..GrpcScript::default()
        }
    }

    /// How the app that speaks HTTP answers.
    pub(super) fn web(&self) -> Script {
        let (told, usual) = (self.web.clone(), Script::default());
        Script {
            status: told.status.unwrap_or(usual.status),
            headers: told.headers.unwrap_or(usual.headers),
            body: told.body.map_or(usual.body, |body| body.bytes()),
            ..Script::default()
        }
    }
}

impl Invoke {
    fn request(&self) -> InvokeServiceRequest {
        let verbs = ["", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
        let verb = |verb: &String| verbs.iter().position(|known| known == verb).unwrap();
        let http = self.verb.as_ref().map(|asked| Extension {
            verb: i32::try_from(verb(asked)).unwrap(),
            query: self.query.clone().unwrap_or_default(),
        });
        let data = (self.data.is_some() || self.type_url.is_some()).then(|| Any {
            type_url: self.type_url.clone().unwrap_or_default(),
            value: self.data.as_ref().map(Data::bytes).unwrap_or_default(),
        });
        let content_type = self.content_type.clone().unwrap_or_default();
        let message = self.method.clone().map(|method| InvokeRequest { method, data, content_type, http });
        InvokeServiceRequest { id: self.id.clone(), message }
    }
}

#[derive(Clone, PartialEq, Message)]
struct Extension {
    #[prost(int32, tag = "1")]
    verb: i32,
    #[prost(string, tag = "2")]
    query: String,
}

#[derive(Clone, PartialEq, Message)]
struct InvokeRequest {
    #[prost(string, tag = "1")]
    method: String,
    #[prost(message, optional, tag = "2")]
    data: Option<Any>,
    #[prost(string, tag = "3")]
    content_type: String,
    #[prost(message, optional, tag = "4")]
    http: Option<Extension>,
}

#[derive(Clone, PartialEq, Message)]
struct InvokeServiceRequest {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(message, optional, tag = "3")]
    message: Option<InvokeRequest>,
}

#[derive(Clone, PartialEq, Message)]
struct InvokeResponse {
    #[prost(message, optional, tag = "1")]
    data: Option<Any>,
    #[prost(string, tag = "2")]
    content_type: String,
}

#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
    #[prost(btree_map = "string, string", tag = "3")]
    metadata: std::collections::BTreeMap<String, String>,
}

/// What is there of data and its type, as the recording holds it.
fn show(data: Option<Any>, content_type: String) -> Value {
    let mut shown = json!({});
    let Any { type_url, value } = data.unwrap_or_default();
    if !type_url.is_empty() {
        shown["type_url"] = type_url.into();
    }
    if !value.is_empty() {
        shown["data"] = normal::body(&value);
    }
    if !content_type.is_empty() {
        shown["content_type"] = content_type.into();
    }
    shown
}

/// A callback's message as the recording holds it.
pub(super) fn invoke_request(message: &[u8]) -> Value {
    let InvokeRequest { method, data, content_type, http } = InvokeRequest::decode(message).unwrap();
    let mut shown = show(data, content_type);
    if !method.is_empty() {
        shown["method"] = method.into();
    }
    if let Some(Extension { verb, query }) = http {
        shown["http"] = json!({ "verb": verb, "query": query });
    }
    shown
}

/// The message of an answer as the recording holds it.
pub(super) fn invoke_response(message: &[u8]) -> Value {
    let InvokeResponse { data, content_type } = InvokeResponse::decode(message).unwrap();
    show(data, content_type)
}

/// The whole status in words, as the recording holds it.
pub(super) fn status_details(details: &[u8]) -> String {
    let RichStatus { code, message, details } = RichStatus::decode(details).unwrap();
    let mut parts = vec![code.to_string(), message];
    for detail in details {
        let ErrorInfo { reason, domain, metadata } = ErrorInfo::decode(&detail.value[..]).unwrap();
        let pairs: Vec<_> = metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
        parts.push(format!("ErrorInfo {reason} {domain} {}", pairs.join(" ")));
    }
    parts.join(" | ")
}
