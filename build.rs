//! Compiles the protos without an installed protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let control = protox::compile(["control.proto"], ["proto"])?;
    tonic_prost_build::configure().bytes(".").compile_fds(control)?;
    Ok(())
}
