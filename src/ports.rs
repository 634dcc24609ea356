//! The ports of sidecars: asked for once and held from then on, so that nothing else can get them in between.

use std::collections::BTreeSet;
use std::net::IpAddr;

use daptop_mesh::{ApiListener, Listeners};
use daptop_model::AppPorts;

use crate::plan::{AppPlan, RunPlan, RunSource};
use crate::refusal::{Refusal, failure_line};
use crate::run_file;

pub(crate) mod bind;
mod holder;
pub(crate) mod sockets;
#[cfg(test)]
mod tests;

use bind::Bound;

/// Why an app's sidecar cannot listen.
#[derive(PartialEq, Eq, Debug, thiserror::Error)]
#[error("app `{app_id}`: {text}")]
pub(crate) struct PortProblem {
    /// Whose sidecar.
    pub(crate) app_id: String,
    /// What is wrong, in the words of the Dapr CLI where it has some.
    pub(crate) text: String,
}

/// What one listener was asked to be, and what it has become.
struct Slot {
    name: &'static str,
    wanted: Option<u16>,
    addresses: Vec<bind::Address>,
    bound: Option<Bound>,
}

/// The slots of one app: HTTP, gRPC, metrics, internal gRPC, in the order in which the Dapr CLI asks for ports.
type Slots = [Slot; 4];

/// Binds the listeners of every sidecar of a plan. Ports that are written are bound before any free one is taken, and no
/// free one is the port of an app. Problems of all apps are told at once; nothing stays bound then.
pub(crate) fn hold(plan: &RunPlan) -> Result<Vec<(Listeners, AppPorts)>, Vec<PortProblem>> {
    let (mut apps, mut problems) = written(plan);
    let app_ports = plan.apps.iter().filter_map(|app| app.app_port).collect();
    bind_free(plan, &mut apps, &app_ports, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut listeners = Vec::new();
    for (app, slots) in plan.apps.iter().zip(apps) {
        match finish(app, slots) {
            Ok(held) => listeners.push(held),
            Err(text) => problems.push(problem(app, text)),
        }
    }
    if problems.is_empty() { Ok(listeners) } else { Err(problems) }
}

/// Which of the ports and addresses that are written cannot be had: for a run that is refused anyway.
pub(crate) fn unavailable(plan: &RunPlan) -> Vec<PortProblem> {
    written(plan).1
}

/// The slots of every app, bound where their ports are written.
fn written(plan: &RunPlan) -> (Vec<Slots>, Vec<PortProblem>) {
    let (mut apps, mut problems) = (Vec::new(), Vec::new());
    for app in &plan.apps {
        let addresses = bind::addresses(&app.listen_addresses).unwrap_or_else(|text| {
            problems.push(problem(app, text));
            bind::loopback()
        });
        apps.push(slots(app, &addresses));
    }
    bind_written(plan, &mut apps, &mut problems);
    (apps, problems)
}

/// The lines and streams of the Dapr CLI for sidecars that cannot listen.
pub(crate) fn refusal(problems: &[PortProblem], source: &RunSource) -> Refusal {
    let line = |problem: &PortProblem| match source {
        RunSource::File(file) => run_file::invalid_line(&problem.app_id, file, &problem.text),
        RunSource::Flags => failure_line(&problem.text),
    };
    Refusal { stderr: problems.iter().map(line).collect(), code: 1, ..Refusal::default() }
}

fn problem(app: &AppPlan, text: String) -> PortProblem {
    PortProblem { app_id: app.app_id.to_string(), text }
}

fn slots(app: &AppPlan, api: &[bind::Address]) -> Slots {
    let slot = |name, wanted, addresses| Slot { name, wanted, addresses, bound: None };
    let first = vec![bind::Address::needed(IpAddr::from([127, 0, 0, 1]))];
    [
        slot("HTTPPort", app.ports.http, api.to_vec()),
        slot("GRPCPort", app.ports.grpc, api.to_vec()),
        slot("MetricsPort", app.ports.metrics, first),
        slot("InternalGRPCPort", app.ports.internal_grpc, bind::loopback()),
    ]
}

fn bind_written(plan: &RunPlan, apps: &mut [Slots], problems: &mut Vec<PortProblem>) {
    let mut taken: Vec<(u16, String)> = Vec::new();
    for other in &plan.apps {
        taken.extend(other.app_port.map(|port| (port, format!("it is the port of app {:?}", other.app_id.as_str()))));
    }
    for (app, slots) in plan.apps.iter().zip(apps) {
        for slot in slots {
            let Some(port) = slot.wanted else { continue };
            let refused = |why: &str| {
                problem(app, format!("invalid configuration for {}. Port {port} is not available: {why}", slot.name))
            };
            if let Some((_, why)) = taken.iter().find(|(other, _)| *other == port) {
                problems.push(refused(why));
                continue;
            }
            match bind::exactly(port, &slot.addresses) {
                Ok(bound) => {
                    slot.bound = Some(bound);
                    taken.push((port, format!("it is the {} of app {:?}", slot.name, app.app_id.as_str())));
                }
                Err(why) => problems.push(refused(&why)),
            }
        }
    }
}

fn bind_free(plan: &RunPlan, apps: &mut [Slots], avoid: &BTreeSet<u16>, problems: &mut Vec<PortProblem>) {
    for (app, slots) in plan.apps.iter().zip(apps) {
        for slot in slots.iter_mut().filter(|slot| slot.wanted.is_none()) {
            match bind::any(avoid, &slot.addresses) {
                Ok(bound) => slot.bound = Some(bound),
                Err(why) => problems.push(problem(app, format!("no free port for {}: {why}", slot.name))),
            }
        }
    }
}

/// The listeners of an app, out of slots that are bound; those that are not have been told of.
fn finish(app: &AppPlan, slots: Slots) -> Result<(Listeners, AppPorts), String> {
    let [http, grpc, metrics, internal_grpc] = slots.map(|slot| slot.bound.unwrap_or_default());
    let ports = AppPorts {
        app: app.app_port.unwrap_or_default(),
        http: http.port,
        grpc: grpc.port,
        internal_grpc: internal_grpc.port,
        metrics: metrics.port,
    };
    let (http, grpc) = match &app.unix_domain_socket {
        None => {
            let tcp = |bound: Bound| bound.listeners.into_iter().map(ApiListener::Tcp).collect();
            (tcp(http), tcp(grpc))
        }
        // The numbers stay those that the app is told, as with the Dapr CLI, but nobody listens on them.
        Some(folder) => {
            let id = app.app_id.as_str();
            (vec![sockets::bind(folder, id, "http")?], vec![sockets::bind(folder, id, "grpc")?])
        }
    };
    let listeners = Listeners {
        http,
        grpc,
        internal_grpc: internal_grpc.listeners,
        metrics: metrics.listeners.into_iter().next(),
        public: None,
    };
    Ok((listeners, ports))
}
