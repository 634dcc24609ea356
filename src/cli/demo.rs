//! `daptop demo`, and the hidden `daptop demo-app` that it starts twice.

use std::path::PathBuf;

use super::dashboard::DashboardArgs;

/// `daptop demo`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct DemoArgs {
    /// How many orders checkout sends; 0 for no end
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) orders: u32,
    /// Write the demo's dapr.yaml and sources into this folder instead of running it
    #[arg(long, value_name = "DIR")]
    pub(crate) write: Option<PathBuf>,
    /// How the run is shown.
    #[command(flatten)]
    pub(crate) dashboard: DashboardArgs,
}

/// `daptop demo-app`: one of the demo's apps, as a process.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug)]
pub(crate) struct DemoAppArgs {
    /// Which app
    #[arg(value_enum)]
    pub(crate) app: DemoApp,
    /// The port that order-processor listens on
    #[arg(long, default_value_t = order_processor::PORT)]
    pub(crate) port: u16,
    /// How many orders checkout sends; 0 for no end
    #[arg(long, default_value_t = 20)]
    pub(crate) orders: u32,
}

/// The apps of the demo.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DemoApp {
    /// Takes orders.
    OrderProcessor,
    /// Sends orders.
    Checkout,
}
