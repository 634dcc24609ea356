//! However a run ends, nothing of it is left.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::daptop::{Daptop, World, runs, wait_until};

/// How long apps have to end. Two of them one after the other would have twice as long.
const GRACE: Duration = Duration::from_secs(5);

/// A wrapper that starts a server and waits for it; the server, a grandchild of daptop, ignores SIGTERM.
const STUBBORN: &str = "(trap '' TERM; echo grandchild $(exec sh -c 'echo $PPID'); exec sleep 600) & wait";

/// Two apps like that, running, and the process ids of their grandchildren.
fn stubborn(world: &World) -> (Daptop, Vec<i32>) {
    let run = world.run();
    let pids = ["a", "b"].map(|app| run.number_after(&format!("== APP - {app} == grandchild")));
    assert!(pids.iter().all(|pid| runs(*pid)));
    (run, pids.to_vec())
}

fn stubborn_world() -> World {
    World::with_apps(&[("a", "appPort: 1", STUBBORN), ("b", "appPort: 2", STUBBORN)])
}

#[test]
fn no_grandchild_outlives_a_signal() {
    let checks = [Signal::INT, Signal::TERM, Signal::HUP].map(|signal| {
        std::thread::spawn(move || {
            let world = stubborn_world();
            let (run, pids) = stubborn(&world);
            let begun = Instant::now();
            run.signal(signal);
            let ended = run.end();
            assert!(pids.iter().all(|pid| !runs(*pid)), "{signal:?} left an orphan");
            assert_eq!(ended.status.code(), Some(0), "{signal:?}");
            let took = begun.elapsed();
            assert!(took >= GRACE, "{signal:?}: apps get five seconds, not {took:?}");
            assert!(took < 2 * GRACE, "{signal:?}: two stubborn apps must end together, not in {took:?}");
        })
    });
    for check in checks {
        check.join().unwrap();
    }
}

#[test]
fn no_grandchild_outlives_a_daptop_that_was_killed() {
    let world = stubborn_world();
    let (run, pids) = stubborn(&world);
    run.signal(Signal::KILL);
    drop(run);
    wait_until("the watcher to end the apps", || pids.iter().all(|pid| !runs(*pid)));
}

/// Leaves the process group of its app, and keeps its parent.
const ESCAPED: &str = "setsid sh -c 'trap \"\" TERM; echo escaped $$; exec sleep 1000' & wait";
/// Leaves its parent too, as daemons do.
const DAEMON: &str = "(setsid sh -c 'trap \"\" TERM; echo escaped $$; exec sleep 1000' &); exec sleep 600";

/// What has left its group. A test that fails ends it all the same.
struct Escaped(Vec<i32>);

impl Escaped {
    fn is_gone(&self) -> bool {
        self.0.iter().all(|pid| !runs(*pid))
    }
}

impl Drop for Escaped {
    fn drop(&mut self) {
        for pid in self.0.iter().filter(|pid| runs(**pid)) {
            kill_process(Pid::from_raw(*pid).unwrap(), Signal::KILL).ok();
        }
    }
}

/// Two apps with such children, running, and the process ids of those.
fn escaped(run: Daptop) -> (Daptop, Escaped) {
    let escaped = Escaped(["a", "b"].map(|app| run.number_after(&format!("== APP - {app} == escaped"))).to_vec());
    assert!(escaped.0.iter().all(|pid| runs(*pid)));
    (run, escaped)
}

fn escaped_world() -> World {
    World::with_apps(&[("a", "appPort: 1", ESCAPED), ("b", "appPort: 2", DAEMON)])
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_that_left_its_group_outlives_a_signal() {
    let checks = [Signal::INT, Signal::TERM, Signal::HUP].map(|signal| {
        std::thread::spawn(move || {
            let world = escaped_world();
            let (run, escaped) = escaped(world.run());
            let begun = Instant::now();
            run.signal(signal);
            let ended = run.end();
            assert!(escaped.is_gone(), "{signal:?} left an orphan");
            assert_eq!(ended.status.code(), Some(0), "{signal:?}");
            let took = begun.elapsed();
            assert!(took >= GRACE, "{signal:?}: they get five seconds too, not {took:?}");
            assert!(took < 2 * GRACE, "{signal:?}: all end together, not in {took:?}");
        })
    });
    for check in checks {
        check.join().unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_that_left_its_group_outlives_a_daptop_that_was_killed() {
    let world = escaped_world();
    let mut command = world.command(&["run", "-f", "."]);
    command.env("DAPTOP_LOG", "debug");
    let (run, escaped) = escaped(Daptop::start(command));
    // It looks at its apps' processes once a second, and tells the watcher.
    let knows = |line: &str| line.contains(" left ") && escaped.0.iter().all(|pid| line.contains(&format!(" {pid}:")));
    wait_until("the watcher to know them", || run.err().lines().any(knows));
    run.signal(Signal::KILL);
    drop(run);
    wait_until("the watcher to end them", || escaped.is_gone());
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_that_left_its_group_outlives_the_stop_of_its_app_and_no_other_process_is_touched() {
    let world = escaped_world();
    let (run, escaped) = escaped(world.run());
    // Nobody's child but the test's, with the environment of an app.
    let environment = std::fs::read(format!("/proc/{}/environ", escaped.0[1])).unwrap();
    let entries =
        environment.split(|byte| *byte == 0).filter_map(|entry| std::str::from_utf8(entry).ok()?.split_once('='));
    let mut stranger = std::process::Command::new("setsid").args(["sleep", "600"]).envs(entries).spawn().unwrap();
    for (app, pid) in ["a", "b"].into_iter().zip(&escaped.0) {
        let stopped = world.start(&["stop", "--app-id", app]).end();
        assert_eq!(stopped.status.code(), Some(0), "{}", stopped.err);
        assert!(!runs(*pid), "{app}: {}", run.out());
    }
    assert_eq!(run.end().status.code(), Some(0), "a run ends with its last app");
    let lives = stranger.try_wait().unwrap().is_none();
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    assert!(lives, "a process that is below no app was ended");
}

#[cfg(target_os = "linux")]
#[test]
fn an_orphan_that_ends_while_the_run_goes_on_is_asked_after() {
    let script = "(setsid sh -c 'echo orphan $$' &); echo app $$; exec sleep 600";
    let world = World::with_apps(&[("a", "appPort: 1", script)]);
    let run = world.run();
    let pid = run.number_after("== APP - a == orphan");
    let is_known = || std::path::Path::new(&format!("/proc/{pid}")).exists();
    wait_until("the system to forget it", || !is_known());
    run.stop();
}

#[test]
fn a_second_ctrl_c_ends_everything_at_once() {
    let world = stubborn_world();
    let (run, pids) = stubborn(&world);
    let begun = Instant::now();
    run.signal(Signal::INT);
    run.wait_for("Received signal to stop Dapr");
    // Ctrl-C that comes at once is taken for the same one, passed on by a wrapper.
    std::thread::park_timeout(Duration::from_millis(400));
    run.signal(Signal::INT);
    let ended = run.end();
    assert!(begun.elapsed() < GRACE, "took {:?}", begun.elapsed());
    assert!(pids.iter().all(|pid| !runs(*pid)));
    assert_eq!(ended.status.code(), Some(1), "a forced end is not a good one");
}

#[test]
fn what_an_app_left_behind_ends_with_the_run() {
    let script = "(trap '' TERM; exec sleep 600) & echo grandchild $!; exit 0";
    let world = World::with_apps(&[("a", "appPort: 1", script), ("b", "appPort: 2", "exec sleep 600")]);
    let run = world.run();
    let pid = run.number_after("== APP - a == grandchild");
    run.wait_for("App \"a\" has ended");
    assert!(runs(pid), "what an app leaves behind goes on while the run does");
    run.stop();
    assert!(!runs(pid));
}

#[test]
fn ctrl_c_works_while_apps_start() {
    // Whenever it comes, from before the first app to after the last one.
    for delay in [0, 5, 10, 20, 40, 80] {
        let apps: Vec<(String, String)> =
            (0..6).map(|app| (format!("app{app}"), "echo app $$ > started; exec sleep 600".to_owned())).collect();
        let apps: Vec<(&str, &str, &str)> =
            apps.iter().map(|(id, script)| (id.as_str(), "logLevel: info", script.as_str())).collect();
        let world = World::with_apps(&apps);
        let run = world.run();
        run.wait_for("Validating config and starting app \"app0\"");
        std::thread::park_timeout(Duration::from_millis(delay));
        let begun = Instant::now();
        let ended = run.stop();
        assert!(begun.elapsed() < GRACE, "{:?}\n{}", begun.elapsed(), ended.out);
        for (id, ..) in apps {
            let Ok(started) = std::fs::read_to_string(world.path().join(id).join("started")) else { continue };
            let Some(pid) = super::daptop::number_after(&started, "app") else { continue };
            assert!(!runs(pid), "{id} outlived daptop");
        }
    }
}

#[test]
fn the_watcher_ends_with_the_run() {
    let world = World::with_apps(&[("a", "appPort: 1", "echo app $$; exec sleep 600")]);
    let run = world.run();
    run.number_after("== APP - a == app");
    let parent = run.pid().as_raw_nonzero().get();
    let watchers = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let of_run = |pid: &i32| {
            let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
            read("cmdline").contains("__watch") && read("status").contains(&format!("PPid:\t{parent}\n"))
        };
        pids.filter(of_run).collect::<Vec<i32>>()
    };
    let found = watchers();
    assert_eq!(found.len(), 1);
    run.stop();
    assert!(!runs(found[0]));
}
#[test]
fn sidecars_serve_until_the_apps_have_ended() {
    // While it ends, the app asks its sidecar; a sidecar that was closed first would refuse the connection.
    let script =
        "trap 'curl -s -o /dev/null http://127.0.0.1:$DAPR_HTTP_PORT/v1.0/healthz; echo curl says $?; exit 0' TERM
        echo up; while :; do sleep 0.05; done";
    let world = World::with_apps(&[("a", "appPort: 1", script), ("b", "appPort: 2", "exec sleep 600")]);
    let run = world.run();
    run.wait_for("== APP - a == up\n");
    let ended = run.stop();
    assert!(ended.out.contains("== APP - a == curl says 0\n"), "{}", ended.out);
}
