//! The messages and the service of `proto/control.proto`.
#![expect(
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    unreachable_pub,
    reason = "generated"
)]

tonic::include_proto!("daptop.control.v1");
