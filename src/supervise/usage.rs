//! CPU, memory and ports of the apps, children included: measured only while somebody looks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};
use tokio::sync::watch;

use super::listening::Listening;

/// From one measurement to the next.
const INTERVAL: Duration = Duration::from_secs(2);

/// What processes use, by the process id of the app.
pub(crate) type Usages = HashMap<u32, Usage>;

/// What a process and its children use.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Usage {
    /// Percent of one core, over the last interval.
    pub(crate) cpu_percent: f32,
    /// Resident bytes.
    pub(crate) memory: u64,
    /// The TCP ports that they listen on, ascending; `None` where the system does not tell.
    pub(crate) listens_on: Option<Arc<[u16]>>,
}

/// Measures for ever while `watched` says that somebody looks; `apps` gives the process ids of the apps.
pub(crate) async fn measure(usages: watch::Sender<Usages>, watched: impl Fn() -> bool, apps: impl Fn() -> Vec<u32>) {
    let mut system = match System::new() {
        Ok(system) => system,
        Err(error) => return tracing::warn!(%error, "CPU and memory of the apps cannot be measured"),
    };
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let apps = if watched() { apps() } else { Vec::new() };
        if apps.is_empty() {
            continue;
        }
        let measured = tokio::task::spawn_blocking(move || {
            let usages = look(&mut system, &apps);
            (system, usages)
        });
        let Ok((same, measured)) = measured.await else { return };
        system = same;
        usages.send_replace(measured);
    }
}

fn look(system: &mut System, apps: &[u32]) -> Usages {
    let what = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    let parent = |pid: u32| {
        let process = system.process(sysinfo::Pid::from_u32(pid))?;
        Some(process.parent()?.as_u32())
    };
    let mut usages: Usages = apps.iter().map(|app| (*app, Usage::default())).collect();
    let mut processes: HashMap<u32, Vec<u32>> = HashMap::new();
    for (pid, process) in system.processes() {
        let Some(app) = ancestor(pid.as_u32(), parent, apps) else { continue };
        let usage = usages.entry(app).or_default();
        usage.cpu_percent += process.cpu_usage();
        usage.memory += process.memory();
        processes.entry(app).or_default().push(pid.as_u32());
    }
    if let Some(listening) = Listening::now() {
        for (app, usage) in &mut usages {
            usage.listens_on = Some(listening.ports(processes.get(app).map_or(&[], Vec::as_slice)));
        }
    }
    usages
}

/// The app that a process belongs to: itself, or the nearest of its ancestors that is one.
fn ancestor(pid: u32, parent: impl Fn(u32) -> Option<u32>, apps: &[u32]) -> Option<u32> {
    let line = std::iter::successors(Some(pid), |pid| parent(*pid));
    // A process id may be used again while the list is read, which could close a circle.
    line.take(64).find(|pid| apps.contains(pid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_of_a_child_counts_for_the_app() {
        let parents = HashMap::from([(30, 20), (20, 10), (10, 1), (99, 1), (5, 6), (6, 5)]);
        let of = |pid| ancestor(pid, |pid| parents.get(&pid).copied(), &[10]);
        assert_eq!((of(30), of(10), of(99), of(5)), (Some(10), Some(10), None, None));
    }

    #[test]
    fn this_process_uses_memory_and_its_children_count_with_it() {
        let own = std::process::id();
        let mut system = System::new().unwrap();
        let alone = look(&mut system, &[own])[&own].memory;
        assert!(alone > 100 << 10, "{alone}");
        // A child that waits for its input, and for nothing else.
        let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let apart = look(&mut system, &[own, child.id()]);
        let both = look(&mut system, &[own]);
        assert!(apart[&child.id()].memory > 0, "{apart:?}");
        assert!(!both.contains_key(&child.id()), "{both:?}");
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_ports_that_an_app_listens_on_are_measured() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let own = std::process::id();
        let usages = look(&mut System::new().unwrap(), &[own]);
        let ports = usages[&own].listens_on.as_deref().unwrap();
        assert!(ports.contains(&listener.local_addr().unwrap().port()), "{ports:?}");
    }

    #[test]
    fn work_is_measured_in_percent_of_one_core() {
        let own = std::process::id();
        let mut system = System::new().unwrap();
        look(&mut system, &[own]);
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        let busy = loop {
            let begun = std::time::Instant::now();
            while begun.elapsed() < Duration::from_millis(300) {
                std::hint::spin_loop();
            }
            let percent = look(&mut system, &[own])[&own].cpu_percent;
            if percent > 1.0 || std::time::Instant::now() > deadline {
                break percent;
            }
        };
        assert!(busy > 1.0, "{busy}");
    }
}
