//! The message of a gRPC request as JSON, to be edited, and back.

use std::borrow::Cow;

use bytes::Bytes;

use super::ReplayRequest;
use crate::{Coding, CodingEnd, EncodeError, Schema, Side, framed};

/// The bytes before each message: a flag, and its length.
const PREFIX: usize = 5;

/// The most bytes that come out of a compressed message.
const MOST: usize = 4 << 20;

impl ReplayRequest {
    /// Whether it is one of gRPC: its verb is POST, and its body consists of messages.
    pub fn is_grpc(&self) -> bool {
        let essence = self.header("content-type").unwrap_or_default().split(|byte| *byte == b';').next();
        let essence = essence.unwrap_or_default().trim_ascii();
        essence == b"application/grpc" || essence.starts_with(b"application/grpc+")
    }

    /// The message of a gRPC request as JSON to be edited, read by what is known of its service.
    ///
    /// # Errors
    /// With why there is none, in a sentence without a full stop.
    pub fn message(&self, schema: Option<&Schema>) -> Result<String, String> {
        let bytes = self.plain_message()?;
        let path = self.method();
        let schema = schema.filter(|schema| schema.message_name(path, Side::Request).is_some());
        let schema = schema.ok_or_else(|| EncodeError::Unknown { method: path.to_owned() }.to_string())?;
        let name = schema.message_name(path, Side::Request).unwrap_or_default();
        schema
            .editable(path, Side::Request, &bytes)
            .ok_or_else(|| format!("its bytes are no {name}, or have a part that JSON cannot say"))
    }

    /// Gives a gRPC request one message, not compressed, from its JSON.
    ///
    /// # Errors
    /// Where nobody told what the message is, or the text is not one.
    pub fn set_message(&mut self, text: &str, schema: Option<&Schema>) -> Result<(), EncodeError> {
        let path = self.method();
        let unknown = || EncodeError::Unknown { method: path.to_owned() };
        let message = schema.ok_or_else(unknown)?.encode(path, Side::Request, text)?;
        self.set_body(framed(&message));
        Ok(())
    }

    /// The path of the method.
    fn method(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The bytes of the only message, decompressed.
    fn plain_message(&self) -> Result<Cow<'_, [u8]>, String> {
        if self.body.is_empty() {
            return Err("there is no message: write one as JSON".to_owned());
        }
        let (compressed, message) = only_message(&self.body)
            .ok_or_else(|| "what is here is not one whole message: write one as JSON in its place".to_owned())?;
        if !compressed {
            return Ok(message.into());
        }
        let name = String::from_utf8_lossy(self.header("grpc-encoding").unwrap_or_default()).trim().to_owned();
        let coding = Coding::parse(&name).ok_or_else(|| format!("it is compressed with {name:?}"))?;
        match coding.undo(message, MOST) {
            (bytes, CodingEnd::Whole) => Ok(bytes.into()),
            _ => Err("it cannot be decompressed whole".to_owned()),
        }
    }
}

/// Whether the only message of a body is compressed, and its bytes; `None` where there is not exactly one whole message.
fn only_message(body: &Bytes) -> Option<(bool, &[u8])> {
    let ([flag, length @ ..], message) = body.split_first_chunk::<PREFIX>()?;
    let length = u32::from_be_bytes(*length);
    (message.len() as u64 == u64::from(length)).then_some((*flag != 0, message))
}

#[cfg(test)]
mod tests;
