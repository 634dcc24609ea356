//! What is known of what the messages of a gRPC call are, and whom to ask.

use std::sync::Arc;
use std::time::Duration;

use daptop_model::{AppId, Call, Command, Leg, Protocol, Schema, SchemaSource, Side, Snapshot, Stamp, grpc_method};

/// An app that has not answered for so long is asked once more.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is known of what the messages of a call are.
#[derive(Clone, Debug)]
pub(super) enum Knowledge {
    /// This, from somewhere or from nowhere.
    Told(Arc<Schema>),
    /// Nothing yet: the app is being asked.
    Asked,
    /// Nothing, and nobody can be asked.
    Nobody,
}

impl Knowledge {
    /// Of a call.
    pub(super) fn of(call: &Call, snapshot: &Snapshot) -> Self {
        let Some(service) = service(call) else { return Self::Nobody };
        match snapshot.schemas.of(&call.to, &service) {
            Some(schema) => Self::Told(Arc::clone(schema)),
            None if can_ask(call) => Self::Asked,
            None => Self::Nobody,
        }
    }

    /// Whether both are the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Told(one), Self::Told(other)) => Arc::ptr_eq(one, other),
            (Self::Asked, Self::Asked) | (Self::Nobody, Self::Nobody) => true,
            _ => false,
        }
    }

    /// What explains the messages of a method.
    pub(super) fn schema(&self, path: &str) -> Option<&Schema> {
        match self {
            Self::Told(schema) if schema.message_name(path, Side::Request).is_some() => Some(schema),
            _ => None,
        }
    }

    /// From where it is known what the fields are; that they are guessed, and why nothing better is known.
    pub(super) fn note(&self, call: &Call) -> String {
        let guess = SchemaSource::Guess.words();
        let schema = match self {
            Self::Asked => return format!("fields by {guess}: {} is being asked what they are", call.to),
            Self::Nobody => return format!("fields by {guess}: there is no app to be asked what they are"),
            Self::Told(schema) => schema,
        };
        let (by, why) = schema.told_of(&call.request.path());
        let end = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
        format!("fields by {by}{end}")
    }
}

/// The service that a gRPC call names.
fn service(call: &Call) -> Option<Arc<str>> {
    let path = call.request.path();
    let has_messages = call.protocol == Protocol::Grpc && !call.is_invocation();
    grpc_method(&path).filter(|_| has_messages).map(|(service, _)| service.into())
}

/// Whether the call came to an app, which can be asked what its messages are.
fn can_ask(call: &Call) -> bool {
    matches!(call.leg, Leg::Own | Leg::InProcess | Leg::ToProcess | Leg::FromProcess)
}

/// The questions that are under way.
#[derive(Debug, Default)]
pub(crate) struct Questions(Vec<Question>);

#[derive(Debug)]
struct Question {
    app: AppId,
    service: Arc<str>,
    at: Stamp,
    /// What was forgotten before: an answer that is forgotten as soon as it has come is not seen.
    era: u64,
}

impl Questions {
    /// What to ask now that a call is looked at: where nothing is known of its service, and nobody is being asked.
    pub(crate) fn about(&mut self, call: &Call, snapshot: &Snapshot, now: Stamp) -> Option<Command> {
        self.0.retain(|asked| {
            let is_fresh = now.since(asked.at) < PATIENCE && asked.era == snapshot.schemas.era();
            is_fresh && snapshot.schemas.of(&asked.app, &asked.service).is_none()
        });
        let service = service(call).filter(|_| can_ask(call))?;
        let is_known = snapshot.schemas.of(&call.to, &service).is_some();
        let is_asked = self.0.iter().any(|asked| asked.app == call.to && asked.service == service);
        if is_known || is_asked { None } else { Some(self.ask(call, service, snapshot, now)) }
    }

    /// Whether somebody is being asked about a call, and has not answered yet.
    pub(crate) fn are_under_way(&self, call: &Call) -> bool {
        service(call).is_some_and(|service| self.0.iter().any(|asked| asked.app == call.to && asked.service == service))
    }

    /// What to ask again, whatever is known.
    ///
    /// # Errors
    /// With a sentence, where nobody can be asked.
    pub(crate) fn again(&mut self, call: &Call, snapshot: &Snapshot, now: Stamp) -> Result<Command, String> {
        if call.protocol != Protocol::Grpc {
            return Err(format!("{} is no gRPC call: its bodies say themselves what they are", call.id));
        }
        match service(call).filter(|_| can_ask(call)) {
            Some(service) => Ok(self.ask(call, service, snapshot, now)),
            None => Err(format!("{} came to no app that could be asked", call.id)),
        }
    }

    fn ask(&mut self, call: &Call, service: Arc<str>, snapshot: &Snapshot, now: Stamp) -> Command {
        self.0.retain(|asked| asked.app != call.to || asked.service != service);
        self.0.push(Question {
            app: call.to.clone(),
            service: Arc::clone(&service),
            at: now,
            era: snapshot.schemas.era(),
        });
        Command::Describe { app: call.to.clone(), service }
    }
}
