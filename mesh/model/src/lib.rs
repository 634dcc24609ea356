//! What daptop captures, and how it is kept.
//!
//! Producers (sidecars, the supervisor, the exporter) tell [`Event`]s, facts in the past tense. One task owns the
//! [`Store`], which folds them and publishes an immutable [`Snapshot`]. Viewers read snapshots and send [`Command`]s.
//!
//! This crate is pure: no IO, no clock, no async, no panics on any input.

mod app;
mod body;
mod call;
mod coding;
mod command;
mod curl;
mod delays;
pub mod diff;
mod edge;
mod event;
mod export;
mod filter;
mod finding;
mod grpc_status;
mod grpcurl;
mod head;
mod id;
mod log;
mod message;
mod piece;
mod replay;
mod schema;
mod secret;
mod sequence;
mod shell;
mod snapshot;
mod span;
mod store;
mod time;
mod trace;

pub use app::{App, AppPorts, AppState, AppTimes, ExitReason, InstanceId};
pub use body::{BodyEnd, CapturedBody};
pub use call::{
    BodyPiece, Call, CallEnd, CallProgress, CallStart, Failure, FailureFact, FailureKind, Leg, Outcome, Protocol,
    Spoken,
};
pub use coding::{Coding, CodingEnd, Decoded};
pub use command::Command;
pub use curl::curl;
pub use delays::{Delays, FailedTry, Turn};
pub use edge::{Edge, Protocols, Reason, Trouble};
pub use event::Event;
pub use export::{ExporterHealth, ExporterState};
pub use filter::{Completions, Filter, FilterError};
pub use finding::{Finding, FindingGroup, FindingKind, Findings, Weight};
pub use grpc_status::{code_name, code_title, grpc_status_name};
pub use grpcurl::Grpcurl;
pub use head::{Head, HeadBuilder, RequestHead, ResponseHead};
pub use id::{AppId, CallId, SpanId, TraceId};
pub use log::{LogLine, LogSource};
pub use message::{INVOKE_SERVICE, Message, Messages, Side, framed, grpc_method};
pub use piece::{Activity, Piece};
pub use replay::{
    Candidate, DocumentError, Obstacle, Replay, ReplayOutlook, ReplayRequest, ReplaySet, ReplaySetError, ReplayTally,
    caveats, obstacle, read_document, write_document,
};
pub use schema::{
    EncodeError, GrpcStatus, Reading, Schema, SchemaFailure, SchemaPlace, SchemaSource, Schemas, detail_types,
    read_message, whole_message,
};
pub use secret::{MASK, is_secret};
pub use snapshot::{Calls, Limits, Logs, Lost, Replays, Snapshot};
pub use span::{Span, SpanKind, TraceRef, TraceTree};
pub use store::Store;
pub use time::{Anchor, Phase, Phases, Stamp};
pub use trace::{Attempt, Link, Trace, TracedCall};
