//! Greets whoever calls it over gRPC. Nothing in here knows of Dapr: the sidecar calls it as any client would.

use std::pin::Pin;

use tokio_stream::{Stream, StreamExt};
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

use helloworld::greeter_server::{Greeter, GreeterServer};
use helloworld::{HelloReply, HelloRequest};

mod helloworld {
    tonic::include_proto!("helloworld");
}

const ADDRESS: &str = "127.0.0.1:50053";

struct Host;

fn greet(request: HelloRequest) -> HelloReply {
    println!("Received: {}", request.name);
    HelloReply { message: format!("Hello {}", request.name) }
}

#[tonic::async_trait]
impl Greeter for Host {
    type SayHelloBidiStreamStream = Pin<Box<dyn Stream<Item = Result<HelloReply, Status>> + Send>>;

    async fn say_hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
        Ok(Response::new(greet(request.into_inner())))
    }

    async fn say_hello_bidi_stream(
        &self,
        request: Request<Streaming<HelloRequest>>,
    ) -> Result<Response<Self::SayHelloBidiStreamStream>, Status> {
        let replies = request.into_inner().map(|request| request.map(greet));
        Ok(Response::new(Box::pin(replies)))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Server::builder().add_service(GreeterServer::new(Host)).serve(ADDRESS.parse()?).await?;
    Ok(())
}
