//! The commands that talk to running daptops: the real binary against the real binary.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

pub(crate) mod app;
mod greeter;
mod grpc;
mod replay;
mod traffic;
mod user;

use user::{SHOP, User};

#[test]
fn every_app_of_every_process_is_listed() {
    let user = User::new();
    user.write_shop();
    let shop = user.run(&["run", "-f", "."], &["one", "two"]);
    let solo = user.run(&["run", "--app-id", "solo", "--", "sleep", "600"], &["solo"]);
    let apps = user.apps();
    let seen: Vec<_> =
        apps.iter().map(|app| (app["appId"].as_str().unwrap(), app["daprdPid"].as_u64().unwrap())).collect();
    let (shop_pid, solo_pid) = (u64::from(shop.pid()), u64::from(solo.pid()));
    assert_eq!(seen, [("one", shop_pid), ("two", shop_pid), ("solo", solo_pid)]);
    let file = user.folder().join("dapr.yaml");
    assert_eq!(apps[0]["runTemplatePath"], file.to_str().unwrap());
    assert_eq!(apps[2]["runTemplatePath"], "");
    assert_eq!(apps[2]["command"], "sleep 600");
    for app in &apps {
        assert!(app["httpPort"].as_u64() > Some(0) && app["appPid"].as_u64() > Some(0), "{app}");
    }
    for log in [&apps[0]["appLogPath"], &apps[0]["daprdLogPath"]] {
        assert!(std::path::Path::new(log.as_str().unwrap()).exists(), "{log}");
    }
}

#[test]
fn the_socket_and_its_folder_are_for_the_user_alone() {
    let user = User::new();
    let solo = user.run(&["run", "--app-id", "solo", "--", "sleep", "600"], &["solo"]);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&user.sockets()), 0o700);
    assert_eq!(mode(&user.sockets().join(format!("{}.sock", solo.pid()))), 0o600);
}

#[test]
fn without_a_runtime_folder_there_is_one_in_the_temporary_folder() {
    let user = User::without_runtime_folder();
    let solo = user.run(&["run", "--app-id", "solo", "--", "sleep", "600"], &["solo"]);
    let own = rustix::process::getuid().as_raw();
    assert_eq!(user.sockets(), user.folder().join(format!("daptop-{own}")));
    assert!(user.sockets().join(format!("{}.sock", solo.pid())).exists());
}

#[test]
fn a_folder_that_others_can_write_to_is_not_used() {
    let user = User::new();
    std::fs::create_dir(user.sockets()).unwrap();
    std::fs::set_permissions(user.sockets(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let (code, out, err) = user.ask(&["list"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.starts_with("❌  other users can write to the folder "), "{err}");
}

#[test]
fn to_stop_a_run_file_returns_when_its_apps_are_gone() {
    let user = User::new();
    user.write_shop();
    let mut shop = user.run(&["run", "-f", "."], &["one", "two"]);
    let mut solo = user.run(&["run", "--app-id", "solo", "--", "sleep", "600"], &["solo"]);
    let pids: Vec<u32> = user.apps().iter().map(|app| app["appPid"].as_u64().unwrap() as u32).collect();
    let answer = user.ask(&["stop", "-f", "."]);
    assert_eq!(answer, (0, "✅  Dapr and app processes stopped successfully\n".to_owned(), String::new()));
    assert!(!user::runs(pids[0]) && !user::runs(pids[1]), "the apps of the run are gone");
    assert!(user::runs(pids[2]), "the other run goes on");
    assert_eq!(shop.end(), Some(0));
    let (code, _, err) = user.ask(&["stop", "-f", "."]);
    assert_eq!(code, 0);
    assert!(err.contains("couldn't find apps with run file"), "{err}");
    assert_eq!(user.ask(&["stop", "solo"]), (0, "✅  app stopped successfully: solo\n".to_owned(), String::new()));
    assert!(!user::runs(pids[2]));
    assert_eq!(solo.end(), Some(0), "it was the only app: its run ends");
}

#[test]
fn to_stop_one_app_of_several_leaves_the_others() {
    let user = User::new();
    user.write_shop();
    let mut shop = user.run(&["run", "-f", "."], &["one", "two"]);
    let one = user.apps()[0]["appPid"].as_u64().unwrap() as u32;
    let answer = user.ask(&["stop", "--app-id", "one"]);
    assert_eq!(answer, (0, "✅  app stopped successfully: one\n".to_owned(), String::new()));
    assert!(!user::runs(one));
    let left: Vec<_> = user.apps().iter().map(|app| app["appId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(left, ["two"]);
    assert!(shop.is_running());
    let (_, _, err) = user.ask(&["stop", "--app-id", "one"]);
    assert_eq!(err, "❌  failed to stop app id one: couldn't find app id one\n");
}

#[test]
fn a_run_ends_well_once_each_of_its_apps_was_stopped() {
    let user = User::new();
    user.write_shop();
    let mut shop = user.run(&["run", "-f", "."], &["one", "two"]);
    let answer = user.ask(&["stop", "one", "two"]);
    let told = "✅  app stopped successfully: one\n✅  app stopped successfully: two\n".to_owned();
    assert_eq!(answer, (0, told, String::new()));
    assert_eq!(shop.end(), Some(0));
}

#[test]
fn an_app_without_a_command_can_be_stopped() {
    let user = User::new();
    let file = "version: 1\napps:\n  - appID: one\n    appDirPath: .\n    command: [sleep, '600']\n  \
                - appID: alone\n    appDirPath: .\n";
    std::fs::write(user.folder().join("dapr.yaml"), file).unwrap();
    let mut shop = user.run(&["run", "-f", "."], &["one"]);
    let answer = user.ask(&["stop", "alone"]);
    assert_eq!(answer, (0, "✅  app stopped successfully: alone\n".to_owned(), String::new()));
    let left: Vec<_> = user.apps().iter().map(|app| app["appId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(left, ["one"]);
    assert!(shop.is_running());
    assert_eq!(user.ask(&["stop", "one"]).0, 0);
    assert_eq!(shop.end(), Some(0), "nothing is left of it");
}

#[test]
fn a_restart_keeps_the_ports_and_changes_the_process() {
    let user = User::new();
    user.write_shop();
    let _shop = user.run(&["run", "-f", "."], &["one", "two"]);
    let before = user.apps();
    let answer = user.ask(&["restart", "--app-id", "one"]);
    assert_eq!(answer, (0, "✅  app restarted successfully: one\n".to_owned(), String::new()));
    let after = user.apps();
    assert_ne!(after[0]["appPid"], before[0]["appPid"]);
    assert_eq!(after[1]["appPid"], before[1]["appPid"]);
    for port in ["httpPort", "grpcPort"] {
        assert_eq!(after[0][port], before[0][port]);
    }
}

#[test]
fn a_suspended_process_holds_nobody_up_and_is_named() {
    let user = User::new();
    user.write_shop();
    let hanging = user.run(&["run", "-f", "."], &["one", "two"]);
    let _solo = user.run(&["run", "--app-id", "solo", "--", "sleep", "600"], &["solo"]);
    hanging.suspend();
    let asked = Instant::now();
    let (code, out, err) = user.ask(&["list", "-o", "json"]);
    assert!(asked.elapsed() < Duration::from_secs(10));
    assert_eq!(code, 0);
    assert!(out.contains("\"solo\"") && !out.contains("\"one\""), "{out}");
    assert!(err.starts_with(&format!("⚠  the daptop process {} does not answer", hanging.pid())), "{err}");
    let (_, _, err) = user.ask(&["stop", "--app-id", "one"]);
    assert!(err.contains("does not answer"), "why the app was not found: {err}");
    hanging.wake();
    assert!(user::until(|| user.apps().len() == 3), "{:?}", user.apps());
}

#[test]
fn the_socket_of_a_killed_process_is_cleaned_up() {
    let user = User::new();
    let mut solo = user.run(&["run", "--app-id", "solo", "--", "sleep", "600"], &["solo"]);
    let socket = user.sockets().join(format!("{}.sock", solo.pid()));
    solo.kill();
    assert!(socket.exists(), "nobody was left to remove it");
    assert_eq!(user.ask(&["list"]), (0, "No Dapr instances found.\n".to_owned(), String::new()));
    assert!(!socket.exists());
}

#[test]
fn where_several_run_calls_asks_which_one_is_meant() {
    let user = User::new();
    let (code, _, err) = user.ask(&["calls"]);
    assert_eq!(
        (code, err.as_str()),
        (1, "❌  no daptop process runs; `daptop run -f .` starts the apps of a dapr.yaml\n")
    );
    user.write_shop();
    let shop = user.run(&["run", "-f", "."], &["one", "two"]);
    let _solo = user.run(&["run", "--app-id", "solo", "--", "sleep", "600"], &["solo"]);
    let (code, _, err) = user.ask(&["calls"]);
    assert_eq!(code, 1);
    assert!(err.starts_with("❌  several daptop processes run; choose one with --pid or --app-id:\n  pid "), "{err}");
    assert_eq!(user.ask(&["calls", "--app-id", "two"]), (0, String::new(), String::new()));
    assert_eq!(user.ask(&["calls", "--pid", &shop.pid().to_string()]), (0, String::new(), String::new()));
    let (code, _, err) = user.ask(&["show", "1", "--app-id", "solo"]);
    assert_eq!((code, err.as_str()), (1, "❌  no call #1 is here: nothing was captured yet\n"));
}

#[test]
fn the_words_for_what_is_not_there_are_as_recorded() {
    let user = User::new();
    std::fs::write(user.folder().join("dapr.yaml"), SHOP).unwrap();
    for name in ["list-empty", "list-empty-json", "stop-none", "stop-id-none", "invoke-none", "invoke-unknown"] {
        user.check_recording(name);
    }
}
