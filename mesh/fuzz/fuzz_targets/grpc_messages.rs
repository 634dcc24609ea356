//! Bytes of a stream of gRPC, read as messages in whatever pieces they come.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| daptop_mesh::fuzzing::messages(data));
