//! How a request becomes a target and a method, and how the method becomes the app's path (target forms, method
//! normalization, verbs).

use crate::support::{Ask, Pair};

const NO_APP_ID: &str = "failed getting app id either from the URL path or the header dapr-app-id";

/// What a sidecar makes of a request.
enum Want {
    /// The app sees this target.
    App(&'static str),
    /// The caller gets this status and this error.
    Error(u16, &'static str),
}

use Want::{App, Error};

async fn check(pair: &Pair, name: &str, asked: Ask, want: &Want) {
    let answer = pair.processor.ask(asked).await;
    match want {
        App(target) => {
            assert_eq!((answer.status(), answer.text().as_str()), (200, r#"{"ok":true}"#), "{name}");
            assert_eq!(pair.app.seen().await.target(), *target, "{name}");
        }
        Error(status, message) => {
            assert_eq!((answer.status(), answer.error().as_str()), (*status, *message), "{name}");
            assert_eq!(answer.json()["errorCode"], "ERR_DIRECT_INVOKE", "{name}");
            assert_eq!(answer.header("content-type"), Some("application/json"), "{name}");
            assert!(pair.app.take_seen().is_empty(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_target_is_read_from_the_header_then_from_basic_credentials_then_from_the_path() {
    // dapr-app-id:order-processor, DAPR-APP-ID:order-processor, someone:order-processor, dapr-app-id:order-processor:x
    let [basic, upper, someone, three] = [
        "ZGFwci1hcHAtaWQ6b3JkZXItcHJvY2Vzc29y",
        "REFQUi1BUFAtSUQ6b3JkZXItcHJvY2Vzc29y",
        "c29tZW9uZTpvcmRlci1wcm9jZXNzb3I=",
        "ZGFwci1hcHAtaWQ6b3JkZXItcHJvY2Vzc29yOng=",
    ];
    let credentials = |target, text| Ask::get(target).header("Authorization", &format!("Basic {text}"));
    let named = |target, id| Ask::get(target).header("dapr-app-id", id);
    let cases = [
        ("path", Ask::get("/v1.0/invoke/order-processor/method/orders"), App("/orders")),
        ("path, deeper", Ask::get("/v1.0/invoke/order-processor/method/a/b/c"), App("/a/b/c")),
        ("path, slashes repeated", Ask::get("/v1.0//invoke///order-processor/method/orders"), App("/orders")),
        ("path, no method", Ask::get("/v1.0/invoke/order-processor/method/"), App("/")),
        ("path, the word method twice", Ask::get("/v1.0/invoke/order-processor/method/a/method/b"), App("/a/method/b")),
        ("path, encoded id", Ask::get("/v1.0/invoke/order%2Dprocessor/method/orders"), App("/orders")),
        ("header", named("/orders?a=1", "order-processor"), App("/orders?a=1")),
        ("header, root", named("/", "order-processor"), App("/")),
        (
            "header before path",
            named("/v1.0/invoke/nobody/method/x", "order-processor"),
            App("/v1.0/invoke/nobody/method/x"),
        ),
        ("credentials", credentials("/orders", basic), App("/orders")),
        ("credentials, user in upper case", credentials("/orders", upper), App("/orders")),
        (
            "credentials before path",
            credentials("/v1.0/invoke/nobody/method/x", basic),
            App("/v1.0/invoke/nobody/method/x"),
        ),
        ("credentials of somebody", credentials("/orders", someone), Error(404, NO_APP_ID)),
        ("credentials of three parts", credentials("/orders", three), Error(404, NO_APP_ID)),
        ("no target", Ask::get("/anything"), Error(404, NO_APP_ID)),
        ("empty header", named("/anything", ""), Error(404, NO_APP_ID)),
        ("path ends after method", Ask::get("/v1.0/invoke/order-processor/method"), Error(404, NO_APP_ID)),
        ("path ends after the id", Ask::get("/v1.0/invoke/order-processor"), Error(404, NO_APP_ID)),
        ("path without an id", Ask::get("/v1.0/invoke//method/orders"), Error(404, NO_APP_ID)),
        ("another verb on a path of the API", Ask::new("PATCH", "/v1.0/metadata"), Error(404, NO_APP_ID)),
        (
            "another verb on a path of the API, with a header",
            Ask::new("PATCH", "/v1.0/metadata").header("dapr-app-id", "order-processor"),
            App("/v1.0/metadata"),
        ),
    ];
    let pair = Pair::start().await;
    for (name, asked, want) in cases {
        check(&pair, name, asked, &want).await;
    }
}

#[tokio::test]
async fn the_header_is_taken_away_and_the_credentials_are_not() {
    let pair = Pair::start().await;
    let basic = "Basic ZGFwci1hcHAtaWQ6b3JkZXItcHJvY2Vzc29y";
    for (name, value) in [("dapr-app-id", "order-processor"), ("authorization", basic)] {
        pair.processor.ask(Ask::get("/orders").header(name, value)).await;
        let seen = pair.app.seen().await;
        assert_eq!(seen.header("dapr-app-id"), None);
        assert_eq!(seen.header("authorization"), (name == "authorization").then_some(basic));
    }
}

#[tokio::test]
async fn a_registered_path_of_the_api_is_never_an_invocation() {
    let pair = Pair::start().await;
    for (path, status) in [("/v1.0/healthz", 204), ("/v1.0/healthz/outbound", 204), ("/v1.0/metadata", 200)] {
        let answer = pair.processor.ask(Ask::get(path).header("dapr-app-id", "order-processor")).await;
        assert_eq!(answer.status(), status, "{path}");
        assert!(pair.app.take_seen().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_method_is_decoded_once_cleaned_and_encoded_again() {
    // What is asked for below the method, and what the app sees.
    let rows = [
        ("orders/", "/orders"),
        ("//a///b", "/a/b"),
        ("./a/./b", "/a/b"),
        ("a/../b", "/b"),
        ("../../public", "/public"),
        ("admin/../public", "/public"),
        ("admin%2F..%2Fpublic", "/public"),
        ("..", "/"),
        (".", "/"),
        ("%2e%2E", "/"),
        ("a%20b", "/a%20b"),
        ("a+b", "/a+b"),
        ("test%22stream", "/test%22stream"),
        ("test*stream", "/test*stream"),
        ("test%5Cstream", "/test%5Cstream"),
        ("%C3%BC/%E2%82%AC", "/%C3%BC/%E2%82%AC"),
        ("a*%20b", "/a%2A%20b"),
        ("a%2525b", "/a%25b"),
        ("a%2541b", "/a%41b"),
        ("orders?a=%20b&c=d+e&&", "/orders?a=%20b&c=d+e&&"),
        ("orders?a=/../b", "/orders?a=/../b"),
        ("orders?", "/orders"),
    ];
    let pair = Pair::start().await;
    for (method, want) in rows {
        for (leg, node) in pair.legs() {
            let asked = Ask::get(&format!("/v1.0/invoke/order-processor/method/{method}"));
            assert_eq!(node.ask(asked).await.status(), 200, "{method} ({leg})");
            assert_eq!(pair.app.seen().await.target(), want, "{method} ({leg})");
        }
    }
}

#[tokio::test]
async fn a_method_with_forbidden_characters_is_an_error_of_the_caller_told_as_500() {
    let rpc = "rpc error: code = InvalidArgument desc = invalid method: method contains";
    let rows = [
        ("test%23x", format!("{rpc} forbidden character: \"test#x\"")),
        ("test%3Fx", format!(r#"{rpc} forbidden character: "test?x""#)),
        ("a%00b", format!(r#"{rpc} forbidden character: "a\x00b""#)),
        ("a%0Db", format!(r#"{rpc} control character at position 1: "a\rb""#)),
        ("%7F", format!(r#"{rpc} control character at position 0: "\x7f""#)),
    ];
    let pair = Pair::start().await;
    for (method, error) in rows {
        for (leg, node) in pair.legs() {
            let answer = node.ask(Ask::get(&format!("/v1.0/invoke/order-processor/method/{method}"))).await;
            assert_eq!(answer.status(), 500, "{method} ({leg})");
            let want = format!("failed to invoke, id: order-processor, err: {error}");
            assert_eq!(answer.error(), want, "{method} ({leg})");
        }
    }
    assert!(pair.app.take_seen().is_empty());
}

#[tokio::test]
async fn a_verb_that_dapr_does_not_know_becomes_post() {
    let rows = [
        ("GET", "GET"),
        ("POST", "POST"),
        ("PUT", "PUT"),
        ("DELETE", "DELETE"),
        ("OPTIONS", "OPTIONS"),
        ("TRACE", "TRACE"),
        ("PATCH", "PATCH"),
        ("HEAD", "HEAD"),
        ("PROPFIND", "POST"),
        ("PURGE", "POST"),
    ];
    let pair = Pair::start().await;
    for (verb, want) in rows {
        for (leg, node) in pair.legs() {
            let answer = node.ask(Ask::new(verb, "/v1.0/invoke/order-processor/method/orders")).await;
            assert_eq!(answer.status(), 200, "{verb} ({leg})");
            assert_eq!(pair.app.seen().await.method(), want, "{verb} ({leg})");
        }
    }
}

#[tokio::test]
async fn an_app_id_may_name_its_namespace_and_no_more() {
    let pair = Pair::start().await;
    let ask = |id: &str| Ask::get(&format!("/v1.0/invoke/{id}/method/orders"));
    for (id, is_local) in
        [("order-processor", true), ("order-processor.default", true), ("order-processor.other", false)]
    {
        assert_eq!(pair.processor.ask(ask(id)).await.status(), 200, "{id}");
        let introduced = pair.app.seen().await.header("dapr-callee-app-id").is_some();
        assert_eq!(introduced, !is_local, "{id}: a call to oneself introduces nobody");
    }
    for id in ["a.b.c", "order-processor.default.more"] {
        let answer = pair.processor.ask(ask(id)).await;
        assert_eq!(answer.error(), format!("failed to invoke, id: {id}, err: invalid app id {id}"));
        assert_eq!(answer.status(), 500);
    }
}
