// Command server greets whoever calls it over gRPC. Nothing in here knows of Dapr: the sidecar calls it as any client would.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"

	pb "greeter/helloworld"

	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
)

const address = "127.0.0.1:50051"

type server struct {
	pb.UnimplementedGreeterServer
}

func greet(request *pb.HelloRequest) *pb.HelloReply {
	fmt.Println("Received:", request.GetName())
	return &pb.HelloReply{Message: "Hello " + request.GetName()}
}

// SayHello greets one person.
func (*server) SayHello(_ context.Context, request *pb.HelloRequest) (*pb.HelloReply, error) {
	return greet(request), nil
}

// SayHelloBidiStream greets people as they come.
func (*server) SayHelloBidiStream(stream pb.Greeter_SayHelloBidiStreamServer) error {
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(greet(request)); err != nil {
			return err
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatalf("%s cannot be listened on: %v", address, err)
	}
	greeter := grpc.NewServer()
	pb.RegisterGreeterServer(greeter, &server{})
	// daptop asks for the messages' types, to show them.
	reflection.Register(greeter)
	if err := greeter.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
