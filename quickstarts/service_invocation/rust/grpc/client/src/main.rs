//! Asks the app `server` for greetings. It does not know where that is: it asks its own sidecar.

use std::process::ExitCode;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Status};

use helloworld::HelloRequest;
use helloworld::greeter_client::GreeterClient;

mod helloworld {
    tonic::include_proto!("helloworld");
}

const NAMES: [&str; 5] = ["Leia", "Han", "Lando", "Rey", "Finn"];

/// A request with all that is needed for Dapr to find the server.
fn to_server<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("dapr-app-id", MetadataValue::from_static("server"));
    request
}

async fn greet(greeter: &mut GreeterClient<Channel>) -> Result<(), Status> {
    let reply = greeter.say_hello(to_server(HelloRequest { name: "Darth Tyrannus".to_owned() })).await?;
    println!("Greeting: {}", reply.into_inner().message);
    Ok(())
}

/// Sends name after name and prints each greeting before it sends the next name.
async fn converse(greeter: &mut GreeterClient<Channel>) -> Result<(), Status> {
    let (names, requests) = mpsc::channel(1);
    let mut request = to_server(ReceiverStream::new(requests));
    request.metadata_mut().insert("dapr-stream", MetadataValue::from_static("true"));
    let ended = || Status::unavailable("the stream has ended");
    let hello = |name: &str| HelloRequest { name: name.to_owned() };
    // The first name may wait in the channel until the stream is open.
    names.send(hello(NAMES[0])).await.map_err(|_| ended())?;
    let mut replies = greeter.say_hello_bidi_stream(request).await?.into_inner();
    for next in NAMES.iter().skip(1).map(Some).chain([None]) {
        println!("Greeting in a stream: {}", replies.message().await?.ok_or_else(ended)?.message);
        if let Some(name) = next {
            names.send(hello(name)).await.map_err(|_| ended())?;
        }
    }
    drop(names);
    // The call has ended when the server says so.
    match replies.message().await? {
        None => Ok(()),
        Some(reply) => Err(Status::internal(format!("one greeting too many: {}", reply.message))),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let port = std::env::var("DAPR_GRPC_PORT").unwrap_or_else(|_| "50007".to_owned());
    let mut greeter = match GreeterClient::connect(format!("http://localhost:{port}")).await {
        Ok(greeter) => greeter,
        Err(error) => {
            eprintln!("the sidecar cannot be reached at port {port}: {error:?}");
            return ExitCode::FAILURE;
        }
    };
    let greeted = async {
        greet(&mut greeter).await?;
        converse(&mut greeter).await
    };
    match greeted.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(status) => {
            eprintln!("could not greet: {:?}: {}", status.code(), status.message());
            ExitCode::FAILURE
        }
    }
}
