//! What sidecars read from the environment of their process. (Environment)

use daptop_mesh::{Multicast, SidecarSettings};

/// The words that switch something on, as Dapr reads them.
const TRUTHY: [&str; 6] = ["y", "yes", "true", "t", "on", "1"];

/// Takes over what the environment says. A variable that is empty says nothing.
pub(crate) fn apply(settings: &mut SidecarSettings, variable: impl Fn(&str) -> Option<String>) {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    settings.api_token = variable("DAPR_API_TOKEN");
    settings.app_api_token = variable("APP_API_TOKEN");
    settings.host_address = variable("DAPR_HOST_IP");
    settings.disable_h2c = variable("DAPR_HTTP_DISABLE_H2C")
        .is_some_and(|value| TRUTHY.contains(&value.trim().to_ascii_lowercase().as_str()));
    if let Some(namespace) = variable("NAMESPACE") {
        settings.namespace = namespace;
    }
}

/// Where multicast DNS is spoken: everywhere, unless the variable says otherwise.
pub(crate) fn multicast(variable: impl Fn(&str) -> Option<String>) -> Multicast {
    match variable("DAPTOP_MDNS").unwrap_or_default().as_str() {
        "" | "on" => Multicast::On,
        "off" => Multicast::Off,
        "loopback" => Multicast::Loopback,
        other => {
            tracing::warn!("DAPTOP_MDNS is `{other}` and is taken for `on`; write `on`, `off` or `loopback`");
            Multicast::On
        }
    }
}

/// A variable of this process.
pub(crate) fn of_process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(variables: &[(&str, &str)]) -> SidecarSettings {
        let mut settings = SidecarSettings::new("app".into());
        apply(&mut settings, |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        });
        settings
    }

    #[test]
    fn each_variable_has_its_setting() {
        let settings = applied(&[
            ("DAPR_API_TOKEN", "a"),
            ("APP_API_TOKEN", "b"),
            ("DAPR_HOST_IP", "10.0.0.1"),
            ("NAMESPACE", "shop"),
        ]);
        assert_eq!(settings.api_token.as_deref(), Some("a"));
        assert_eq!(settings.app_api_token.as_deref(), Some("b"));
        assert_eq!(settings.host_address.as_deref(), Some("10.0.0.1"));
        assert_eq!(settings.namespace, "shop");
    }

    #[test]
    fn multicast_is_on_unless_it_is_switched_off() {
        let rows = [("", Multicast::On), ("on", Multicast::On), ("off", Multicast::Off), ("no", Multicast::On)];
        for (value, want) in rows.into_iter().chain([("loopback", Multicast::Loopback)]) {
            assert_eq!(multicast(|_| Some(value.to_owned())), want, "{value}");
        }
        assert_eq!(multicast(|_| None), Multicast::On);
    }

    #[test]
    fn an_empty_variable_says_nothing() {
        let settings = applied(&[("DAPR_API_TOKEN", ""), ("APP_API_TOKEN", ""), ("NAMESPACE", "")]);
        assert_eq!((settings.api_token, settings.app_api_token), (None, None));
        assert_eq!(settings.namespace, "default");
    }

    #[test]
    fn only_a_word_for_yes_refuses_http_2() {
        for yes in ["y", "yes", "true", "t", "on", "1", "TRUE", " Yes "] {
            assert!(applied(&[("DAPR_HTTP_DISABLE_H2C", yes)]).disable_h2c, "{yes:?}");
        }
        for no in ["", "0", "no", "false", "2"] {
            assert!(!applied(&[("DAPR_HTTP_DISABLE_H2C", no)]).disable_h2c, "{no:?}");
        }
    }
}
