//! The error table of the HTTP API: what the caller gets where no app answers.

use crate::support::{Act, Ask, Bed, Pair, Script, closed_port, settings};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

async fn error(node: &crate::support::Node, asked: Ask) -> String {
    let answer = node.ask(asked).await;
    assert_eq!((answer.status(), answer.json()["errorCode"].as_str()), (500, Some("ERR_DIRECT_INVOKE")));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.error()
}

#[tokio::test]
async fn an_app_that_does_not_listen() {
    let (port, _kept) = closed_port();
    let bed = Bed::new();
    let own = bed.start(settings("order-processor", port));
    let other = bed.start(settings("checkout", None));
    for (verb, word) in [("GET", "Get"), ("POST", "Post"), ("DELETE", "Delete")] {
        let dial = format!(
            r#"{word} "http://127.0.0.1:{port}/orders": dial tcp 127.0.0.1:{port}: connect: connection refused"#
        );
        let local = error(&own, Ask::new(verb, ORDERS)).await;
        assert_eq!(local, format!("failed to invoke, id: order-processor, err: {dial}"));
        let remote = error(&other, Ask::new(verb, ORDERS)).await;
        let rpc = "rpc error: code = Internal desc = error invoking app channel: ";
        assert_eq!(remote, format!("failed to invoke, id: order-processor, err: {rpc}{dial}"));
    }
}

#[tokio::test]
async fn an_app_without_a_port() {
    let bed = Bed::new();
    let client = bed.start_ready(settings("client", None)).await;
    let other = bed.start_ready(settings("other", None)).await;
    let asked = || Ask::get("/v1.0/invoke/client/method/orders");
    let local = "cannot invoke local endpoint: app channel not initialized";
    assert_eq!(error(&client, asked()).await, format!("failed to invoke, id: client, err: {local}"));
    let remote = "rpc error: code = Internal desc = app channel is not initialized";
    assert_eq!(error(&other, asked()).await, format!("failed to invoke, id: client, err: {remote}"));
}

#[tokio::test]
async fn an_app_that_nobody_knows() {
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        let said = error(node, Ask::get("/v1.0/invoke/nobody/method/orders")).await;
        assert_eq!(said, "failed to invoke, id: nobody, err: couldn't find service: nobody", "{leg}");
        let said = error(node, Ask::get("/orders").header("dapr-app-id", "Order-Processor")).await;
        assert!(said.ends_with("couldn't find service: Order-Processor"), "{leg}: ids are case-exact: {said}");
    }
}

#[tokio::test]
async fn an_app_that_breaks_its_answer() {
    let pair = Pair::start().await;
    for act in [Act::Close, Act::Garbage] {
        pair.app.set(Script { act, ..Script::default() });
        for (leg, node) in pair.legs() {
            let said = error(node, Ask::post(ORDERS, "{}")).await;
            let url = format!(r#"Post "http://127.0.0.1:{}/orders": "#, pair.app.port);
            assert!(said.contains(&url), "{act:?} ({leg}): {said}");
            let is_remote = said.contains("rpc error: code = Internal desc = error invoking app channel: ");
            assert_eq!(is_remote, leg != "local", "{act:?}: {said}");
        }
    }
}

#[tokio::test]
async fn a_url_where_nobody_listens() {
    let (port, _kept) = closed_port();
    let pair = Pair::start().await;
    let said = error(&pair.checkout, Ask::get(&format!("/v1.0/invoke/http://127.0.0.1:{port}/method/orders"))).await;
    let url = format!("http://127.0.0.1:{port}");
    let want = format!(
        r#"failed to invoke, id: {url}, err: Get "{url}/orders": dial tcp 127.0.0.1:{port}: connect: connection refused"#
    );
    assert_eq!(said, want);
}
