package com.service;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Sends orders to the app order-processor, whose address it does not know: it asks its own sidecar. */
public final class CheckoutService {
    private static final int ORDERS = 20;
    private static final URI ORDERS_URI = URI.create("http://localhost:" + environment("DAPR_HTTP_PORT", "3500") + "/orders");
    private static final long PAUSE_MS = Long.parseLong(environment("ORDER_PAUSE_MS", "100"));

    private final HttpClient client = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws InterruptedException {
        int failed = new CheckoutService().run();
        if (failed > 0) {
            System.err.println(failed + " of " + ORDERS + " orders failed");
            System.exit(1);
        }
    }

    private int run() throws InterruptedException {
        int failed = 0;
        for (int orderId = 1; orderId <= ORDERS; orderId++) {
            try {
                send(orderId);
                System.out.println("Order passed: " + orderId);
            } catch (IOException error) {
                System.err.println("Order " + orderId + " failed: " + error);
                failed++;
            }
            Thread.sleep(PAUSE_MS);
        }
        return failed;
    }

    private void send(int orderId) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(ORDERS_URI)
                .timeout(Duration.ofMinutes(1))
                .header("content-type", "application/json")
                .header("dapr-app-id", "order-processor")
                .POST(HttpRequest.BodyPublishers.ofString("{\"orderId\":" + orderId + "}"))
                .build();
        var response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(response.statusCode() + ": " + response.body());
        }
    }

    private static String environment(String name, String otherwise) {
        return Optional.ofNullable(System.getenv(name)).orElse(otherwise);
    }
}
