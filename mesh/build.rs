//! Compiles the protos without an installed protoc.

use std::path::PathBuf;

use protox::prost::Message as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = ["dapr_common.proto", "dapr_internals.proto", "dapr_runtime.proto"];
    let descriptors = protox::compile(files, ["proto"])?;
    // Told by reflection.
    let told = PathBuf::from(std::env::var("OUT_DIR")?).join("descriptors.bin");
    std::fs::write(told, descriptors.encode_to_vec())?;
    let (mut between, mut runtime) = (descriptors.clone(), descriptors);
    between.file.retain(|file| file.name() != "dapr_runtime.proto");
    runtime.file.iter_mut().for_each(|file| file.service.clear());
    runtime.file.retain(|file| file.name() != "dapr_internals.proto");
    tonic_prost_build::configure().bytes(".").compile_fds(between)?;
    // Its few methods are answered by hand: an error there has initial metadata, which a generated server cannot send.
    let common = "crate::remote::proto::common::v1";
    tonic_prost_build::configure().extern_path(".dapr.proto.common.v1", common).compile_fds(runtime)?;
    Ok(())
}
