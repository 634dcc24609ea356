"""Invokes an app with Dapr's own client for Python, over HTTP and over gRPC."""

import json

from dapr.clients import DaprClient
from dapr.conf import settings

ORDER = {"orderId": 1}

for protocol in ["http", "grpc"]:
    settings.DAPR_API_METHOD_INVOCATION_PROTOCOL = protocol
    with DaprClient() as client:
        answer = client.invoke_method(
            "web", "orders", data=json.dumps(ORDER), content_type="application/json", http_verb="POST"
        )
        assert json.loads(answer.data) == {"path": "/orders", "order": ORDER}, answer.data
    print(f"{protocol} ok", flush=True)
