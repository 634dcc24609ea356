import io.dapr.client.DaprClient;
import io.dapr.client.DaprClientBuilder;
import io.dapr.client.domain.HttpExtension;
import java.util.Map;

/** Invokes an app with Dapr's own client for Java, over HTTP, and asks its sidecar for the metadata over gRPC. */
public class Client {
  public static void main(String[] args) throws Exception {
    try (DaprClient client = new DaprClientBuilder().build()) {
      client.waitForSidecar(60_000).block();
      Map<String, Object> order = Map.of("orderId", 1);
      Map<?, ?> answer = client.invokeMethod("web", "orders", order, HttpExtension.POST, Map.class).block();
      if (!Map.of("path", "/orders", "order", order).equals(answer)) {
        throw new IllegalStateException("unexpected: " + answer);
      }
      System.out.println("http ok");
      String id = client.getMetadata().block().getId();
      if (!id.equals("client")) {
        throw new IllegalStateException("unexpected: " + id);
      }
      System.out.println("grpc ok");
    }
    System.exit(0);
  }
}
