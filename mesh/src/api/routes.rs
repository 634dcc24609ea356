//! The paths that are registered at the HTTP API next to invocation, as Dapr registers them.

use http::Method;

use super::blocks::Block;
use crate::ApiAccess;

/// What answers a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handler {
    /// `GET healthz`.
    Health,
    /// `GET healthz/outbound`.
    HealthOutbound,
    /// `GET metadata`.
    Metadata,
    /// `PUT metadata/{key}`.
    SetMetadata,
    /// `POST shutdown`.
    Shutdown,
    /// A building block that is not there.
    Block(Block),
}

/// A registered path.
#[derive(Debug)]
pub(super) struct Route {
    /// What it is called in the API log.
    pub(super) name: &'static str,
    /// What answers it.
    pub(super) handler: Handler,
    version: &'static str,
    group: &'static str,
    path: &'static str,
    methods: &'static [Method],
}

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];
const PUT: &[Method] = &[Method::PUT];
const DELETE: &[Method] = &[Method::DELETE];
const WRITE: &[Method] = &[Method::POST, Method::PUT];
const CALL: &[Method] = &[Method::GET, Method::POST, Method::DELETE, Method::PUT];

const V1: &str = "v1.0";
const ALPHA: &str = "v1.0-alpha1";
const BETA: &str = "v1.0-beta1";

macro_rules! routes {
    ($($version:ident $group:literal $handler:expr => { $($name:literal $methods:ident $path:literal)* })*) => {
        &[$($(Route {
            name: $name,
            handler: $handler,
            version: $version,
            group: $group,
            path: $path,
            methods: $methods,
        }),*),*]
    };
}

/// Every registered path. `{}` is one element, `*` is all the rest.
static ROUTES: &[Route] = routes! {
    V1 "healthz" Handler::Health => { "Healthz" GET "healthz" }
    V1 "healthz" Handler::HealthOutbound => { "HealthzOutbound" GET "healthz/outbound" }
    V1 "metadata" Handler::Metadata => { "GetMetadata" GET "metadata" }
    V1 "metadata" Handler::SetMetadata => { "PutMetadata" PUT "metadata/{}" }
    V1 "shutdown" Handler::Shutdown => { "Shutdown" POST "shutdown" }
    V1 "state" Handler::Block(Block::State) => {
        "GetState" GET "state/{}/{}"
        "SaveState" WRITE "state/{}"
        "DeleteState" DELETE "state/{}/{}"
        "GetBulkState" WRITE "state/{}/bulk"
        "ExecuteStateTransaction" WRITE "state/{}/transaction"
    }
    ALPHA "state" Handler::Block(Block::State) => { "QueryStateAlpha1" WRITE "state/{}/query" }
    V1 "publish" Handler::Block(Block::Publish) => { "PublishEvent" WRITE "publish/{}/*" }
    ALPHA "publish" Handler::Block(Block::Publish) => { "BulkPublishEvent" WRITE "publish/bulk/{}/*" }
    V1 "secrets" Handler::Block(Block::Secrets) => {
        "GetBulkSecret" GET "secrets/{}/bulk"
        "GetSecret" GET "secrets/{}/{}"
    }
    V1 "bindings" Handler::Block(Block::Binding) => { "InvokeBinding" WRITE "bindings/{}" }
    V1 "actors" Handler::Block(Block::Actors) => {
        "ExecuteActorStateTransaction" WRITE "actors/{}/{}/state"
        "InvokeActor" CALL "actors/{}/{}/method/{}"
        "GetActorState" GET "actors/{}/{}/state/{}"
        "RegisterActorReminder" WRITE "actors/{}/{}/reminders/{}"
        "UnregisterActorReminder" DELETE "actors/{}/{}/reminders/{}"
        "GetActorReminder" GET "actors/{}/{}/reminders/{}"
        "RegisterActorTimer" WRITE "actors/{}/{}/timers/{}"
        "UnregisterActorTimer" DELETE "actors/{}/{}/timers/{}"
    }
    V1 "configuration" Handler::Block(Block::Configuration) => {
        "GetConfiguration" GET "configuration/{}"
        "SubscribeConfiguration" GET "configuration/{}/subscribe"
        "UnsubscribeConfiguration" GET "configuration/{}/{}/unsubscribe"
    }
    ALPHA "configuration" Handler::Block(Block::Configuration) => {
        "GetConfiguration" GET "configuration/{}"
        "SubscribeConfiguration" GET "configuration/{}/subscribe"
        "UnsubscribeConfiguration" GET "configuration/{}/{}/unsubscribe"
    }
    ALPHA "lock" Handler::Block(Block::Lock) => { "TryLock" POST "lock/{}" }
    ALPHA "unlock" Handler::Block(Block::Unlock) => { "Unlock" POST "unlock/{}" }
    ALPHA "crypto" Handler::Block(Block::Crypto) => {
        "Encrypt" PUT "crypto/{}/encrypt"
        "Decrypt" PUT "crypto/{}/decrypt"
    }
    V1 "workflows" Handler::Block(Block::Actors) => {
        "GetWorkflow" GET "workflows/{}/{}"
        "RaiseEventWorkflow" POST "workflows/{}/{}/raiseEvent/{}"
        "StartWorkflow" POST "workflows/{}/{}/start"
        "PauseWorkflow" POST "workflows/{}/{}/pause"
        "ResumeWorkflow" POST "workflows/{}/{}/resume"
        "TerminateWorkflow" POST "workflows/{}/{}/terminate"
        "PurgeWorkflow" POST "workflows/{}/{}/purge"
    }
    BETA "workflows" Handler::Block(Block::Actors) => {
        "GetWorkflow" GET "workflows/{}/{}"
        "RaiseEventWorkflow" POST "workflows/{}/{}/raiseEvent/{}"
        "StartWorkflow" POST "workflows/{}/{}/start"
        "PauseWorkflow" POST "workflows/{}/{}/pause"
        "ResumeWorkflow" POST "workflows/{}/{}/resume"
        "TerminateWorkflow" POST "workflows/{}/{}/terminate"
        "PurgeWorkflow" POST "workflows/{}/{}/purge"
    }
    ALPHA "workflows" Handler::Block(Block::Actors) => {
        "GetWorkflow" GET "workflows/{}/{}"
        "RaiseEventWorkflow" POST "workflows/{}/{}/raiseEvent/{}"
        "StartWorkflow" POST "workflows/{}/{}/start"
        "PauseWorkflow" POST "workflows/{}/{}/pause"
        "ResumeWorkflow" POST "workflows/{}/{}/resume"
        "TerminateWorkflow" POST "workflows/{}/{}/terminate"
        "PurgeWorkflow" POST "workflows/{}/{}/purge"
    }
    V1 "jobs" Handler::Block(Block::Jobs) => {
        "ScheduleJob" POST "jobs/{}"
        "DeleteJob" DELETE "jobs/{}"
        "GetJob" GET "jobs/{}"
    }
    ALPHA "jobs" Handler::Block(Block::Jobs) => {
        "ScheduleJob" POST "jobs/{}"
        "DeleteJob" DELETE "jobs/{}"
        "GetJob" GET "jobs/{}"
    }
    ALPHA "conversation" Handler::Block(Block::Conversation) => { "Converse" POST "conversation/{}/converse" }
};

/// A path that was found, and what stands for its first `{}`.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// The route.
    pub(super) route: &'static Route,
    /// The component's name, or the key; empty where the path has none.
    pub(super) name: &'a str,
}

/// Which paths there are at the API of a sidecar (Tokens, allowlist, logging, CORS).
#[derive(Debug)]
pub(crate) struct Routes {
    found: Vec<&'static Route>,
    /// Whether there is invocation, which takes whatever no route takes.
    pub(super) invoke: bool,
}

impl Routes {
    /// The paths that `access` leaves.
    pub(crate) fn new(access: &ApiAccess) -> Self {
        let is_there = |route: &&Route| is_health(route) || allows(access, route.version, route.group, route.path);
        Self { found: ROUTES.iter().filter(is_there).collect(), invoke: allows(access, V1, "invoke", "invoke/*") }
    }

    /// The route of a verb and a cleaned path.
    pub(super) fn find<'a>(&self, method: &Method, path: &'a str) -> Option<Found<'a>> {
        let (version, rest) = path.split_once('/')?;
        if !matches!(version, V1 | ALPHA | BETA) || rest.starts_with("invoke/") {
            return None;
        }
        let fits = |route: &&&'static Route| route.version == version && route.methods.contains(method);
        self.found.iter().filter(fits).find_map(|route| Some(Found { route, name: name_in(route.path, rest)? }))
    }
}

fn is_health(route: &Route) -> bool {
    matches!(route.handler, Handler::Health | Handler::HealthOutbound)
}

fn allows(access: &ApiAccess, version: &str, group: &str, path: &str) -> bool {
    let path = format!("{version}/{path}");
    let short = version.replace(".0", "").replace('-', "");
    let is_named = |rule: &crate::ApiRule| {
        (rule.version == short && rule.name == group) || path.starts_with(&format!("{}/{}", rule.version, rule.name))
    };
    !access.denied.iter().any(is_named) && (access.allowed.is_empty() || access.allowed.iter().any(is_named))
}

/// What stands for the first `{}` of a pattern; `None` where the path does not fit.
fn name_in<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let mut name = None;
    let mut elements = path.split('/');
    for expected in pattern.split('/') {
        if expected == "*" {
            return elements.next().map(|_| name.unwrap_or_default());
        }
        let element = elements.next()?;
        match expected {
            "{}" if element.is_empty() => return None,
            "{}" => name = name.or(Some(element)),
            _ if element == expected => {}
            _ => return None,
        }
    }
    elements.next().is_none().then(|| name.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ApiRule;

    fn found(access: &ApiAccess, method: &Method, path: &str) -> Option<(&'static str, String)> {
        Routes::new(access).find(method, path).map(|found| (found.route.name, found.name.to_owned()))
    }

    #[test]
    fn a_path_is_registered_with_its_verb() {
        for (method, path, expect) in [
            (Method::GET, "v1.0/healthz", Some(("Healthz", ""))),
            (Method::POST, "v1.0/healthz", None),
            (Method::PUT, "v1.0/metadata/color", Some(("PutMetadata", "color"))),
            (Method::PUT, "v1.0/metadata/a/b", None),
            (Method::GET, "v1.0/state/store", None),
            (Method::GET, "v1.0/state/store/key", Some(("GetState", "store"))),
            (Method::POST, "v1.0/state/store/bulk", Some(("GetBulkState", "store"))),
            (Method::POST, "v1.0/publish/bus/a/topic", Some(("PublishEvent", "bus"))),
            (Method::POST, "v1.0/publish/bus", None),
            (Method::PUT, "v1.0-alpha1/publish/bulk/bus/topic", Some(("BulkPublishEvent", "bus"))),
            (Method::GET, "v1.0-beta1/workflows/dapr/7", Some(("GetWorkflow", "dapr"))),
            (Method::GET, "v1.0/invoke/state/method/x", None),
            (Method::GET, "v2.0/metadata", None),
            (Method::GET, "metadata", None),
        ] {
            let expect = expect.map(|(name, component)| (name, component.to_owned()));
            assert_eq!(found(&ApiAccess::default(), &method, path), expect, "{method} {path}");
        }
    }

    #[test]
    fn what_is_denied_or_not_allowed_is_not_there() {
        let rules = |rules: &[(&str, &str)]| -> Vec<ApiRule> {
            let rule = |(version, name): &(&str, &str)| ApiRule { name: (*name).into(), version: (*version).into() };
            rules.iter().map(rule).collect()
        };
        let state = (Method::GET, "v1.0/state/s/k");
        let metadata = (Method::GET, "v1.0/metadata");
        let query = (Method::POST, "v1.0-alpha1/state/s/query");
        for (allowed, denied, expect) in [
            (vec![], vec![], [true, true, true, true]),
            (vec![], vec![("v1", "state")], [false, true, true, true]),
            (vec![], vec![("v1alpha1", "state")], [true, true, false, true]),
            (vec![], vec![("v1.0", "state")], [false, true, true, true]),
            (vec![], vec![("v1.0", "invoke")], [true, true, true, false]),
            (vec![], vec![("v1", "invoke")], [true, true, true, false]),
            (vec![("v1", "invoke")], vec![], [false, false, false, true]),
            (vec![("v1", "metadata"), ("v1", "state")], vec![("v1", "state")], [false, true, false, false]),
        ] {
            let access = ApiAccess { allowed: rules(&allowed), denied: rules(&denied) };
            let there = [&state, &metadata, &query].map(|(method, path)| found(&access, method, path).is_some());
            let there = [there[0], there[1], there[2], Routes::new(&access).invoke];
            assert_eq!(there, expect, "allowed {allowed:?}, denied {denied:?}");
            assert!(found(&access, &Method::GET, "v1.0/healthz").is_some(), "health is always there");
        }
    }
}
