//! The one place that names the Zipkin exporter of OpenTelemetry.
#![expect(deprecated, reason = "upstream leaves Zipkin for OTLP; Dapr's Configuration names Zipkin, so it stays here")]

use opentelemetry_http::HttpClient;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::ExportError;

/// Formats batches and hands them to an HTTP client.
#[derive(Debug)]
pub(super) struct ZipkinExporter(opentelemetry_zipkin::ZipkinExporter);

impl ZipkinExporter {
    /// An exporter that hands its batches to `client`, for `address`.
    pub(super) fn new(address: &str, client: impl HttpClient + 'static) -> Result<Self, ExportError> {
        opentelemetry_zipkin::ZipkinExporter::builder()
            .with_http_client(client)
            .with_collector_endpoint(address)
            .build()
            .map(Self)
            .map_err(|error| ExportError::Address { address: address.to_owned(), why: error.to_string() })
    }

    /// Hands a batch over.
    pub(super) async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        self.0.export(spans).await
    }
}
