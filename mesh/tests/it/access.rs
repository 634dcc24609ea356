//! Tokens and CORS (tokens, allowlist, logging, CORS).

use crate::support::{Ask, Pair, ask};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

#[tokio::test]
async fn with_a_token_the_api_answers_only_those_who_send_it() {
    let pair = Pair::with(|settings| settings.api_token = Some("secret".to_owned())).await;
    let token = |target, token: Option<&str>| {
        token.iter().fold(Ask::get(target), |ask, token| ask.header("dapr-api-token", token))
    };
    let rows = [
        (ORDERS, None, 401),
        (ORDERS, Some("wrong"), 401),
        (ORDERS, Some("Secret"), 401),
        (ORDERS, Some("secret"), 200),
        ("/v1.0/metadata", None, 401),
        ("/v1.0/metadata", Some("secret"), 200),
        ("/anything", None, 401),
        ("/v1.0/healthz", None, 204),
        ("/v1.0/healthz/outbound", None, 204),
    ];
    for (target, sent, status) in rows {
        let answer = pair.processor.ask(token(target, sent)).await;
        assert_eq!(answer.status(), status, "{target} {sent:?}");
        if status == 401 {
            assert_eq!(answer.text(), "invalid api token\n", "{target} {sent:?}");
            let kind = answer.header("content-type").unwrap_or_default();
            assert!(kind.starts_with("text/plain"), "{kind}");
        }
    }
    let seen = pair.app.take_seen();
    assert_eq!(seen.len(), 1, "only the call with the token reached the app");
    assert_eq!(seen[0].header("dapr-api-token"), None, "the sidecar's token is not the app's business");
    assert_eq!(
        ask(pair.processor.public, &Ask::get("/v1.0/metadata")).await.status(),
        200,
        "the public port asks none"
    );
}

#[tokio::test]
async fn the_apps_token_is_sent_to_the_app_in_place_of_the_callers() {
    let pair = Pair::with(|settings| settings.app_api_token = Some("for-the-app".to_owned())).await;
    for (leg, node) in pair.legs() {
        for asked in [Ask::get(ORDERS), Ask::get(ORDERS).header("dapr-api-token", "callers")] {
            node.ask(asked).await;
            assert_eq!(pair.app.seen().await.all("dapr-api-token"), ["for-the-app"], "{leg}");
        }
    }
}

#[tokio::test]
async fn without_tokens_a_callers_token_is_a_header_like_others() {
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        node.ask(Ask::get(ORDERS).header("dapr-api-token", "callers")).await;
        assert_eq!(pair.app.seen().await.all("dapr-api-token"), ["callers"], "{leg}");
    }
}

fn preflight(origin: &str, verb: &str) -> Ask {
    Ask::new("OPTIONS", ORDERS).header("Origin", origin).header("Access-Control-Request-Method", verb)
}

#[tokio::test]
async fn cors_answers_for_the_allowed_origins_alone() {
    // Allowed, asked from, and what the answer allows.
    let rows = [
        ("*", "http://a.example", Some("*")),
        ("http://a.example", "http://a.example", Some("http://a.example")),
        ("http://b.example, http://a.example", "http://a.example", Some("http://a.example")),
        ("http://a.example", "http://evil.example", None),
        ("", "http://a.example", None),
    ];
    for (origins, from, allowed) in rows {
        let pair = Pair::with(|settings| settings.allowed_origins = origins.to_owned()).await;
        let answer = pair.processor.ask(Ask::get(ORDERS).header("Origin", from)).await;
        let name = format!("{from} where {origins:?} may");
        assert_eq!(answer.status(), 200, "{name}: the call itself goes through");
        assert_eq!(answer.header("access-control-allow-origin"), allowed, "{name}");
        pair.app.take_seen();
        let before = pair.processor.ask(preflight(from, "PUT")).await;
        assert_eq!(before.header("access-control-allow-origin"), allowed, "{name}, asked before");
        let reached_the_app = !pair.app.take_seen().is_empty();
        assert_eq!(reached_the_app, origins.is_empty(), "{name}: without CORS the question is a call");
    }
}

#[tokio::test]
async fn cors_is_answered_before_the_token_is_asked_for_and_only_for_known_verbs() {
    let pair = Pair::with(|settings| {
        settings.allowed_origins = "*".to_owned();
        settings.api_token = Some("secret".to_owned());
    })
    .await;
    for verb in ["HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"] {
        let answer = pair.processor.ask(preflight("http://a.example", verb)).await;
        assert_eq!(answer.status(), 200, "{verb}");
        assert_eq!(answer.header("access-control-allow-methods"), Some(verb));
    }
    let other = pair.processor.ask(preflight("http://a.example", "PROPFIND")).await;
    assert_eq!(other.header("access-control-allow-methods"), None);
    let refused = pair.processor.ask(Ask::get(ORDERS).header("Origin", "http://a.example")).await;
    assert_eq!((refused.status(), refused.header("access-control-allow-origin")), (401, Some("*")));
}
