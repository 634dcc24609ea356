//! The head of an answer, and where it says that the body ends.

use std::mem::MaybeUninit;

use bytes::{Buf as _, Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use httparse::{Header, ParserConfig, Status};

use super::answer_body::Decoder;

/// The most lines of a usual head; a longer one is read once more, with room for [`MOST_LINES`].
const USUAL_LINES: usize = 64;
/// The most lines of any head.
const MOST_LINES: usize = 16_384;
/// The largest head, in bytes, as in Go's transport. What a channel allows is checked by the channel.
const LARGEST: usize = 1 << 20;

/// The head of an answer.
#[derive(Debug)]
pub(super) struct AnswerHead {
    /// Status and headers.
    pub(super) response: Response<()>,
    /// Reads the body.
    pub(super) decoder: Decoder,
    /// Whether the connection may carry another request.
    pub(super) keeps: bool,
}

/// Takes a head off the front of what was read, once it is whole. Interim answers are passed over. An error says what
/// is wrong, in the words of Go's reader.
pub(super) fn take(read: &mut BytesMut, verb: &Method) -> Result<Option<AnswerHead>, String> {
    while !read.is_empty() {
        let mut lines = [const { MaybeUninit::uninit() }; USUAL_LINES];
        let taken = match parse(read, &mut lines) {
            Err(httparse::Error::TooManyHeaders) => {
                let mut lines = vec![MaybeUninit::uninit(); MOST_LINES];
                parse(read, &mut lines)
            }
            taken => taken,
        };
        let Some(parsed) = taken.map_err(|error| complaint(read, error))? else {
            if read.len() > LARGEST {
                return Err(format!("net/http: server response headers exceeded {LARGEST} bytes; aborted"));
            }
            return Ok(None);
        };
        read.advance(parsed.length);
        let is_interim = parsed.status.is_informational() && parsed.status != StatusCode::SWITCHING_PROTOCOLS;
        if !is_interim {
            return head(parsed, verb).map(Some);
        }
    }
    Ok(None)
}

struct Parsed {
    length: usize,
    status: StatusCode,
    is_http_10: bool,
    headers: HeaderMap,
}

fn parse<'b>(read: &'b [u8], lines: &mut [MaybeUninit<Header<'b>>]) -> Result<Option<Parsed>, httparse::Error> {
    let mut config = ParserConfig::default();
    config.ignore_invalid_headers_in_responses(true);
    let mut response = httparse::Response::new(&mut []);
    let Status::Complete(length) = config.parse_response_with_uninit_headers(&mut response, read, lines)? else {
        return Ok(None);
    };
    // One piece of memory for all values; the buffer itself is read into again.
    let text = Bytes::copy_from_slice(read.get(..length).unwrap_or_default());
    let mut headers = HeaderMap::with_capacity(response.headers.len());
    for line in response.headers.iter() {
        let start = line.value.as_ptr() as usize - read.as_ptr() as usize;
        let value = text.slice(start..start + line.value.len());
        let name = HeaderName::from_bytes(line.name.as_bytes()).map_err(|_| httparse::Error::HeaderName)?;
        headers.append(name, HeaderValue::from_maybe_shared(value).map_err(|_| httparse::Error::HeaderValue)?);
    }
    let status = response.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(httparse::Error::Status)?;
    Ok(Some(Parsed { length, status, is_http_10: response.version == Some(0), headers }))
}

fn head(parsed: Parsed, verb: &Method) -> Result<AnswerHead, String> {
    let Parsed { status, is_http_10, headers, .. } = parsed;
    let says = |word: &str| has_word(&headers, &CONNECTION, word);
    let keeps = status != StatusCode::SWITCHING_PROTOCOLS
        && if is_http_10 { says("keep-alive") && !says("close") } else { !says("close") };
    let decoder = body(&headers, status, verb)?;
    let keeps = keeps && !matches!(decoder, Decoder::UntilClose);
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(AnswerHead { response, decoder, keeps })
}

/// Where the body ends (RFC 9112, section 6.3).
fn body(headers: &HeaderMap, status: StatusCode, verb: &Method) -> Result<Decoder, String> {
    let has_none = status.is_informational() || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    if has_none || verb == Method::HEAD {
        return Ok(Decoder::length(0));
    }
    if let Some(last) = headers.get_all(TRANSFER_ENCODING).iter().next_back() {
        let last = last.as_bytes().rsplit(|byte| *byte == b',').next().unwrap_or_default();
        let is_chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
        return Ok(if is_chunked { Decoder::chunks() } else { Decoder::UntilClose });
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(first) = lengths.next() else { return Ok(Decoder::UntilClose) };
    if lengths.any(|other| other != first) {
        return Err("http: message cannot contain multiple Content-Length headers".to_owned());
    }
    let text = String::from_utf8_lossy(first.as_bytes());
    let digits = Some(text.trim()).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits.and_then(|text| text.parse().ok());
    length.map(Decoder::length).ok_or_else(|| format!("bad Content-Length \"{text}\""))
}

fn has_word(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let lines = headers.get_all(name).iter();
    let mut words = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    words.any(|found| found.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}

/// What is wrong with a head: the first of the things that Go's reader looks at.
fn complaint(read: &[u8], error: httparse::Error) -> String {
    let end = read.iter().position(|byte| *byte == b'\n').unwrap_or(read.len().min(256));
    let line = String::from_utf8_lossy(read.get(..end).unwrap_or_default());
    let line = line.trim_end_matches('\r');
    let Some((version, rest)) = line.split_once(' ') else { return format!("malformed HTTP response {line:?}") };
    let code = rest.trim_start_matches(' ').split(' ').next().unwrap_or_default();
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("malformed HTTP status code {code:?}");
    }
    if !matches!(version, "HTTP/1.0" | "HTTP/1.1") {
        return format!("malformed HTTP version {version:?}");
    }
    format!("malformed HTTP response: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Result<Option<AnswerHead>, String>, BytesMut) {
        let mut buffer = BytesMut::from(text);
        (take(&mut buffer, &Method::GET), buffer)
    }

    #[test]
    fn a_head_is_taken_once_it_is_whole_and_interim_answers_are_passed_over() {
        let whole = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 201 Made up\r\nA: 1\r\na: 2\r\nContent-Length: 2\r\n\r\nok";
        let body = whole.len() - 2;
        for end in 0..body {
            assert!(read(&whole[..end]).0.unwrap().is_none(), "{end}");
        }
        let (head, rest) = read(whole);
        let head = head.unwrap().unwrap();
        assert_eq!(head.response.status(), 201);
        assert_eq!(head.response.headers().get_all("a").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert!(matches!(head.decoder, Decoder::Length(2)));
        assert!(head.keeps);
        assert_eq!(&rest[..], b"ok");
    }

    #[test]
    fn a_head_of_many_lines_is_read_too() {
        let lines = (0..1000).map(|number| format!("X-{number}: {number}\r\n")).collect::<Vec<_>>().concat();
        let (head, _) = read(&format!("HTTP/1.1 200 OK\r\n{lines}\r\n"));
        assert_eq!(head.unwrap().unwrap().response.headers()["x-999"], "999");
    }

    #[test]
    fn the_end_of_the_body_follows_from_status_verb_and_headers() {
        for (verb, status, headers, expected) in [
            ("GET", 200, "Content-Length: 5", "Length(5)"),
            ("GET", 200, "Content-Length: 5\r\nContent-Length: 5", "Length(5)"),
            ("HEAD", 200, "Content-Length: 5", "Length(0)"),
            ("GET", 204, "Content-Length: 5", "Length(0)"),
            ("GET", 304, "Content-Length: 5", "Length(0)"),
            ("GET", 200, "Transfer-Encoding: chunked", "Chunks"),
            ("GET", 200, "Transfer-Encoding: gzip, Chunked\r\nContent-Length: 5", "Chunks"),
            ("GET", 200, "Transfer-Encoding: gzip", "UntilClose"),
            ("GET", 200, "A: b", "UntilClose"),
        ] {
            let mut text = BytesMut::from(format!("HTTP/1.1 {status} X\r\n{headers}\r\n\r\n").as_str());
            let head = take(&mut text, &verb.parse().unwrap()).unwrap().unwrap();
            assert!(format!("{:?}", head.decoder).starts_with(expected), "{headers}: {:?}", head.decoder);
        }
    }

    #[test]
    fn a_connection_is_kept_by_the_rules_of_its_version() {
        for (version, connection, keeps) in [
            ("1.1", "keep-alive", true),
            ("1.1", "close", false),
            ("1.1", "x, Close", false),
            ("1.0", "x", false),
            ("1.0", "Keep-Alive", true),
        ] {
            let (head, _) =
                read(&format!("HTTP/{version} 200 OK\r\nConnection: {connection}\r\nContent-Length: 0\r\n\r\n"));
            assert_eq!(head.unwrap().unwrap().keeps, keeps, "{version} {connection}");
        }
        assert!(!read("HTTP/1.1 200 OK\r\n\r\n").0.unwrap().unwrap().keeps, "the body ends with the connection");
    }

    #[test]
    fn what_is_not_an_answer_is_named_as_go_names_it() {
        for (text, complaint) in [
            ("garbage\r\n\r\n", "malformed HTTP response \"garbage\""),
            ("this is not HTTP\r\n\r\n", "malformed HTTP status code \"is\""),
            ("HTTP/1.1 99 X\r\n\r\n", "malformed HTTP status code \"99\""),
            ("HTTP/7.1 200 OK\r\n\r\n", "malformed HTTP version \"HTTP/7.1\""),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "bad Content-Length \"-1\""),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "http: message cannot contain multiple Content-Length headers",
            ),
        ] {
            assert_eq!(read(text).0.unwrap_err(), complaint);
        }
    }
}
