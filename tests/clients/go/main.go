// Command clients invokes an app with Dapr's own client for Go, which speaks gRPC.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	dapr "github.com/dapr/go-sdk/client"
)

func main() {
	client, err := dapr.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	order := &dapr.DataContent{ContentType: "application/json", Data: []byte(`{"orderId":1}`)}
	answer, err := client.InvokeMethodWithContent(ctx, "web", "orders", "post", order)
	if err != nil {
		log.Fatal(err)
	}
	var told struct {
		Path  string
		Order struct{ OrderID int }
	}
	if err := json.Unmarshal(answer, &told); err != nil || told.Path != "/orders" || told.Order.OrderID != 1 {
		log.Fatalf("%s: %v", answer, err)
	}
	fmt.Println("grpc ok")
}
