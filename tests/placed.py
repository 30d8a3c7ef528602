"""Runs the deployed builds of the functions under Lambda's Runtime Interface Emulator, with orders by place.

The parent is chosen, told, and kept by every later answer to the key; two orders are kept apart; what no parent can take is rejected
for good, with the reason of each; an order that was left is finished on the parent that was chosen for it.

Needs what tests/rie.py needs, and takes the same arguments.
"""

import json

import rie
import unkind

LOCATION = "EqDC2"
# By size: the largest share is free on the LAG, which ends on the same device as the first interconnect.
PARENTS = {
    "dxcon-first000": {"bandwidth": "1Gbps", "device": "device-1"},
    "dxcon-second00": {"bandwidth": "10Gbps", "device": "device-2"},
    "dxlag-third000": {"bandwidth": "10Gbps", "ports": 2, "device": "device-1"},
}
FIRST, SECOND, LAG = PARENTS
HERE = {"location": LOCATION}


class Case(unkind.Case):
    def place(self, key, placement, query="", **members):
        """Status, body and whether it is a replay."""
        body = {"placement": placement, "ownerAccount": "111122223333", "bandwidth": "500Mbps", "connectionName": "Example Corp"} | members
        event = {
            "version": "2.0", "routeKey": "POST /allocations", "rawPath": "/allocations", "rawQueryString": query,
            "headers": {"idempotency-key": key, "content-type": "application/json"}, "isBase64Encoded": False, "body": json.dumps(body),
            "requestContext": {"requestId": "r", "stage": "$default", "http": {"method": "POST", "path": "/allocations"}},
        }
        answer = self.invoke("allocate", event)
        headers = {name.lower(): value for name, value in answer.get("headers", {}).items()}
        return answer.get("statusCode"), json.loads(answer.get("body") or "{}"), headers.get("idempotent-replayed") == "true"


def apart(key, by="device"):
    return HERE | {"diverseFrom": {"idempotencyKey": key, "by": by}}


def codes(body):
    return {candidate["connectionId"]: candidate["code"] for candidate in body.get("candidates", [])}


def checks(case):
    for parent, described in PARENTS.items():
        case.switch("PUT", f"parents/{parent}", json.dumps(described | {"location": LOCATION}))

    status, dry, _ = case.place("one", HERE, "dryRun=true")
    seen = (status, dry.get("wouldBe"), dry.get("parentConnectionId"), [one["connectionId"] for one in dry.get("candidates", [])])
    yield "a dry run lists the candidates, best first", seen == (200, "allocated", LAG, [LAG, SECOND, FIRST]), dry
    yield "and makes nothing", not case.living() and not case.calls() and not case.told(), case.living()

    status, one, replayed = case.place("one", HERE)
    [made] = case.living() or [{}]
    seen = (status, one.get("parentConnectionId"), replayed)
    yield "an order by place is allocated, and its receipt names the parent", seen == (201, LAG, False), (status, one)
    yield "where the connection is", (made.get("connectionId"), case.calls()) == (one["connection"]["connectionId"], 1), (made, one)
    told = case.view("events")[-1]["detail"]
    seen = (told.get("parentConnectionId"), told["request"].get("placement"), "connectionId" in told["request"])
    yield "the event names it, and the request as asked", seen == (LAG, HERE, False), told

    status, again, replayed = case.place("one", HERE)
    seen = (status, again, replayed, case.calls())
    yield "a replay gives the first parent and makes no call", seen == (201, one, True, 1), seen

    status, two, _ = case.place("two", apart("one"))
    yield "the second order is on the other device", (status, two.get("parentConnectionId")) == (201, SECOND), (status, two)

    status, none, _ = case.place("three", apart("one"), bandwidth="25Gbps")
    reasons = {FIRST: "NotDiverse", LAG: "NotDiverse", SECOND: "CapacityExceeded"}
    found = (status, none.get("code"), codes(none))
    yield "an order that no parent can take is told each reason", found == (422, "NoParentAvailable", reasons), (status, none)
    status, again, _ = case.place("three", apart("one"), bandwidth="25Gbps")
    yield "and told the same again", (status, again["candidates"]) == (422, none.get("candidates")), again
    status, nowhere, _ = case.place("four", {"location": "Nowhere"})
    seen = (status, nowhere.get("code"), LOCATION in nowhere.get("detail", ""))
    yield "an unknown location is rejected with the locations there are", seen == (422, "NoParentAvailable", True), nowhere
    status, unknown, _ = case.place("five", apart("never"))
    yield "so is an order apart from none", (status, unknown.get("code")) == (422, "DiverseFromUnknown"), unknown
    status, both, _ = case.place("six", HERE, connectionId=SECOND)
    yield "a parent and a place together are invalid", (status, both.get("code")) == (400, "InvalidRequest"), both

    direct = {"idempotencyKey": "seven", "placement": {"parents": [FIRST, SECOND]}, "ownerAccount": "111122223333",
              "bandwidth": "50Mbps", "connectionName": "Example Corp"}
    receipt = case.invoke("allocate", direct)
    seen = (receipt.get("status"), receipt.get("parentConnectionId"))
    # 950 of 1,000 Mbps are a larger share than 9,450 of 10,000.
    yield "a direct invocation chooses among those listed", seen == ("allocated", FIRST), receipt

    case.switch("POST", "faults", "reset-before@AllocateHostedConnection+always")
    first, _, _ = case.place("left", HERE)
    case.switch("DELETE", "faults")
    status, body, _ = case.place("big", {"parents": [LAG]}, bandwidth="10Gbps")
    other, chosen, _ = case.place("other", HERE)
    seen = (status, other, chosen.get("parentConnectionId"))
    yield "what is sold makes another parent the best", seen == (201, 201, SECOND), (seen, body, chosen)
    status, left = case.until_final(lambda: case.place("left", HERE)[:2])
    seen = (first, status, left.get("parentConnectionId"))
    yield "a call that was not answered keeps its parent all the same", seen == (503, 201, LAG), (seen, left)
    status, again, replayed = case.place("one", HERE)
    yield "and so does an order that is done", (status, again, replayed) == (201, one, True), again

    status, body = case.until_final(lambda: case.release("one"))
    yield "a placed order is released like any other", (status, body.get("parentConnectionId")) == (200, LAG), (status, body)
    seen = (len(case.living()), case.told().count("Allocated"))
    yield "one connection for each order", seen == (5, 6), seen


if __name__ == "__main__":
    rie.play(lambda chosen, scratch, stack: checks(Case(chosen, scratch, stack)))
