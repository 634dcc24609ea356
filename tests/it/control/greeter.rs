//! An app that speaks gRPC, and a caller, within the test.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use prost_types::FileDescriptorSet;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tonic::body::Body;
use tonic::service::Routes;
use tower::Service as _;

/// An app that answers `/greet.Greeter/Say` with what it was told, and knows no other method of its own.
pub(crate) struct Greeter {
    runtime: Runtime,
    pub(crate) port: u16,
}

impl Greeter {
    pub(crate) fn serve() -> Self {
        Self::start(Routes::default())
    }

    /// One that tells by its reflection what the text of a proto file says.
    pub(crate) fn telling(proto: &str) -> Self {
        let file = protox::file::File::from_source("greeter.proto", proto).unwrap().file_descriptor_proto().clone();
        let set = FileDescriptorSet { file: vec![file] };
        let reflection = tonic_reflection::server::Builder::configure().register_file_descriptor_set(set);
        Self::start(Routes::new(reflection.build_v1().unwrap()))
    }

    fn start(others: Routes) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let others = others.clone();
                tokio::spawn(async move {
                    let builder = Builder::new(TokioExecutor::new()).http2_only();
                    // The connection ends with its daptop.
                    drop(
                        builder
                            .serve_connection(
                                TokioIo::new(stream),
                                service_fn(|request| answer(request, others.clone())),
                            )
                            .await,
                    );
                });
            }
        });
        Self { runtime, port }
    }

    /// Sends one message through a sidecar; the status of the answer.
    pub(crate) fn say(&self, grpc_port: u16, message: &[u8]) -> String {
        self.runtime.block_on(async {
            let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
            let request = http::Request::post(format!("http://127.0.0.1:{grpc_port}/greet.Greeter/Say"))
                .header("content-type", "application/grpc")
                .header("te", "trailers")
                .header("dapr-app-id", "server")
                .body(Full::new(daptop_model::framed(message)));
            let answer = client.request(request.unwrap()).await.unwrap();
            let head = answer.headers().clone();
            let body = answer.into_body().collect().await.unwrap();
            let status = body.trailers().unwrap_or(&head).get("grpc-status").unwrap();
            status.to_str().unwrap().to_owned()
        })
    }
}

async fn answer(request: http::Request<Incoming>, mut others: Routes) -> Result<http::Response<Body>, Infallible> {
    if request.uri().path() != "/greet.Greeter/Say" {
        return Ok(others.call(request).await?.map(Body::new));
    }
    let told = request.into_body().collect().await.unwrap().to_bytes();
    let trailers = http::HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
    let body = Full::new(told).map_err(|never| match never {}).with_trailers(async move { Some(Ok(trailers)) });
    Ok(http::Response::builder().header("content-type", "application/grpc").body(Body::new(body)).unwrap())
}
