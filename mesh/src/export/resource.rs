//! What is said of the process on each of its spans.

use std::sync::Arc;

use daptop_model::AppId;

/// What is said of the process on each of its spans. The default says nothing but the app's id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Resource {
    service_name: Option<String>,
    attributes: Vec<(String, String)>,
}

impl Resource {
    /// Reads `OTEL_SERVICE_NAME`, which goes over the app id, and `OTEL_RESOURCE_ATTRIBUTES` (`key=value,key=value`).
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let attributes = variable("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
        let attributes = attributes.split(',').filter_map(|pair| pair.split_once('='));
        Self {
            service_name: variable("OTEL_SERVICE_NAME").filter(|name| !name.is_empty()),
            attributes: attributes
                .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
                .filter(|(key, _)| !key.is_empty() && key != "service.name")
                .collect(),
        }
    }

    /// The name under which an app's spans appear.
    pub(super) fn service_name(&self, app: &AppId) -> Arc<str> {
        Arc::from(self.service_name.as_deref().unwrap_or(app.as_str()))
    }

    pub(super) fn attributes(&self) -> &[(String, String)] {
        &self.attributes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_service_and_adds_attributes() {
        let resource = Resource::of_environment(|name| match name {
            "OTEL_SERVICE_NAME" => Some("shop".to_owned()),
            "OTEL_RESOURCE_ATTRIBUTES" => Some("team=a, zone = b ,=c,d,service.name=no".to_owned()),
            _ => None,
        });
        assert_eq!(&*resource.service_name(&AppId::new("checkout")), "shop");
        let attributes = [("team", "a"), ("zone", "b")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(resource.attributes(), attributes);
        let resource = Resource::of_environment(|_| Some(String::new()));
        assert_eq!(resource, Resource::default());
        assert_eq!(&*resource.service_name(&AppId::new("checkout")), "checkout");
    }
}
