//! Where a request's span stands: the first thing that a sidecar asks (When it is active).

use daptop_model::{SpanId, TraceRef};
use http::HeaderMap;

use super::{SAMPLED, Sampler, SpanContext, new_span_id, new_trace_id};
use crate::{Sampling, TracingSettings};

/// The share where `samplingRate` is not set, or is no number.
pub(crate) const DEFAULT_RATE: f64 = 1e-4;

/// What a sidecar does about traces, resolved from its settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tracing {
    /// Nothing: headers of traces pass as any other.
    Off,
    /// No spans are made; a context that came in is passed on, and where none came in an all-zero one is.
    PassOn,
    /// Each request has a span.
    Spans(Sampler),
}

/// A request's place, once its span has begun.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// What is told onward (to the app, to the other sidecar) and back (in the answer, unless the app told one).
    pub context: SpanContext,
    /// The span above; `None` where the trace begins here.
    pub parent: Option<SpanId>,
    /// Whether [`Begun::context`] is a span of this sidecar. Otherwise it is only passed on.
    pub is_span: bool,
}

impl Tracing {
    /// What the settings ask for. Without a rate spans are made only for an exporter.
    pub fn new(settings: &TracingSettings) -> Self {
        let has_exporter = settings.zipkin.is_some() || settings.stdout;
        match settings.sampling {
            Sampling::Off | Sampling::Rate(0.0) => Tracing::Off,
            Sampling::Rate(rate) => Tracing::Spans(Sampler::new(rate)),
            Sampling::Unset if has_exporter => Tracing::Spans(Sampler::new(DEFAULT_RATE)),
            Sampling::Unset => Tracing::PassOn,
        }
    }

    /// Begins the CLIENT span of a request to a sidecar's HTTP API, of the given path. `None`: the headers of traces
    /// are left alone, which holds for every path with `/healthz` in it too.
    pub fn begin_request(self, path: &str, headers: &HeaderMap) -> Option<Begun> {
        match self {
            Tracing::Off => None,
            _ if path.contains("/healthz") => None,
            _ => self.begin(SpanContext::of_headers(headers)),
        }
    }

    /// Begins a span below a context that came in: the SERVER span of the callee's sidecar below the caller's, for
    /// one. A context without ids is none. Which traces are taken is the parent's word; a trace that begins here is
    /// taken by its share. `None` where tracing is off.
    pub fn begin(self, parent: Option<SpanContext>) -> Option<Begun> {
        match self {
            Tracing::Off => None,
            Tracing::PassOn => Some(Begun {
                parent: parent.as_ref().map(|parent| parent.span),
                context: parent.unwrap_or(SpanContext::NONE),
                is_span: false,
            }),
            Tracing::Spans(sampler) => Some(match parent.filter(SpanContext::is_valid) {
                Some(parent) => Begun {
                    parent: Some(parent.span),
                    context: SpanContext { span: new_span_id(), ..parent },
                    is_span: true,
                },
                None => Begun::root(sampler),
            }),
        }
    }
}

impl Begun {
    fn root(sampler: Sampler) -> Self {
        let trace = new_trace_id();
        let flags = if sampler.takes(trace) { SAMPLED } else { 0 };
        Self { context: SpanContext { trace, span: new_span_id(), flags, state: None }, parent: None, is_span: true }
    }

    /// Whether the span is to be handed to the exporter.
    pub fn is_exported(&self) -> bool {
        self.is_span && self.context.sampled()
    }

    /// The place of a call, for capture; `None` where no span is made.
    pub fn trace_ref(&self) -> Option<TraceRef> {
        self.is_span.then(|| TraceRef {
            trace: self.context.trace,
            parent: self.parent,
            caller_span: self.context.span,
            callee_span: None,
            sampled: self.context.sampled(),
        })
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::super::{TRACEPARENT, TRACESTATE};
    use super::*;

    const SENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const ZERO: &str = "00-00000000000000000000000000000000-0000000000000000-00";

    fn headers(lines: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    fn settings(sampling: Sampling, zipkin: bool, stdout: bool) -> TracingSettings {
        TracingSettings { sampling, zipkin: zipkin.then(|| "http://localhost:9411/api/v2/spans".to_owned()), stdout }
    }

    #[test]
    fn spans_are_made_for_a_rate_or_for_an_exporter() {
        let default = Tracing::Spans(Sampler::new(DEFAULT_RATE));
        for (sampling, zipkin, stdout, tracing) in [
            (Sampling::Off, true, true, Tracing::Off),
            (Sampling::Rate(0.0), true, false, Tracing::Off),
            (Sampling::Unset, false, false, Tracing::PassOn),
            (Sampling::Unset, true, false, default),
            (Sampling::Unset, false, true, default),
            (Sampling::Rate(1.0), false, false, Tracing::Spans(Sampler::new(1.0))),
            (Sampling::Rate(0.5), true, false, Tracing::Spans(Sampler::new(0.5))),
        ] {
            assert_eq!(Tracing::new(&settings(sampling, zipkin, stdout)), tracing, "{sampling:?} {zipkin} {stdout}");
        }
    }

    #[test]
    fn a_span_goes_below_the_parent_that_came_in_and_keeps_trace_flags_and_state() {
        let tracing = Tracing::Spans(Sampler::new(0.0));
        let sent = headers(&[
            (TRACEPARENT, SENT),
            (TRACEPARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-00"),
            (TRACESTATE, "vendor=1, other=2"),
            (TRACESTATE, "not=read"),
        ]);
        let begun = tracing.begin_request("/v1.0/invoke/a/method/b", &sent).unwrap();
        assert!(begun.is_exported());
        assert_eq!(begun.parent.unwrap().to_string(), "00f067aa0ba902b7");
        assert_eq!(begun.context.trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(Some(begun.context.span), begun.parent);
        let mut told = headers(&[(TRACEPARENT, SENT), (TRACESTATE, "old=1")]);
        begun.context.write_to(&mut told);
        assert_eq!(told[TRACESTATE], "vendor=1,other=2");
        assert_eq!(told.get_all(TRACEPARENT).iter().count(), 1);
        let trace = begun.trace_ref().unwrap();
        assert_eq!((trace.parent, trace.caller_span, trace.sampled), (begun.parent, begun.context.span, true));
    }

    #[test]
    fn the_parent_says_whether_a_trace_is_sampled() {
        let sent = headers(&[(TRACEPARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")]);
        let begun = Tracing::Spans(Sampler::new(1.0)).begin_request("/", &sent).unwrap();
        assert!(begun.is_span && !begun.is_exported());
        assert_eq!(begun.context.flags, 0);
    }

    #[test]
    fn a_trace_begins_here_where_no_usable_parent_came_in() {
        for lines in [
            vec![],
            vec![(TRACEPARENT, "nonsense")],
            vec![(TRACESTATE, "a=b")],
            vec![(TRACEPARENT, "00-00000000000000000000000000000000-00f067aa0ba902b7-01"), (TRACESTATE, "a=b")],
        ] {
            let begun = Tracing::Spans(Sampler::new(1.0)).begin_request("/", &headers(&lines)).unwrap();
            assert!(begun.is_exported() && begun.context.is_valid());
            assert_eq!((begun.parent, begun.context.flags, begun.context.state), (None, 1, None), "{lines:?}");
        }
        assert!(!Tracing::Spans(Sampler::new(0.0)).begin(None).unwrap().context.sampled());
        assert_eq!(Tracing::Spans(Sampler::new(1.0)).begin(Some(SpanContext::NONE)).unwrap().parent, None);
    }

    #[test]
    fn without_spans_a_context_is_passed_on_and_zeros_stand_for_none() {
        let sent = headers(&[(TRACEPARENT, SENT), (TRACESTATE, "a=b")]);
        let begun = Tracing::PassOn.begin_request("/", &sent).unwrap();
        assert_eq!(begun.context.traceparent(), SENT);
        assert_eq!(begun.context.state.as_ref().unwrap(), "a=b");
        assert!(!begun.is_exported() && begun.trace_ref().is_none());
        let begun = Tracing::PassOn.begin_request("/", &HeaderMap::new()).unwrap();
        assert_eq!(begun.context.traceparent(), ZERO);
    }

    #[test]
    fn nothing_is_touched_where_tracing_is_off_and_for_health_checks() {
        let sent = headers(&[(TRACEPARENT, SENT)]);
        assert_eq!(Tracing::Off.begin_request("/v1.0/invoke/a/method/b", &sent), None);
        for tracing in [Tracing::PassOn, Tracing::Spans(Sampler::new(1.0))] {
            for path in ["/v1.0/healthz", "/v1.0/healthz/outbound", "/v1.0/invoke/a/method/healthz"] {
                assert_eq!(tracing.begin_request(path, &sent), None, "{path}");
            }
        }
    }
}
