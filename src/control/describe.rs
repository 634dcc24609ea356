//! What the messages of a gRPC service are, from one daptop process to another.

use daptop_model::{AppId, Schema, SchemaFailure, SchemaSource};

use super::client::{PATIENCE, Process};
use super::{Directory, proto};

/// What a process tells of a service.
pub(super) fn told(schema: &Schema) -> proto::DescribeServiceResponse {
    let source = match schema.source {
        SchemaSource::Reflection => proto::SchemaSource::Reflection,
        SchemaSource::OldReflection => proto::SchemaSource::OldReflection,
        SchemaSource::Files => proto::SchemaSource::Files,
        SchemaSource::Guess => proto::SchemaSource::Guess,
    };
    proto::DescribeServiceResponse {
        source: source.into(),
        descriptor_set: schema.descriptor_set().into(),
        failures: schema.failures.iter().map(|failure| failure.reason.to_string()).collect(),
    }
}

/// Asks another process what the messages of a service of one of its apps are; the error is in a few words.
pub(crate) async fn describe(directory: &Directory, pid: u32, app: &AppId, service: &str) -> Result<Schema, String> {
    let answer =
        async { Process::connect(directory, pid, PATIENCE).await?.describe_service(app.as_str(), service).await };
    let answer = answer.await.map_err(|error| error.to_string())?;
    let source = match answer.source() {
        proto::SchemaSource::Reflection => SchemaSource::Reflection,
        proto::SchemaSource::OldReflection => SchemaSource::OldReflection,
        proto::SchemaSource::Files => SchemaSource::Files,
        proto::SchemaSource::Guess | proto::SchemaSource::Unspecified => SchemaSource::Guess,
    };
    let mut schema = Schema::read(app.clone(), service, source, &answer.descriptor_set)
        .map_err(|error| format!("what it told cannot be read: {error}"))?;
    let failure = |reason: String| SchemaFailure { source: SchemaSource::Reflection, reason: reason.into() };
    schema.failures = answer.failures.into_iter().map(failure).collect();
    Ok(schema)
}
