//! `kind: HTTPEndpoint` (`HTTPEndpoint`).

use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::text::{FieldName, FieldValue, FromText, Plain, Url, read};
use crate::base_url::BaseUrl;
use crate::upstream::ClientTls;

/// A place outside that apps call by a name.
#[derive(Clone, Debug)]
pub struct HttpEndpoint {
    name: String,
    /// `spec.baseUrl`.
    pub(crate) base_url: BaseUrl,
    /// `spec.headers`.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// `spec.clientTLS`.
    pub(crate) tls: ClientTls,
}

impl HttpEndpoint {
    /// The name that apps call it by, `metadata.name`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[derive(Deserialize)]
pub(super) struct Spec {
    #[serde(rename = "baseUrl")]
    base_url: Url,
    headers: Option<Vec<Header>>,
    #[serde(rename = "clientTLS")]
    client_tls: Option<Tls>,
}

impl Spec {
    pub(super) fn named(self, name: String) -> HttpEndpoint {
        let Self { base_url, headers, client_tls } = self;
        let headers = headers.unwrap_or_default().into_iter().map(Header::into_pair);
        let tls = client_tls.unwrap_or_default();
        let pem = |given: Option<Pem>| given.and_then(|given| given.value).map(|text| text.0);
        let tls = ClientTls {
            root_ca: pem(tls.root_ca),
            certificate: pem(tls.certificate),
            private_key: pem(tls.private_key),
        };
        HttpEndpoint { name, base_url: base_url.0, headers: headers.collect(), tls }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    name: FieldName,
    value: Option<FieldValue>,
    #[serde(rename = "secretKeyRef")]
    _secret: Option<SecretKeyRef>,
}

impl Header {
    fn into_pair(self) -> (HeaderName, HeaderValue) {
        (self.name.0, self.value.map_or(HeaderValue::from_static(""), |value| value.0))
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Tls {
    #[serde(rename = "rootCA")]
    root_ca: Option<Pem>,
    certificate: Option<Pem>,
    private_key: Option<Pem>,
    /// There is none in TLS 1.3, and no client of today offers it.
    #[serde(rename = "renegotiation")]
    _renegotiation: Option<Renegotiation>,
}

#[derive(Deserialize)]
struct Pem {
    value: Option<Plain>,
    #[serde(rename = "secretKeyRef")]
    _secret: Option<SecretKeyRef>,
}

struct Renegotiation;

impl FromText for Renegotiation {
    const EXPECTED: &'static str = "Never, OnceAsClient or FreelyAsClient";

    fn from_text(text: &str) -> Result<Self, String> {
        match text.strip_prefix("Renegotiate").unwrap_or(text) {
            "Never" | "OnceAsClient" | "FreelyAsClient" => Ok(Self),
            _ => Err(format!("it is {text:?}, expected {}", Self::EXPECTED)),
        }
    }
}

impl<'de> Deserialize<'de> for Renegotiation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

/// A value that is in a secret store. There are none here, so it is refused where it stands; an empty reference asks
/// for nothing.
struct SecretKeyRef;

impl<'de> Deserialize<'de> for SecretKeyRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Refuse;
        impl<'de> Visitor<'de> for Refuse {
            type Value = SecretKeyRef;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a value: secretKeyRef is not supported")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretKeyRef, A::Error> {
                while let Some((_, value)) = map.next_entry::<String, Option<String>>()? {
                    if value.is_some_and(|value| !value.is_empty()) {
                        return Err(A::Error::custom(
                            "secretKeyRef is not supported: there are no secret stores here; write `value` instead",
                        ));
                    }
                }
                Ok(SecretKeyRef)
            }
        }
        deserializer.deserialize_map(Refuse)
    }
}
