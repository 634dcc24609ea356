//! A Consul agent, as far as name resolution needs one: it keeps what is registered, over HTTP.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::support::{Message, Wire};

/// A running agent. Dropping it closes its port.
pub(super) struct Agent {
    pub(super) port: u16,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    services: Vec<Value>,
    asked: Vec<String>,
}

impl Agent {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let state = Arc::clone(&shared);
                connections.spawn(async move {
                    let mut wire = Wire::new(stream);
                    while let Ok(request) = wire.request().await {
                        let (status, body) = answer(&state, &request);
                        let length = body.len();
                        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}");
                        if wire.send(head).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { port, state, task }
    }

    /// What is registered under a name.
    pub(super) fn service(&self, name: &str) -> Option<Value> {
        self.state.lock().unwrap().services.iter().find(|service| service["Name"] == name).cloned()
    }

    /// Verbs and targets of all requests.
    pub(super) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn answer(state: &Mutex<State>, request: &Message) -> (&'static str, String) {
    if request.header("x-consul-token") != Some("secret") {
        return ("403 Forbidden", "Permission denied".to_owned());
    }
    let mut state = state.lock().unwrap();
    state.asked.push(format!("{} {}", request.method(), request.target()));
    let path = request.target().split('?').next().unwrap_or_default().to_owned();
    if path == "/v1/agent/self" {
        return ("200 OK", "{}".to_owned());
    }
    if path == "/v1/agent/service/register" {
        state.services.push(request.json());
        return ("200 OK", String::new());
    }
    if let Some(id) = path.strip_prefix("/v1/agent/service/deregister/") {
        state.services.retain(|service| service["ID"] != id);
        return ("200 OK", String::new());
    }
    let Some(name) = path.strip_prefix("/v1/health/service/") else { return ("404 Not Found", String::new()) };
    let healthy = state.services.iter().filter(|service| service["Name"] == name);
    let healthy: Vec<_> = healthy
        .map(|service| json!({ "Node": { "Address": "192.0.2.9" }, "Service": service, "Checks": [] }))
        .collect();
    ("200 OK", json!(healthy).to_string())
}
