//! Questions of the sidecar's own to its app, on a connection of their own: they are neither captured nor traced, and are
//! in no call's way.

use bytes::Bytes;
use daptop_model::FailureFact;
use http::HeaderMap;
use tonic::{Code, Status};

use super::app::GrpcApp;
use super::status::Refusal;
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
        let answer = answer.map_err(|refusal| unanswered(&refusal))?;
        match Status::from_header_map(&answer.trailers).filter(|status| status.code() != Code::Ok) {
            Some(status) => Err(unanswered(&Refusal::new(daptop_model::FailureKind::Other, status))),
            None => Ok(answer.message),
        }
    }
}

fn unanswered(refusal: &Refusal) -> Unanswered {
    match (refusal.fact, refusal.status.code()) {
        (Some(FailureFact::Refused(port)), _) => Unanswered::Refused(port),
        (_, Code::Unimplemented) => Unanswered::Unimplemented,
        (_, Code::NotFound) => Unanswered::NotFound,
        (_, code) => {
            let name = daptop_model::code_name(code as u32).unwrap_or("UNKNOWN");
            Unanswered::Said(format!("the app answered {name}: {}", refusal.status.message()))
        }
    }
}
