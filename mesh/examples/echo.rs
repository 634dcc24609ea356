//! A bare tonic server whose one method answers with what it was asked: what a call over gRPC costs at the least.
//! `mesh/benches/compare` measures beside it. `cargo run --release -p daptop-mesh --example echo -- 127.0.0.1:50051`.

use std::convert::Infallible;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// `helloworld.HelloRequest`, and `HelloReply`.
#[derive(Clone, PartialEq, prost::Message)]
struct Hello {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone)]
struct Greeter;

impl NamedService for Greeter {
    const NAME: &'static str = "helloworld.Greeter";
}

impl tower::Service<http::Request<Body>> for Greeter {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let echo = |request: Request<Hello>| async move { Ok::<_, Status>(Response::new(request.into_inner())) };
        Box::pin(async move {
            let mut greeter = Grpc::new(ProstCodec::<Hello, Hello>::default());
            Ok(greeter.unary(tower::service_fn(echo), request).await)
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:50051".to_owned());
    tonic::transport::Server::builder().add_service(Greeter).serve(address.parse()?).await?;
    Ok(())
}
