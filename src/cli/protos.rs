//! Flags of daptop's own that name what the messages of gRPC services are.

/// Files that tell what messages are.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ProtoArgs {
    /// A .proto file of a gRPC service, for reading its messages; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) proto: Vec<String>,
    /// A compiled set of file descriptors, for reading gRPC messages; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) descriptor_set: Vec<String>,
}
