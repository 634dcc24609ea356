"""Asks the app `server` for greetings. It does not know where that is: it asks its own sidecar."""

import os
import sys
from queue import SimpleQueue

import grpc

import helloworld_pb2
import helloworld_pb2_grpc

NAMES = ["Leia", "Han", "Lando", "Rey", "Finn"]
SIDECAR = f"localhost:{os.getenv('DAPR_GRPC_PORT', '50007')}"
# A proxy of the environment is for the internet; the sidecar is on this machine.
OPTIONS = [("grpc.enable_http_proxy", 0)]
# All that is needed for Dapr to find the server.
METADATA = (("dapr-app-id", "server"),)


def converse(stub):
    """Sends name after name and prints each greeting before it sends the next name."""
    names = SimpleQueue()
    requests = (helloworld_pb2.HelloRequest(name=name) for name in iter(names.get, None))
    replies = stub.SayHelloBidiStream(requests, timeout=60, metadata=METADATA + (("dapr-stream", "true"),))
    for name in NAMES:
        names.put(name)
        print(f"Greeting in a stream: {next(replies).message}", flush=True)
    names.put(None)
    for reply in replies:
        raise RuntimeError(f"one greeting too many: {reply.message}")


def main() -> int:
    with grpc.insecure_channel(SIDECAR, options=OPTIONS) as channel:
        stub = helloworld_pb2_grpc.GreeterStub(channel)
        try:
            request = helloworld_pb2.HelloRequest(name="Darth Tyrannus")
            reply = stub.SayHello(request, timeout=60, metadata=METADATA)
            print(f"Greeting: {reply.message}", flush=True)
            converse(stub)
        except grpc.RpcError as error:
            print(f"could not greet: {error.code()}: {error.details()}", file=sys.stderr, flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
