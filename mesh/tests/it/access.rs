//! Tokens and CORS (tokens, allowlist, logging, CORS).

use daptop_mesh::{ApiAccess, ApiRule, MeshSettings, SidecarSettings};

use crate::support::{App, Ask, Bed, Log, Pair, Script, ask, settings, wait_until};

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

#[tokio::test]
async fn an_api_that_is_denied_is_not_there() {
    let rule = |name: &str, version: &str| ApiRule { name: name.to_owned(), version: version.to_owned() };
    let only_metadata = ApiAccess { allowed: vec![rule("metadata", "v1")], denied: Vec::new() };
    let no_metadata = ApiAccess { allowed: Vec::new(), denied: vec![rule("metadata", "v1.0")] };
    let no_page = (404, "404 page not found\n");
    let pair = Pair::with(|settings| settings.api_access = only_metadata.clone()).await;
    let node = &pair.processor;
    for asked in [
        Ask::get(ORDERS),
        Ask::get("/orders").header("dapr-app-id", "order-processor"),
        Ask::get("/v1.0/state/store/key"),
        Ask::post("/v1.0/shutdown", ""),
    ] {
        let answer = node.ask(asked.clone()).await;
        assert_eq!((answer.status(), answer.text().as_str()), no_page, "{}", asked.target);
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")));
    }
    assert_eq!(node.ask(Ask::get("/v1.0/metadata")).await.status(), 200);
    assert_eq!(node.ask(Ask::get("/v1.0/healthz")).await.status(), 204);
    assert!(pair.app.take_seen().is_empty());

    let pair = Pair::with(|settings| settings.api_access = no_metadata.clone()).await;
    assert_eq!(pair.processor.ask(Ask::get("/v1.0/metadata")).await.status(), 404);
    let named = Ask::get("/v1.0/metadata").header("dapr-app-id", "order-processor");
    assert_eq!(pair.processor.ask(named).await.status(), 200, "what is not registered is an invocation");
    assert_eq!(pair.app.seen().await.target(), "/v1.0/metadata");
    let answer = ask(pair.processor.public, &Ask::get("/v1.0/metadata")).await;
    assert_eq!((answer.status(), answer.text().as_str()), no_page);
}

#[tokio::test]
async fn access_control_denies_others_and_not_oneself() {
    let folder = tempfile::tempdir().unwrap();
    let together = || MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() };
    let app = App::start(Script::default()).await;
    let (bed, elsewhere) = (Bed::with(together()), Bed::with(together()));
    let processor = SidecarSettings { deny_calls: true, ..settings("order-processor", app.port) };
    let processor = bed.start_ready(processor).await;
    let checkout = bed.start_ready(settings("checkout", None)).await;
    let other = elsewhere.start_ready(settings("other", None)).await;
    let said = "failed to invoke, id: order-processor, err: rpc error: code = PermissionDenied desc = access control policy \
                has denied access to id:  operation: orders/a%20b verb: PUT";
    for (leg, node) in [("in process", &checkout), ("between processes", &other)] {
        let answer = node.ask(Ask::new("PUT", &format!("{ORDERS}/a%20b?c=1"))).await;
        assert_eq!((answer.status(), answer.error().as_str()), (403, said), "{leg}");
        assert_eq!(answer.json()["errorCode"], "ERR_DIRECT_INVOKE", "{leg}");
    }
    assert!(app.take_seen().is_empty());
    assert_eq!(processor.ask(Ask::get(ORDERS)).await.status(), 200);
}

/// What the API log says, from the message on and without how long each took.
fn of_the_api(log: &Log) -> Vec<String> {
    let text = log.text();
    let lines = text.lines().filter_map(|line| line.split_once("method=").map(|(_, line)| line));
    lines.map(|line| line.split(" duration=").next().unwrap().replace('"', "")).collect()
}

#[tokio::test]
async fn each_call_of_the_api_is_logged_with_its_size() {
    for (obfuscate_urls, omit_health_checks, want) in [
        (
            false,
            false,
            vec![
                "POST /v1.0/invoke/order-processor/method/orders/a b useragent=test code=200 size=11",
                "GET /v1.0/healthz code=204 size=0",
                "GET /v1.0/state/s/k code=500 size=243",
                "GET /nothing code=404 size=118",
            ],
        ),
        (
            true,
            true,
            vec![
                "InvokeService/order-processor useragent=test code=200 size=11",
                "GetState code=500 size=243",
                "InvokeService code=404 size=118",
            ],
        ),
    ] {
        let log = Log::capture();
        let pair = Pair::with(|settings| {
            (settings.api_logging, settings.obfuscate_urls) = (true, obfuscate_urls);
            settings.omit_health_checks = omit_health_checks;
            settings.api_token = Some("secret".to_owned());
        })
        .await;
        let ask = |target: &str| Ask::get(target).header("dapr-api-token", "secret");
        let call = Ask { method: "POST".to_owned(), ..ask(&format!("{ORDERS}/a%20b?c=1")) };
        for asked in [call.header("User-Agent", "test"), ask("/v1.0/healthz"), ask("/v1.0/state/s/k"), ask("/nothing")]
        {
            pair.checkout.ask(asked).await;
        }
        assert_eq!(pair.checkout.ask(Ask::get("/v1.0/metadata")).await.status(), 401, "which is not logged");
        wait_until("every call is logged", async || of_the_api(&log).len() >= want.len()).await;
        assert_eq!(of_the_api(&log), want);
    }
}
