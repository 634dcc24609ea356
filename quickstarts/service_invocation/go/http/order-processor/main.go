// Command order-processor takes orders over HTTP. Nothing in here knows of Dapr: the sidecar calls it as any client would.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
)

const address = "127.0.0.1:6006"

func main() {
	http.HandleFunc("POST /orders", receiveOrder)
	log.Fatal(http.ListenAndServe(address, nil))
}

// receiveOrder prints an order and sends it back.
func receiveOrder(w http.ResponseWriter, r *http.Request) {
	order, err := io.ReadAll(r.Body)
	if err != nil {
		log.Printf("Order refused: %v", err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Println("Order received:", string(order))
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(order); err != nil {
		log.Printf("Answer not sent: %v", err)
	}
}
