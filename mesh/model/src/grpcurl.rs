//! A gRPC call as a command line for `grpcurl`, quoted for a POSIX shell.

use crate::shell::{push, word};
use crate::{Call, EncodeError, MASK, ReplayRequest, Schema, Side, grpc_method, is_secret, whole_message};

/// A command line, and what is to be said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grpcurl {
    /// The command.
    pub text: String,
    /// Whether a secret was masked in it.
    pub masked: bool,
    /// The proto file that it needs: a sidecar does not tell what the messages of apps are.
    pub proto: String,
}

/// The most bytes of messages that a command has.
const MOST: usize = 64 << 10;

impl Grpcurl {
    /// The command that makes a call again at `address`, such as `127.0.0.1:50001`. Values of secret metadata are masked
    /// unless `whole`.
    ///
    /// # Errors
    /// With why there is none, in a sentence without a full stop.
    pub fn of(call: &Call, address: &str, schema: Option<&Schema>, whole: bool) -> Result<Self, String> {
        let path = call.request.path();
        let (service, method) = grpc_method(&path).ok_or_else(|| format!("{path} names no method of gRPC"))?;
        let known = schema.and_then(|schema| Some((schema, schema.file_of(service)?)));
        let unknown = || EncodeError::Unknown { method: path.clone().into_owned() }.to_string();
        let (schema, proto) = known.ok_or_else(unknown)?;
        let data = data(call, &path, schema)?;
        let mut text = String::from("grpcurl -plaintext");
        push(&mut text, format_args!(" -proto {}", word(proto.as_bytes())));
        let masked = metadata(&mut text, call, whole);
        push(&mut text, format_args!(" \\\n  -d {}", word(data.as_bytes())));
        push(&mut text, format_args!(" \\\n  {address} {}\n", word(format!("{service}/{method}").as_bytes())));
        Ok(Self { text, masked, proto })
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tests::{call, greeter};
    use crate::{HeadBuilder, SchemaFailure};

    const ADA: &[u8] = b"\x0a\x03A'a\x10\x03";

    fn talk() -> Call {
        let (mut call, message) = call(ADA, ADA.len(), None);
        call.messages.push(message);
        let mut head = HeadBuilder::default();
        for (name, value) in [
            ("content-type", "application/grpc"),
            ("user-agent", "grpc-go"),
            ("grpc-timeout", "5S"),
            ("traceparent", "00-1"),
            ("dapr-app-id", "server"),
            ("authorization", "Bearer secret"),
        ] {
            head.line(name, value.as_bytes());
        }
        call.request.headers = head.finish();
        call
    }

    #[test]
    fn a_call_as_grpcurl_reads_well() {
        let command = |whole| Grpcurl::of(&talk(), "127.0.0.1:50001", Some(&greeter()), whole).unwrap();
        let expected = r#"grpcurl -plaintext -proto 'helloworld.proto' \
  -H 'dapr-app-id: server' \
  -H 'authorization: ***' \
  -d '{"name":"A'\''a","count":"3"}' \
  127.0.0.1:50001 'helloworld.Greeter/SayHello'
"#;
        let masked = command(false);
        assert_eq!((masked.text.as_str(), masked.masked, masked.proto.as_str()), (expected, true, "helloworld.proto"));
        assert!(command(true).text.contains("'authorization: Bearer secret'") && !command(true).masked);
    }

    #[test]
    fn where_there_is_no_command_it_is_said_why() {
        let mut cut = talk();
        cut.request_body.kept = cut.request_body.kept.slice(..3);
        let failures = Vec::<SchemaFailure>::new();
        let nothing = Schema::unknown("server".into(), "helloworld.Greeter", failures);
        for (call, schema, why) in [
            (talk(), None, "nobody told what the message of /helloworld.Greeter/SayHello is"),
            (talk(), Some(&nothing), "nobody told what the message of /helloworld.Greeter/SayHello is"),
            (cut, Some(&greeter()), "its message #1 is not here whole, or cannot be read"),
        ] {
            let told = Grpcurl::of(&call, "127.0.0.1:50001", schema, false).unwrap_err();
            assert!(told.starts_with(why), "{told}");
        }
    }
}
