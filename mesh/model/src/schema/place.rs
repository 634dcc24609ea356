//! Where somebody else can read what a schema says: another program, started by hand.

use std::sync::Arc;

/// Where the same can be read as a [`Schema`](super::Schema) says. Paths are absolute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SchemaPlace {
    /// A server that tells it by reflection.
    Server {
        /// Host and port, as in `127.0.0.1:50051`.
        address: Arc<str>,
        /// It speaks TLS, with a certificate that nobody checks.
        secure: bool,
    },
    /// A file in the language of Protocol Buffers.
    Source {
        /// Its folder, and those in which what it imports is found. The order counts.
        folders: Vec<Arc<str>>,
        /// Its name within the first of them.
        name: Arc<str>,
    },
    /// A file with a `google.protobuf.FileDescriptorSet`.
    DescriptorSet {
        /// Its path.
        path: Arc<str>,
    },
}
