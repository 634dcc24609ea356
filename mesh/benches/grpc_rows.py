"""The rows of `compare` over gRPC: a Greeter in Go reached directly, through daptop, and through two `daprd` where there
is one on PATH; and a bare unary echo in Rust, which says what a hop costs at the least.

h2load sends one message of 7 bytes (`greeter/`): at one connection and one stream for the added median, at four connections
with eight streams each for the rate and the processor time. That every call was answered with a message is seen by the
bytes of the answers.
"""
import os, re, shutil, statistics, subprocess, sys, time

PATH = "/helloworld.Greeter/SayHello"
REQUEST = b"\0\0\0\0\x05\x0a\x03Ada"
# `Hello Ada`; the echo answers with what it was asked.
ANSWERS = {"echo": len(REQUEST)}
ANSWER = len(b"\0\0\0\0\x0b\x0a\x09Hello Ada")


def measure(bench, tools):
    """Every round of the ways; prints their table."""
    ways = start(bench, tools)
    rounds = [one_round(bench, tools, ways) for _ in range(bench.options.rounds)]
    print(table(rounds))
    return rounds


def start(bench, tools):
    here = os.path.dirname(os.path.abspath(__file__))
    greeter = os.path.join(bench.folder, "greeter-app")
    subprocess.run(["go", "build", "-o", greeter, "."], cwd=os.path.join(here, "greeter"), check=True)
    echo = os.path.join(os.path.dirname(os.path.abspath(bench.options.binary)), "examples", "echo")
    if not os.path.exists(echo):
        sys.exit(f"{echo} is needed: cargo build --release -p daptop-mesh --example echo")
    ways = {}
    for name, program in (("direct", greeter), ("echo", echo)):
        port = tools.free_port()
        process = bench.start(name, [program, f"127.0.0.1:{port}"])
        tools.wait_for(port)
        ways[name] = (port, [process], [])
    app, config = ways["direct"][0], bench.config(bench.nginx("sink", "return 202;")[0])
    port, path = tools.free_port(), os.path.join(bench.folder, "grpc.yaml")
    with open(path, "w") as f:
        f.write(f"version: 1\ncommon: {{configFilePath: {config}}}\napps:\n- appID: server\n  appDirPath: .\n  appPort: {app}\n"
                f"  appProtocol: grpc\n- appID: client\n  appDirPath: .\n  daprGRPCPort: {port}\n")
    process = bench.start("daptop-grpc", [os.path.abspath(bench.options.binary), "run", "--no-tui", "-f", path])
    tools.wait_for(port)
    ways["daptop"] = (port, [process], ["-H", "dapr-app-id: server"])
    if shutil.which("daprd"):
        ways["two daprd"] = daprd(bench, tools, app, config)
    return ways


def daprd(bench, tools, app, config):
    processes, port = [], tools.free_port()
    for app_id, grpc, extra in (("server", tools.free_port(), ["--app-port", str(app), "--app-protocol", "grpc"]), ("client", port, [])):
        processes.append(bench.start("daprd-" + app_id, [
            "daprd", "--app-id", app_id, "--dapr-http-port", str(tools.free_port()), "--dapr-grpc-port", str(grpc),
            "--dapr-internal-grpc-port", str(tools.free_port()), "--metrics-port", str(tools.free_port()), "--config", config,
            "--log-level", "error", "--placement-host-address", "", "--scheduler-host-address", "", *extra]))
    tools.wait_for(port)
    time.sleep(3)
    return port, processes, ["-H", "dapr-app-id: server"]


def h2load(bench, name, port, connections, streams, extra):
    body, log = os.path.join(bench.folder, "hello.bin"), os.path.join(bench.folder, f"{name}.times")
    with open(body, "wb") as f:
        f.write(REQUEST)
    if os.path.exists(log):
        os.remove(log)
    command = ["h2load", f"-c{connections}", f"-m{streams}", f"-D{bench.options.seconds}", "--warm-up-time=1", "-d", body,
               f"--log-file={log}", "-H", "content-type: application/grpc", "-H", "te: trailers", *extra,
               f"http://127.0.0.1:{port}{PATH}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    total, done, failed = (int(re.search(rf"(\d+) {word}", out).group(1)) for word in ("total", "succeeded", "failed"))
    data = int(re.search(r"\((\d+)\) data", out).group(1))
    if failed or not done or data < done * ANSWERS.get(name, ANSWER):
        sys.exit(f"{name}: {failed} of {total} calls failed, {data} bytes in {done} answers\n{out}")
    with open(log) as f:
        times = sorted(int(line.split("\t")[2]) for line in f)
    return {"rate": done / bench.options.seconds, "p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100], "calls": len(times)}


def one_round(bench, tools, ways):
    results = {}
    for name, (port, processes, extra) in ways.items():
        one = h2load(bench, name, port, 1, 1, extra)
        before = tools.cpu(processes)
        many = h2load(bench, name, port, 4, 8, extra)
        # The calls of the second of warming up are not in the log, but have taken time as well.
        calls = many["rate"] * (bench.options.seconds + 1)
        results[name] = {"p50_1": one["p50"], "p99_1": one["p99"], "rate": many["rate"], "p99": many["p99"],
                         "cpu": (tools.cpu(processes) - before) / calls * 1e6, "rss": tools.memory(processes)}
    return results


def table(rounds):
    median = lambda name, key: statistics.median(r[name][key] for r in rounds)
    added = lambda r, name: r[name]["p50_1"] - r["direct"]["p50_1"]
    lines = ["", "| way, over gRPC | added median, 1 stream | calls/s, 4 × 8 streams | p99, 4 × 8 | CPU per call, 4 × 8 | RSS |", "|---|---|---|---|---|---|"]
    for name in rounds[0]:
        plus = "–" if name == "echo" else f"+{statistics.median(added(r, name) for r in rounds):.0f} µs"
        lines.append(f"| {name} | {plus} | {median(name, 'rate') / 1000:.1f} k | {median(name, 'p99') / 1000:.2f} ms | "
                     f"{median(name, 'cpu'):.0f} µs | {median(name, 'rss'):.0f} MB |")
    lines += ["", f"One call of the bare echo takes {median('echo', 'p50_1'):.0f} µs at one stream. Ratios (median of the rounds):", "",
              "| way | added median / echo | calls/s / direct | CPU per call / Greeter's |", "|---|---|---|---|"]
    for name in list(rounds[0])[2:]:
        ratio = lambda make: statistics.median(make(r) for r in rounds)
        lines.append(f"| {name} | {ratio(lambda r: added(r, name) / r['echo']['p50_1']):.1f} × | "
                     f"{ratio(lambda r: r[name]['rate'] / r['direct']['rate']):.2f} × | {ratio(lambda r: r[name]['cpu'] / r['direct']['cpu']):.1f} × |")
    return "\n".join(lines)
