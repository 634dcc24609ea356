//! What messages are: told by the app itself, or by files; or by nobody, and then it is told why.

use std::fs;
use std::path::Path;

use daptop_mesh::{AppProtocol, ProtoFile, ProtoForm, SidecarSettings};
use daptop_model::{Event, Schema, SchemaPlace, SchemaSource, Side};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Status};
use tonic_reflection::server::Builder;

use crate::support::{Bed, Identity, TlsFront, closed_port, settings};

const SAY: &str = "/greet.Greeter/Say";
const GREETER: &str = "syntax = \"proto3\";\npackage greet;\nimport \"name.proto\";\n\
    import \"google/protobuf/timestamp.proto\";\nmessage Hello { name.Name name = 1; google.protobuf.Timestamp at = 2; }\n\
    service Greeter { rpc Say(Hello) returns (Hello); }\n";
const NAME: &str = "syntax = \"proto3\";\npackage name;\nmessage Name { string text = 1; }\n";

/// A folder with the files of a service.
fn protos() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("greeter.proto"), GREETER).unwrap();
    fs::write(folder.path().join("name.proto"), NAME).unwrap();
    folder
}

fn proto(folder: &Path, name: &str) -> ProtoFile {
    ProtoFile { path: folder.join(name), form: ProtoForm::Source, root: folder.to_owned() }
}

/// An app that serves versions of reflection, where each call must bring a token.
async fn app(versions: &[&str], token: Option<&'static str>) -> u16 {
    let folder = protos();
    let set = protox::compile(["greeter.proto"], [folder.path()]).unwrap();
    let builder = || Builder::configure().register_file_descriptor_set(set.clone());
    let check = move |request: Request<()>| match request.metadata().get("dapr-api-token") {
        told if told.map(|told| told.to_str().unwrap()) == token => Ok(request),
        told => Err(Status::unauthenticated(format!("{told:?}"))),
    };
    let mut routes = tonic::service::Routes::default();
    for version in versions {
        routes = match *version {
            "v1" => routes.add_service(tonic::service::interceptor::InterceptedService::new(
                builder().build_v1().unwrap(),
                check,
            )),
            _ => routes.add_service(tonic::service::interceptor::InterceptedService::new(
                builder().build_v1alpha().unwrap(),
                check,
            )),
        };
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tonic::transport::Server::builder().add_routes(routes);
    tokio::spawn(serving.serve_with_incoming(TcpListenerStream::new(listener)));
    port
}

fn of_app(port: u16) -> SidecarSettings {
    SidecarSettings { app_protocol: AppProtocol::Grpc, ..settings("server", port) }
}

/// An app at a port.
fn server(port: u16, secure: bool) -> SchemaPlace {
    SchemaPlace::Server { address: format!("127.0.0.1:{port}").into(), secure }
}

/// No other process is asked.
async fn nobody(process: u32) -> Result<Schema, String> {
    panic!("process {process} is asked")
}

/// What is found out about the service of an app.
async fn describe(settings: SidecarSettings) -> Schema {
    let mut bed = Bed::new();
    let node = bed.start(settings);
    let schema = bed.mesh.describe("server".into(), "greet.Greeter", nobody).await;
    let Event::SchemaFound(told) = bed.next_event().await else { panic!("nothing else is told, and no call") };
    assert_eq!(*told, schema);
    node.close().await;
    schema
}

fn failures(schema: &Schema) -> Vec<(SchemaSource, &str)> {
    schema.failures.iter().map(|failure| (failure.source, &*failure.reason)).collect()
}

#[tokio::test]
async fn an_app_tells_by_its_reflection_whatever_its_version_and_its_token_goes_along() {
    for (version, source) in [("v1", SchemaSource::Reflection), ("v1alpha", SchemaSource::OldReflection)] {
        for token in [None, Some("secret")] {
            let port = app(&[version], token).await;
            let schema = describe(SidecarSettings { app_api_token: token.map(str::to_owned), ..of_app(port) }).await;
            assert_eq!(schema.source, source, "{:?}", schema.failures);
            assert_eq!(schema.place, Some(server(port, false)));
            assert_eq!(schema.message_name(SAY, Side::Request).as_deref(), Some("greet.Hello"));
            let json = "{\"name\": {\"text\": \"Ada\"}, \"at\": \"2026-01-01T00:00:00Z\"}";
            assert!(schema.encode(SAY, Side::Request, json).is_ok(), "what it imports is told too");
            let old = [(SchemaSource::Reflection, "the app has no reflection v1")];
            assert_eq!(failures(&schema), if version == "v1" { &[][..] } else { &old[..] });
        }
    }
}

#[tokio::test]
async fn an_app_behind_tls_tells_as_well_and_where_tls_is_expected_and_not_there_that_is_said() {
    let plain = app(&["v1"], Some("secret")).await;
    let front = TlsFront::start(plain, &Identity::of_its_own("elsewhere", false), None).await;
    let secured = |port| SidecarSettings {
        app_protocol: AppProtocol::Grpcs,
        app_api_token: Some("secret".to_owned()),
        ..settings("server", port)
    };
    let schema = describe(secured(front.port)).await;
    assert_eq!((schema.source, failures(&schema)), (SchemaSource::Reflection, vec![]));
    assert_eq!(schema.place, Some(server(front.port, true)));
    assert_eq!(schema.message_name(SAY, Side::Request).as_deref(), Some("greet.Hello"));
    let unsecured = SidecarSettings { app_protocol: AppProtocol::Grpc, ..secured(front.port) };
    for (settings, why) in [(secured(plain), "tls: first record does not look like a TLS handshake"), (unsecured, "")] {
        let schema = describe(settings).await;
        let (told, reason) = failures(&schema)[0];
        assert_eq!((schema.source, &schema.place, told), (SchemaSource::Guess, &None, SchemaSource::Reflection));
        assert!(reason.starts_with("the app cannot be asked: ") && reason.contains(why), "{reason}");
    }
}

#[tokio::test]
async fn files_tell_where_the_app_does_not_and_each_failure_has_its_words() {
    let folder = protos();
    let port = app(&[], None).await;
    let protos = ["name.proto", "gone.proto", "greeter.proto"].map(|name| proto(folder.path(), name)).to_vec();
    let schema = describe(SidecarSettings { protos, ..of_app(port) }).await;
    assert_eq!(
        (schema.source, schema.message_name(SAY, Side::Response).as_deref()),
        (SchemaSource::Files, Some("greet.Hello"))
    );
    let folders = vec![folder.path().to_str().unwrap().into()];
    assert_eq!(schema.place, Some(SchemaPlace::Source { folders, name: "greeter.proto".into() }));
    let told = failures(&schema);
    assert_eq!(
        told[..2],
        [
            (SchemaSource::Reflection, "the app has no reflection"),
            (SchemaSource::Files, "name.proto does not have the service greet.Greeter"),
        ]
    );
    assert!(told[2].1.contains("gone.proto"), "{told:?}");
}

#[tokio::test]
async fn where_nobody_tells_it_is_told_why() {
    let none = (SchemaSource::Files, "no proto file is named");
    let (closed, _kept) = closed_port();
    let schema = describe(of_app(closed)).await;
    let reason = format!("nothing listens on port {closed} yet");
    assert_eq!(schema.source, SchemaSource::Guess);
    assert_eq!(failures(&schema), [(SchemaSource::Reflection, reason.as_str()), none]);
    let schema = describe(settings("server", None)).await;
    assert_eq!(failures(&schema), [(SchemaSource::Reflection, "the app has no port"), none]);
    let schema = describe(of_app(app(&["v1"], Some("secret")).await)).await;
    assert_eq!(failures(&schema), [(SchemaSource::Reflection, "the app answered UNAUTHENTICATED: None"), none]);
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let schema = describe(of_app(deaf.local_addr().unwrap().port())).await;
    assert_eq!(failures(&schema), [(SchemaSource::Reflection, "the app did not answer within 3 seconds"), none]);
}

#[tokio::test]
async fn a_service_that_the_app_does_not_tell_of_is_told_as_such() {
    let bed = Bed::new();
    bed.start(of_app(app(&["v1"], None).await));
    let schema = bed.mesh.describe("server".into(), "greet.Other", nobody).await;
    let reason = "its reflection does not know greet.Other";
    assert_eq!(
        failures(&schema),
        [(SchemaSource::Reflection, reason), (SchemaSource::Files, "no proto file is named")]
    );
    let schema = bed.mesh.describe("elsewhere".into(), "greet.Greeter", nobody).await;
    assert!(schema.failures[0].reason.starts_with("the app is behind a sidecar of no daptop process here"));
}

#[tokio::test]
async fn who_asks_the_same_meanwhile_waits_for_the_same_answer() {
    let mut bed = Bed::new();
    bed.start(of_app(app(&["v1"], None).await));
    let ask = || bed.mesh.describe("server".into(), "greet.Greeter", nobody);
    let (one, other, another) = tokio::join!(ask(), ask(), ask());
    assert_eq!((&one, &one), (&other, &another));
    let mut told = Vec::new();
    bed.events.receive_many(&mut told, 10).await;
    assert_eq!(told, [Event::SchemaFound(Box::new(one))], "once");
}
