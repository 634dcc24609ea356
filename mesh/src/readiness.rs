//! Finding out whether the app can be called: its port, its `/dapr/config`, its health checks (Start-up and app
//! readiness; App health).

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use tokio::time::{Instant, sleep, timeout};

use crate::body::{AnswerBody, RequestBody};
use crate::core::Core;
use crate::gate::Presence;
use crate::route::APP_ID_HEADER;
use crate::{AppPresence, AppProtocol, HealthSettings, Readiness, app_channel};

/// How long the app's port may take to accept.
const KNOCK_TIMEOUT: Duration = Duration::from_millis(500);
/// From one knock to the next. Dapr takes 100 ms; a shorter one lets the first call go sooner.
const KNOCK_INTERVAL: Duration = Duration::from_millis(20);
/// How long the app may take to answer `/dapr/config`. Dapr has no limit here; an app that hangs would never be ready.
const CONFIG_TIMEOUT: Duration = Duration::from_secs(5);
/// From one closing of connections that rested to the next.
const TIDY_INTERVAL: Duration = Duration::from_secs(30);

/// Watches the app for as long as the sidecar runs.
pub(crate) async fn watch(core: Arc<Core>) {
    let mut presence = core.gate.presence();
    loop {
        let now = *presence.borrow_and_update();
        if now.is == AppPresence::Running {
            tokio::select! {
                () = attend(&core) => {}
                () = changed(&mut presence, now) => {}
            }
        } else {
            core.gate.set_readiness(Readiness::Waiting);
            changed(&mut presence, now).await;
        }
        core.gate.set_readiness(Readiness::Waiting);
    }
}

/// Closes connections that have rested for too long, for as long as the sidecar runs.
pub(crate) async fn tidy(core: Arc<Core>) {
    loop {
        sleep(TIDY_INTERVAL).await;
        core.tidy();
        core.shared.channels.tidy();
    }
}

async fn changed(presence: &mut tokio::sync::watch::Receiver<Presence>, from: Presence) {
    if presence.wait_for(|presence| *presence != from).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// From the app's start to its end.
async fn attend(core: &Core) {
    let started = Instant::now();
    if let (Some(port), Some(channel)) = (core.settings.app_port, &core.channel) {
        log_waiting(core, port);
        while !timeout(KNOCK_TIMEOUT, channel.origin().answers()).await.unwrap_or(false) {
            sleep(KNOCK_INTERVAL).await;
        }
        tracing::info!(app_id = core.id(), scope = "dapr.runtime", "application discovered on port {port}");
        load_app_config(core).await;
    }
    let first = !core.initialized.swap(true, Ordering::AcqRel);
    if first {
        let elapsed = started.elapsed().as_millis();
        tracing::info!(
            app_id = core.id(),
            scope = "dapr.runtime",
            "dapr initialized. Status: Running. Init Elapsed {elapsed}ms"
        );
    }
    match core.settings.health.as_ref().filter(|_| core.channel.is_some()) {
        Some(health) => check_health(core, health).await,
        None => core.gate.set_readiness(Readiness::Ready),
    }
    std::future::pending::<()>().await;
}

fn log_waiting(core: &Core, port: u16) {
    let protocol = match core.settings.app_protocol {
        AppProtocol::Http => "http",
        AppProtocol::Https => "https",
        AppProtocol::H2c => "h2c",
        AppProtocol::Grpc => "grpc",
        AppProtocol::Grpcs => "grpcs",
    };
    tracing::info!(
        app_id = core.id(),
        scope = "dapr.runtime",
        "application protocol: {protocol}. waiting on port {port}.  This will block until the app is listening on that port."
    );
}

/// Asks the app for its configuration, as Dapr does; what it says concerns actors and pub/sub only.
async fn load_app_config(core: &Core) {
    let is_grpc = matches!(core.settings.app_protocol, AppProtocol::Grpc | AppProtocol::Grpcs);
    if is_grpc {
        return;
    }
    if core.settings.skip_app_config {
        let message = "Skipping programmatic dapr configuration loading as it is disabled";
        tracing::info!(app_id = core.id(), scope = "dapr.runtime", "{message}");
        return;
    }
    if let Ok(Some(answer)) = timeout(CONFIG_TIMEOUT, get(core, "/dapr/config")).await {
        // Read to its end, so that the connection can be used again.
        let mut body = answer.into_body();
        drop(timeout(CONFIG_TIMEOUT, drain(&mut body)).await);
    }
}

async fn drain(body: &mut AnswerBody) {
    use http_body::Body;
    while let Some(Ok(_)) = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {}
}

async fn get(core: &Core, path: &str) -> Option<Response<AnswerBody>> {
    let channel: &app_channel::AppChannel = core.channel.as_ref()?;
    let mut request = Request::new(RequestBody::none());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = path.parse().ok()?;
    let headers = request.headers_mut();
    headers.insert(http::header::HOST, channel.origin().authority.clone());
    headers.insert(http::header::USER_AGENT, http::HeaderValue::from_static("Go-http-client/1.1"));
    headers.insert(APP_ID_HEADER, http::HeaderValue::from_str(core.id()).ok()?);
    let answer = channel.origin().send(request, None).await.ok()?;
    Some(answer.map(AnswerBody::new))
}

/// One probe: of an app that speaks gRPC its health service, and its status stands for one of HTTP.
async fn probe(core: &Core, path: &str) -> Option<StatusCode> {
    match &core.grpc_app {
        Some(app) if core.settings.app_protocol.is_grpc() => {
            let healthy = crate::grpc::callback::is_healthy(app).await;
            Some(if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE })
        }
        _ => get(core, path).await.map(|answer| answer.status()),
    }
}

/// Probes the app for as long as it runs. One success makes it healthy; some failures in a row make it unhealthy.
async fn check_health(core: &Core, health: &HealthSettings) {
    let mut failures = 0;
    let path = format!("/{}", health.path.trim_start_matches('/'));
    loop {
        let probed = timeout(health.timeout, probe(core, &path)).await;
        let status = probed.ok().flatten();
        if status.is_some_and(|status| status.is_success()) {
            failures = 0;
            tell(core, Readiness::Ready, status);
        } else {
            failures += 1;
            if failures >= health.threshold {
                tell(core, Readiness::Unhealthy, status);
            }
        }
        sleep(health.interval).await;
    }
}

fn tell(core: &Core, readiness: Readiness, status: Option<StatusCode>) {
    if core.gate.is() == readiness {
        return;
    }
    core.gate.set_readiness(readiness);
    let (app_id, scope) = (core.id(), "dapr.apphealth");
    if readiness == Readiness::Ready {
        tracing::info!(app_id, scope, "App entered healthy status");
    } else {
        let reason = status.map_or_else(|| "no answer".to_owned(), |status| format!("status {}", status.as_u16()));
        tracing::warn!(app_id, scope, "App entered un-healthy status: {reason}");
    }
}
