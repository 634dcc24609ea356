//! A caller of gRPC.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http::Uri;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding;
use tonic::{Code, Request, Response, Status, Streaming};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use super::{Pair, Raw, metadata, pairs};

type Transport = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, io::Error>;

/// A connection to a sidecar.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// A client that keeps no time of its own, unlike tonic's.
    channel: Transport,
    origin: Uri,
    /// What is sent with every call.
    metadata: Vec<Pair>,
    compressed: bool,
}

/// What a caller got.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) messages: Vec<Bytes>,
    pub(crate) code: Code,
    pub(crate) words: String,
    pub(crate) details: Vec<u8>,
    pub(crate) initial: Vec<Pair>,
    pub(crate) trailing: Vec<Pair>,
}

impl Caller {
    /// A connection to a port, opened by the first call.
    pub(crate) fn to(port: u16) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).http2_only(true).build(connector);
        let client =
            client.map_response(|response: http::Response<_>| response.map(Body::new)).map_err(io::Error::other);
        Self::over(BoxCloneSyncService::new(client), &format!("http://127.0.0.1:{port}"))
    }

    /// A connection to a Unix socket, opened by the first call.
    pub(crate) fn to_socket(path: std::path::PathBuf) -> Self {
        let connector = tower::service_fn(move |_: Uri| {
            let path = path.clone();
            async move { tokio::net::UnixStream::connect(path).await.map(TokioIo::new) }
        });
        let endpoint = tonic::transport::Endpoint::from_static("http://127.0.0.1:50001");
        let channel = endpoint.connect_with_connector_lazy(connector).map_err(io::Error::other);
        Self::over(BoxCloneSyncService::new(channel), "http://127.0.0.1:50001")
    }

    fn over(channel: Transport, origin: &str) -> Self {
        Self { channel, origin: origin.parse().unwrap(), metadata: Vec::new(), compressed: false }
    }

    /// With more metadata.
    pub(crate) fn with(mut self, key: &str, value: impl AsRef<[u8]>) -> Self {
        self.metadata.push((key.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With compressed messages.
    pub(crate) fn compressed(mut self) -> Self {
        self.compressed = true;
        self
    }

    /// Begins a call; what comes back can be read while more is sent.
    pub(crate) async fn open(
        &self,
        path: &str,
        messages: impl Stream<Item = Bytes> + Send + 'static,
    ) -> Result<Response<Streaming<Bytes>>, Status> {
        let mut client =
            Grpc::with_origin(self.channel.clone(), self.origin.clone()).max_decoding_message_size(usize::MAX);
        if self.compressed {
            client = client.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
        }
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let mut request = Request::new(messages);
        *request.metadata_mut() = metadata(&self.metadata);
        client.streaming(request, path.parse().unwrap(), Raw).await
    }

    /// Makes a call of one message.
    pub(crate) async fn ask(&self, path: &str, message: &[u8]) -> Got {
        self.call(path, &[message]).await
    }

    /// Makes a whole call.
    pub(crate) async fn call(&self, path: &str, messages: &[&[u8]]) -> Got {
        let messages: Vec<_> = messages.iter().map(|message| Bytes::copy_from_slice(message)).collect();
        Got::read(self.open(path, stream::iter(messages)).await).await
    }
}

impl Got {
    /// Reads an answer to its end.
    pub(crate) async fn read(opened: Result<Response<Streaming<Bytes>>, Status>) -> Self {
        let mut got = Self {
            messages: Vec::new(),
            code: Code::Ok,
            words: String::new(),
            details: Vec::new(),
            initial: Vec::new(),
            trailing: Vec::new(),
        };
        let response = match opened {
            Ok(response) => response,
            Err(status) => return got.ended(&status),
        };
        got.initial = pairs(response.metadata());
        let mut incoming = response.into_inner();
        while let Some(message) = incoming.next().await {
            match message {
                Ok(message) => got.messages.push(message),
                Err(status) => return got.ended(&status),
            }
        }
        let trailers = incoming.trailers().await.unwrap().unwrap_or_default();
        got.trailing = pairs(&trailers);
        got
    }

    fn ended(mut self, status: &Status) -> Self {
        self.code = status.code();
        self.words = status.message().to_owned();
        self.details = status.details().to_vec();
        self.trailing = pairs(status.metadata());
        self
    }
}
