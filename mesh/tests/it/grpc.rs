//! gRPC through the sidecars, with real clients and servers.

mod api;
mod callback;
mod cancelling;
mod captured;
mod conformance;
mod crowd;
mod describe;
mod flow;
mod listeners;
mod messages;
mod odd;
mod replay;
mod streams;

use bytes::Bytes;
use daptop_mesh::{AppProtocol, MeshSettings, SidecarSettings};

use crate::support::{Caller, GrpcApp, GrpcScript, Node, Pair};

pub(crate) const PLACE: &str = "/shop.Orders/Place";

/// A gRPC app with its sidecar, and two callers of it.
async fn pair_with(change: impl Fn(&mut SidecarSettings)) -> Pair<GrpcApp> {
    let app = GrpcApp::start().await;
    let port = app.port;
    let change = |settings: &mut SidecarSettings| {
        settings.app_protocol = AppProtocol::Grpc;
        change(settings);
    };
    Pair::of(app, port, MeshSettings::default(), change).await
}

async fn pair() -> Pair<GrpcApp> {
    pair_with(|_| {}).await
}

/// A caller that asks a sidecar for the app.
pub(crate) fn caller(node: &Node) -> Caller {
    Caller::to(node.grpc).with("dapr-app-id", "order-processor")
}

/// An app that says these messages.
fn saying(messages: &[&'static str]) -> GrpcScript {
    let messages = messages.iter().map(|message| Bytes::from_static(message.as_bytes())).collect();
    GrpcScript { messages, ..GrpcScript::default() }
}

fn echo() -> GrpcScript {
    GrpcScript { echo: true, ..GrpcScript::default() }
}
