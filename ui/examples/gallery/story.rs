//! Traces that have something to tell.

use bytes::Bytes;
use daptop_model::{SpanId, Stamp, TraceId};

use crate::session::{Session, Talk};

/// A call of a story: when it begins and ends, in milliseconds since the story began.
#[derive(Clone, Copy)]
struct Scene {
    from: &'static str,
    to: &'static str,
    verb: &'static str,
    path: &'static str,
    times: (u64, u64),
    status: u16,
    within: Option<(TraceId, SpanId)>,
}

impl Session {
    fn scene(&mut self, begin: Stamp, scene: Scene) -> (TraceId, SpanId) {
        let (start, end) = scene.times;
        self.now = Stamp(begin.0 + start * 1_000);
        let body = match scene.status {
            503 => "{\"error\":\"bank is closed\",\"retryAfter\":1}",
            _ => "{\"done\":true}",
        };
        self.call(Talk {
            from: scene.from,
            to: scene.to,
            verb: scene.verb,
            path: scene.path,
            micros: (end - start) * 1_000,
            answer: Some((scene.status, Bytes::from_static(body.as_bytes()))),
            within: scene.within,
            ..Talk::order(41)
        })
    }

    /// An order whose payment is tried three times, with work at once, a wait for an app that starts, and a mail that
    /// nobody takes.
    pub(crate) fn story(&mut self) {
        let begin = self.now;
        let base = Scene {
            from: "order-processor",
            to: "payments",
            verb: "POST",
            path: "/charge",
            times: (0, 412),
            status: 200,
            within: None,
        };
        let order = Scene { from: "checkout", to: "order-processor", path: "/orders", ..base };
        let within = Some(self.scene(begin, order));
        let base = Scene { within, ..base };
        let get = Scene { verb: "GET", ..base };
        self.scene(begin, Scene { to: "inventory", path: "/stock/41", times: (9, 38), ..get });
        let pricing = self.scene(begin, Scene { to: "pricing", path: "/prices?sku=41", times: (12, 74), ..get });
        let rates = Scene { from: "pricing", to: "currency", path: "/rates/EUR", within: Some(pricing), ..get };
        self.scene(begin, Scene { times: (20, 61), ..rates });
        for (times, status) in [((80, 131), 503), ((160, 203), 503), ((262, 352), 200)] {
            let charge = self.scene(begin, Scene { times, status, ..base });
            let transfer = Scene { from: "payments", to: "bank", path: "/transfer", within: Some(charge), ..base };
            self.scene(begin, Scene { times: (times.0 + 6, times.1 - 4), status, ..transfer });
        }
        self.now = Stamp(begin.0 + 356_000);
        let learn = Talk { to: "recommendations", path: "/learn", micros: 47_000, held: 38_000, ..Talk::order(41) };
        self.call(Talk { from: "order-processor", within, ..learn });
        self.now = Stamp(begin.0 + 404_000);
        self.call(Talk { from: "order-processor", within, ..Talk::mail(41) });
        self.now = Stamp(begin.0 + 412_000);
    }

    /// Calls within calls, so many levels deep.
    pub(crate) fn deep(&mut self, levels: u64) {
        const HOPS: [&str; 6] = ["gateway", "checkout", "order-processor", "payments", "ledger", "audit"];
        let begin = self.now;
        let mut within = None;
        for level in 0..levels {
            let hop = |at: u64| HOPS[at as usize % HOPS.len()];
            let times = (level * 3, levels * 6 - level * 2 + 10);
            let (from, to) = (hop(level), hop(level + 1));
            let status = if level + 2 > levels { 500 } else { 200 };
            let scene = Scene { from, to, verb: "POST", path: "/next", times, status, within };
            within = Some(self.scene(begin, scene));
        }
        self.now = Stamp(begin.0 + (levels * 6 + 10) * 1_000);
    }

    /// One call with so many within it, some at once.
    pub(crate) fn wide(&mut self, calls: u64) {
        let begin = self.now;
        let (verb, path) = ("POST", "/import");
        let whole = (0, calls * 4 + 20);
        let root =
            Scene { from: "checkout", to: "order-processor", verb, path, times: whole, status: 200, within: None };
        let within = Some(self.scene(begin, root));
        for number in 0..calls {
            let times = (number * 4 + 5, number * 4 + 8 + number % 7 * 2);
            let (from, to) = ("order-processor", if number % 3 == 0 { "inventory" } else { "pricing" });
            let status = if number % 50 == 17 { 500 } else { 200 };
            self.scene(begin, Scene { from, to, verb: "GET", path: "/item", times, status, within });
        }
        self.now = Stamp(begin.0 + whole.1 * 1_000);
    }

    /// A call that came with a span of the app's own, and one within it of which the same holds.
    pub(crate) fn foreign(&mut self) {
        let begin = self.now;
        let trace = TraceId([0xab; 16]);
        let own = |number: u8| Some((trace, SpanId([number; 8])));
        let get = Scene {
            from: "checkout",
            to: "order-processor",
            verb: "GET",
            path: "/orders/41",
            times: (0, 60),
            status: 200,
            within: own(1),
        };
        self.scene(begin, get);
        let inner = Scene { from: "order-processor", to: "payments", path: "/paid/41", ..get };
        self.scene(begin, Scene { times: (10, 45), within: own(2), ..inner });
        self.scene(begin, Scene { from: "audit", to: "ledger", times: (50, 55), within: own(3), ..get });
        self.now = Stamp(begin.0 + 60_000);
    }
}
