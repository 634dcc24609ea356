//! The sockets of a sidecar.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use daptop_mesh::{ApiListener, Listeners};
use daptop_model::AppPorts;

use crate::plan::AppPlan;

/// Binds the ports of an app's sidecar on loopback.
pub(crate) fn bind(plan: &AppPlan) -> io::Result<(Listeners, AppPorts)> {
    let listen = |port: Option<u16>| -> io::Result<(TcpListener, u16)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or_default()))?;
        let port = listener.local_addr()?.port();
        Ok((listener, port))
    };
    let (http, http_port) = listen(plan.ports.http)?;
    let (grpc, grpc_port) = listen(plan.ports.grpc)?;
    let (internal_grpc, internal_grpc_port) = listen(plan.ports.internal_grpc)?;
    let (metrics, metrics_port) = listen(plan.ports.metrics)?;
    let ports = AppPorts {
        app: plan.app_port.unwrap_or_default(),
        http: http_port,
        grpc: grpc_port,
        internal_grpc: internal_grpc_port,
        metrics: metrics_port,
    };
    let listeners = Listeners {
        http: vec![ApiListener::Tcp(http)],
        grpc: vec![ApiListener::Tcp(grpc)],
        internal_grpc: vec![internal_grpc],
        metrics: Some(metrics),
        public: None,
    };
    Ok((listeners, ports))
}
