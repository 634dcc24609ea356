//! Calls between processes, over the protocol that Dapr's sidecars speak (What real sidecars send each other).

mod asked;
mod channels;
mod client;
mod fitted;
mod frames;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod metadata;
mod replay;
mod server;

pub(crate) use channels::Channels;
pub(crate) use client::call;
pub(crate) use server::serve;

/// The messages, generated from `proto/`.
#[expect(
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    unreachable_pub,
    reason = "generated"
)]
pub(crate) mod proto {
    pub(crate) mod common {
        pub(crate) mod v1 {
            tonic::include_proto!("dapr.proto.common.v1");
        }
    }
    pub(crate) mod internals {
        pub(crate) mod v1 {
            tonic::include_proto!("dapr.proto.internals.v1");
        }
    }
}
