//! How a gRPC call was answered: its status by name, and the details that went with it.

use daptop_model::{Call, GrpcStatus, ResponseHead, Schema, code_name};

use super::body;
use super::document::{Class, Writer};
use super::head::reason;

/// `Response  NOT_FOUND (5)  no order 41`.
pub(super) fn title(writer: &mut Writer, call: &Call, response: &ResponseHead) {
    const NAME: &str = "Response  ";
    let status = match GrpcStatus::of(call, None) {
        Some(status) => words(&status),
        None if call.is_open() => "no status yet".to_owned(),
        None => "without a gRPC status".to_owned(),
    };
    let http = match response.status {
        200 => String::new(),
        other => format!("  HTTP {other} {}", reason(other)),
    };
    writer.line(Class::Title, &[], format!("{NAME}{status}{http}").trim_end());
    writer.hang(NAME.len());
}

/// `OK`, or `NOT_FOUND (5)  no order 41`.
pub(super) fn words(status: &GrpcStatus) -> String {
    let GrpcStatus { code, message, .. } = status;
    match code_name(*code) {
        Some(name) if *code == 0 && message.is_empty() => name.to_owned(),
        Some(name) => format!("{name} ({code})  {message}").trim_end().to_owned(),
        None => format!("{code}, which is no code of gRPC  {message}").trim_end().to_owned(),
    }
}

/// The details of a status, each under the name of its type.
pub(super) fn details(writer: &mut Writer, call: &Call, schema: Option<&Schema>) {
    let Some(status) = GrpcStatus::of(call, schema) else { return };
    if status.details.is_empty() && status.problem.is_none() {
        return;
    }
    writer.line(Class::Title, &[], "Details of the status");
    writer.open();
    if let Some(problem) = &status.problem {
        writer.line(Class::Note, &[], problem);
    }
    for (name, json) in &status.details {
        writer.line(Class::Title, &[], name);
        writer.open();
        body::json(writer, json);
        writer.close();
    }
    writer.close();
}
