//! Calls to places outside: `HTTPEndpoint` resources and URLs (External URL vs `HTTPEndpoint` resource).

use std::path::Path;

use daptop_mesh::{AppProtocol, HttpEndpoint, ResourceReader, Resources, SidecarSettings};
use daptop_model::{Event, Leg};
use serde_json::json;

use crate::support::{
    App, Ask, Authority, Bed, Identity, Message, Node, Script, TlsFront, closed_port, settings, soon,
};

/// A resource called `shop`, read from a file as every other.
fn endpoint(spec: &serde_json::Value) -> HttpEndpoint {
    let document = json!({
        "apiVersion": "dapr.io/v1alpha1",
        "kind": "HTTPEndpoint",
        "metadata": { "name": "shop" },
        "spec": spec,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.yaml");
    std::fs::write(&file, document.to_string()).unwrap();
    let reader = ResourceReader { app_id: "checkout", namespace: None };
    Resources::load(&[Path::new(&file)], reader).unwrap().http_endpoints.remove(0)
}

fn knowing(spec: &serde_json::Value) -> SidecarSettings {
    let app_api_token = Some("for-the-app".to_owned());
    SidecarSettings { http_endpoints: vec![endpoint(spec)], app_api_token, ..settings("checkout", None) }
}

async fn start(spec: &serde_json::Value) -> (Bed, Node) {
    let bed = Bed::new();
    let node = bed.start_ready(knowing(spec)).await;
    (bed, node)
}

fn to_shop(verb: &str, method: &str) -> Ask {
    Ask {
        body: if verb == "POST" { b"body".into() } else { Vec::new() },
        ..Ask::new(verb, &format!("/v1.0/invoke/shop/method/{method}"))
    }
}

fn error(text: &str) -> String {
    format!("failed to invoke, id: shop, err: {text}")
}

#[tokio::test]
async fn a_resources_name_stands_for_its_url() {
    let app = App::start(Script::default()).await;
    for (base, method, want) in [
        ("", "orders?a=1&b", "/orders?a=1&b"),
        ("/base", "orders/7?a=1", "/base/orders/7?a=1"),
        ("/base/", "orders", "/base//orders"),
        ("/base", "", "/base"),
        ("", "", "/"),
        ("/a%20b", "c", "/a%20b/c"),
    ] {
        let url = format!("http://localhost:{}{base}", app.port);
        let (_bed, node) = start(&json!({ "baseUrl": url })).await;
        let answer = node.ask(to_shop("GET", method)).await;
        assert_eq!((answer.status(), answer.text().as_str()), (200, r#"{"ok":true}"#), "{base} {method}");
        let seen = app.seen().await;
        assert_eq!(seen.target(), want, "{base} {method}");
        assert_eq!(seen.header("host"), Some(format!("localhost:{}", app.port).as_str()));
    }
}

#[tokio::test]
async fn its_headers_go_over_the_callers_and_nobody_is_introduced() {
    let app = App::start(Script::default()).await;
    let headers = json!([
        { "name": "X-Key", "value": "of-the-resource" },
        { "name": "Host", "value": "ignored" },
        { "name": "X-Number", "value": 5 },
    ]);
    let url = format!("http://user:word@127.0.0.1:{}", app.port);
    let (_bed, node) = start(&json!({ "baseUrl": url, "headers": headers })).await;
    node.ask(to_shop("POST", "orders").header("X-Key", "of-the-caller").header("X-Own", "1")).await;
    let seen = app.seen().await;
    assert_eq!((seen.all("x-key"), seen.all("x-number")), (vec!["of-the-resource"], vec!["5"]));
    assert_eq!((seen.header("x-own"), seen.body.as_slice()), (Some("1"), &b"body"[..]));
    assert_eq!(seen.header("host"), Some(format!("127.0.0.1:{}", app.port).as_str()));
    assert_eq!(seen.header("authorization"), Some("Basic dXNlcjp3b3Jk"));
    let told = ["dapr-api-token", "dapr-caller-app-id", "dapr-callee-app-id", "x-forwarded-for", "forwarded"];
    assert!(told.iter().all(|name| seen.header(name).is_none()), "{:?}", seen.headers);
}

#[tokio::test]
async fn a_call_to_a_resource_is_told_as_one_that_leaves() {
    let app = App::start(Script::default()).await;
    let (mut bed, node) = start(&json!({ "baseUrl": format!("http://127.0.0.1:{}", app.port) })).await;
    let metadata = node.ask(Ask::get("/v1.0/metadata")).await;
    assert_eq!(metadata.json()["httpEndpoints"], json!([{ "name": "shop" }]));
    node.ask(to_shop("GET", "orders")).await;
    let (mut to, mut leg) = (None, None);
    while leg.is_none() {
        let mut events = Vec::new();
        soon("the call's events", bed.events.receive_many(&mut events, 16)).await;
        for event in events {
            match event {
                Event::CallStarted(start) => to = Some(start.to.to_string()),
                Event::CallEnded(end) => leg = Some(end.leg),
                _ => {}
            }
        }
    }
    assert_eq!((to.as_deref(), leg), (Some("shop"), Some(Leg::External)));
}

#[tokio::test]
async fn redirects_are_followed_as_go_does() {
    let other = App::start(Script::default().body("from the other")).await;
    let app = App::start(Script::default()).await;
    let (_bed, node) = start(&json!({ "baseUrl": format!("http://127.0.0.1:{}/base", app.port) })).await;
    // Verb and status; the verb of the next request, or none where the redirect is handed on.
    let rows = [
        ("GET", 301, Some("GET")),
        ("GET", 302, Some("GET")),
        ("GET", 303, Some("GET")),
        ("HEAD", 302, Some("HEAD")),
        ("POST", 301, Some("GET")),
        ("POST", 302, Some("GET")),
        ("POST", 303, Some("GET")),
        ("PUT", 302, Some("GET")),
        ("POST", 307, None),
        ("POST", 308, None),
        ("GET", 307, None),
        ("GET", 300, None),
        ("GET", 304, None),
    ];
    for (verb, status, next) in rows {
        let location = format!("http://127.0.0.1:{}/landed/../here?x=1#part", other.port);
        app.set(Script::bare(status).header("Location", &location));
        let answer = node.ask(to_shop(verb, "orders").header("Content-Type", "text/plain").header("X-Own", "1")).await;
        let first = app.seen().await;
        assert_eq!((first.method(), first.target()), (verb, "/base/orders"), "{verb} {status}");
        let Some(next) = next else {
            assert_eq!(
                (answer.status(), answer.header("location")),
                (status, Some(location.as_str())),
                "{verb} {status}"
            );
            assert!(other.take_seen().is_empty(), "{verb} {status}");
            continue;
        };
        assert_eq!(answer.status(), 200, "{verb} {status}");
        assert_eq!(answer.text(), if verb == "HEAD" { "" } else { "from the other" }, "{verb} {status}");
        let seen = other.seen().await;
        assert_eq!((seen.method(), seen.target(), seen.body.len()), (next, "/here?x=1", 0), "{verb} {status}");
        assert_eq!((seen.header("content-type"), seen.header("content-length")), (None, None), "{verb} {status}");
        assert_eq!(seen.header("x-own"), Some("1"));
        assert_eq!(seen.header("host"), Some(format!("127.0.0.1:{}", other.port).as_str()));
        let referer = format!("http://127.0.0.1:{}/base/orders", app.port);
        assert_eq!(seen.header("referer"), Some(referer.as_str()));
    }
}

#[tokio::test]
async fn another_host_is_told_no_secrets() {
    let other = App::start(Script::default()).await;
    let app = App::start(Script::default()).await;
    let (_bed, node) = start(&json!({ "baseUrl": format!("http://127.0.0.1:{}", app.port) })).await;
    for (host, told) in [("127.0.0.1", true), ("localhost", false)] {
        app.set(Script::bare(302).header("Location", &format!("http://{host}:{}/", other.port)));
        let asked =
            to_shop("GET", "orders").header("Authorization", "secret").header("Cookie", "a=1").header("X-Own", "1");
        node.ask(asked).await;
        let seen = other.seen().await;
        let sensitive = (seen.header("authorization").is_some(), seen.header("cookie").is_some());
        assert_eq!(sensitive, (told, told), "{host}");
        assert_eq!(seen.header("x-own"), Some("1"), "{host}");
    }
}

#[tokio::test]
async fn redirects_without_end_are_given_up() {
    let app = App::start(Script::bare(302).header("Location", "../next/")).await;
    let (_bed, node) = start(&json!({ "baseUrl": format!("http://127.0.0.1:{}/a/b", app.port) })).await;
    let answer = node.ask(to_shop("POST", "orders")).await;
    assert_eq!((answer.status(), answer.error()), (500, error("Post \"../next/\": stopped after 10 redirects")));
    let targets: Vec<String> = app.take_seen().iter().map(|seen| seen.target().to_owned()).collect();
    assert_eq!(targets.len(), 10);
    assert_eq!(targets[..4], ["/a/b/orders", "/a/next/", "/a/next/", "/a/next/"]);
}

#[tokio::test]
async fn a_redirect_that_leads_nowhere_is_an_error_with_its_url() {
    let app = App::start(Script::default()).await;
    let (_bed, node) = start(&json!({ "baseUrl": format!("http://127.0.0.1:{}", app.port) })).await;
    let (port, _deaf) = closed_port();
    for (location, want) in [
        (
            format!("http://127.0.0.1:{port}/x"),
            format!("Get \"http://127.0.0.1:{port}/x\": dial tcp 127.0.0.1:{port}: connect: connection refused"),
        ),
        ("ftp://h/x".to_owned(), "Get \"ftp://h/x\": unsupported protocol scheme \"ftp\"".to_owned()),
    ] {
        app.set(Script::bare(302).header("Location", &location));
        let answer = node.ask(to_shop("GET", "orders")).await;
        assert_eq!((answer.status(), answer.error()), (500, error(&want)));
    }
    app.set(Script::bare(302));
    assert_eq!(node.ask(to_shop("GET", "orders")).await.status(), 302, "without a location there is nothing to follow");
}

#[tokio::test]
async fn a_url_is_not_followed_elsewhere() {
    let app = App::start(Script::bare(302).header("Location", "/next")).await;
    let node = Bed::new().start_ready(settings("checkout", None)).await;
    let answer = node.ask(Ask::get(&format!("/v1.0/invoke/http://127.0.0.1:{}/method/x", app.port))).await;
    assert_eq!((answer.status(), answer.header("location")), (302, Some("/next")));
    assert_eq!(app.take_seen().len(), 1);
}

#[tokio::test]
async fn the_roots_of_a_resource_verify_its_server() {
    let app = App::start(Script::default()).await;
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (own, own_root) = (Identity::of_its_own("localhost", false), Identity::of_its_own("localhost", true));
    let signed = authority.signs("localhost");
    let unknown = "tls: failed to verify certificate: x509: certificate signed by unknown authority";
    // Who the server is, what the resource trusts, the host asked for, and what is wrong.
    let rows = [
        ("signed", &signed, Some(authority.pem()), "localhost", None),
        ("self-signed", &own, Some(own.certificate.clone()), "localhost", None),
        ("self-signed, and a root", &own_root, Some(own_root.certificate.clone()), "localhost", None),
        ("one of several roots", &signed, Some(stranger.pem() + &authority.pem()), "localhost", None),
        ("another root", &signed, Some(stranger.pem()), "localhost", Some(unknown)),
        ("the system's roots", &signed, None, "localhost", Some(unknown)),
        ("another name", &signed, Some(authority.pem()), "127.0.0.1", Some("not valid for name")),
        (
            "another name of a root",
            &own_root,
            Some(own_root.certificate.clone()),
            "127.0.0.1",
            Some("not valid for name"),
        ),
    ];
    for (name, identity, root, host, wrong) in rows {
        let front = TlsFront::start(app.port, identity, None).await;
        let url = format!("https://{host}:{}", front.port);
        let tls = root.map(|root| json!({ "rootCA": { "value": root } }));
        let (_bed, node) = start(&json!({ "baseUrl": url, "clientTLS": tls })).await;
        let answer = node.ask(to_shop("POST", "orders")).await;
        match wrong {
            None => assert_eq!((answer.status(), app.seen().await.body.as_slice()), (200, &b"body"[..]), "{name}"),
            Some(wrong) => {
                assert_eq!(answer.status(), 500, "{name}");
                let said = answer.error();
                assert!(
                    said.starts_with(&error(&format!("Post \"{url}/orders\": tls: failed to verify"))),
                    "{name}: {said}"
                );
                assert!(said.contains(wrong), "{name}: {said}");
            }
        }
    }
    assert!(app.take_seen().is_empty());
}

#[tokio::test]
async fn a_resource_shows_its_certificate() {
    let app = App::start(Script::default()).await;
    let (servers, clients) = (Authority::new(), Authority::new());
    let front = TlsFront::start(app.port, &servers.signs("localhost"), Some(&clients)).await;
    let url = format!("https://localhost:{}", front.port);
    let own = clients.signs("checkout");
    let (root, certificate, key) =
        (json!({ "value": servers.pem() }), json!({ "value": own.certificate }), json!({ "value": own.key }));
    for (tls, status) in [
        (json!({ "rootCA": root, "certificate": certificate, "privateKey": key }), 200),
        (json!({ "rootCA": root, "certificate": certificate }), 500),
        (json!({ "rootCA": root }), 500),
    ] {
        let (_bed, node) = start(&json!({ "baseUrl": url, "clientTLS": tls })).await;
        let answer = node.ask(to_shop("GET", "orders")).await;
        assert_eq!(answer.status(), status, "{}", answer.text());
    }
}

#[tokio::test]
async fn what_is_no_certificate_stops_the_start() {
    let pem = Identity::of_its_own("localhost", false);
    let other = Identity::of_its_own("localhost", false);
    for (tls, want) in [
        (json!({ "rootCA": { "value": "x" } }), "clientTLS.rootCA holds no certificate; it must be PEM"),
        (json!({ "privateKey": { "value": pem.key } }), "clientTLS.privateKey needs clientTLS.certificate"),
        (
            json!({ "privateKey": { "value": "x" }, "certificate": { "value": pem.certificate } }),
            "clientTLS.privateKey cannot be read: ",
        ),
        (
            json!({ "privateKey": { "value": other.key }, "certificate": { "value": pem.certificate } }),
            "clientTLS.certificate and clientTLS.privateKey cannot be used: ",
        ),
    ] {
        let settings = knowing(&json!({ "baseUrl": "https://h", "clientTLS": tls }));
        let listeners = daptop_mesh::Listeners {
            http: Vec::new(),
            grpc: Vec::new(),
            internal_grpc: Vec::new(),
            metrics: None,
            public: None,
        };
        let error = Bed::new().mesh.start_sidecar(settings, listeners).unwrap_err().to_string();
        let want = format!("app `checkout`: the HTTPEndpoint `shop` cannot be used: {want}");
        assert!(error.starts_with(&want), "{error}");
    }
}

#[tokio::test]
async fn a_secure_url_is_verified_unless_the_app_speaks_https_too() {
    let app = App::start(Script::default()).await;
    let front = TlsFront::start(app.port, &Identity::of_its_own("elsewhere", false), None).await;
    let url = format!("https://localhost:{}", front.port);
    let ask = |url: &str| Ask::post(&format!("/v1.0/invoke/{url}/method/orders?a=1"), "body");
    let bed = Bed::new();
    let node = bed.start_ready(settings("checkout", None)).await;
    let answer = node.ask(ask(&url)).await;
    let want =
        format!("failed to invoke, id: {url}, err: Post \"{url}/orders?a=1\": tls: failed to verify certificate");
    assert!(answer.error().starts_with(&want), "{}", answer.error());
    let https = SidecarSettings { app_protocol: AppProtocol::Https, ..settings("other", None) };
    let answer: Message = bed.start_ready(https).await.ask(ask(&url)).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let seen = app.seen().await;
    assert_eq!((seen.target(), seen.body.as_slice()), ("/orders?a=1", &b"body"[..]));
}
