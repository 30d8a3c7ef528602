"""Orders that nobody has made yet, and the events that bring them."""

import json
import pathlib
import uuid

TESTS = pathlib.Path(__file__).resolve().parent.parent

# VLANs that one parent has.
VLANS = 4094

# Orders to an event, as template.yaml sets the queue up.
BATCH = 10

_RECORD = json.loads((TESTS / "events/sqs-one-order.json").read_text())["Records"][0]
_REQUEST = json.loads((TESTS / "events/http-v2-order.json").read_text())


class Orders:
    """Orders with keys of their own, on VLANs that nobody has."""

    def __init__(self, parents):
        """`parents` is the name that the cloud's parents for these orders begin with."""
        self.parents = parents
        self.made = 0

    def next(self, count):
        return [self._next() for _ in range(count)]

    def batches(self, count):
        """Events of ten orders each, `count` orders in all."""
        return [sqs_event(self.next(min(BATCH, count - made))) for made in range(0, count, BATCH)]

    def skip(self, count):
        """Leaves orders to somebody who numbers them alike, and gives the first number."""
        first = self.made
        self.made += count
        return first

    def _next(self):
        number = self.made
        self.made += 1
        return order(f"{self.parents}-{number:08}", f"dxcon-{self.parents}{number // VLANS:03}", number % VLANS + 1)


def order(key, parent, vlan=None):
    """An order; without a VLAN, one that takes any."""
    wanted = {
        "idempotencyKey": key,
        "connectionId": parent,
        "ownerAccount": "111122223333",
        "bandwidth": "50Mbps",
        "connectionName": "Example Corp Frankfurt",
        "tags": [{"key": "contract", "value": "C-2026-0017"}, {"key": "billable"}],
    }
    return wanted | ({"vlan": vlan} if vlan else {})


def sqs_event(orders):
    return {"Records": [message(order) for order in orders]}


def message(order):
    return _RECORD | {"messageId": str(uuid.uuid4()), "body": json.dumps(order)}


def http_event(order):
    headers = _REQUEST["headers"] | {"idempotency-key": order["idempotencyKey"]}
    body = {name: value for name, value in order.items() if name != "idempotencyKey"}
    return _REQUEST | {"headers": headers, "body": json.dumps(body), "isBase64Encoded": False}
