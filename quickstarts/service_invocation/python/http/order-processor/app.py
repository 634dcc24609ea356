"""Takes orders over HTTP. Nothing in here knows of Dapr: the sidecar calls it as any client would."""

import json

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/orders")
def receive_order():
    order = request.get_json()  # answers 400 or 415 itself when the body is no JSON
    print(f"Order received : {json.dumps(order)}", flush=True)
    return jsonify(success=True)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=8001)
