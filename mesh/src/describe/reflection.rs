//! What an app tells of its services itself: gRPC server reflection.

use std::collections::BTreeMap;
use std::time::Duration;

use daptop_model::{SchemaFailure, SchemaPlace, SchemaSource};
use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorProto;
use tonic::Code;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use super::Told;
use crate::core::Core;
use crate::grpc::{Question, Unanswered};
use crate::{AppProtocol, upstream};

/// Both versions say the same in the same fields; the best comes first.
const VERSIONS: [(SchemaSource, &str, &str); 2] = [
    (SchemaSource::Reflection, "v1", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
    (SchemaSource::OldReflection, "v1alpha", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
];
/// The most that an app may tell, in bytes.
const MOST_BYTES: u64 = 8 << 20;
/// The most files that it may tell.
const MOST_FILES: usize = 500;

/// Asks an app for a service, and for all that its messages consist of.
pub(super) async fn ask(
    core: &Core,
    service: &str,
    patience: Duration,
    failures: &mut Vec<SchemaFailure>,
) -> Option<Told> {
    let mut asked = SchemaSource::Reflection;
    let asking = async {
        let (Some(question), Some(place)) = (Question::to(core), place(core)) else {
            failures.push(failure(asked, "the app has no port".to_owned()));
            return None;
        };
        for (source, version, path) in VERSIONS {
            asked = source;
            let mut telling = Telling { question: &question, path, files: BTreeMap::new(), left: MOST_BYTES };
            match telling.tell(service).await {
                Ok(pool) => return Some(Told { source, place, pool }),
                Err(Unanswered::Unimplemented) => {
                    failures.push(failure(source, format!("the app has no reflection {version}")));
                }
                Err(unanswered) => {
                    failures.push(failure(source, unanswered.to_string()));
                    return None;
                }
            }
        }
        failures.clear();
        failures.push(failure(SchemaSource::Reflection, "the app has no reflection".to_owned()));
        None
    };
    if let Ok(told) = tokio::time::timeout(patience, asking).await {
        return told;
    }
    failures.push(failure(asked, format!("the app did not answer within {} seconds", patience.as_secs())));
    None
}

/// Where an app can be asked by others.
fn place(core: &Core) -> Option<SchemaPlace> {
    let address = upstream::address(&core.settings.app_channel_address, core.settings.app_port?);
    let secure = matches!(core.settings.app_protocol, AppProtocol::Https | AppProtocol::Grpcs);
    Some(SchemaPlace::Server { address: address.into(), secure })
}

fn failure(source: SchemaSource, reason: String) -> SchemaFailure {
    SchemaFailure { source, reason: reason.into() }
}

/// What an app has told so far.
struct Telling<'a> {
    question: &'a Question,
    path: &'static str,
    files: BTreeMap<String, FileDescriptorProto>,
    /// How many bytes it may still tell.
    left: u64,
}

impl Telling<'_> {
    async fn tell(&mut self, service: &str) -> Result<DescriptorPool, Unanswered> {
        let mut pool = DescriptorPool::global();
        let unknown = || format!("its reflection does not know {service}");
        for file in self.ask(MessageRequest::FileContainingSymbol(service.to_owned()), unknown).await? {
            self.files.insert(file.name().to_owned(), file);
        }
        while let Some(name) = self.missing(&pool) {
            if self.files.len() >= MOST_FILES {
                return Err(Unanswered::Said(format!("its reflection tells more than {MOST_FILES} files")));
            }
            let unknown = || format!("its reflection does not have {name}, which another file imports");
            let mut told = self.ask(MessageRequest::FileByFilename(name.clone()), unknown).await?;
            if !told.iter().any(|file| file.name() == name)
                && let Some(first) = told.first_mut()
            {
                // An app may call the file by another name than those who import it.
                first.name = Some(name);
            }
            for file in told {
                self.files.insert(file.name().to_owned(), file);
            }
        }
        let added = pool.add_file_descriptor_protos(std::mem::take(&mut self.files).into_values());
        added.map_err(|error| Unanswered::Said(format!("what its reflection tells does not fit together: {error}")))?;
        match pool.get_service_by_name(service) {
            Some(_) => Ok(pool),
            None => Err(Unanswered::Said(unknown())),
        }
    }

    /// A file that another one imports, and that is not known.
    fn missing(&self, pool: &DescriptorPool) -> Option<String> {
        let imported = self.files.values().flat_map(|file| &file.dependency);
        let mut missing =
            imported.filter(|name| !self.files.contains_key(*name) && pool.get_file_by_name(name).is_none());
        missing.next().cloned()
    }

    async fn ask(
        &mut self,
        request: MessageRequest,
        unknown: impl Fn() -> String,
    ) -> Result<Vec<FileDescriptorProto>, Unanswered> {
        let request = ServerReflectionRequest { host: String::new(), message_request: Some(request) };
        // An app tells that it does not know something within an answer, or as its status.
        let answer = match self.question.ask(self.path, &request, self.left).await {
            Err(Unanswered::NotFound) => return Err(Unanswered::Said(unknown())),
            answer => answer?,
        };
        self.left = self.left.saturating_sub(answer.len() as u64);
        let unread = |error| Unanswered::Said(format!("what its reflection tells cannot be read: {error}"));
        let answer = ServerReflectionResponse::decode(answer).map_err(unread)?;
        match answer.message_response {
            Some(MessageResponse::FileDescriptorResponse(files)) if !files.file_descriptor_proto.is_empty() => {
                let decode = |file: &Vec<u8>| FileDescriptorProto::decode(&file[..]).map_err(unread);
                files.file_descriptor_proto.iter().map(decode).collect()
            }
            Some(MessageResponse::ErrorResponse(error)) if error.error_code != Code::NotFound as i32 => {
                let code = u32::try_from(error.error_code).ok().and_then(daptop_model::code_name);
                let code = code.unwrap_or("UNKNOWN");
                Err(Unanswered::Said(format!("its reflection answered {code}: {}", error.error_message)))
            }
            _ => Err(Unanswered::Said(unknown())),
        }
    }
}
