// Command checkout sends orders to the app order-processor, whose address it does not know: it asks its own sidecar.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
)

const orders = 20

type order struct {
	ID int `json:"orderId"`
}

func main() {
	sidecar := cmp.Or(os.Getenv("DAPR_HOST"), "http://localhost") + ":" + cmp.Or(os.Getenv("DAPR_HTTP_PORT"), "3500")
	pause, err := strconv.Atoi(cmp.Or(os.Getenv("ORDER_PAUSE_MS"), "0"))
	if err != nil {
		log.Fatalf("ORDER_PAUSE_MS: write milliseconds: %v", err)
	}

	client := &http.Client{Timeout: time.Minute}
	failed := 0
	for id := 1; id <= orders; id++ {
		answer, err := send(client, sidecar+"/orders", order{ID: id})
		if err != nil {
			fmt.Fprintf(os.Stderr, "Order %d failed: %v\n", id, err)
			failed++
		} else {
			fmt.Println("Order passed:", answer)
		}
		time.Sleep(time.Duration(pause) * time.Millisecond)
	}
	if failed > 0 {
		log.Fatalf("%d of %d orders failed", failed, orders)
	}
}

// send passes one order and returns the answer's body.
func send(client *http.Client, url string, order order) (string, error) {
	body, err := json.Marshal(order)
	if err != nil {
		return "", err
	}
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("dapr-app-id", "order-processor")

	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", response.Status, answer)
	}
	return string(answer), nil
}
