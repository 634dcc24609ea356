//! `spec.tracing`.

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use crate::trace_context::DEFAULT_RATE;
use crate::{Sampling, TracingSettings};

impl TracingSettings {
    /// What holds where no Configuration is found at all: every trace, to a Zipkin on this machine.
    pub fn local_default() -> Self {
        Self {
            sampling: Sampling::Rate(1.0),
            zipkin: Some("http://localhost:9411/api/v2/spans".to_owned()),
            stdout: false,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct TracingSpec {
    sampling_rate: Option<Rate>,
    stdout: Option<bool>,
    zipkin: Option<ZipkinSpec>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ZipkinSpec {
    endpoint_address: Option<String>,
}

impl TracingSpec {
    /// Takes over what `later` says.
    pub(super) fn overlay(&mut self, later: Self) {
        self.sampling_rate = later.sampling_rate.or(self.sampling_rate.take());
        self.stdout = later.stdout.or(self.stdout);
        if later.zipkin.as_ref().is_some_and(|zipkin| zipkin.endpoint_address.is_some()) {
            self.zipkin = later.zipkin;
        }
    }

    pub(super) fn settings(self) -> TracingSettings {
        TracingSettings {
            sampling: self.sampling_rate.map_or(Sampling::Unset, |rate| rate.sampling()),
            zipkin: self.zipkin.and_then(|zipkin| zipkin.endpoint_address).filter(|address| !address.is_empty()),
            stdout: self.stdout.unwrap_or_default(),
        }
    }
}

/// `samplingRate`: a text that should be a number, or a number.
struct Rate(String);

impl Rate {
    fn sampling(&self) -> Sampling {
        if self.0.is_empty() {
            return Sampling::Unset;
        }
        match self.0.parse::<f64>() {
            Ok(0.0) => Sampling::Off,
            Ok(rate) => Sampling::Rate(rate),
            Err(_) => Sampling::Rate(DEFAULT_RATE),
        }
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RateVisitor;
        impl Visitor<'_> for RateVisitor {
            type Value = Rate;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number from 0 to 1")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Rate, E> {
                Ok(Rate(text.to_owned()))
            }
            fn visit_f64<E: Error>(self, rate: f64) -> Result<Rate, E> {
                Ok(Rate(rate.to_string()))
            }
            fn visit_u64<E: Error>(self, rate: u64) -> Result<Rate, E> {
                Ok(Rate(rate.to_string()))
            }
            fn visit_i64<E: Error>(self, rate: i64) -> Result<Rate, E> {
                Ok(Rate(rate.to_string()))
            }
        }
        deserializer.deserialize_any(RateVisitor)
    }
}
