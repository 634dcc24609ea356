//! gRPC with messages that nobody reads: an app that does as it is told, and a caller.

mod app;
mod caller;
mod rich_status;

use bytes::{Buf as _, BufMut as _, Bytes};
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{KeyAndValueRef, MetadataMap};

pub(crate) use app::{GrpcApp, GrpcScript, Seen};
pub(crate) use caller::{Caller, Got};
pub(crate) use rich_status::{Any, RichStatus};

/// Messages as they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

/// A key and its bytes.
pub(crate) type Pair = (String, Vec<u8>);

/// Metadata as pairs, `-bin` values decoded.
fn pairs(metadata: &MetadataMap) -> Vec<Pair> {
    let pair = |entry| match entry {
        KeyAndValueRef::Ascii(key, value) => (key.to_string(), value.as_bytes().to_vec()),
        KeyAndValueRef::Binary(key, value) => (key.to_string(), value.to_bytes().unwrap().to_vec()),
    };
    metadata.iter().map(pair).collect()
}

/// Pairs as metadata.
fn metadata(pairs: &[Pair]) -> MetadataMap {
    let mut map = MetadataMap::new();
    for (key, value) in pairs {
        if key.ends_with("-bin") {
            map.append_bin(
                key.parse::<tonic::metadata::MetadataKey<_>>().unwrap(),
                tonic::metadata::MetadataValue::from_bytes(value),
            );
        } else {
            let key: tonic::metadata::MetadataKey<tonic::metadata::Ascii> = key.parse().unwrap();
            map.append(key, tonic::metadata::MetadataValue::try_from(&value[..]).unwrap());
        }
    }
    map
}
