//! Server reflection: what a listener has itself. Like Dapr's, it says nothing of the apps behind it (Transparent
//! proxying).

use tonic::service::Routes;
use tonic_reflection::server::Builder;

/// Every message and service, as compiled.
pub(super) const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
/// The service of the API.
const DAPR: &str = "dapr.proto.runtime.v1.Dapr";
/// The service of the internal port.
const INTERNAL: &str = "dapr.proto.internals.v1.ServiceInvocation";

/// The reflection of the API.
pub(super) fn of_api() -> Routes {
    with(Routes::default(), DAPR)
}

/// The services of the internal port, and their reflection.
pub(super) fn of_internal(routes: Routes) -> Routes {
    with(routes, INTERNAL)
}

/// Adds both versions of the reflection service. What was compiled into this program can be read.
fn with(routes: Routes, service: &'static str) -> Routes {
    let builder = || Builder::configure().register_encoded_file_descriptor_set(DESCRIPTORS).with_service_name(service);
    let routes = match builder().build_v1() {
        Ok(reflection) => routes.add_service(reflection),
        Err(error) => return unread(routes, &error),
    };
    match builder().build_v1alpha() {
        Ok(reflection) => routes.add_service(reflection),
        Err(error) => unread(routes, &error),
    }
}

fn unread(routes: Routes, error: &tonic_reflection::server::Error) -> Routes {
    tracing::warn!("gRPC reflection is not served: {error}");
    routes
}
