//! The environment that an app gets (Environment given to the app): the user's variables win over those of Dapr, and
//! those over the ones of daptop's own process, which they replace where the process is started. Nothing stands twice.

use std::collections::BTreeMap;

use daptop_model::AppPorts;

use crate::plan::AppPlan;

/// What is added to the environment of this process, or replaced in it, for an app.
pub(crate) fn added(plan: &AppPlan, ports: &AppPorts) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::from([
        ("APP_ID", plan.app_id.to_string()),
        ("APP_CHANNEL_ADDRESS", plan.app_channel_address.clone().unwrap_or_default()),
        ("APP_PROTOCOL", plan.app_protocol_text.clone()),
        ("DAPR_HTTP_PORT", ports.http.to_string()),
        ("DAPR_GRPC_PORT", ports.grpc.to_string()),
        ("DAPR_METRICS_PORT", ports.metrics.to_string()),
    ]);
    variables.extend(plan.app_port.map(|port| ("APP_PORT", port.to_string())));
    let mut environment: BTreeMap<String, String> =
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    environment.extend(plan.env.clone());
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::tests::plan;

    const PORTS: AppPorts = AppPorts { app: 8001, http: 3500, grpc: 50001, internal_grpc: 50002, metrics: 9090 };

    #[test]
    fn an_app_is_told_its_id_its_ports_and_its_protocol() {
        let mut plan = plan("checkout");
        plan.app_port = Some(8001);
        plan.app_protocol_text = "https".to_owned();
        plan.app_channel_address = Some("127.0.0.1".to_owned());
        let told: Vec<String> = added(&plan, &PORTS).iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            told,
            [
                "APP_CHANNEL_ADDRESS=127.0.0.1",
                "APP_ID=checkout",
                "APP_PORT=8001",
                "APP_PROTOCOL=https",
                "DAPR_GRPC_PORT=50001",
                "DAPR_HTTP_PORT=3500",
                "DAPR_METRICS_PORT=9090",
            ]
        );
    }

    #[test]
    fn an_app_without_a_port_gets_none_and_an_address_that_is_not_written_is_empty() {
        let added = added(&plan("checkout"), &PORTS);
        assert_eq!(added.get("APP_PORT"), None);
        assert_eq!(added.get("APP_CHANNEL_ADDRESS").map(String::as_str), Some(""));
    }

    #[test]
    fn the_user_wins_over_dapr_and_dapr_over_the_parent() {
        let mut plan = plan("checkout");
        plan.env = [("DAPR_GRPC_PORT", "7"), ("SHARED", "app")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let parent = [("DAPR_HTTP_PORT", "1234"), ("DAPR_GRPC_PORT", "5678"), ("SHARED", "shell"), ("KEPT", "yes")];
        let mut command = std::process::Command::new("/usr/bin/env");
        let output = command.env_clear().envs(parent).envs(added(&plan, &PORTS)).output().unwrap().stdout;
        let lines: Vec<&str> = std::str::from_utf8(&output).unwrap().lines().collect();
        for line in ["DAPR_HTTP_PORT=3500", "DAPR_GRPC_PORT=7", "SHARED=app", "KEPT=yes"] {
            let name = line.split('=').next().unwrap();
            let found: Vec<&&str> = lines.iter().filter(|found| found.starts_with(&format!("{name}="))).collect();
            assert_eq!(found, [&line], "{lines:?}");
        }
    }
}
