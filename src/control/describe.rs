//! What the messages of a gRPC service are, from one daptop process to another.

use daptop_model::{AppId, Schema, SchemaFailure, SchemaPlace, SchemaSource};

use super::client::{PATIENCE, Process};
use super::proto::schema_place::Place;
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
        place: schema.place.as_ref().map(|place| proto::SchemaPlace { place: Some(written(place)) }),
    }
}

fn written(place: &SchemaPlace) -> Place {
    match place {
        SchemaPlace::Server { address, secure } => {
            Place::Server(proto::ReflectingServer { address: address.to_string(), secure: *secure })
        }
        SchemaPlace::Source { folders, name } => {
            let folders = folders.iter().map(ToString::to_string).collect();
            Place::Source(proto::ProtoSource { folders, name: name.to_string() })
        }
        SchemaPlace::DescriptorSet { path } => Place::DescriptorSet(path.to_string()),
    }
}

fn read(place: Place) -> SchemaPlace {
    match place {
        Place::Server(server) => SchemaPlace::Server { address: server.address.into(), secure: server.secure },
        Place::Source(file) => {
            SchemaPlace::Source { folders: file.folders.into_iter().map(Into::into).collect(), name: file.name.into() }
        }
        Place::DescriptorSet(path) => SchemaPlace::DescriptorSet { path: path.into() },
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
    schema.place = answer.place.and_then(|told| told.place).map(read);
    schema.failures = answer.failures.into_iter().map(failure).collect();
    Ok(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_process_is_told_where_the_same_can_be_read() {
        for place in [
            SchemaPlace::Server { address: "127.0.0.1:50051".into(), secure: true },
            SchemaPlace::Source { folders: vec!["/a".into(), "/".into()], name: "greeter.proto".into() },
            SchemaPlace::DescriptorSet { path: "/a/greeter.binpb".into() },
        ] {
            assert_eq!(read(written(&place)), place);
        }
    }
}
