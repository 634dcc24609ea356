// Sends orders to the app `order-processor`, whose address it does not know: it asks its own sidecar.

using System.Net.Http.Json;
using System.Text.Json.Serialization;

const int Orders = 20;
var endpoint = Environment.GetEnvironmentVariable("DAPR_HTTP_ENDPOINT")
    ?? $"http://localhost:{Environment.GetEnvironmentVariable("DAPR_HTTP_PORT") ?? "3500"}";
var pause = TimeSpan.FromMilliseconds(int.Parse(Environment.GetEnvironmentVariable("ORDER_PAUSE_MS") ?? "100"));

// A proxy of the environment is for the internet; the sidecar is on this machine.
using var client = new HttpClient(new HttpClientHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(1) };
client.DefaultRequestHeaders.Add("dapr-app-id", "order-processor");

var failed = 0;
for (var orderId = 1; orderId <= Orders; orderId++)
{
    var order = new Order(orderId);
    try
    {
        using var response = await client.PostAsJsonAsync($"{endpoint}/orders", order);
        if (!response.IsSuccessStatusCode)
        {
            var answer = await response.Content.ReadAsStringAsync();
            throw new HttpRequestException($"{(int)response.StatusCode} {response.ReasonPhrase}: {answer}");
        }
        Console.WriteLine($"Order passed: {order}");
    }
    catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
    {
        Console.Error.WriteLine($"Order {orderId} failed: {error.Message}");
        failed++;
    }
    await Task.Delay(pause);
}

if (failed > 0)
{
    Console.Error.WriteLine($"{failed} of {Orders} orders failed");
    return 1;
}
return 0;

internal sealed record Order([property: JsonPropertyName("orderId")] int OrderId);
