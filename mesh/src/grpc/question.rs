//! Questions of the sidecar's own to its app, on a connection of their own: they are neither captured nor traced, and are
//! in no call's way.

use bytes::Bytes;
use daptop_model::FailureFact;
use http::HeaderMap;
use tonic::{Code, Status};

use super::app::GrpcApp;
use super::{metadata, whole};
use crate::core::Core;

/// Why an app did not answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// It has no such method.
    #[error("the app does not have it")]
    Unimplemented,
    /// It does not know what it was asked for.
    #[error("the app does not know it")]
    NotFound,
    /// Nothing listens there.
    #[error("nothing listens on port {0} yet")]
    Refused(u16),
    /// Anything else, in words.
    #[error("{0}")]
    Said(String),
}

/// A connection to an app, opened by the first question.
#[derive(Debug)]
pub(crate) struct Question(GrpcApp);

impl Question {
    /// To the app of a sidecar; `None` for one without a port.
    pub(crate) fn to(core: &Core) -> Option<Self> {
        core.settings.app_port.map(|port| Self(GrpcApp::new(&core.settings, port)))
    }

    /// Asks with one message. The answer has at most `limit` bytes.
    pub(crate) async fn ask(
        &self,
        path: &'static str,
        message: &impl prost::Message,
        limit: u64,
    ) -> Result<Bytes, Unanswered> {
        let mut sent = HeaderMap::new();
        metadata::leave_caller(&mut sent);
        metadata::enter_app(&mut sent, self.0.token.as_ref());
        let answer = whole::call(&self.0.place, path, sent, &message.encode_to_vec(), Some(limit), None).await;
        let answer = answer.map_err(|refusal| match refusal.fact {
            Some(FailureFact::Refused(port)) => Unanswered::Refused(port),
            _ => unanswered(&refusal.status, |text| format!("the app cannot be asked: {text}")),
        })?;
        match Status::from_header_map(&answer.trailers).filter(|status| status.code() != Code::Ok) {
            Some(status) => {
                let name = daptop_model::code_name(status.code() as u32).unwrap_or("UNKNOWN");
                Err(unanswered(&status, |text| format!("the app answered {name}: {text}")))
            }
            None => Ok(answer.message),
        }
    }
}

/// What a status means, the app's own or one that says why there is none; `words` says it with the status's text.
fn unanswered(status: &Status, words: impl FnOnce(&str) -> String) -> Unanswered {
    match status.code() {
        Code::Unimplemented => Unanswered::Unimplemented,
        Code::NotFound => Unanswered::NotFound,
        _ => Unanswered::Said(words(status.message())),
    }
}
