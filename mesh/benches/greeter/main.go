// Command greeter is the app of the measurements over gRPC: it answers, and does nothing else.
package main

import (
	"context"
	"log"
	"net"
	"os"

	pb "greeter/helloworld"

	"google.golang.org/grpc"
)

type server struct {
	pb.UnimplementedGreeterServer
}

func (*server) SayHello(_ context.Context, request *pb.HelloRequest) (*pb.HelloReply, error) {
	return &pb.HelloReply{Message: "Hello " + request.GetName()}, nil
}

func main() {
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	greeter := grpc.NewServer()
	pb.RegisterGreeterServer(greeter, &server{})
	log.Fatal(greeter.Serve(listener))
}
