//! The messages that usually go with an error of gRPC (`google.rpc`), which hardly any app tells of.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    // They are compiled with the program; a test reads them.
    DescriptorPool::decode(&include_bytes!(concat!(env!("OUT_DIR"), "/google_rpc.bin"))[..]).unwrap_or_default()
});

/// The types of `google.rpc` as far as Dapr's sidecar knows them, and those of `google.protobuf` that it knows.
pub fn detail_types() -> &'static DescriptorPool {
    &POOL
}
