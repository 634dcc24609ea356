//! `daptop invoke`: calls a method of a running app, through the app's own sidecar.

use std::path::PathBuf;
use std::process::ExitCode;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, UnixStream};

use super::list::is_listed;
use super::streams::{self, Streams};
use super::text;
use crate::cli::{Globals, InvokeArgs};
use crate::control::proto::App;
use crate::control::{Directory, PATIENCE, survey};

/// Carries the command out.
pub(crate) async fn run(args: InvokeArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    let on_terminal = std::io::IsTerminal::is_terminal(&std::io::stdout());
    streams::on_process(&globals, async |streams| invoke(&Directory::open()?, &args, on_terminal, streams).await).await
}

/// Calls the method; on a terminal the answer's control characters are escaped.
async fn invoke(
    directory: &Directory,
    args: &InvokeArgs,
    on_terminal: bool,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let body = match (&args.data, &args.data_file) {
        (Some(_), Some(_)) => {
            streams.failure("Only one of --data and --data-file allowed in the same invoke command")?;
            return Ok(1);
        }
        (Some(data), None) => Bytes::from(data.clone()),
        (None, Some(path)) => match std::fs::read(path) {
            Ok(data) => Bytes::from(data),
            Err(error) => {
                streams.failure(&format!("Error reading payload from '{}'. Error: {error}", path.display()))?;
                return Ok(1);
            }
        },
        (None, None) => Bytes::new(),
    };
    let survey = survey(directory, PATIENCE).await?;
    let mut apps = survey.runs.iter().flat_map(|(_, run)| &run.apps);
    let answer = if let Some(app) = apps.find(|app| app.id == args.app_id && is_listed(app)) {
        call(app, args, body).await.map_err(|error| format!("{error:#}"))
    } else {
        streams.problems(&survey.problems)?;
        Err(format!("app ID {} not found", args.app_id))
    };
    match answer.and_then(successful) {
        Ok(body) => {
            if !body.is_empty() {
                match std::str::from_utf8(&body) {
                    Ok(body) if on_terminal => streams.out.write_all(text::lines(body).as_bytes())?,
                    _ => streams.out.write_all(&body)?,
                }
                writeln!(streams.out)?;
            }
            streams.success("App invoked successfully")?;
            Ok(0)
        }
        Err(error) => {
            streams.failure(&format!("error invoking app {}: {error}", args.app_id))?;
            Ok(1)
        }
    }
}

/// The body of an answer of 200 to 399; the status line of any other.
fn successful(answer: Response<Bytes>) -> Result<Bytes, String> {
    let status = answer.status();
    if (200..400).contains(&status.as_u16()) {
        return Ok(answer.into_body());
    }
    let reason = answer.extensions().get::<hyper::ext::ReasonPhrase>();
    let reason = reason.map(|reason| text::line_of_bytes(reason.as_bytes()));
    Err(format!("{} {}", status.as_str(), reason.as_deref().or(status.canonical_reason()).unwrap_or_default()))
}

/// Sends the request to the sidecar of the app.
async fn call(app: &App, args: &InvokeArgs, body: Bytes) -> anyhow::Result<Response<Bytes>> {
    let request = request(app, args, body)?;
    if let Some(folder) = &args.unix_domain_socket {
        let socket: PathBuf = folder.join(format!("dapr-{}-http.socket", app.id));
        let stream = UnixStream::connect(&socket).await;
        return send(stream.map_err(|error| unreachable(&socket.display().to_string(), &error))?, request).await;
    }
    let port = u16::try_from(app.http_port)?;
    let stream = TcpStream::connect(("127.0.0.1", port)).await;
    send(stream.map_err(|error| unreachable(&format!("127.0.0.1:{port}"), &error))?, request).await
}

fn unreachable(place: &str, error: &std::io::Error) -> anyhow::Error {
    anyhow::anyhow!("its sidecar does not answer at {place}: {error}")
}

fn request(app: &App, args: &InvokeArgs, body: Bytes) -> anyhow::Result<Request<Full<Bytes>>> {
    let method = escaped(args.method.trim_start_matches('/'));
    let mut request = Request::builder()
        .method(args.verb.as_str())
        .uri(format!("/v1.0/invoke/{}/method/{method}", app.id))
        .header(http::header::HOST, format!("127.0.0.1:{}", app.http_port))
        .header(http::header::CONTENT_TYPE, "application/json");
    if let Some(token) = std::env::var("DAPR_API_TOKEN").ok().filter(|token| !token.is_empty()) {
        request = request.header("dapr-api-token", token);
    }
    Ok(request.body(Full::new(body))?)
}

/// Escapes what cannot stand in a URL: spaces, control characters, everything that is not ASCII.
fn escaped(method: &str) -> String {
    let mut url = String::new();
    for byte in method.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0..=0x20 | 0x7f.. => {
                text::push(&mut url, format_args!("%{byte:02X}"));
            }
            _ => url.push(char::from(byte)),
        }
    }
    url
}

async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Bytes>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    connection.abort();
    Ok(Response::from_parts(head, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::streams::captured;
    use crate::control::tests::{Served, directory, run_file};
    use std::sync::{Arc, Mutex};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// A sidecar that answers once, and keeps what it was sent.
    async fn sidecar(answer: &'static str) -> (u16, Arc<Mutex<String>>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&received);
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4_096];
            let mut length = 0;
            while !String::from_utf8_lossy(&request[..length]).contains("\r\n\r\n") {
                length += stream.read(&mut request[length..]).await.unwrap();
            }
            *kept.lock().unwrap() = String::from_utf8_lossy(&request[..length]).into_owned();
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        (port, received)
    }

    fn args(app_id: &str, method: &str) -> InvokeArgs {
        InvokeArgs { app_id: app_id.into(), method: method.into(), verb: "POST".into(), ..InvokeArgs::default() }
    }

    async fn invoked(answer: &'static str, args: &InvokeArgs, on_terminal: bool) -> ((u8, String, String), String) {
        let (_place, directory) = directory();
        let mut shop = Served::new(&directory, 71, run_file(), &["checkout", "order-processor"]);
        let (port, received) = sidecar(answer).await;
        shop.set_http_port(1, port);
        let printed = captured(async |streams| invoke(&directory, args, on_terminal, streams).await).await;
        let received = received.lock().unwrap().clone();
        (printed, received)
    }

    #[tokio::test]
    async fn the_answer_is_printed_as_recorded() {
        let args = InvokeArgs { data: Some("{\"orderId\":99}".into()), ..args("order-processor", "orders") };
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"success\": true}";
        let (printed, received) = invoked(answer, &args, false).await;
        assert_eq!(printed, (0, "{\"success\": true}\n✅  App invoked successfully\n".to_owned(), String::new()));
        assert!(received.starts_with("POST /v1.0/invoke/order-processor/method/orders HTTP/1.1\r\n"), "{received}");
        assert!(received.contains("content-type: application/json\r\n"), "{received}");
    }

    #[tokio::test]
    async fn an_answer_without_a_body_prints_no_empty_line() {
        let answer = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n";
        let (printed, _) = invoked(answer, &args("order-processor", "orders"), false).await;
        assert_eq!(printed, (0, "✅  App invoked successfully\n".to_owned(), String::new()));
    }

    #[tokio::test]
    async fn an_error_is_told_by_its_status_line() {
        for (answer, told) in [
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope", "404 Not Found"),
            ("HTTP/1.1 500 On Fire\r\nContent-Length: 0\r\n\r\n", "500 On Fire"),
        ] {
            let (printed, _) = invoked(answer, &args("order-processor", "nothing"), false).await;
            let expected = format!("❌  error invoking app order-processor: {told}\n");
            assert_eq!(printed, (1, String::new(), expected));
        }
    }

    #[tokio::test]
    async fn a_terminal_gets_no_control_characters() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\u{1b}[2Jx";
        let (printed, _) = invoked(answer, &args("order-processor", "orders"), true).await;
        assert!(printed.1.starts_with("\\x1b[2Jx\n"), "{printed:?}");
    }

    #[tokio::test]
    async fn what_cannot_be_called_is_told_with_exit_code_1() {
        let (_place, directory) = directory();
        let both = InvokeArgs { data: Some("a".into()), data_file: Some("b".into()), ..args("a", "b") };
        let missing = InvokeArgs { data_file: Some("/no/such/file".into()), ..args("a", "b") };
        for (args, told) in [
            (args("nobody", "x"), "error invoking app nobody: app ID nobody not found\n"),
            (both, "Only one of --data and --data-file allowed in the same invoke command\n"),
            (missing, "Error reading payload from '/no/such/file'. Error: No such file or directory (os error 2)\n"),
        ] {
            let answer = captured(async |streams| invoke(&directory, &args, false, streams).await).await;
            assert_eq!(answer, (1, String::new(), format!("❌  {told}")));
        }
    }

    #[test]
    fn a_method_is_made_fit_for_a_url() {
        assert_eq!(escaped("a b/é?x={1}&y=%20"), "a%20b/%C3%A9?x=%7B1%7D&y=%20");
    }
}
