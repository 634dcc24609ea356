//! `daptop`: runs the apps of a `dapr.yaml` with embedded Dapr sidecars and shows who calls whom.

fn main() {}
