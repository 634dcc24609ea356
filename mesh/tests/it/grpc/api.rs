//! The methods of Dapr's own service.

use daptop_mesh::{ApiRule, ShutdownRequest};
use prost::Message;
use tonic::Code;

use super::pair_with;
use crate::support::{Ask, Caller, Got, soon};

const SERVICE: &str = "/dapr.proto.runtime.v1.Dapr";

#[derive(Clone, PartialEq, Message)]
struct Told {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(map = "string, string", tag = "4")]
    extended: std::collections::HashMap<String, String>,
    #[prost(message, optional, tag = "7")]
    app: Option<App>,
    #[prost(string, tag = "8")]
    version: String,
}

#[derive(Clone, PartialEq, Message)]
struct App {
    #[prost(int32, tag = "1")]
    port: i32,
    #[prost(string, tag = "2")]
    protocol: String,
    #[prost(string, tag = "3")]
    address: String,
}

#[derive(Clone, PartialEq, Message)]
struct Entry {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

async fn ask(port: u16, method: &str, message: &[u8]) -> Got {
    Caller::to(port).ask(&format!("{SERVICE}/{method}"), message).await
}

#[tokio::test]
async fn metadata_is_told_and_set_and_is_the_same_over_http() {
    let pair = super::pair().await;
    let port = pair.processor.grpc;
    let entry = Entry { key: "color".to_owned(), value: "blue".to_owned() };
    let set = ask(port, "SetMetadata", &entry.encode_to_vec()).await;
    assert_eq!((set.code, set.messages), (Code::Ok, vec![bytes::Bytes::new()]), "{}", set.words);
    let got = ask(port, "GetMetadata", b"").await;
    assert!(got.initial.iter().any(|(key, value)| key == "grpc-trace-bin" && value.len() == 29), "{:?}", got.initial);
    let told = Told::decode(&got.messages[0][..]).unwrap();
    assert_eq!((told.id.as_str(), told.version.as_str()), ("order-processor", daptop_mesh::RUNTIME_VERSION));
    assert_eq!(told.extended["color"], "blue");
    let app = told.app.unwrap();
    let expect = (i32::from(pair.app.port), "grpc", "127.0.0.1");
    assert_eq!((app.port, app.protocol.as_str(), app.address.as_str()), expect);
    let over_http = pair.processor.ask(Ask::get("/v1.0/metadata")).await;
    assert!(String::from_utf8_lossy(&over_http.body).contains("\"color\":\"blue\""));
}

#[tokio::test]
async fn shutdown_is_a_wish_that_may_be_urgent() {
    let pair = super::pair().await;
    assert_eq!(ask(pair.checkout.grpc, "Shutdown", b"").await.code, Code::Ok);
    assert_eq!(soon("the wish", pair.checkout.sidecar.shutdown_requested()).await, ShutdownRequest::Graceful);
    let urgent = Caller::to(pair.processor.grpc).with("dapr-force-shutdown", "true");
    assert_eq!(urgent.ask(&format!("{SERVICE}/Shutdown"), b"").await.code, Code::Ok);
    assert_eq!(soon("the wish", pair.processor.sidecar.shutdown_requested()).await, ShutdownRequest::Force);
}

#[tokio::test]
async fn a_method_that_daptop_does_not_have_is_refused_with_a_sentence_and_one_that_dapr_does_not_is_proxied() {
    let pair = super::pair().await;
    for method in ["GetState", "PublishEvent", "SubscribeTopicEventsAlpha1", "InvokeActor", "ConverseAlpha2"] {
        let got = ask(pair.checkout.grpc, method, b"").await;
        assert_eq!(got.code, Code::Unimplemented, "{method}");
        assert!(got.words.starts_with("daptop has no ") && got.words.contains(method), "{}", got.words);
    }
    let got = ask(pair.checkout.grpc, "NoSuchMethod", b"").await;
    let words = "cannot proxy request: missing dapr-callee-app-id or dapr-app-id metadata";
    assert_eq!((got.code, got.words.as_str()), (Code::Unknown, words));
}

#[tokio::test]
async fn a_method_that_the_configuration_denies_is_not_there_and_proxying_always_is() {
    let rule = ApiRule { name: "metadata".to_owned(), version: "v1".to_owned() };
    let pair = pair_with(|settings| settings.grpc_access.denied = vec![rule.clone()]).await;
    let got = ask(pair.checkout.grpc, "GetMetadata", b"").await;
    assert_eq!((got.code, got.words.as_str()), (Code::Unimplemented, "Not Implemented"));
    assert!(String::from_utf8_lossy(&got.details).contains("requested endpoint is not available"));
    assert_eq!(super::caller(&pair.checkout).ask(super::PLACE, b"one").await.code, Code::Ok);
}
