//! `spec.api`, `spec.logging.apiLogging` and `spec.accessControl`.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::ApiLogging;
use crate::{ApiAccess, ApiRule};

/// `spec.api`.
#[derive(Deserialize, Default)]
pub(super) struct ApiSpec {
    allowed: Option<Vec<RuleSpec>>,
    denied: Option<Vec<RuleSpec>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RuleSpec {
    name: String,
    version: String,
    protocol: String,
}

impl ApiSpec {
    /// Takes over what `later` says.
    pub(super) fn overlay(&mut self, later: Self) {
        self.allowed = later.allowed.or(self.allowed.take());
        self.denied = later.denied.or(self.denied.take());
    }

    /// The rules for the API of a protocol, `http` or `grpc`.
    pub(super) fn settings(&self, protocol: &str) -> ApiAccess {
        let rules = |specs: &Option<Vec<RuleSpec>>| {
            let specs = specs.iter().flatten().filter(|rule| rule.protocol.eq_ignore_ascii_case(protocol));
            specs.map(|rule| ApiRule { name: rule.name.clone(), version: rule.version.clone() }).collect()
        };
        ApiAccess { allowed: rules(&self.allowed), denied: rules(&self.denied) }
    }
}

/// `spec.logging`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoggingSpec {
    pub(super) api_logging: Option<ApiLoggingSpec>,
}

/// `spec.logging.apiLogging`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiLoggingSpec {
    enabled: Option<bool>,
    #[serde(rename = "obfuscateURLs")]
    obfuscate_urls: Option<bool>,
    omit_health_checks: Option<bool>,
}

impl ApiLoggingSpec {
    /// Takes over what `later` says.
    pub(super) fn overlay(&mut self, later: &Self) {
        self.enabled = later.enabled.or(self.enabled);
        self.obfuscate_urls = later.obfuscate_urls.or(self.obfuscate_urls);
        self.omit_health_checks = later.omit_health_checks.or(self.omit_health_checks);
    }

    pub(super) fn settings(&self) -> ApiLogging {
        ApiLogging {
            enabled: self.enabled.unwrap_or_default(),
            obfuscate_urls: self.obfuscate_urls.unwrap_or_default(),
            omit_health_checks: self.omit_health_checks.unwrap_or_default(),
        }
    }
}

/// `spec.accessControl`. Policies are read so that a broken one is told; none can match, since callers have no identity
/// without mTLS.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccessSpec {
    default_action: Option<String>,
    trust_domain: Option<String>,
    policies: Option<Vec<Policy>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    #[serde(rename = "appId", deserialize_with = "filled")]
    _app_id: (),
    #[serde(rename = "trustDomain", deserialize_with = "filled")]
    _trust_domain: (),
    #[serde(rename = "namespace", deserialize_with = "filled")]
    _namespace: (),
}

fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(text) if !text.is_empty() => Ok(()),
        _ => Err(D::Error::custom("an appId, a trustDomain or a namespace is empty; every policy needs all three")),
    }
}

impl AccessSpec {
    /// Takes over what `later` says.
    pub(super) fn overlay(&mut self, later: Self) {
        self.default_action = later.default_action.or(self.default_action.take());
        self.trust_domain = later.trust_domain.or(self.trust_domain.take());
        self.policies = later.policies.or(self.policies.take());
    }

    /// Whether calls of others are denied (accessControl): by the default action, or, without one, where anything else
    /// but an empty list of policies is written.
    pub(super) fn denies(&self) -> bool {
        let written = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
        if written(&self.default_action) {
            return !self.default_action.as_deref().is_some_and(|action| action.eq_ignore_ascii_case("allow"));
        }
        match &self.policies {
            None => written(&self.trust_domain),
            Some(policies) => !policies.is_empty(),
        }
    }
}
