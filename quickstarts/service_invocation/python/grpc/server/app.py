"""Greets whoever calls it over gRPC. Nothing in here knows of Dapr: the sidecar calls it as any client would."""

from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_reflection.v1alpha import reflection

import helloworld_pb2
import helloworld_pb2_grpc

ADDRESS = "127.0.0.1:50052"


def greet(request):
    print(f"Received: {request.name}", flush=True)
    return helloworld_pb2.HelloReply(message=f"Hello {request.name}")


class Greeter(helloworld_pb2_grpc.GreeterServicer):
    def SayHello(self, request, context):
        return greet(request)

    def SayHelloBidiStream(self, request_iterator, context):
        for request in request_iterator:
            yield greet(request)


if __name__ == "__main__":
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    helloworld_pb2_grpc.add_GreeterServicer_to_server(Greeter(), server)
    # daptop asks for the messages' types, to show them.
    service = helloworld_pb2.DESCRIPTOR.services_by_name["Greeter"].full_name
    reflection.enable_server_reflection([service, reflection.SERVICE_NAME], server)
    server.add_insecure_port(ADDRESS)
    server.start()
    server.wait_for_termination()
