package com.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes orders over HTTP. Nothing in here knows of Dapr: the sidecar calls it as any client would. */
public final class OrderProcessingService {
    private static final int PORT = 9001;
    private static final Pattern ORDER = Pattern.compile("\\{\\s*\"orderId\"\\s*:\\s*(\\d+)\\s*}");

    public static void main(String[] arguments) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT), 0);
        server.createContext("/", exchange -> answer(exchange, 404, ""));
        server.createContext("/orders", OrderProcessingService::receiveOrder);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    private static void receiveOrder(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            answer(exchange, 405, "");
            return;
        }
        var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Matcher order = ORDER.matcher(body.strip());
        if (!order.matches()) {
            System.err.println("Order refused: " + body);
            answer(exchange, 400, "an order looks like this: {\"orderId\": 1}");
            return;
        }
        System.out.println("Order received: " + order.group(1));
        answer(exchange, 200, "CID" + order.group(1));
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        var body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (exchange; var stream = exchange.getResponseBody()) {
            stream.write(body);
        }
    }
}
