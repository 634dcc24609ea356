//! Apps of different processes find each other at once, and forget each other at once.

use rustix::process::Signal;

use super::bed::{http, start};
use crate::control::app::{Orders, post};
use crate::port::{self, FreePort};
use crate::run::daptop::{Daptop, World, wait_until};
use crate::support::skip;

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

/// An app that answers everything with the name it was started with.
const APP: &str = "
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.rfile.read(int(self.headers.get('Content-Length', 0)))
        self.send_response(200 if self.path == '/orders' else 404)
        self.send_header('Content-Length', '0')
        self.end_headers()
    do_POST = do_GET
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler)
print('listens', flush=True)
server.serve_forever()
";

#[test]
fn sidecars_of_two_processes_find_each_other_until_one_is_killed() {
    let world = World::new();
    let app = Orders::serve().port.to_string();
    let checkout = start(&world, &["--app-id", "checkout"]);
    let port = http(&checkout);
    let unknown = "HTTP/1.1 500 Internal Server Error";
    assert_eq!(post(port, ORDERS, "", "{}"), unknown);
    let orders = start(&world, &["--app-id", "order-processor", "--app-port", &app]);
    assert_eq!(post(port, ORDERS, "", "{}"), "HTTP/1.1 200 OK", "found as soon as it runs");
    orders.signal(Signal::KILL);
    orders.end();
    assert_eq!(post(port, ORDERS, "", "{}"), unknown, "forgotten as soon as it is gone");
    let _again = start(&world, &["--app-id", "order-processor", "--app-port", &app]);
    assert_eq!(post(port, ORDERS, "", "{}"), "HTTP/1.1 200 OK", "and found again");
    checkout.stop();
}

/// `daptop run --app-id ID` of the Python app.
fn run(world: &World, id: &str, port: &FreePort) -> Daptop {
    let port = port.number.to_string();
    let app = ["run", "--app-id", id, "--app-port", &port, "--", "python3", "app.py", &port];
    let run = world.start(&app);
    run.wait_for("You're up and running!");
    // Its line may come in pieces, with one of the sidecar's in between.
    run.wait_for("listens");
    run
}

#[test]
fn runs_in_two_terminals_find_each_other_and_forget_each_other() {
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        return skip("runs_in_two_terminals_find_each_other_and_forget_each_other", "python3 is not there");
    }
    let world = World::new();
    std::fs::write(world.path().join("app.py"), APP).unwrap();
    let ports = [port::free(), port::free()];
    let orders = run(&world, "order-processor", &ports[0]);
    let checkout = run(&world, "checkout", &ports[1]);
    let port_of = |run: &Daptop| u16::try_from(run.number_after("HTTP Port:")).unwrap_or_default();
    let (to_orders, to_checkout) = (port_of(&checkout), port_of(&orders));
    let back = "/v1.0/invoke/checkout/method/orders";
    assert_eq!(post(to_orders, ORDERS, "", "{}"), "HTTP/1.1 200 OK");
    assert_eq!(post(to_checkout, back, "", "{}"), "HTTP/1.1 200 OK");
    let calls = |args: &[&str]| String::from_utf8(world.command(args).output().unwrap().stdout).unwrap();
    let pid = checkout.pid().as_raw_nonzero().to_string();
    wait_until("both sides of the calls", || {
        let text = calls(&["calls", "-o", "json", "--pid", &pid]);
        text.contains("\"to-process\"") && text.contains("\"from-process\"")
    });
    orders.signal(Signal::KILL);
    orders.end();
    assert_eq!(post(to_orders, ORDERS, "", "{}"), "HTTP/1.1 500 Internal Server Error");
    checkout.stop();
}
