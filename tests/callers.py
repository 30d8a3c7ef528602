"""Runs the deployed builds of the functions under Lambda's Runtime Interface Emulator, with callers kept apart.

Each caller comes in as an authorizer or a queue shows it. None may order, read or release what is another's, and nobody may do
anything who is not registered. The callers are items of the table, written as another tool than ours would write them.

Needs what tests/rie.py needs, and takes the same arguments.
"""

import json
import urllib.request

import rie

PARENT, OTHER_PARENT = "dxcon-ffabc123", "dxcon-ffabc456"
ACME, UMBRELLA, DESK, STRANGER = "AROAAAAAAAAAAAAAAAAAA", "AIDABBBBBBBBBBBBBBBBB", "AIDADDDDDDDDDDDDDDDDD", "AIDAZZZZZZZZZZZZZZZZZ"


class Stack:
    """The functions, each with CALLERS=enforced, on one cloud."""

    def __init__(self, chosen, scratch, stack):
        self.cloud = stack.enter_context(rie.local_cloud(chosen.local, scratch))
        self.urls = {}
        for name in ("allocate", "inspect", "release"):
            url, _ = stack.enter_context(rie.emulator(chosen, name, self.cloud, scratch, CALLERS="enforced"))
            self.urls[name] = url

    def register(self, name, principal, prefix, **members):
        caller = {"principals": [principal], "keyPrefix": prefix, "ownerAccounts": ["111122223333"], "parents": [PARENT],
                  "bandwidths": "any", "readsAndReleases": "own"} | members
        item = {"pk": {"S": "callers"}, "sk": {"S": name}, "caller": {"S": json.dumps(caller)}}
        rie.post(self.cloud + "/", json.dumps({"TableName": "allocations", "Item": item}).encode(), {
            "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem",
            "authorization": "AWS4-HMAC-SHA256 Credential=local/20260102/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
        })

    def http(self, function, method, path, authorizer, headers=None, body=None):
        event = {
            "version": "2.0", "routeKey": f"{method} {path}", "rawPath": path, "rawQueryString": "", "headers": headers or {},
            "requestContext": {"requestId": "r", "stage": "$default", "http": {"method": method, "path": path}, "authorizer": authorizer},
            "isBase64Encoded": False,
        } | ({"body": json.dumps(body)} if body else {})
        answer = self.invoke(function, event)
        return answer.get("statusCode"), json.loads(answer.get("body") or "{}")

    def order(self, authorizer, key, vlan, **members):
        headers = {"idempotency-key": key, "content-type": "application/json", "x-caller": ACME}
        return self.http("allocate", "POST", "/allocations", authorizer, headers, order(vlan) | members)

    def send(self, function, sender, body):
        record = {"messageId": "m-1", "body": json.dumps(body), "attributes": {"SenderId": sender}, "messageAttributes": {},
                  "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders"}
        return self.invoke(function, {"Records": [record]})

    def invoke(self, function, event):
        return rie.post(self.urls[function], json.dumps(event).encode(), {"content-type": "application/json"})

    def view(self, name):
        with urllib.request.urlopen(f"{self.cloud}/_local/{name}", timeout=60) as response:
            return json.load(response)

    def living(self):
        return sorted(c["vlan"] for c in self.view("connections") if c["connectionState"] not in ("deleted", "rejected"))

    def last_event(self):
        return self.view("events")[-1]["detail"]


def order(vlan):
    return {"connectionId": PARENT, "ownerAccount": "111122223333", "bandwidth": "50Mbps", "connectionName": "Example Corp", "vlan": vlan}


def iam(principal):
    return {"iam": {"accountId": "123456789012", "callerId": principal, "userArn": f"arn:aws:iam::123456789012:user/{principal}"}}


def checks(stack):
    stack.register("acme", ACME, "acme-")
    stack.register("umbrella", UMBRELLA, "umbrella-")
    stack.register("desk", DESK, "desk-", readsAndReleases="all")
    acme, umbrella, desk = iam(f"{ACME}:session"), iam(UMBRELLA), iam(DESK)

    status, body = stack.order(acme, "acme-1", 101)
    yield "a caller orders under its own prefix", status == 201, (status, body)
    for title, authorizer in (("a stranger", iam(STRANGER)), ("a request without an authorizer", None), ("a token of that name", {"jwt": {"claims": {"sub": ACME}}})):
        status, body = stack.order(authorizer, "acme-2", 102)
        yield f"{title} orders nothing", (status, body.get("code")) == (404, "NotFound"), (status, body)
    status, body = stack.order(umbrella, "acme-1", 101)
    yield "nobody takes another's key", (status, body.get("code")) == (400, "InvalidIdempotencyKey"), (status, body)
    status, body = stack.order(acme, "acme-3", 103, connectionId=OTHER_PARENT, ownerAccount="999988887777")
    fields = [violation["field"] for violation in body.get("violations", [])]
    yield "nobody orders beyond what is registered", (status, fields) == (400, ["/connectionId", "/ownerAccount"]), (status, body)

    for function, method in (("inspect", "GET"), ("release", "DELETE")):
        theirs = stack.http(function, method, "/allocations/acme-1", umbrella)
        nothing = stack.http(function, method, "/allocations/umbrella-9", umbrella)
        yield f"{method} of another's order is as of none", theirs == nothing and theirs[0] == 404, (theirs, nothing)
    status, page = stack.http("inspect", "GET", "/allocations", umbrella)
    yield "a list holds nothing of another's", (status, page.get("allocations")) == (200, []), (status, page)
    status, page = stack.http("inspect", "GET", "/allocations", desk)
    yield "who may see all sees it", [one["idempotencyKey"] for one in page.get("allocations", [])] == ["acme-1"], (status, page)
    status, seen = stack.http("inspect", "GET", f"/parents/{PARENT}", umbrella)
    yield "a parent shows nothing of another's", (status, seen.get("vlans"), seen.get("capacity")) == (200, [], {"soldMbps": 0}), (status, seen)

    answer = stack.send("allocate", UMBRELLA, order(104) | {"idempotencyKey": "umbrella-1"})
    yield "a queue's sender orders", answer == {"batchItemFailures": []} and stack.living() == [101, 104], (answer, stack.living())
    answer = stack.send("allocate", f"{STRANGER}:session", order(105) | {"idempotencyKey": "acme-5"})
    told = stack.last_event()
    seen = (told["idempotencyKey"], told["rejection"]["code"], STRANGER in told["rejection"]["message"])
    yield "a stranger's message is rejected under no key", answer == {"batchItemFailures": []} and seen == (None, "NotFound", True), (answer, told)
    answer = stack.send("release", UMBRELLA, {"action": "release", "idempotencyKey": "acme-1"})
    yield "nobody releases another's order by message", answer == {"batchItemFailures": []} and stack.living() == [101, 104], stack.living()
    answer = stack.invoke("allocate", order(106) | {"idempotencyKey": "acme-6"})
    yield "a direct invocation shows nobody", answer.get("errorType") == "NotFound", answer
    status, body = stack.http("release", "DELETE", "/allocations/acme-1", acme)
    yield "a caller releases its own", status in (200, 202), (status, body)
    made = sum(request["operation"] == "AllocateHostedConnection" for request in stack.view("requests"))
    yield "nothing but the two orders reached Direct Connect", made == 2, made


if __name__ == "__main__":
    rie.play(lambda chosen, scratch, stack: checks(Stack(chosen, scratch, stack)))
