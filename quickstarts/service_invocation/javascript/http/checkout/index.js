// Sends orders to the app `order-processor`, whose address it does not know: it asks its own sidecar.

import { setTimeout as sleep } from "node:timers/promises";

const ORDERS = 20;
const SIDECAR = `${process.env.DAPR_HOST ?? "http://localhost"}:${process.env.DAPR_HTTP_PORT ?? "3500"}`;
const PAUSE_MS = Number(process.env.ORDER_PAUSE_MS ?? "100");

async function send(order) {
  const response = await fetch(`${SIDECAR}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json", "dapr-app-id": "order-processor" },
    body: order,
  });
  const answer = await response.text();
  if (!response.ok) {
    throw new Error(`${response.status} ${response.statusText}: ${answer}`);
  }
}

let failed = 0;
for (let orderId = 1; orderId <= ORDERS; orderId++) {
  await sleep(PAUSE_MS);
  const order = JSON.stringify({ orderId });
  try {
    await send(order);
    console.log("Order passed: " + order);
  } catch (error) {
    console.error(`Order ${orderId} failed: ${error.cause?.message || error.cause?.code || error.message}`);
    failed++;
  }
}
if (failed > 0) {
  console.error(`${failed} of ${ORDERS} orders failed`);
  process.exitCode = 1;
}
