//! The way to an app over gRPC, and to the sidecars of other processes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;

use crate::upstream::{Multiplexed, Security};
use crate::{AppProtocol, SidecarSettings};

/// The way to the app of a sidecar.
#[derive(Debug)]
pub(crate) struct GrpcApp {
    /// Its port.
    pub(super) place: Multiplexed,
    /// The token that it is told.
    pub(super) token: Option<HeaderValue>,
}

impl GrpcApp {
    /// The way to an app at a port.
    pub(crate) fn new(settings: &SidecarSettings, port: u16) -> Self {
        let security = match settings.app_protocol {
            AppProtocol::Https | AppProtocol::Grpcs => Security::AnyCertificate,
            AppProtocol::Http | AppProtocol::H2c | AppProtocol::Grpc => Security::Plain,
        };
        let place = Multiplexed::new(&settings.app_channel_address, port, security, false, header_list(settings));
        let token = settings.app_api_token.as_deref().and_then(|token| HeaderValue::from_str(token).ok());
        Self { place, token }
    }
}

/// The largest list of headers (Servers, clients, pools): the buffer's size, shifted by ten bits.
pub(super) fn header_list(settings: &SidecarSettings) -> u32 {
    u32::try_from(settings.read_buffer_size << 10).unwrap_or(u32::MAX)
}

/// The ways to the sidecars of other processes, by address.
#[derive(Debug, Default)]
pub(crate) struct Sidecars(Mutex<HashMap<String, Arc<Multiplexed>>>);

/// More addresses than a machine has sidecars. Past it those that nobody uses are forgotten.
const MOST: usize = 256;

impl Sidecars {
    /// The way to an address, as in `127.0.0.1:50002`.
    pub(super) fn at(&self, address: &str, max_header_list: u32) -> Arc<Multiplexed> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, place| Arc::strong_count(place) > 1);
        }
        let place = known.entry(address.to_owned()).or_insert_with(|| {
            let (host, port) = address.rsplit_once(':').unwrap_or((address, "0"));
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let port = port.parse().unwrap_or_default();
            Arc::new(Multiplexed::new(host, port, Security::Plain, true, max_header_list))
        });
        Arc::clone(place)
    }
}
