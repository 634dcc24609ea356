//! Transparent proxying: whatever method the sidecar does not have itself goes to the app that the metadata names, its
//! frames unread.

use std::sync::Arc;

use bytes::Bytes;
use daptop_model::{AppId, BodyEnd, FailureKind, Leg, Protocol, RequestHead, Stamp, TraceRef};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response, request, uri};
use hyper::body::Incoming;
use tokio::time::Instant;
use tonic::Status;

use super::app::header_list;
use super::exchange::{self, Answered, Outgoing};
use super::observed::Observed;
use super::reply::Reply;
use super::status::{self, Refusal};
use super::timeout::{self, GRPC_TIMEOUT};
use super::unsent::Unsent;
use super::{Entrance, metadata};
use crate::capture::{self, Opening, Record};
use crate::core::Core;
use crate::discover::{self, Destination, Entry};
use crate::gate::Held;
use crate::headers::CALLER_APP_ID;
use crate::replay::Mark;
use crate::spans::OpenSpan;
use crate::trace_context::{self, BAGGAGE, Begun};
use crate::{invoke, method};

/// A call that has come in.
struct Call<'a> {
    core: &'a Arc<Core>,
    entrance: Entrance,
    path: uri::PathAndQuery,
    metadata: HeaderMap,
    body: Unsent,
    deadline: Option<Instant>,
    begun: Option<Begun>,
    /// The head, where anybody wants it.
    head: Option<RequestHead>,
}

/// Passes a call on to the app that it names.
pub(super) async fn proxy(core: &Arc<Core>, entrance: Entrance, request: Request<Incoming>) -> Response<Reply> {
    let at = core.shared.events.now();
    let (parts, body) = request.into_parts();
    let content_type = content_type(&parts.headers);
    let begun = core.tracing.begin(metadata::parent(&parts.headers));
    let (target, record) = (Target::read(&parts.headers), open_record(core, entrance, at, &parts, begun.as_ref()));
    let head = wants_head(core, begun.as_ref()).then(|| head(&parts));
    let body = Unsent::new(body, core.settings.max_body_size, record.clone());
    let mut observed = Observed::new(record);
    let own = target.as_ref().is_some_and(|target| target.id == core.id());
    if let (Some(open), Some(head)) = (OpenSpan::of(core, at, begun.as_ref()), &head) {
        observed.span(core, open, own, head.clone());
    }
    let mut echoed = HeaderMap::new();
    let answered = match prepare(&parts.headers, begun.is_some(), &mut echoed) {
        Ok(deadline) => {
            let path = parts.uri.path_and_query().cloned().unwrap_or(uri::PathAndQuery::from_static("/"));
            let call = Call { core, entrance, path, metadata: parts.headers, body, deadline, begun, head };
            within(deadline, call.forward(target, &mut observed, &mut echoed)).await
        }
        Err(refusal) => Err(refusal),
    };
    respond(answered, content_type, echoed, observed)
}

/// What an answer is, by what the request is.
pub(super) fn content_type(metadata: &HeaderMap) -> HeaderValue {
    metadata.get(CONTENT_TYPE).cloned().unwrap_or(HeaderValue::from_static("application/grpc"))
}

/// Waits for an answer for as long as its caller does.
pub(super) async fn within<T>(
    deadline: Option<Instant>,
    answered: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    match deadline {
        None => answered.await,
        Some(deadline) => {
            tokio::time::timeout_at(deadline, answered).await.unwrap_or_else(|_| Err(Refusal::deadline()))
        }
    }
}

/// When a caller's patience ends; `None` where it does not.
pub(super) fn deadline(metadata: &HeaderMap) -> Result<Option<Instant>, Refusal> {
    let Some(value) = metadata.get(GRPC_TIMEOUT) else { return Ok(None) };
    let malformed = || {
        let status = Status::internal(format!("malformed grpc-timeout: {value:?}"));
        Refusal::new(FailureKind::BadRequest, status)
    };
    let patience = timeout::parse(value.as_bytes()).ok_or_else(malformed)?;
    Ok(Instant::now().checked_add(patience))
}

/// Reads what a call may fail at before it goes anywhere, and gives its deadline.
fn prepare(metadata: &HeaderMap, traced: bool, echoed: &mut HeaderMap) -> Result<Option<Instant>, Refusal> {
    let deadline = deadline(metadata)?;
    if metadata::target(metadata).is_none() {
        let text = if traced {
            "cannot proxy request: missing dapr-callee-app-id or dapr-app-id metadata"
        } else {
            "failed to proxy request: required metadata dapr-callee-app-id or dapr-app-id not found"
        };
        return Err(Refusal::new(FailureKind::NoAppId, Status::unknown(text)));
    }
    echo_baggage(metadata, traced, echoed)?;
    Ok(deadline)
}

/// Each sidecar on the way tells the caller its baggage.
fn echo_baggage(metadata: &HeaderMap, traced: bool, echoed: &mut HeaderMap) -> Result<(), Refusal> {
    if traced {
        let baggage = trace_context::baggage(metadata)
            .map_err(|error| Refusal::new(FailureKind::BadRequest, Status::invalid_argument(error.to_string())))?;
        if let Some(baggage) = baggage {
            echoed.append(BAGGAGE, baggage);
        }
    }
    Ok(())
}

/// Whom a call names.
struct Target {
    /// As it was written.
    written: String,
    /// Without the namespace.
    id: String,
    /// It was named by `dapr-app-id`.
    by_app_id: bool,
}

impl Target {
    fn read(metadata: &HeaderMap) -> Option<Self> {
        let (key, written) = metadata::target(metadata)?;
        let id = match written.split('.').collect::<Vec<_>>()[..] {
            [id, _namespace] => id,
            _ => written,
        };
        Some(Self { written: written.to_owned(), id: id.to_owned(), by_app_id: *key == metadata::APP_ID })
    }

    /// Where it is. One's own id is one's own app, whatever the namespace.
    async fn resolve(&self, core: &Core) -> Result<Destination, Refusal> {
        if self.id == core.id() {
            return Ok(Destination::Own);
        }
        match discover::resolve(core, &self.written).await {
            Ok(Destination::External(_) | Destination::Endpoint(_)) => {
                let text = format!(
                    "connection error: desc = \"transport: Error while dialing: dial tcp: address {}: too many colons in address\"",
                    self.written
                );
                Err(Refusal::new(FailureKind::BadRequest, Status::unavailable(text)))
            }
            Ok(destination) => Ok(destination),
            // The id in `dapr-app-id` is looked up twice, at first for its policies, and the second look waits in vain.
            Err(error) if self.by_app_id && error.text.starts_with("couldn't find service") => {
                let text = format!("timeout waiting for address for app id {}", self.id);
                Err(Refusal::new(error.kind, Status::unknown(text)))
            }
            Err(error) => Err(Refusal::new(error.kind, Status::unknown(error.text))),
        }
    }
}

impl Call<'_> {
    async fn forward(
        self,
        target: Option<Target>,
        observed: &mut Observed,
        echoed: &mut HeaderMap,
    ) -> Result<Answered, Refusal> {
        let Some(target) = target else {
            return Err(Refusal::new(FailureKind::NoAppId, Status::unknown("the call names no app")));
        };
        let destination = target.resolve(self.core).await?;
        if let Some(record) = observed.record() {
            record.resolved(self.leg(&destination));
        }
        match destination {
            Destination::Own => {
                let core = Arc::clone(self.core);
                let record = observed.record().cloned();
                at_callee(&core, self.outgoing(record)).await
            }
            Destination::Here(callee) => self.hand_over(&callee, observed, echoed).await,
            Destination::There(entry) => self.send_to(&entry, observed).await,
            // `resolve` gives no other.
            Destination::External(_) | Destination::Endpoint(_) => {
                Err(Refusal::new(FailureKind::BadRequest, Status::unavailable("no sidecar")))
            }
        }
    }

    fn leg(&self, destination: &Destination) -> Leg {
        match destination {
            Destination::Own if self.entrance == Entrance::Internal => Leg::FromProcess,
            other => invoke::leg(other),
        }
    }

    fn outgoing(self, record: Option<Record>) -> Outgoing {
        let Self { core, path, mut metadata, body, deadline, .. } = self;
        metadata::leave_caller(&mut metadata);
        let (limit, unreachable) = (core.settings.max_body_size, FailureKind::ConnectionRefused);
        Outgoing { path, metadata, body, deadline, limit, record, unreachable }
    }

    /// Passes the call to the callee's sidecar, which is in this process.
    async fn hand_over(
        mut self,
        callee: &Arc<Core>,
        observed: &mut Observed,
        echoed: &mut HeaderMap,
    ) -> Result<Answered, Refusal> {
        let begun = self.begun.take();
        let head = self.head.take();
        let core = Arc::clone(self.core);
        let mut outgoing = self.outgoing(observed.record().cloned());
        let context = begun.as_ref().map(|begun| &begun.context);
        metadata::introduce(&mut outgoing.metadata, (&core.name, callee.name.clone()), context);
        let span = callee.tracing.begin(metadata::parent(&outgoing.metadata));
        if let (Some(record), Some(span)) = (observed.record(), span.as_ref().and_then(Begun::trace_ref)) {
            record.served_as(span.caller_span);
        }
        if let (Some(open), Some(head)) = (OpenSpan::of(callee, core.shared.events.now(), span.as_ref()), head) {
            let headers = capture::head(&outgoing.metadata);
            observed.span(callee, open, true, RequestHead { headers, ..head });
        }
        echo_baggage(&outgoing.metadata, span.is_some(), echoed)?;
        at_callee(callee, outgoing).await
    }

    /// Passes the call to the sidecar of another process.
    async fn send_to(mut self, entry: &Entry, observed: &Observed) -> Result<Answered, Refusal> {
        let begun = self.begun.take();
        let core = Arc::clone(self.core);
        let mut outgoing = self.outgoing(observed.record().cloned());
        outgoing.unreachable = FailureKind::SidecarUnreachable;
        let callee = HeaderValue::from_str(&entry.app_id).unwrap_or(HeaderValue::from_static(""));
        let context = begun.as_ref().map(|begun| &begun.context);
        metadata::introduce(&mut outgoing.metadata, (&core.name, callee), context);
        let place = core.shared.grpc_sidecars.at(&entry.address, header_list(&core.settings));
        exchange::exchange(&place, outgoing).await
    }
}

/// The callee's rules, then its app. Its concurrency limit and its health are not asked (App health; Concurrency).
async fn at_callee(core: &Arc<Core>, mut outgoing: Outgoing) -> Result<Answered, Refusal> {
    let name = outgoing.path.as_str();
    method::normalize(name.as_bytes())
        .map_err(|error| Refusal::new(FailureKind::BadRequest, Status::invalid_argument(error.to_string())))?;
    if core.settings.deny_calls {
        let text = format!("access control policy has denied access to id:  operation: {name} verb: NONE");
        return Err(Refusal::new(FailureKind::Denied, Status::permission_denied(text)));
    }
    let Some(app) = &core.grpc_app else {
        let text = "connection error: desc = \"transport: Error while dialing: dial tcp 127.0.0.1:0: connect: connection refused\"";
        return Err(Refusal::new(FailureKind::NoAppPort, Status::unavailable(text)));
    };
    if invoke::hold(core, outgoing.record.as_ref()).await == Held::InVain {
        outgoing.unreachable = FailureKind::StillStarting;
    }
    metadata::enter_app(&mut outgoing.metadata, app.token.as_ref());
    exchange::exchange(&app.place, outgoing).await
}

fn wants_head(core: &Core, begun: Option<&Begun>) -> bool {
    core.shared.settings.capture || (core.spans.is_some() && begun.is_some_and(Begun::is_exported))
}

/// The head of a call, whose path is its full method.
pub(super) fn head(parts: &request::Parts) -> RequestHead {
    let path = parts.uri.path_and_query().map_or("/", uri::PathAndQuery::as_str);
    capture::request_head(parts, Bytes::copy_from_slice(path.as_bytes()))
}

fn open_record(
    core: &Arc<Core>,
    entrance: Entrance,
    at: Stamp,
    parts: &request::Parts,
    begun: Option<&Begun>,
) -> Option<Record> {
    if !core.shared.settings.capture {
        return None;
    }
    let to = match metadata::target(&parts.headers) {
        Some((_, id)) => invoke::target_id(core, id),
        None => AppId::new("(no app)"),
    };
    let trace = begun.and_then(Begun::trace_ref);
    let caller = parts.headers.get_all(CALLER_APP_ID).iter().next_back().and_then(|id| id.to_str().ok());
    let (from, leg, trace) = match entrance {
        Entrance::Api => (core.settings.app_id.clone(), Leg::Unresolved, trace),
        Entrance::Internal => {
            let below = |own: TraceRef| TraceRef {
                // The caller's span was made in its process; it stands above this one.
                caller_span: own.parent.unwrap_or(own.caller_span),
                callee_span: Some(own.caller_span),
                parent: None,
                ..own
            };
            (AppId::new(caller.unwrap_or("unknown")), Leg::FromProcess, trace.map(below))
        }
    };
    let opening = Opening {
        at,
        from: &from,
        to,
        leg,
        head: head(parts),
        protocol: Protocol::Grpc,
        trace,
        replay: parts.extensions.get::<Mark>(),
    };
    Record::open(&core.shared, opening)
}

/// The answer as the caller gets it.
fn respond(
    answered: Result<Answered, Refusal>,
    content_type: HeaderValue,
    echoed: HeaderMap,
    observed: Observed,
) -> Response<Reply> {
    let (trailers, failure) = match answered {
        Ok(Answered::Messages(mut headers, incomplete)) => {
            headers.insert(CONTENT_TYPE, content_type);
            for baggage in echoed.get_all(BAGGAGE) {
                headers.append(BAGGAGE, baggage.clone());
            }
            if let Some(record) = observed.record() {
                record.answer(200, &headers);
            }
            let mut response = Response::new(Reply::Passing(Box::new(incomplete.passing(observed))));
            *response.headers_mut() = headers;
            return response;
        }
        Ok(Answered::Status(trailers)) => (trailers, None),
        Err(refusal) => (status::trailers(&refusal.status), Some(refusal)),
    };
    let response = if echoed.is_empty() {
        status::head_only(trailers.clone(), content_type)
    } else {
        let mut response = Response::new(Reply::Whole(None, Some(trailers.clone())));
        *response.headers_mut() = echoed;
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response
    };
    if let Some(record) = observed.record() {
        record.answer(200, &HeaderMap::new());
        if let Some(refusal) = &failure {
            record.fail(&refusal.error());
        }
    }
    observed.end(&trailers, BodyEnd::Complete);
    response
}
