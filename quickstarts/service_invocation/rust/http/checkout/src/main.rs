use std::process::ExitCode;

use checkout::Checkout;

fn main() -> ExitCode {
    let checkout = match Checkout::from_env() {
        Ok(checkout) => checkout,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let failed = checkout.run();
    if failed > 0 {
        eprintln!("{failed} of {} orders failed", checkout.orders);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
