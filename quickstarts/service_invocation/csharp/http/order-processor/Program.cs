// Takes orders over HTTP. Nothing in here knows of Dapr: the sidecar calls it as any client would.

using System.Text.Json.Serialization;

var app = WebApplication.CreateBuilder(args).Build();

app.MapPost("/orders", (Order order) =>
{
    Console.WriteLine($"Order received : {order}");
    return order.ToString();
});

app.Run("http://localhost:7001");

internal sealed record Order([property: JsonPropertyName("orderId")] int orderId);
