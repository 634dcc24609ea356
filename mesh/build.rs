//! Compiles the protos without an installed protoc.
fn main() {}
