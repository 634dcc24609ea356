"""Sends orders to the app `order-processor`, whose address it does not know: it asks its own sidecar."""

import json
import os
import sys
import time

import requests

ORDERS = 20
SIDECAR = f"{os.getenv('BASE_URL', 'http://localhost')}:{os.getenv('DAPR_HTTP_PORT', '3500')}"
PAUSE = int(os.getenv("ORDER_PAUSE_MS", "100")) / 1000


def main() -> int:
    session = requests.Session()
    session.trust_env = False  # a proxy of the environment is for the internet; the sidecar is on this machine
    session.headers["dapr-app-id"] = "order-processor"
    failed = 0
    for order_id in range(1, ORDERS + 1):
        order = {"orderId": order_id}
        try:
            response = session.post(f"{SIDECAR}/orders", json=order, timeout=60)
            if response.ok:
                print(f"Order passed: {json.dumps(order)}", flush=True)
            else:
                raise requests.HTTPError(f"{response.status_code} {response.reason}: {response.text}")
        except requests.RequestException as error:
            print(f"Order {order_id} failed: {error}", file=sys.stderr, flush=True)
            failed += 1
        time.sleep(PAUSE)
    if failed:
        print(f"{failed} of {ORDERS} orders failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
