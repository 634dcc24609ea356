//! What the messages of a gRPC service are, as far as anybody told: bytes to JSON, and JSON to bytes.

mod cut;
mod details;
mod fields;
mod place;
mod reading;
mod status;
#[cfg(test)]
pub(crate) mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use prost_reflect::prost::Message as _;
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor, MethodDescriptor, SerializeOptions,
};

use crate::{AppId, Side, grpc_method};

pub use details::detail_types;
pub use place::SchemaPlace;
pub use reading::{Reading, read_message, whole_message};
pub use status::GrpcStatus;

/// From where it is known what the messages of a service are. The best comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum SchemaSource {
    /// The app told by server reflection, version 1.
    Reflection,
    /// The app told by server reflection in its older version, `v1alpha`.
    OldReflection,
    /// Files that the user named.
    Files,
    /// From nowhere: fields have numbers and no names, and their types are guessed.
    Guess,
}

impl SchemaSource {
    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            SchemaSource::Reflection => "the app's reflection",
            SchemaSource::OldReflection => "the app's reflection (v1alpha)",
            SchemaSource::Files => "the proto files",
            SchemaSource::Guess => "the bytes alone",
        }
    }
}

/// A source that was asked in vain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SchemaFailure {
    /// Which.
    pub source: SchemaSource,
    /// Why, in a few words, without a full stop.
    pub reason: Arc<str>,
}

/// What the messages of one service of one app are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schema {
    /// The app.
    pub app: AppId,
    /// The full name of the service: `helloworld.Greeter`.
    pub service: Arc<str>,
    /// From where it is known.
    pub source: SchemaSource,
    /// Where another program can read the same; `None` for a guess.
    pub place: Option<SchemaPlace>,
    /// The daptop process that asked there, where the app is behind the sidecar of another process of this user.
    pub through: Option<u32>,
    /// Which better sources failed, and why.
    pub failures: Vec<SchemaFailure>,
    /// Everything that the source told.
    pool: DescriptorPool,
}

/// Why a text is not a message of a method.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EncodeError {
    /// Nobody told what the message is.
    #[error(
        "nobody told what the message of {method} is, so JSON cannot be made into one: start the app with reflection, or name its proto files (--proto, or protos: in the run file)"
    )]
    Unknown {
        /// The path of the method.
        method: String,
    },
    /// The text is not JSON, or has a field or a value that the message has not.
    #[error("this is not a {message}: {problem} at line {line} column {column}")]
    Wrong {
        /// The full name of the message.
        message: String,
        /// What is wrong.
        problem: String,
        /// The line of the text, from 1.
        line: usize,
        /// Its column, from 1.
        column: usize,
    },
}

impl EncodeError {
    fn wrong(message: &str, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let problem = text.strip_suffix(&place).unwrap_or(&text).to_owned();
        Self::Wrong { message: message.to_owned(), problem, line: error.line().max(1), column: error.column().max(1) }
    }
}

impl Schema {
    /// What a source told.
    pub fn new(app: AppId, service: &str, source: SchemaSource, pool: DescriptorPool) -> Self {
        Self { app, service: service.into(), source, place: None, through: None, failures: Vec::new(), pool }
    }

    /// What a source told, as [`Schema::descriptor_set`] writes it.
    ///
    /// # Errors
    /// Where the bytes are no descriptors, or do not fit together.
    pub fn read(
        app: AppId,
        service: &str,
        source: SchemaSource,
        descriptor_set: &[u8],
    ) -> Result<Self, prost_reflect::DescriptorError> {
        let mut pool = DescriptorPool::global();
        pool.decode_file_descriptor_set(descriptor_set)?;
        Ok(Self::new(app, service, source, pool))
    }

    /// What is known where every source failed.
    pub fn unknown(app: AppId, service: &str, failures: Vec<SchemaFailure>) -> Self {
        Self { failures, ..Self::new(app, service, SchemaSource::Guess, DescriptorPool::new()) }
    }

    /// A method, given by its path.
    fn method(&self, path: &str) -> Option<MethodDescriptor> {
        let (service, method) = grpc_method(path)?;
        let service = self.pool.get_service_by_name(service)?;
        service.methods().find(|other| other.name() == method)
    }

    /// The message of a direction of a method, given by its path.
    fn message(&self, path: &str, side: Side) -> Option<MessageDescriptor> {
        let method = self.method(path)?;
        Some(match side {
            Side::Request => method.input(),
            Side::Response => method.output(),
        })
    }

    /// The full name of the message of a direction of a method, where it is known.
    pub fn message_name(&self, path: &str, side: Side) -> Option<String> {
        self.message(path, side).map(|message| message.full_name().to_owned())
    }

    /// Whether a direction of a method is a stream of messages, where that is known.
    pub fn is_stream(&self, path: &str, side: Side) -> Option<bool> {
        let method = self.method(path)?;
        Some(match side {
            Side::Request => method.is_client_streaming(),
            Side::Response => method.is_server_streaming(),
        })
    }

    /// From where it is known, in a few words.
    pub fn words(&self) -> Cow<'static, str> {
        let source = self.source.words();
        self.through.map_or(source.into(), |process| format!("{source}, through process {process}").into())
    }

    /// From where the messages of a method are known, and why nothing better is: each in a few words.
    pub fn told_of(&self, path: &str) -> (Cow<'static, str>, Vec<String>) {
        if self.source != SchemaSource::Guess && self.message(path, Side::Request).is_none() {
            let method = grpc_method(path).map_or(path, |(_, method)| method);
            return (
                SchemaSource::Guess.words().into(),
                vec![format!("{} has no method {method}", self.source.words())],
            );
        }
        (self.words(), self.failures.iter().map(|failure| failure.reason.to_string()).collect())
    }

    /// Everything that the source told, as a `FileDescriptorSet` of Protocol Buffers.
    pub fn descriptor_set(&self) -> Vec<u8> {
        self.pool.encode_to_vec()
    }

    /// A message of a method as JSON to be edited: every field is there, those that are not set with what that means.
    /// `None` where nobody told what it is, or the bytes are something else.
    pub fn editable(&self, path: &str, side: Side, bytes: &[u8]) -> Option<String> {
        let message = DynamicMessage::decode(self.message(path, side)?, bytes).ok()?;
        json(&message, &SerializeOptions::new().skip_default_fields(false))
    }

    /// A message of a method as JSON on one line, without the fields that are not set. `None` where nobody told what it
    /// is, or the bytes are something else.
    pub fn compact(&self, path: &str, side: Side, bytes: &[u8]) -> Option<String> {
        let message = DynamicMessage::decode(self.message(path, side)?, bytes).ok()?;
        serde_json::to_string(&message).ok()
    }

    /// The bytes of a message of a method from its JSON.
    ///
    /// # Errors
    /// With a sentence, where the message is not known, or the JSON is not one.
    pub fn encode(&self, path: &str, side: Side, text: &str) -> Result<Vec<u8>, EncodeError> {
        let message = self.message(path, side).ok_or_else(|| EncodeError::Unknown { method: path.to_owned() })?;
        let name = message.full_name().to_owned();
        let wrong = |error: serde_json::Error| EncodeError::wrong(&name, &error);
        let text = if text.trim().is_empty() { "{}" } else { text };
        let mut source = serde_json::Deserializer::from_str(text);
        let options = DeserializeOptions::new().deny_unknown_fields(true);
        let read = DynamicMessage::deserialize_with_options(message, &mut source, &options).map_err(&wrong)?;
        source.end().map_err(&wrong)?;
        Ok(read.encode_to_vec())
    }
}

/// A message as JSON, over several lines; `None` where it has something that JSON cannot say, such as an `Any` of an
/// unknown type.
fn json(message: &DynamicMessage, options: &SerializeOptions) -> Option<String> {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::pretty(&mut text);
    message.serialize_with_options(&mut serializer, options).ok()?;
    String::from_utf8(text).ok()
}

/// What is known of the services of apps. Cheap to copy.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Schemas {
    all: Arc<BTreeMap<AppId, Vec<Arc<Schema>>>>,
    /// Counts the times that something was forgotten.
    forgotten: u64,
}

/// The most services that are remembered.
const MOST: usize = 256;

impl Schemas {
    /// What is known of a service of an app; `None` where nobody has asked yet.
    pub fn of(&self, app: &AppId, service: &str) -> Option<&Arc<Schema>> {
        self.all.get(app)?.iter().find(|schema| &*schema.service == service)
    }

    /// Another number each time that something may have been forgotten: what was asked before has to be asked again.
    pub fn era(&self) -> u64 {
        self.forgotten
    }

    /// Takes in what became known, in place of what was known of the same service. That nobody tells any more changes
    /// nothing: an app that has ended was what it said it was.
    pub(crate) fn learn(&mut self, schema: Schema) {
        let known = self.of(&schema.app, &schema.service);
        if schema.source == SchemaSource::Guess && known.is_some_and(|known| known.source != SchemaSource::Guess) {
            return;
        }
        let all = Arc::make_mut(&mut self.all);
        if all.values().map(Vec::len).sum::<usize>() >= MOST {
            all.clear();
        }
        let of_app = all.entry(schema.app.clone()).or_default();
        of_app.retain(|other| other.service != schema.service);
        of_app.push(Arc::new(schema));
    }

    /// Forgets what is known of an app: another process of it may say something else.
    pub(crate) fn forget(&mut self, app: &AppId) {
        self.forgotten += 1;
        if self.all.contains_key(app) {
            Arc::make_mut(&mut self.all).remove(app);
        }
    }
}
