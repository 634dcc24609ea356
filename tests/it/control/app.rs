//! An app within the test: its daptop starts a command that only waits, and calls this port.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// A server that takes orders, for as long as the tests run.
pub(crate) struct Orders {
    pub(crate) port: u16,
}

impl Orders {
    pub(crate) fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                std::thread::spawn(move || answer_all(&stream));
            }
        });
        Self { port }
    }
}

/// Answers every request of a connection: orders with success, anything else with 404.
fn answer_all(mut stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    while let Some((head, _)) = read_message(&mut reader) {
        let answer = if head.starts_with("POST /orders ") {
            let body = "{\"success\": true}";
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        } else {
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned()
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Sends one request with a body to a port of this machine; the status line of the answer.
pub(crate) fn post(port: u16, path: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .unwrap();
    let (head, _) = read_message(&mut BufReader::new(&stream)).unwrap();
    head.lines().next().unwrap().to_owned()
}

/// A head and its body; `None` at the end of the connection.
fn read_message(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}
