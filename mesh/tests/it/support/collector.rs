//! A collector that keeps the spans that it is sent.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Wire;

/// A server of Zipkin's API for spans.
#[derive(Debug)]
pub(crate) struct Collector {
    port: u16,
    spans: Arc<Mutex<Vec<Value>>>,
    _tasks: JoinSet<()>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let spans = Arc::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&spans)));
        Self { port, spans, _tasks: tasks }
    }

    /// Where spans are sent to.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/api/v2/spans", self.port)
    }

    /// The spans of a trace that have arrived.
    pub(crate) fn of_trace(&self, trace: &str) -> Vec<Value> {
        self.spans.lock().unwrap().iter().filter(|span| span["traceId"] == trace).cloned().collect()
    }
}

async fn accept(listener: TcpListener, spans: Arc<Mutex<Vec<Value>>>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let spans = Arc::clone(&spans);
        connections.spawn(async move {
            // The exporter hangs up when it ends.
            drop(take(Wire::new(stream), &spans).await);
        });
    }
}

async fn take(mut wire: Wire<TcpStream>, spans: &Mutex<Vec<Value>>) -> io::Result<()> {
    loop {
        let request = wire.request().await?;
        assert_eq!((request.method(), request.target()), ("POST", "/api/v2/spans"));
        spans.lock().unwrap().extend(serde_json::from_slice::<Vec<Value>>(&request.body)?);
        wire.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").await?;
    }
}
