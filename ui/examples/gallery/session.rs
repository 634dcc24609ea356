//! A made-up shop: what a session looks like without running one. Deterministic: the same facts every time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use daptop_model::{
    Anchor, App, AppId, AppPorts, AppState, AppTimes, BodyEnd, CallEnd, CallId, CallProgress, CallStart, CapturedBody,
    Event, ExitReason, ExporterHealth, ExporterState, Failure, FailureKind, HeadBuilder, InstanceId, Leg, Limits,
    LogLine, LogSource, Outcome, Phase, Phases, Protocol, RequestHead, ResponseHead, Snapshot, SpanId, Stamp, Store,
    TraceId, TraceRef,
};

/// A session in the making.
pub(crate) struct Session {
    /// What the facts are told to.
    pub(crate) store: Store,
    /// The time.
    pub(crate) now: Stamp,
    /// How many calls there were.
    pub(crate) calls: u64,
    spans: u64,
    apps: Vec<App>,
}

/// What a made-up call is like.
#[derive(Clone)]
pub(crate) struct Talk {
    /// Who calls.
    pub(crate) from: &'static str,
    /// Who is called.
    pub(crate) to: &'static str,
    /// The verb.
    pub(crate) verb: &'static str,
    /// The path.
    pub(crate) path: &'static str,
    /// How long it takes.
    pub(crate) micros: u64,
    /// The status and the answer's body; none where it stays open.
    pub(crate) answer: Option<(u16, Bytes)>,
    /// The request's body.
    pub(crate) body: Bytes,
    /// The content type of both.
    pub(crate) content_type: &'static str,
    /// Why no app answered.
    pub(crate) failure: Option<(FailureKind, &'static str)>,
    /// It waits for its app.
    pub(crate) waits: bool,
    /// For how much of its time it was held until its app had started.
    pub(crate) held: u64,
    /// Which way it takes.
    pub(crate) leg: Leg,
    /// What the caller speaks.
    pub(crate) protocol: Protocol,
    /// The span that it is a part of.
    pub(crate) within: Option<(TraceId, SpanId)>,
    /// The call that it repeats.
    pub(crate) replay_of: Option<u64>,
}

impl Talk {
    /// An order, answered at once.
    pub(crate) fn order(number: u64) -> Self {
        Self {
            from: "checkout",
            to: "order-processor",
            verb: "POST",
            path: "/orders",
            micros: 8_000 + number % 7 * 900,
            answer: Some((200, format!("{{\"success\":true,\"orderId\":{number}}}").into())),
            body: format!("{{\"orderId\":{number}}}").into(),
            content_type: "application/json",
            failure: None,
            waits: false,
            held: 0,
            leg: Leg::InProcess,
            protocol: Protocol::Http1,
            within: None,
            replay_of: None,
        }
    }

    /// A charge at the bank, which sometimes answers 503.
    pub(crate) fn charge(number: u64) -> Self {
        let closed = number.is_multiple_of(4);
        let answer =
            if closed { (503, "{\"error\":\"bank is closed\",\"retryAfter\":1}") } else { (200, "{\"charged\":true}") };
        Self {
            from: "order-processor",
            to: "payments",
            path: "/charge?currency=EUR",
            micros: 4_000 + number % 5 * 1_100,
            answer: Some((answer.0, answer.1.into())),
            body: format!("{{\"orderId\":{number},\"amount\":{{\"value\":19.90,\"currency\":\"EUR\"}}}}").into(),
            ..Self::order(number)
        }
    }

    /// A mail that nobody takes.
    pub(crate) fn mail(number: u64) -> Self {
        Self {
            to: "mailer",
            path: "/send",
            micros: 900,
            answer: Some((500, "{\"errorCode\":\"ERR_DIRECT_INVOKE\"}".into())),
            failure: Some((
                FailureKind::ConnectionRefused,
                "fail to invoke, id: mailer, err: error invoking app channel: dial tcp 127.0.0.1:7004: connect: connection refused",
            )),
            ..Self::order(number)
        }
    }
}

impl Session {
    /// Nothing has happened yet.
    pub(crate) fn new(limits: Limits) -> Self {
        // 2026-11-21 12:04:00 UTC
        let anchor = Anchor { unix_micros: 1_795_262_640_000_000 };
        Self { store: Store::new(limits, anchor), now: Stamp::default(), calls: 0, spans: 0, apps: Vec::new() }
    }

    /// The state as it is now.
    pub(crate) fn snapshot(&mut self) -> Arc<Snapshot> {
        self.store.snapshot(self.now)
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.now = self.now.plus(time);
    }

    /// An app with its sidecar.
    pub(crate) fn app(&mut self, id: &'static str, port: u16, state: AppState) {
        let number = self.apps.len() as u32;
        let ended = matches!(state, AppState::Ended(_) | AppState::NotStarted(_));
        let ready = matches!(state, AppState::Ready | AppState::Unhealthy);
        let after = |millis: u64| Some(self.now.plus(Duration::from_millis(millis)));
        let slow = [90, 310, 2_700, 240][number as usize % 4];
        let app = App {
            instance: InstanceId(number),
            id: AppId::from(id),
            state,
            ports: AppPorts {
                app: port,
                http: 3500 + number as u16,
                grpc: 50_001 + number as u16,
                internal_grpc: 0,
                metrics: 9_090,
            },
            pid: (!ended).then_some(41_200 + 17 * number),
            command: "python3 app.py".into(),
            folder: "/shop".into(),
            log_file: Some(format!("/shop/.dapr/logs/{id}_app_20261121120400.log").into()),
            env: environment(id, port, 3500 + number as u16),
            restarts: number % 2,
            times: AppTimes {
                spawned: Some(self.now),
                port_open: after(slow).filter(|_| ready && port != 0),
                ready: after(slow + 40).filter(|_| ready),
                ended: after(180).filter(|_| ended),
                ..AppTimes::default()
            },
            cpu_percent: (!ended).then_some(2.0 + 1.6 * number as f32),
            memory: (!ended).then_some((31 + 22 * u64::from(number)) << 20),
            listens_on: None,
        };
        self.apps.push(app.clone());
        self.store.apply(Event::AppChanged(Box::new(app)));
    }

    /// The four apps of the shop: one waits for its port, one has crashed.
    pub(crate) fn shop(&mut self) {
        self.app("checkout", 0, AppState::Ready);
        self.app("order-processor", 6001, AppState::Ready);
        self.app("payments", 7003, AppState::Ready);
        self.app("mailer", 7004, AppState::Ended(ExitReason::Code(3)));
    }

    /// A line of a log.
    pub(crate) fn log(&mut self, app: &'static str, source: LogSource, text: &str) {
        let instance =
            self.apps.iter().find(|known| known.id.as_str() == app).map_or(InstanceId(0), |known| known.instance);
        let line = LogLine { app: app.into(), instance, source, at: self.now, text: text.into(), continues: false };
        self.store.apply(Event::LogWritten(Box::new(line)));
    }

    /// The state of export.
    pub(crate) fn export(&mut self, health: ExporterHealth, queued: u64, sent: u64, error: Option<&str>) {
        let state = ExporterState {
            endpoint: "http://localhost:9411/api/v2/spans".into(),
            queued,
            sent,
            dropped: 0,
            health,
            last_error: error.map(Into::into),
        };
        self.store.apply(Event::ExporterChanged(Box::new(state)));
    }

    /// A call, from its start to its end where it has one. The trace and the callee's span, for calls within it.
    pub(crate) fn call(&mut self, wish: Talk) -> (TraceId, SpanId) {
        self.calls += 1;
        let id = CallId(self.calls);
        let trace = wish.within.map_or_else(|| self.trace(), |(trace, _)| trace);
        let [client, server] = [self.span(), self.span()];
        let trace = TraceRef {
            trace,
            parent: wish.within.map(|(_, span)| span),
            caller_span: client,
            callee_span: wish.failure.is_none().then_some(server),
            sampled: true,
        };
        let start = CallStart {
            id,
            at: self.now,
            from: wish.from.into(),
            to: wish.to.into(),
            leg: wish.leg,
            protocol: wish.protocol,
            request: request(&wish, &trace),
            trace: Some(trace),
            replay_of: wish.replay_of.map(CallId),
        };
        let mut phases = Phases::new(self.now);
        self.store.apply(Event::CallStarted(Box::new(start)));
        let Some((status, body)) = wish.answer else {
            self.store.apply(Event::CallProgressed(Box::new(progress(id, &wish, phases))));
            return (trace.trace, server);
        };
        let at = |share: u64| self.now.plus(Duration::from_micros(wish.held + (wish.micros - wish.held) * share / 100));
        if wish.held > 0 {
            phases.mark(Phase::Started, at(0));
        }
        for (phase, share) in
            [(Phase::Resolved, 1), (Phase::Connected, 4), (Phase::Sent, 6), (Phase::FirstByte, 96), (Phase::Ended, 100)]
        {
            if wish.failure.is_none() || matches!(phase, Phase::Resolved | Phase::Ended) {
                phases.mark(phase, at(share));
            }
        }
        let end = CallEnd {
            id,
            leg: wish.leg,
            phases,
            delays: daptop_model::Delays::default(),
            request_body: whole(&wish.body),
            response: Some(match wish.protocol {
                Protocol::Grpc => grpc_response(status),
                Protocol::Http1 | Protocol::Http2 => response(status, wish.content_type, body.len()),
            }),
            messages: daptop_model::Messages::default(),
            response_body: whole(&body),
            outcome: match wish.failure {
                Some((kind, text)) => Outcome::Failed(Box::new(Failure { kind, text: text.into(), fact: None })),
                None => Outcome::Answered,
            },
            trace: Some(trace),
        };
        self.store.apply(Event::CallEnded(Box::new(end)));
        (trace.trace, server)
    }

    /// One order with all that follows from it, and the lines that the apps write.
    pub(crate) fn order(&mut self, number: u64) {
        let within = self.call(Talk::order(number));
        self.pass(Duration::from_micros(1_700));
        self.log("order-processor", LogSource::Stdout, &format!("Order received : {{\"orderId\": {number}}}"));
        self.call(Talk { within: Some(within), ..Talk::charge(number) });
        self.pass(Duration::from_micros(2_900));
        if number.is_multiple_of(4) {
            self.log("payments", LogSource::Stderr, "\x1b[33mWARN\x1b[0m  bank is closed, answering \x1b[1m503\x1b[0m");
        }
        if number.is_multiple_of(9) {
            self.call(Talk { within: Some(within), ..Talk::mail(number) });
        }
        self.log("checkout", LogSource::Stdout, &format!("Order passed: {{\"orderId\":{number}}}"));
    }

    /// The id of a new span.
    pub(crate) fn span(&mut self) -> SpanId {
        self.spans += 1;
        SpanId((self.spans.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1).to_be_bytes())
    }

    /// The id of a new trace.
    pub(crate) fn trace(&mut self) -> TraceId {
        let [high, low] = [self.span().0, self.span().0];
        let mut id = [0; 16];
        id[..8].copy_from_slice(&high);
        id[8..].copy_from_slice(&low);
        TraceId(id)
    }
}

fn environment(id: &str, port: u16, http: u16) -> Arc<[(String, String)]> {
    [
        ("APP_ID", id.to_owned()),
        ("APP_PORT", port.to_string()),
        ("DAPR_HTTP_PORT", http.to_string()),
        ("DATABASE_PASSWORD", "hunter2".to_owned()),
        ("GREETING", "it's a shop".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn request(talk: &Talk, trace: &TraceRef) -> RequestHead {
    let mut headers = HeadBuilder::default();
    headers.line("Host", b"localhost:3500");
    headers.line("User-Agent", b"python-requests/2.32.3");
    headers.line("Content-Type", talk.content_type.as_bytes());
    headers.line("Content-Length", talk.body.len().to_string().as_bytes());
    headers.line("traceparent", format!("00-{}-{}-01", trace.trace, trace.caller_span).as_bytes());
    RequestHead {
        verb: Bytes::from_static(talk.verb.as_bytes()),
        target: format!("/v1.0/invoke/{}/method{}", talk.to, talk.path).into(),
        path: Bytes::from_static(talk.path.as_bytes()),
        headers: headers.finish(),
    }
}

fn response(status: u16, content_type: &str, length: usize) -> ResponseHead {
    let mut headers = HeadBuilder::default();
    headers.line("Content-Type", content_type.as_bytes());
    headers.line("Content-Length", length.to_string().as_bytes());
    headers.line("Server", b"uvicorn");
    ResponseHead::new(status, headers.finish())
}

/// The head of an answer over gRPC, whose status comes after its messages.
fn grpc_response(status: u16) -> ResponseHead {
    let [mut headers, mut trailers] = [HeadBuilder::default(), HeadBuilder::default()];
    headers.line("content-type", b"application/grpc");
    let (code, words): (&[u8], &[u8]) = if status < 400 { (b"0", b"") } else { (b"14", b"the%20shelf%20is%20stuck") };
    trailers.line("grpc-status", code);
    trailers.line("grpc-message", words);
    ResponseHead { status: 200, headers: headers.finish(), trailers: Some(Box::new(trailers.finish())) }
}

/// What is told of a call that stays open.
fn progress(id: CallId, wish: &Talk, phases: Phases) -> CallProgress {
    CallProgress {
        id,
        leg: wish.leg,
        phases,
        delays: daptop_model::Delays::default(),
        waiting: wish.waits,
        response: None,
        request_seen: wish.body.len() as u64,
        response_seen: 0,
        request_more: daptop_model::BodyPiece::default(),
        response_more: daptop_model::BodyPiece::default(),
        messages: Vec::new(),
        messages_seen: [0; 2],
        request_end: daptop_model::BodyEnd::Open,
    }
}

fn whole(bytes: &Bytes) -> CapturedBody {
    CapturedBody { kept: bytes.clone(), seen: bytes.len() as u64, end: BodyEnd::Complete, evicted: false }
}
