//! Frames of `CallLocalStream`, as another sidecar sends them and as it answers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| daptop_mesh::fuzzing::sidecar_frames(data));
