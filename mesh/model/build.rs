//! Compiles the proto without an installed protoc.

use std::path::PathBuf;

use protox::prost::Message as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let types = protox::compile(["google_rpc.proto"], ["proto"])?;
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("google_rpc.bin"), types.encode_to_vec())?;
    Ok(())
}
