//! A real Zipkin server.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::guard::Guard;
use crate::port::{self, FreePort};

/// The version that is started; `io.zipkin:zipkin-server`, classifier `exec`, 131 MB.
const VERSION: &str = "3.5.1";
/// Zipkin needs at least this Java.
const JAVA: u32 = 17;
/// How long the server may take to start on a busy machine.
const START: Duration = Duration::from_mins(4);

/// A Zipkin server with its spans in memory, which ends with this value, and with the process of the tests.
#[derive(Debug)]
pub(crate) struct Zipkin {
    process: Child,
    _guard: Guard,
    port: FreePort,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl Zipkin {
    /// Fetches the server with Maven, where it was not fetched before, and waits until it is up. The error says which
    /// tool is missing.
    pub(crate) async fn start() -> Result<Self, String> {
        need_java()?;
        let server = fetch()?;
        // It comes to listen some seconds later.
        let port = port::free();
        let log = server.with_file_name(format!("zipkin-{}.log", port.number));
        let process = Command::new("java")
            .args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar"])
            .arg(&server)
            .arg("--armeria.ports[0].ip=127.0.0.1")
            .arg(format!("--armeria.ports[0].port={}", port.number))
            .arg("--armeria.ports[0].protocols[0]=http")
            .env("QUERY_PORT", port.number.to_string())
            .env("SELF_TRACING_ENABLED", "false")
            .env("STORAGE_TYPE", "mem")
            .stdin(Stdio::null())
            .stdout(File::create(&log).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("java does not start: {error}"))?;
        let guard = Guard::of_process(&process);
        let mut zipkin =
            Self { process, _guard: guard, port, client: Client::builder(TokioExecutor::new()).build_http() };
        zipkin.wait_until_up(&log).await;
        Ok(zipkin)
    }

    /// Where it takes spans.
    pub(crate) fn collector(&self) -> String {
        format!("http://127.0.0.1:{}/api/v2/spans", self.port.number)
    }

    /// Asks its API until the answer is as wanted, for up to a minute: on a busy machine its first answers are slow.
    pub(crate) async fn ask_until(&self, path: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let answer = self.ask(path).await;
            if let Ok(answer) = &answer
                && is_wanted(answer)
            {
                return answer.clone();
            }
            assert!(Instant::now() < deadline, "{path} still says {answer:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn ask(&self, path: &str) -> Result<Value, String> {
        let uri = format!("http://127.0.0.1:{}{path}", self.port.number).parse().unwrap();
        let answer = self.client.get(uri).await.map_err(|error| format!("{error:?}"))?;
        let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        serde_json::from_slice(&body).map_err(|_| String::from_utf8_lossy(&body).into_owned())
    }

    async fn wait_until_up(&mut self, log: &Path) {
        let deadline = Instant::now() + START;
        loop {
            let answer = self.ask("/health").await;
            if answer.as_ref().is_ok_and(|health| health["status"] == "UP") {
                return;
            }
            let ended = self.process.try_wait().unwrap();
            let log = || std::fs::read_to_string(log).unwrap_or_default();
            assert!(ended.is_none(), "Zipkin ended ({ended:?}): {}", log());
            assert!(Instant::now() < deadline, "Zipkin is not up after {START:?} ({answer:?}): {}", log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for Zipkin {
    fn drop(&mut self) {
        // Both fail only where the process has ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn need_java() -> Result<(), String> {
    let version = Command::new("java").arg("-version").output().map_err(|_| format!("no Java {JAVA} on the PATH"))?;
    let text = String::from_utf8_lossy(&version.stderr).into_owned();
    let major = text.split('"').nth(1).and_then(|version| version.split(['.', '-', '+']).next()?.parse::<u32>().ok());
    match major {
        Some(major) if major >= JAVA => Ok(()),
        _ => Err(format!("Zipkin needs Java {JAVA}, and the PATH has {text:?}")),
    }
}

/// The server's file, fetched with Maven into the tests' folder at most once.
fn fetch() -> Result<PathBuf, String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("zipkin");
    let file = folder.join(format!("zipkin-server-{VERSION}-exec.jar"));
    if file.exists() {
        return Ok(file);
    }
    // Copied under another name first: a copy that was broken off must not look whole.
    let half = folder.join("half");
    let maven = Command::new("mvn")
        .args(["-B", "-q", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"])
        .arg(format!("-Dartifact=io.zipkin:zipkin-server:{VERSION}:jar:exec"))
        .arg(format!("-DoutputDirectory={}", half.display()))
        .stdin(Stdio::null())
        .output()
        .map_err(|_| "no Maven (mvn) on the PATH to fetch Zipkin".to_owned())?;
    let output = || format!("{}{}", String::from_utf8_lossy(&maven.stdout), String::from_utf8_lossy(&maven.stderr));
    if !maven.status.success() {
        return Err(format!("Maven could not fetch Zipkin: {}", output()));
    }
    std::fs::rename(half.join(file.file_name().unwrap()), &file)
        .unwrap_or_else(|error| panic!("{error}: {}", output()));
    Ok(file)
}
