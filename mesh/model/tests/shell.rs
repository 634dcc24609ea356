//! A call as a command for curl: what a real shell makes of it.

#[cfg(test)]
mod with_a_real_shell {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use bytes::Bytes;
    use daptop_model::{ReplayRequest, curl};
    use proptest::prelude::*;

    /// Stands in for curl: writes its arguments, each ended by a zero byte, then what it reads.
    const CURL: &str = r#"curl() { for word in "$@"; do printf '%s\0' "$word"; done; case "$*" in *@-*) cat;; esac; }
    "#;

    /// What a shell hands to curl: its arguments, and its standard input.
    fn run(command: &str) -> (Vec<Vec<u8>>, Vec<u8>) {
        let mut shell = Command::new("sh").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all([CURL, command].concat().as_bytes()).unwrap();
        let output = shell.wait_with_output().unwrap();
        assert!(output.status.success(), "{command}");
        let mut words: Vec<Vec<u8>> = output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
        let input = if command.contains("--data-binary @-") {
            let end = words.iter().position(|word| word == b"@-").unwrap() + 1;
            words.split_off(end).join(&0)
        } else {
            words.pop().unwrap()
        };
        (words, input)
    }

    fn request(headers: &[(&str, &[u8])], body: &[u8]) -> ReplayRequest {
        ReplayRequest {
            verb: "POST".to_owned(),
            target: "/v1.0/invoke/order-processor/method/orders".to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), Bytes::copy_from_slice(value))).collect(),
            body: Bytes::copy_from_slice(body),
            chunked: false,
        }
    }

    /// The values behind an option.
    fn behind<'a>(words: &'a [Vec<u8>], option: &str) -> Vec<&'a [u8]> {
        let pairs = words.windows(2).filter(|pair| pair[0] == option.as_bytes());
        pairs.map(|pair| pair[1].as_slice()).collect()
    }

    fn is_harmless(command: &str) -> bool {
        !command.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}'))
    }

    #[test]
    fn a_call_as_curl_reads_well() {
        let request =
            request(&[("content-type", b"application/json"), ("authorization", b"Bearer secret")], b"{\"orderId\":1}");
        let expected = r#"curl -X 'POST' 'http://localhost:3500/v1.0/invoke/order-processor/method/orders' \
  -H 'content-type: application/json' \
  -H 'authorization: ***' \
  --data-raw '{"orderId":1}'
"#;
        assert_eq!(curl(&request, "http://localhost:3500", false), (expected.to_owned(), true));
        let (whole, masked) = curl(&request, "http://localhost:3500", true);
        assert!(whole.contains("'authorization: Bearer secret'") && !masked, "{whole}");
    }

    #[test]
    fn verbs_and_paths_are_sent_as_they_are() {
        for (verb, target, expected) in [
            ("GET", "/a", &["http://h/a"][..]),
            ("HEAD", "/a", &["--head", "http://h/a"]),
            ("DELETE", "/a/../b", &["-X", "DELETE", "--path-as-is", "http://h/a/../b"]),
            ("GET", "/a?x[]=1&y='$(id)`id`", &["--globoff", "http://h/a?x[]=1&y='$(id)`id`"]),
        ] {
            let request = ReplayRequest { verb: verb.to_owned(), target: target.to_owned(), ..request(&[], b"") };
            let (words, _) = run(&curl(&request, "http://h", false).0);
            assert_eq!(words, expected.iter().map(|word| word.as_bytes()).collect::<Vec<_>>(), "{verb} {target}");
        }
    }

    #[test]
    fn a_body_without_a_type_does_not_become_a_form_and_an_empty_header_stays() {
        let (words, _) = run(&curl(&request(&[("x-empty", b"")], b"a"), "http://h", false).0);
        assert_eq!(behind(&words, "-H"), [&b"x-empty;"[..], b"content-type:"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_a_call_consists_of_the_shell_hands_it_on_as_it_is(
            value in proptest::collection::vec(prop_oneof![Just(9_u8), 32_u8..=126, 128_u8..=255], 1..30),
            body in prop_oneof![
                proptest::collection::vec(any::<u8>(), 1..60),
                "[\\PC'\"$`\\\\!%\n\t\r-]{1,40}".prop_map(String::into_bytes),
                Just("\u{202e}\u{1b}]52;c;aGk=\u{7}".as_bytes().to_vec()),
            ],
        ) {
            let (command, _) = curl(&request(&[("x-any", &value), ("content-type", b"a/b")], &body), "http://h", false);
            prop_assert!(is_harmless(&command), "{command:?}");
            let (words, input) = run(&command);
            prop_assert_eq!(behind(&words, "-H")[0], [b"x-any: ".as_slice(), &value].concat());
            let raw = behind(&words, "--data-raw");
            let sent = raw.first().map_or(input.as_slice(), |raw| raw);
            prop_assert_eq!(sent, body.as_slice());
        }
    }
}
