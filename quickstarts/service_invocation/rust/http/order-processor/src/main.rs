use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let port = order_processor::PORT;
    match order_processor::serve(port).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Cannot listen on port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}
