// Command client asks the app server for greetings. It does not know where server is: it asks its own sidecar.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	pb "greeter/helloworld"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

var names = []string{"Leia", "Han", "Lando", "Rey", "Finn"}

func main() {
	sidecar := "localhost:" + cmp.Or(os.Getenv("DAPR_GRPC_PORT"), "50007")
	connection, err := grpc.NewClient(sidecar, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	greeter := pb.NewGreeterClient(connection)

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	// All that is needed for Dapr to find the server.
	ctx = metadata.AppendToOutgoingContext(ctx, "dapr-app-id", "server")

	reply, err := greeter.SayHello(ctx, &pb.HelloRequest{Name: "Darth Tyrannus"})
	if err != nil {
		log.Fatalf("could not greet: %v", err)
	}
	fmt.Println("Greeting:", reply.GetMessage())

	if err := converse(ctx, greeter); err != nil {
		log.Fatalf("could not greet in a stream: %v", err)
	}
}

// converse sends name after name and prints each greeting before it sends the next name.
func converse(ctx context.Context, greeter pb.GreeterClient) error {
	ctx = metadata.AppendToOutgoingContext(ctx, "dapr-stream", "true")
	stream, err := greeter.SayHelloBidiStream(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := stream.Send(&pb.HelloRequest{Name: name}); err != nil {
			return err
		}
		reply, err := stream.Recv()
		if err != nil {
			return err
		}
		fmt.Println("Greeting in a stream:", reply.GetMessage())
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	// The call has ended when the server says so.
	if reply, err := stream.Recv(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("no end of the stream: %v, %v", reply, err)
	}
	return nil
}
