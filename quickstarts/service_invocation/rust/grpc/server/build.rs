//! Compiles the proto without an installed protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../helloworld.proto");
    tonic_prost_build::compile_fds(protox::compile(["helloworld.proto"], [".."])?)?;
    Ok(())
}
