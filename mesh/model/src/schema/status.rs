//! The status of a gRPC call, read: its code by name, its message, and the details that went with it.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions, Value};

use super::reading::unknown;
use super::{Schema, detail_types, fields, json};
use crate::{Call, Head, Side};

/// What binary metadata is written in, with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The status of a gRPC call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrpcStatus {
    /// Its code.
    pub code: u32,
    /// Its message, percent-encoding undone.
    pub message: String,
    /// What went with it: the type of each detail, and its JSON; with numbers instead of names where nobody told its type.
    pub details: Vec<(String, String)>,
    /// What of the details cannot be read, or is not shown, in a sentence without a full stop.
    pub problem: Option<String>,
}

impl GrpcStatus {
    /// Reads the status that a call was answered with, once there is one.
    pub fn of(call: &Call, schema: Option<&Schema>) -> Option<Self> {
        call.trailers(Side::Response).and_then(|trailers| Self::read(trailers, schema))
    }

    /// Reads the status that stands in header lines, `None` where none does. Details of an app's own types are told by
    /// the schema of its service.
    pub fn read(head: &Head, schema: Option<&Schema>) -> Option<Self> {
        let code = head.text("grpc-status")?.trim().parse().ok()?;
        let message = head.get("grpc-message").map(percent_decoded).unwrap_or_default();
        let mut status = Self { code, message, details: Vec::new(), problem: None };
        if let Some(encoded) = head.get("grpc-status-details-bin") {
            match whole(encoded) {
                Ok(details) => {
                    for detail in &details {
                        let (name, json, unknown) = read(detail, schema);
                        status.problem = status.problem.or(unknown.map(|unknown| format!("{name}: {unknown}")));
                        status.details.push((name, json));
                    }
                }
                Err(problem) => status.problem = Some(problem),
            }
        }
        Some(status)
    }
}

/// A detail: the URL of its type, and its bytes.
type Detail = (String, Bytes);

/// The details within the header line that carries them.
fn whole(encoded: &[u8]) -> Result<Vec<Detail>, String> {
    let wrong = || "grpc-status-details-bin is no google.rpc.Status".to_owned();
    let bytes = BASE64.decode(encoded).map_err(|error| format!("grpc-status-details-bin is not base64: {error}"))?;
    let descriptor = detail_types().get_message_by_name("google.rpc.Status").ok_or_else(wrong)?;
    let status = DynamicMessage::decode(descriptor, &*bytes).map_err(|_| wrong())?;
    let list = status.get_field_by_name("details");
    let list = list.as_ref().and_then(|list| list.as_list()).unwrap_or_default();
    Ok(list.iter().filter_map(Value::as_message).filter_map(detail).collect())
}

fn detail(any: &DynamicMessage) -> Option<Detail> {
    let url = any.get_field_by_name("type_url")?.as_str()?.to_owned();
    Some((url, any.get_field_by_name("value")?.as_bytes()?.clone()))
}

/// Its type, its JSON, and what is not in that.
fn read((url, bytes): &Detail, schema: Option<&Schema>) -> (String, String, Option<String>) {
    let name = url.rsplit('/').next().unwrap_or_default();
    let pools = schema.map(|schema| &schema.pool).into_iter().chain([detail_types()]);
    let known = pools.into_iter().find_map(|pool| by_name(pool, name, bytes));
    let guessed = || fields::json(bytes).unwrap_or_else(|| format!("\"<{} bytes>\"", bytes.len()));
    let (json, unknown) = known.unwrap_or_else(|| (guessed(), None));
    (name.to_owned(), json, unknown)
}

fn by_name(pool: &DescriptorPool, name: &str, bytes: &[u8]) -> Option<(String, Option<String>)> {
    let message = DynamicMessage::decode(pool.get_message_by_name(name)?, bytes).ok()?;
    Some((json(&message, &SerializeOptions::new())?, unknown(&message)))
}

/// The text of a message, in which bytes that cannot stand in a header are written `%E2`.
fn percent_decoded(encoded: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().filter(|_| *first == b'%');
        let byte = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = after.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
