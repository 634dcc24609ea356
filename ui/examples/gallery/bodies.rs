//! A call with each kind of body.

use std::time::Duration;

use bytes::Bytes;

use crate::session::{Session, Talk};

/// `{"order": …}` as gzip makes it: 82 bytes out of 144.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabV\xca/JI-R\xb2\xaaV\xcaLQ\xb221\xd4Q\xca,I\xcd-V\xb2\x8aV*IMT\xd2\xa1\x01\x19\xab\xa3T\x5c\x92X\x92\xaad\xa5\x94\x97Z\xae\x90\x98\x97\xa2P\x9aW\x90\x08\xb4\xbf\xb6\x16\x009\xbbu1\x90\x00\x00\x00";

/// The head of a PNG of 640 × 480 pixels.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0\x35\xd1\xdc\xe4\0\0\0\0IEND\xae\x42\x60\x82";

const JSON: &str = r#"{"orderId":41,"customer":{"name":"Zoë","vip":true,"tags":[]},"items":[{"sku":"tea","price":3.50,"count":2},{"sku":"pot","price":19.90,"count":1,"note":null}],"total":26.90,"comment":"leave it at the door, the bell does not ring; and please do not fold the box, there is a teapot in it"}"#;

const MULTIPART: &str = "--xYz\r\nContent-Disposition: form-data; name=\"order\"\r\nContent-Type: application/json\r\n\r\n{\"orderId\":41}\r\n--xYz\r\nContent-Disposition: form-data; name=\"note\"; filename=\"note.txt\"\r\nContent-Type: text/plain\r\n\r\nring twice\r\n--xYz--\r\n";

/// Paths, types, and the answers' bodies.
const KINDS: [(&str, &str, &[u8]); 12] = [
    ("/order", "application/json", JSON.as_bytes()),
    ("/broken-json", "application/json", b"{\"orderId\": 41, \"items\": [1, 2,, 3]}"),
    ("/json-lines", "application/x-ndjson", b"{\"orderId\":41,\"state\":\"new\"}\n{\"orderId\":41,\"state\":\"paid\"}\n"),
    ("/events", "text/event-stream", b"event: paid\nid: 7\ndata: {\"orderId\":41}\n\ndata: bye\n\n"),
    ("/form", "application/x-www-form-urlencoded", b"orderId=41&customer=Zo%C3%AB&comment=ring+twice&coupon="),
    ("/parts", "multipart/form-data; boundary=xYz", MULTIPART.as_bytes()),
    (
        "/xml",
        "text/xml",
        b"<?xml version=\"1.0\"?><order id=\"41\"><customer vip=\"true\">Zo\xc3\xab</customer><items><item sku=\"tea\"/><item sku=\"pot\"/></items></order>",
    ),
    (
        "/html",
        "application/json",
        b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1><hr>nginx</body></html>",
    ),
    ("/latin", "text/plain", b"Gr\xfc\xdfe aus K\xf6ln\nmit Gru\xdf\n"),
    ("/image", "image/png", PNG),
    ("/binary", "application/octet-stream", b"\x00\x01\x02\x03DAPR\xff\xfe\xfd binary, as it comes\x00\x00\x7f"),
    ("/gzip", "application/json", GZIP),
];

/// Calls them all, one after the other.
pub(crate) fn tell(session: &mut Session) {
    for (number, (path, content_type, bytes)) in KINDS.into_iter().enumerate() {
        session.pass(Duration::from_millis(40));
        let order = Talk::order(number as u64);
        session.call(Talk {
            path,
            verb: "GET",
            body: Bytes::new(),
            content_type,
            answer: Some((200, Bytes::from_static(bytes))),
            ..order
        });
    }
}
