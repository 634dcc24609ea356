// Takes orders over HTTP. Nothing in here knows of Dapr: the sidecar calls it as any client would.

import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const PORT = 5001;

async function answer(request, response) {
  if (request.method !== "POST" || request.url !== "/orders") {
    response.writeHead(404).end();
    return;
  }
  try {
    const order = await json(request);
    console.log("Order received:", order);
    response.writeHead(200, { "content-type": "text/plain" }).end("OK");
  } catch (error) {
    console.error("Order refused:", error.message);
    response.writeHead(400, { "content-type": "text/plain" }).end(error.message);
  }
}

const server = createServer(answer);
server.on("error", (error) => {
  console.error(`Cannot listen on port ${PORT}: ${error.message}`);
  process.exitCode = 1;
});
server.listen(PORT, "127.0.0.1");
