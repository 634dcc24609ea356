//! The callee's side of a call: its sidecar's rules, then its app.

use daptop_model::FailureKind;
use http::Response;

use crate::app_channel::{AppChannel, Invocation};
use crate::body::AnswerBody;
use crate::core::Core;
use crate::error::{InvokeError, internal};
use crate::spans::OpenSpan;
use crate::trace_context::Begun;
use crate::{AppProtocol, Readiness, grpc, method};

/// Serves a request that another sidecar handed over, within a span of its own below the caller's.
pub(crate) async fn serve(
    core: &Core,
    mut invocation: Box<Invocation>,
    span: Option<Begun>,
) -> Result<Response<AnswerBody>, InvokeError> {
    let Some(channel) = &core.channel else {
        return Err(InvokeError::new(FailureKind::NoAppPort, "app channel is not initialized"));
    };
    let open = OpenSpan::of(core, core.shared.events.now(), span.as_ref());
    invocation.trace = span.map(|begun| begun.context);
    let path = invocation.path.clone();
    let answered = match check_access(core, &invocation).and_then(|()| check_health(core)) {
        Ok(()) => to_app(core, channel, invocation).await,
        Err(error) => Err(error),
    };
    if let Some(open) = open {
        open.end_callee(core, path, answered.as_ref().err());
    }
    answered
}

/// Sends a request to the app in what it speaks.
pub(crate) async fn to_app(
    core: &Core,
    channel: &AppChannel,
    invocation: Box<Invocation>,
) -> Result<Response<AnswerBody>, InvokeError> {
    match &core.grpc_app {
        Some(app) if core.settings.app_protocol.is_grpc() => {
            let _slot = channel.slot(invocation.record.as_ref()).await?;
            Box::pin(grpc::callback::invoke(core, app, invocation)).await
        }
        _ => channel.send(invocation).await,
    }
}

/// Refuses a call that access control does not allow (accessControl). Callers have no identity without mTLS.
fn check_access(core: &Core, invocation: &Invocation) -> Result<(), InvokeError> {
    if !core.settings.deny_calls {
        return Ok(());
    }
    let path = method::outgoing(&invocation.method).unwrap_or_default();
    let operation = String::from_utf8_lossy(path.get(1..).unwrap_or_default());
    let verb = match core.settings.app_protocol {
        AppProtocol::Grpc | AppProtocol::Grpcs => "NONE",
        AppProtocol::Http | AppProtocol::Https | AppProtocol::H2c => invocation.verb.as_str(),
    };
    let text = format!("access control policy has denied access to id:  operation: {operation} verb: {verb}");
    Err(InvokeError::denied(&text))
}

/// Refuses a call to an app whose health checks fail (App health).
pub(crate) fn check_health(core: &Core) -> Result<(), InvokeError> {
    let checked = core.settings.health.is_some();
    if checked && core.gate.is() != Readiness::Ready {
        return Err(InvokeError::new(FailureKind::Unhealthy, internal("app is not in a healthy state")));
    }
    Ok(())
}
