//! The sidecars over real sockets, against what Dapr is recorded and specified to do.

#[cfg(test)]
mod access;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod app_health;
#[cfg(test)]
mod capture;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod grpc;
#[cfg(test)]
mod health;
#[cfg(test)]
mod hold;
#[cfg(test)]
mod legs;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod protocols;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod resolve;
#[cfg(test)]
mod streaming;
#[cfg(test)]
mod support;
#[cfg(test)]
mod targets;
#[cfg(test)]
mod unreachable;
#[cfg(test)]
mod unread;
#[cfg(test)]
mod wire;
