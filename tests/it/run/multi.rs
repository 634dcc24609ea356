//! Runs of several apps.

use rustix::process::Signal;

use super::daptop::{World, number_after, wait_until, without_numbers};
use crate::support::guard::Guard;

/// Lines in order, with the numbers that differ and the folder taken out.
fn lines(world: &World, text: &str) -> Vec<String> {
    let folder = world.path().canonicalize().unwrap();
    without_numbers(text).replace(folder.to_str().unwrap(), "<shop>").lines().map(str::to_owned).collect()
}

#[test]
fn a_run_is_told_as_the_dapr_cli_tells_it() {
    let world = World::with_apps(&[
        ("order-processor", "appPort: 1", "echo up; exec sleep 600"),
        ("checkout", "logLevel: info", "echo Order passed >&2; exec sleep 600"),
    ]);
    let run = world.run();
    run.wait_for("== APP - order-processor == up\n");
    run.wait_for("== APP - checkout == Order passed\n");
    run.wait_for("<shop>".replace("<shop>", "checkout/.dapr/logs\n").as_str());
    let ended = run.stop();
    assert_eq!(ended.err, "");
    let told = lines(&world, &ended.out);
    let own: Vec<&str> = told.iter().map(String::as_str).filter(|line| !line.starts_with("== APP")).collect();
    assert_eq!(
        own,
        [
            "ℹ️  Validating config and starting app \"order-processor\"",
            "ℹ️  Started Dapr with app id \"order-processor\". HTTP Port: N. gRPC Port: N",
            "ℹ️  Writing log files to directory : <shop>/order-processor/.dapr/logs",
            "ℹ️  Validating config and starting app \"checkout\"",
            "ℹ️  Started Dapr with app id \"checkout\". HTTP Port: N. gRPC Port: N",
            "ℹ️  Writing log files to directory : <shop>/checkout/.dapr/logs",
            "",
            "ℹ️  Received signal to stop Dapr and app processes. Shutting down Dapr and app processes.",
            "",
            "termination signal received: shutting down",
            "The App process exited with error code: signal: terminated",
            "",
            "termination signal received: shutting down",
            "The App process exited with error code: signal: terminated",
        ]
    );
}

#[test]
fn log_files_have_the_lines_of_the_console_and_the_sidecars_own() {
    let world = World::with_apps(&[("one", "appPort: 1", "printf '\\033[31mred\\033[0m\\n'; exec sleep 600")]);
    let run = world.run();
    run.wait_for("== APP - one == red\n");
    run.stop();
    assert_eq!(
        world.log("one", "app"),
        "== APP - one == red\n\ntermination signal received: shutting down\n\
         The App process exited with error code: signal: terminated\n"
    );
    let sidecar: String = world
        .log("one", "daprd")
        .lines()
        .filter(|line| !line.starts_with("time="))
        .fold(String::new(), |all, line| all + line + "\n");
    assert_eq!(
        without_numbers(&sidecar),
        "Starting Dapr with id one. HTTP Port: N. gRPC Port: N\n\
         Updating metadata for cliPID: N\n\
         Updating metadata for app command: sh app.sh\n\
         Updating metadata for appPID: N\n\
         You're up and running! Dapr logs will appear here.\n\n"
    );
}

#[test]
fn where_lines_go_is_what_the_run_file_says() {
    let script = "printf '\\033[31mred\\033[0m\\n'; sleep 600";
    let world = World::with_apps(&[
        ("console", "appLogDestination: console", script),
        ("file", "appLogDestination: file", script),
    ]);
    let run = world.run();
    run.wait_for("== APP - console == \u{1b}[31mred\u{1b}[0m\n");
    wait_until("the line in the file", || {
        world.size_of_log("file", "app") > 0 && world.log("file", "app").contains("== APP - file == red\n")
    });
    let ended = run.stop();
    assert!(!ended.out.contains("== APP - file"), "{}", ended.out);
    assert!(ended.out.contains("ℹ️  \ntermination signal received: shutting down\n"), "{}", ended.out);
    let logs = std::fs::read_dir(world.path().join("console/.dapr/logs")).unwrap();
    let names: Vec<_> = logs.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().all(|name| !name.contains("_app_")), "{names:?}");
}

#[test]
fn apps_come_up_in_parallel() {
    // Each app is up once all the others have begun.
    let script = "touch ../$APP_ID.begun; until [ -e ../a.begun -a -e ../b.begun -a -e ../c.begun -a -e ../d.begun ]; do \
                  sleep 0.05; done; echo up; exec sleep 600";
    let world = World::with_apps(&["a", "b", "c", "d"].map(|id| (id, "logLevel: info", script)));
    let run = world.run();
    for id in ["a", "b", "c", "d"] {
        run.wait_for(&format!("== APP - {id} == up\n"));
    }
    run.stop();
}

#[test]
fn a_crash_names_its_app_and_shows_its_last_lines_while_the_others_go_on() {
    let world = World::with_apps(&[
        ("good", "appPort: 1", "while :; do echo tick; sleep 0.1; done"),
        ("bad", "appPort: 2", "echo first; echo the database is gone >&2; exit 7"),
        ("killed", "appPort: 3", "kill -SEGV $$"),
    ]);
    let run = world.run();
    run.wait_for("❌  App \"bad\" has crashed: exit code 7. Its last lines:\n");
    run.wait_for("    | the database is gone\n");
    run.wait_for("The App process exited with error code: exit status 7\n");
    run.wait_for("❌  App \"killed\" has crashed: SIGSEGV (segmentation fault). It wrote nothing.\n");
    let so_far = run.out().len();
    wait_until("the others to go on", || run.out()[so_far..].contains("== APP - good == tick"));
    run.stop();
}

#[test]
fn when_every_app_has_ended_the_run_ends_with_what_they_ended_with() {
    for (script, code) in [("exit 0", 0), ("exit 9", 1)] {
        let world = World::with_apps(&[("a", "appPort: 1", "exit 0"), ("b", "appPort: 2", script)]);
        let ended = world.run().end();
        assert_eq!(ended.status.code(), Some(code), "{}", ended.out);
        assert!(ended.out.contains("Exited App successfully\n"), "{}", ended.out);
        assert!(ended.out.contains("Every app has ended"), "{}", ended.out);
    }
}

#[test]
fn a_command_that_is_not_there_is_output_of_its_app_and_code_127() {
    let world = World::new();
    std::fs::create_dir(world.path().join("a")).unwrap();
    let file = "version: 1\napps:\n- {appID: a, appDirPath: ./a, command: [no-such-command]}\n";
    std::fs::write(world.path().join("dapr.yaml"), file).unwrap();
    let ended = world.run().end();
    assert!(ended.out.contains("== APP - a == sh: "), "{}", ended.out);
    assert!(ended.out.contains("The App process exited with error code: exit status 127\n"), "{}", ended.out);
    assert_eq!(ended.status.code(), Some(1));
}

#[test]
fn an_app_without_a_command_is_a_sidecar_and_keeps_the_run_going() {
    let world = World::with_apps(&[("a", "appPort: 1", "exit 0")]);
    std::fs::create_dir(world.path().join("b")).unwrap();
    let mut file = std::fs::read_to_string(world.path().join("dapr.yaml")).unwrap();
    file += "- {appID: b, appDirPath: ./b}\n";
    std::fs::write(world.path().join("dapr.yaml"), file).unwrap();
    let run = world.run();
    run.wait_for("⚠  No application command found for app \"b\" present in ");
    run.wait_for("App \"a\" has ended");
    run.stop();
}

#[test]
fn lines_of_any_length_and_of_any_bytes_come_through() {
    let script = r"
        head -c 200000 /dev/zero | tr '\0' x; echo
        printf 'bad \377 byte\n'
        printf '10%%\r20%%\r100%%\n'
        printf 'windows\r\n'
        printf 'no end'
    ";
    let world = World::with_apps(&[("a", "appPort: 1", script)]);
    let ended = world.run().end();
    let of_app: Vec<&str> = ended.out.lines().filter_map(|line| line.strip_prefix("== APP - a == ")).collect();
    let long: String = of_app
        .iter()
        .filter(|line| line.starts_with('x'))
        .map(|line| line.replace(" [the line goes on]", ""))
        .collect();
    assert_eq!(long, "x".repeat(200_000));
    let rest: Vec<&str> = of_app.into_iter().filter(|line| !line.starts_with('x')).collect();
    assert_eq!(rest, ["bad \u{fffd} byte", "100%", "windows", "no end"]);
}

#[test]
fn an_app_that_writes_faster_than_anybody_reads_is_not_held_up() {
    // The test reads nothing until the app says, by a file, that it has written 3 MB: several times what all queues and
    // pipes on the way have room for.
    let script =
        "yes 'a line of some length to fill the pipe with' | head -c 3000000; echo done > done; exec sleep 600";
    let world = World::with_apps(&[("a", "appPort: 1", script)]);
    let mut command = world.command(&["run", "-f", "."]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let _guard = Guard::of_process(&child);
    wait_until("the app to have written everything", || world.path().join("a/done").exists());
    wait_until("the log file to have everything", || world.size_of_log("a", "app") > 3_000_000);
    drop(child.stdout.take());
    wait_until("the end of daptop", || child.try_wait().unwrap().is_some());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_goes_away_stops_the_run_in_good_order() {
    let script = "echo app $$; while :; do echo tick; sleep 0.05; done";
    let world = World::with_apps(&[("a", "appPort: 1", script)]);
    let mut child = world.command(&["run", "-f", "."]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let _guard = Guard::of_process(&child);
    wait_until("the app", || world.size_of_log("a", "app") > 0 && world.log("a", "app").contains("tick"));
    let app = number_after(&world.log("a", "app"), "app").unwrap();
    drop(child.stdout.take());
    wait_until("the end of daptop", || child.try_wait().unwrap().is_some());
    assert!(child.wait().unwrap().success());
    assert!(!super::daptop::runs(app));
}

#[test]
fn the_sidecars_of_a_run_cannot_get_a_port_twice() {
    let world =
        World::with_apps(&[("a", "appPort: 1", "env; exec sleep 600"), ("b", "appPort: 2", "env; exec sleep 600")]);
    let run = world.run();
    run.wait_for("== APP - b == DAPR_HTTP_PORT=");
    run.wait_for("== APP - a == DAPR_HTTP_PORT=");
    run.wait_for("== APP - b == APP_PORT=2");
    run.signal(Signal::TERM);
    let out = run.end().out;
    let ports: Vec<&str> = out.lines().filter_map(|line| line.split_once("_PORT=").map(|(_, port)| port)).collect();
    let mut unique = ports.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ports.len(), "{ports:?}");
}

#[test]
fn an_app_that_is_restarted_keeps_its_ports_its_log_file_and_its_place() {
    let script = "echo \"on $DAPR_HTTP_PORT as $$.\"; exec sleep 600";
    let world = World::with_apps(&[("a", "appPort: 1", script), ("b", "appPort: 2", script)]);
    let run = world.run();
    let port = run.number_after("== APP - a == on");
    run.wait_for("== APP - b == on");
    let restarted = world.start(&["restart", "--app-id", "a"]).end();
    assert!(restarted.status.success(), "{}{}", restarted.out, restarted.err);
    run.wait_for("Started app \"a\" again\n");
    wait_until("the second line", || run.out().matches("== APP - a == on").count() == 2);
    let ended = run.stop();
    assert_eq!(ended.out.matches(&format!("== APP - a == on {port} as ")).count(), 2, "{}", ended.out);
    assert_eq!(world.log("a", "app").matches("== APP - a == on").count(), 2, "the log file goes on");
    assert_eq!(ended.out.matches("== APP - b == on").count(), 1, "{}", ended.out);
}

#[test]
fn an_app_that_is_stopped_alone_leaves_the_run_going() {
    let lasting = "echo up; exec sleep 600";
    let world = World::with_apps(&[("a", "appPort: 1", lasting), ("b", "appPort: 2", lasting)]);
    let run = world.run();
    run.wait_for("== APP - a == up\n");
    run.wait_for("== APP - b == up\n");
    let stopped = world.start(&["stop", "--app-id", "a"]).end();
    assert_eq!(stopped.out, "✅  app stopped successfully: a\n", "{}", stopped.err);
    run.wait_for("App \"a\" was stopped\n");
    let restarted = world.start(&["restart", "--app-id", "a"]).end();
    assert!(restarted.status.success(), "{}{}", restarted.out, restarted.err);
    wait_until("the app to be up again", || run.out().matches("== APP - a == up\n").count() == 2);
    run.stop();
}

#[test]
fn a_run_ends_once_its_last_app_was_stopped_as_well_as_the_others_ended() {
    for (script, code) in [("exit 0", 0), ("exit 3", 1)] {
        let world = World::with_apps(&[("a", "appPort: 1", "echo up; exec sleep 600"), ("b", "appPort: 2", script)]);
        let run = world.run();
        run.wait_for("== APP - a == up\n");
        run.wait_for(if code == 0 { "App \"b\" has ended" } else { "App \"b\" has crashed" });
        let stopped = world.start(&["stop", "--app-id", "a"]).end();
        assert_eq!(stopped.out, "✅  app stopped successfully: a\n", "{}", stopped.err);
        let ended = run.end();
        assert_eq!(ended.status.code(), Some(code), "{}", ended.out);
        assert!(ended.out.contains("Every app has ended. Shutting down Dapr."), "{}", ended.out);
    }
}
