//! Texts that must be of a form. What is wrong with one is told where it stands in its file.

use std::fmt;
use std::marker::PhantomData;

use http::{HeaderName, HeaderValue};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::base_url::{BaseUrl, InvalidUrl};

/// A value that is made from a text, or from a number or a truth value taken as text.
pub(super) trait FromText: Sized {
    /// What is expected, for errors.
    const EXPECTED: &'static str;

    /// Reads the text; the error says what is wrong, and may be empty where [`Self::EXPECTED`] says it all.
    fn from_text(text: &str) -> Result<Self, String>;
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: FromText> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::from_text(text).map_err(E::custom)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }
}

/// Reads a value from a text.
pub(super) fn read<'de, D: Deserializer<'de>, T: FromText>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(TextVisitor(PhantomData))
}

macro_rules! texts {
    ($($type:ty),*) => {
        $(impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer)
            }
        })*
    };
}

texts!(ApiVersion, Name, Plain, Url, FieldName, FieldValue);

/// `apiVersion`.
pub(super) struct ApiVersion;

impl FromText for ApiVersion {
    const EXPECTED: &'static str = "dapr.io/v1alpha1";

    fn from_text(text: &str) -> Result<Self, String> {
        if text == Self::EXPECTED { Ok(Self) } else { Err(format!("it is {text:?}, expected {}", Self::EXPECTED)) }
    }
}

/// The name of a resource.
pub(super) struct Name(pub(super) String);

impl FromText for Name {
    const EXPECTED: &'static str = "the name of the resource";

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err(format!("it is empty, expected {}", Self::EXPECTED))
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

/// Any text.
pub(super) struct Plain(pub(super) String);

impl FromText for Plain {
    const EXPECTED: &'static str = "a text";

    fn from_text(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
}

/// A URL to which methods are added.
pub(super) struct Url(pub(super) BaseUrl);

impl FromText for Url {
    const EXPECTED: &'static str = "a URL like http://host:port/path or https://host";

    fn from_text(text: &str) -> Result<Self, String> {
        BaseUrl::parse(text).map(Self).map_err(|InvalidUrl| format!("it is {text:?}, {InvalidUrl}"))
    }
}

/// The name of an HTTP header.
pub(super) struct FieldName(pub(super) HeaderName);

impl FromText for FieldName {
    const EXPECTED: &'static str = "the name of an HTTP header";

    fn from_text(text: &str) -> Result<Self, String> {
        let name = HeaderName::try_from(text).map_err(|_| format!("it is {text:?}, expected {}", Self::EXPECTED));
        name.map(Self)
    }
}

/// The value of an HTTP header.
pub(super) struct FieldValue(pub(super) HeaderValue);

impl FromText for FieldValue {
    const EXPECTED: &'static str = "the value of an HTTP header";

    fn from_text(text: &str) -> Result<Self, String> {
        let value = HeaderValue::try_from(text).map_err(|_| "it holds a control character".to_owned());
        value.map(Self)
    }
}
