//! What a command line means, and what is said about one that means nothing.

use super::*;

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn command(line: &str) -> Command {
    parse(words(line)).map_or_else(|refusal| panic!("{line}: {refusal:?}"), |invocation| invocation.command)
}

fn run(line: &str) -> RunArgs {
    match command(line) {
        Command::Run(args) => *args,
        other => panic!("{line}: {other:?}"),
    }
}

/// The flags of `daptop sidecar` in a command line.
pub(crate) fn sidecar(line: &str) -> SidecarArgs {
    match command(line) {
        Command::Sidecar(args) => *args,
        other => panic!("{line}: {other:?}"),
    }
}

fn refusal(line: &str) -> Refusal {
    match parse(words(line)) {
        Ok(invocation) => panic!("{line}: {invocation:?}"),
        Err(refusal) => refusal,
    }
}

#[test]
fn the_definition_holds_no_contradiction() {
    definition().debug_assert();
}

#[test]
fn flags_may_stand_after_the_words_of_the_command_unless_two_dashes_come_first() {
    let args = run("daptop run --app-id x python3 app.py --resources-path ../components");
    assert_eq!(args.command, ["python3", "app.py"]);
    assert_eq!(args.resources_path, ["../components"]);

    let args = run("daptop run --app-id x -- python3 app.py --resources-path ../components -- -p 3");
    assert_eq!(args.command, ["python3", "app.py", "--resources-path", "../components", "--", "-p", "3"]);
    assert_eq!(args.resources_path, [""; 0]);

    let args = run("daptop run node app.js -p 3000 -- --port 5");
    assert_eq!(args.command, ["node", "app.js", "--port", "5"]);
    assert_eq!(args.app_port, 3000);
}

#[test]
fn a_flag_is_read_in_each_of_its_forms() {
    for line in [
        "daptop run --app-port 8001",
        "daptop run --app-port=8001",
        "daptop run -p 8001",
        "daptop run -p8001",
        "daptop run -p=8001",
        "daptop run -p 7 -p 8001",
        "daptop run -kp 8001",
        "daptop run --app-port 0x1F41",
    ] {
        assert_eq!(run(line).app_port, 8001, "{line}");
    }
    assert_eq!(run("daptop run --app-port -1").app_port, -1);
    assert_eq!(run("daptop run -f -").run_file, "-");
    assert_eq!(run("daptop run --app-id --enable-profiling").app_id, "--enable-profiling");
}

#[test]
fn a_switch_takes_no_further_word_and_the_last_one_wins() {
    assert!(run("daptop run --enable-api-logging").enable_api_logging);
    assert!(!run("daptop run --enable-api-logging=false").enable_api_logging);
    assert!(!run("daptop run --enable-api-logging --enable-api-logging=F").enable_api_logging);
    assert!(run("daptop run --enable-api-logging=0 --enable-api-logging=1").enable_api_logging);
    assert_eq!(run("daptop run --enable-api-logging false").command, ["false"]);
}

#[test]
fn the_short_names_are_those_of_the_dapr_cli() {
    let args = run("dapr run -a id -p 1 -P grpc -c c -d d -H 2 -G 3 -I 4 -M 5 -u sock -f dapr.yaml -k");
    assert_eq!((args.app_id.as_str(), args.app_port, args.app_protocol.as_str()), ("id", 1, "grpc"));
    assert_eq!((args.config.as_str(), args.components_path.as_str()), ("c", "d"));
    assert_eq!(
        (args.dapr_http_port, args.dapr_grpc_port, args.dapr_internal_grpc_port, args.metrics_port),
        (2, 3, 4, 5)
    );
    assert_eq!(
        (args.unix_domain_socket.as_str(), args.run_file.as_str(), args.kubernetes),
        ("sock", "dapr.yaml", true)
    );
}

#[test]
fn the_defaults_are_those_of_the_dapr_cli() {
    let args = run("daptop run");
    assert_eq!((args.app_id.as_str(), args.app_port, args.app_protocol.as_str()), ("", -1, "http"));
    assert_eq!((args.app_channel_address.as_str(), args.app_max_concurrency), ("127.0.0.1", -1));
    assert_eq!((args.max_body_size.as_str(), args.read_buffer_size.as_str()), ("4Mi", "4Ki"));
    assert_eq!((args.log_level.as_str(), args.placement_host_address), ("info", None));
    assert_eq!(args.hold, std::time::Duration::from_secs(30));
    assert!(args.given.is_empty());
}

#[test]
fn lists_are_repeated_or_separated_by_commas() {
    assert_eq!(run("daptop run --resources-path a,b --resources-path c").resources_path, ["a", "b", "c"]);
}

#[test]
fn the_flags_that_were_written_are_known_by_their_long_names() {
    let given = run("daptop run -f x -a y --log-level=info").given;
    assert_eq!(given.into_iter().collect::<Vec<_>>(), ["app-id", "log-level", "run-file"]);
}

#[test]
fn persistent_flags_may_stand_anywhere() {
    for line in ["daptop --log-as-json --runtime-path /x run", "daptop run a --log-as-json --runtime-path=/x b"] {
        let globals = parse(words(line)).unwrap().globals;
        assert!(globals.log_as_json, "{line}");
        assert_eq!(globals.runtime_path.as_deref(), Some(Path::new("/x")), "{line}");
    }
}

#[test]
fn the_name_of_the_program_decides_what_it_is() {
    assert_eq!(parse(words("/usr/bin/dapr list")).unwrap().globals.program, Program::Dapr);
    assert_eq!(parse(words("target/release/daptop list")).unwrap().globals.program, Program::Daptop);
    assert_eq!(sidecar("/usr/bin/daprd --app-id a").app_id, "a");
}

#[test]
fn flags_of_a_sidecar_have_one_dash_or_two() {
    let args =
        sidecar("daptop sidecar -app-id a --dapr-http-port=0 -enable-metrics=false -config a.yaml --config b.yaml");
    assert_eq!((args.app_id.as_str(), args.dapr_http_port.as_str(), args.enable_metrics), ("a", "0", false));
    assert_eq!(args.config, ["a.yaml", "b.yaml"]);
    assert_eq!(sidecar("daprd --app-max-concurrency -1").app_max_concurrency, -1);
}

#[test]
fn api_logging_of_a_sidecar_has_three_states() {
    assert_eq!(sidecar("daprd").enable_api_logging, None);
    assert_eq!(sidecar("daprd --enable-api-logging").enable_api_logging, Some(true));
    assert_eq!(sidecar("daprd --enable-api-logging=false").enable_api_logging, Some(false));
}

#[test]
fn deprecated_flags_are_accepted() {
    run(
        "daptop run --components-path c --app-ssl --placement-host-address x --scheduler-host-address= --profile-port 1",
    );
    sidecar(
        "daprd -components-path c -app-ssl -dapr-http-max-request-size 8 -dapr-http-read-buffer-size 8 -actors-service x",
    );
}

#[test]
fn what_cannot_be_read_ends_with_255_in_the_words_of_the_dapr_cli() {
    for (line, text) in [
        ("dapr run --nope", "unknown flag: --nope"),
        ("dapr run --app-id x python3 app.py --nope", "unknown flag: --nope"),
        ("dapr run -kx", "unknown shorthand flag: 'x' in -x"),
        ("dapr run --app-id", "flag needs an argument: --app-id"),
        ("dapr run -a", "flag needs an argument: 'a' in -a"),
        ("dapr run --=x", "bad flag syntax: --=x"),
        (
            "dapr run --app-port abc",
            r#"invalid argument "abc" for "-p, --app-port" flag: strconv.ParseInt: parsing "abc": invalid syntax"#,
        ),
        (
            "dapr run --enable-profiling=maybe",
            r#"invalid argument "maybe" for "--enable-profiling" flag: strconv.ParseBool: parsing "maybe": invalid syntax"#,
        ),
        ("dapr invoke", r#"required flag(s) "app-id", "method" not set"#),
        ("dapr invoke --app-id a", r#"required flag(s) "method" not set"#),
        ("dapr list more", r#"unknown command "more" for "dapr list""#),
        ("daptop completions", "accepts 1 arg(s), received 0"),
        ("daptop sidecar --nope", "unknown flag: --nope"),
    ] {
        let refusal = refusal(line);
        assert_eq!(refusal.code, 255, "{line}");
        assert_eq!(refusal.stdout, format!("{text}\n"), "{line}");
        assert!(refusal.stderr.starts_with(&format!("Error: {text}\nUsage: ")), "{line}: {}", refusal.stderr);
    }
}

#[test]
fn an_unknown_command_is_answered_with_those_that_were_meant() {
    let refusal = refusal("dapr rnu");
    assert_eq!(refusal.code, 255);
    assert_eq!(refusal.stdout, "unknown command \"rnu\" for \"dapr\"\n\nDid you mean this?\n\trun\n\n");
    assert_eq!(refusal.stderr, format!("Error: {}Run 'dapr --help' for usage.\n", refusal.stdout));
    let refusal = self::refusal("daptop whatever --flag");
    assert_eq!(refusal.stdout, "unknown command \"whatever\" for \"daptop\"\n");
    assert_eq!(refusal.stderr, "Error: unknown command \"whatever\" for \"daptop\"\nRun 'daptop --help' for usage.\n");
}

#[test]
fn an_unknown_flag_of_the_runtime_ends_with_2() {
    let refusal = refusal("daprd --nope");
    assert_eq!((refusal.code, refusal.stdout.as_str()), (2, ""));
    assert!(refusal.stderr.starts_with("unknown flag: --nope\n"), "{}", refusal.stderr);
}

#[test]
fn help_goes_to_standard_output() {
    for (line, part) in [
        ("daptop", "Usage: daptop"),
        ("daptop --help", "Usage: daptop"),
        ("daptop help", "Usage: daptop"),
        ("daptop help run", "--run-file"),
        ("daptop run -h", "--run-file"),
        ("dapr run --help python3 app.py", "Usage: dapr run"),
        ("daptop sidecar --help", "--app-id"),
    ] {
        let refusal = refusal(line);
        assert_eq!((refusal.code, refusal.stderr.as_str()), (0, ""), "{line}");
        assert!(refusal.stdout.contains(part), "{line}: {}", refusal.stdout);
        assert!(!refusal.stdout.contains("components-path"), "{line} shows a hidden flag");
    }
}

#[test]
fn the_version_is_a_flag_and_a_command() {
    for line in ["daptop --version", "daptop -v", "daptop version"] {
        assert!(matches!(command(line), Command::Version(VersionArgs { output }) if output.is_empty()), "{line}");
    }
}

#[test]
fn the_other_commands_take_their_flags() {
    assert!(matches!(command("daptop stop a b -f ."), Command::Stop(args)
        if args.app_ids == ["a", "b"] && args.run_file.as_deref() == Some(".") && args.app_id.is_none()));
    assert!(matches!(command("daptop calls -o json --follow status:500 checkout"), Command::Calls(args)
        if args.output == "json" && args.follow && args.filter == ["status:500", "checkout"]));
    assert!(matches!(command("daptop show #12"), Command::Show(args) if args.call == "#12"));
    assert!(matches!(command("daptop restart --app-id a"), Command::Restart(args) if args.app_id == "a"));
    assert!(matches!(command("dapr invoke -a x -m y -v GET -d {}"), Command::Invoke(args)
        if args.verb == "GET" && args.data.as_deref() == Some("{}")));
    assert!(
        matches!(command("daptop demo --write d"), Command::Demo(args) if args.write.as_deref() == Some(Path::new("d")))
    );
    assert!(matches!(command("daptop completion bash"), Command::Completions(_)));
}

proptest::proptest! {
    #[test]
    fn no_command_line_makes_it_panic(words in proptest::collection::vec("-{0,2}[a-z=-]{0,12}|\\PC{0,8}", 0..8)) {
        let line = ["daptop".to_owned(), "run".to_owned()].into_iter().chain(words.clone());
        drop(parse(line.map(OsString::from)));
        drop(parse(std::iter::once("daprd".to_owned()).chain(words).map(OsString::from)));
    }
}
