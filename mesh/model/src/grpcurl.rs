//! A gRPC call as a command line for `grpcurl`, quoted for a POSIX shell.

#[cfg(test)]
mod tests;

use crate::shell::{push, word};
use crate::{Call, EncodeError, MASK, ReplayRequest, Schema, SchemaPlace, Side, grpc_method, is_secret, whole_message};

/// A command line, and what is to be said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grpcurl {
    /// The command.
    pub text: String,
    /// Whether a secret was masked in it.
    pub masked: bool,
    /// From where grpcurl learns what the messages are, as in `reads greeter.proto`.
    pub learns: String,
}

/// The most bytes of messages that a command has.
const MOST: usize = 64 << 10;

impl Grpcurl {
    /// The command that makes a call again at `address`, such as `127.0.0.1:50001`, the gRPC API of a sidecar, which never
    /// speaks TLS. A sidecar's reflection does not tell what the messages of apps are: files tell it, or the app itself,
    /// which is then asked first. Values of secret metadata are masked unless `whole`.
    ///
    /// # Errors
    /// With why there is none, in a sentence without a full stop.
    pub fn of(call: &Call, address: &str, schema: Option<&Schema>, whole: bool) -> Result<Self, String> {
        let path = call.request.path();
        let (service, method) = grpc_method(&path).ok_or_else(|| format!("{path} names no method of gRPC"))?;
        let known = schema.and_then(|schema| Some((schema, schema.place.as_ref()?)));
        let unknown = || EncodeError::Unknown { method: path.clone().into_owned() }.to_string();
        let (schema, place) = known.ok_or_else(unknown)?;
        let data = data(call, &path, schema)?;
        let (mut text, learns) = beginning(place, service);
        let masked = metadata(&mut text, call, whole);
        push(&mut text, format_args!(" \\\n  -d {}", word(data.as_bytes())));
        push(&mut text, format_args!(" \\\n  {address} {}\n", word(format!("{service}/{method}").as_bytes())));
        Ok(Self { text, masked, learns })
    }
}

/// The command as far as it says what the messages are; and from where it learns that.
fn beginning(place: &SchemaPlace, service: &str) -> (String, String) {
    let quoted = |text: &str| word(text.as_bytes());
    let mut text = String::new();
    let learns = match place {
        SchemaPlace::Server { address, secure } => {
            let security = if *secure { "-insecure" } else { "-plaintext" };
            let (at, service) = (quoted(address), quoted(service));
            text.push_str("protoset=$(mktemp) &&\n");
            push(&mut text, format_args!("grpcurl {security} -protoset-out \"$protoset\" \\\n"));
            push(&mut text, format_args!("  {at} describe {service} > /dev/null &&\n"));
            text.push_str("grpcurl -plaintext -protoset \"$protoset\"");
            format!("asks {address} first what its messages are")
        }
        SchemaPlace::Source { folders, name } => {
            text.push_str("grpcurl -plaintext");
            for folder in folders {
                push(&mut text, format_args!(" -import-path {}", quoted(folder)));
            }
            push(&mut text, format_args!(" -proto {}", quoted(name)));
            format!("reads {name}")
        }
        SchemaPlace::DescriptorSet { path } => {
            push(&mut text, format_args!("grpcurl -plaintext -protoset {}", quoted(path)));
            format!("reads {}", path.rsplit('/').next().unwrap_or_default())
        }
    };
    (text, learns)
}

/// All messages of the request, one JSON document behind the other.
fn data(call: &Call, path: &str, schema: &Schema) -> Result<String, String> {
    let missing = call.messages.missing(Side::Request);
    if missing > 0 {
        return Err(format!("{missing} of its messages were not kept"));
    }
    let mut data = String::new();
    for (message, number) in call.messages.of(Side::Request).zip(1..) {
        let json = whole_message(call, message).and_then(|bytes| schema.compact(path, Side::Request, &bytes));
        let json = json.ok_or_else(|| format!("its message #{number} is not here whole, or cannot be read"))?;
        data.push_str(if data.is_empty() { "" } else { " " });
        data.push_str(&json);
        if data.len() > MOST {
            return Err("its messages are too long for a command line".to_owned());
        }
    }
    Ok(data)
}

/// Adds the metadata, less what the client says itself; tells whether something was masked.
fn metadata(text: &mut String, call: &Call, whole: bool) -> bool {
    const OF_THE_CLIENT: [&str; 3] = ["content-type", "user-agent", "host"];
    let mut masked = false;
    for (name, value) in ReplayRequest::of(call).headers {
        let name = name.to_ascii_lowercase();
        if name.starts_with("grpc-") || OF_THE_CLIENT.contains(&name.as_str()) {
            continue;
        }
        let secret = !whole && is_secret(&name);
        masked |= secret;
        let value = if secret { MASK.as_bytes() } else { &value[..] };
        push(text, format_args!(" \\\n  -H {}", word(&[name.as_bytes(), b": ", value].concat())));
    }
    masked
}
