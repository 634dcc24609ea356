// Invokes an app with Dapr's own client for JavaScript, over HTTP and over gRPC, and one of gRPC with grpc-js.
import assert from "node:assert/strict";

import { CommunicationProtocolEnum, DaprClient, HttpMethod } from "@dapr/dapr";
import grpc from "@grpc/grpc-js";
import { Greeter } from "./greeter.js";

const order = { orderId: 1 };
const ways = [
  ["http", CommunicationProtocolEnum.HTTP, process.env.DAPR_HTTP_PORT],
  ["grpc", CommunicationProtocolEnum.GRPC, process.env.DAPR_GRPC_PORT],
];
for (const [name, communicationProtocol, daprPort] of ways) {
  const client = new DaprClient({ daprHost: "127.0.0.1", daprPort, communicationProtocol });
  const answer = await client.invoker.invoke("web", "orders", HttpMethod.POST, order);
  assert.deepEqual(typeof answer === "string" ? JSON.parse(answer) : answer, { path: "/orders", order });
  console.log(`${name} ok`);
  await client.stop();
}

const greeter = new Greeter(`127.0.0.1:${process.env.DAPR_GRPC_PORT}`, grpc.credentials.createInsecure());
const metadata = new grpc.Metadata();
metadata.add("dapr-app-id", "greeter");
const reply = await new Promise((resolve, reject) => {
  greeter.sayHello({ name: "Leia" }, metadata, (error, reply) => (error ? reject(error) : resolve(reply)));
});
assert.equal(reply.message, "Hello Leia");

metadata.add("dapr-stream", "true");
const stream = greeter.sayHelloBidiStream(metadata);
const greetings = [];
stream.on("data", (reply) => {
  greetings.push(reply.message);
  if (greetings.length === 1) stream.write({ name: "Lando" });
  else stream.end();
});
stream.write({ name: "Han" });
await new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject));
assert.deepEqual(greetings, ["Hello Han", "Hello Lando"]);
console.log("grpc-js ok");
greeter.close();
