"""Runs the deployed builds of the functions under Lambda's Runtime Interface Emulator, against an AWS that is less kind.

It moves connections, refuses what it has done, is in the middle of a change, lets page tokens expire, leaves members out, calls
requests malformed, and reads nothing from a connection that has been given up. In none of these cases may a key have two
connections, a living connection be told as released, or an order be rejected beside its connection.

Needs what tests/rie.py needs, and takes the same arguments.
"""

import contextlib
import json
import socket
import threading
import time
import urllib.request

import rie

PARENT, LAG = "dxcon-ffabc123", "dxlag-ffabc789"
SETTLE_S = 2


class Case:
    """One cloud and its functions, for one case."""

    def __init__(self, chosen, scratch, stack, options=(), variables=None):
        self.cloud = stack.enter_context(rie.local_cloud(chosen.local, scratch, *options))
        self.urls = {}
        variables = {"SETTLE_SECONDS": str(SETTLE_S)} | (variables(self.cloud) if variables else {})
        for name in ("allocate", "track", "release"):
            url, _ = stack.enter_context(rie.emulator(chosen, name, self.cloud, scratch, **variables))
            self.urls[name] = url

    def order(self, key, vlan=None, **members):
        """Status and body of the answer to an order over HTTP."""
        body = {"connectionId": PARENT, "ownerAccount": "111122223333", "bandwidth": "50Mbps", "connectionName": "Example Corp"}
        body |= ({"vlan": vlan} if vlan else {}) | members
        return self.http("allocate", "POST", "/allocations", {"idempotency-key": key, "content-type": "application/json"}, json.dumps(body))

    def release(self, key):
        return self.http("release", "DELETE", f"/allocations/{key}", {})

    def track(self):
        return self.invoke("track", {"detail-type": "Scheduled Event", "source": "aws.events"})

    def http(self, function, method, path, headers, body=None):
        event = {
            "version": "2.0", "routeKey": f"{method} {path}", "rawPath": path, "rawQueryString": "", "headers": headers,
            "requestContext": {"requestId": "r", "stage": "$default", "http": {"method": method, "path": path}},
            "isBase64Encoded": False,
        } | ({"body": body} if body else {})
        answer = self.invoke(function, event)
        return answer.get("statusCode"), json.loads(answer.get("body") or "{}")

    def invoke(self, function, event):
        return rie.post(self.urls[function], json.dumps(event).encode(), {"content-type": "application/json"})

    def switch(self, method, path, body=""):
        request = urllib.request.Request(f"{self.cloud}/_local/{path}", data=body.encode(), method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or "null")

    def view(self, name):
        with urllib.request.urlopen(f"{self.cloud}/_local/{name}", timeout=60) as response:
            return json.load(response)

    def living(self):
        return [c for c in self.view("connections") if c["connectionState"] not in ("deleted", "rejected")]

    def calls(self, operation="AllocateHostedConnection"):
        return sum(request["operation"] == operation for request in self.view("requests"))

    def told(self):
        return [event["detail-type"].removeprefix("Hosted Connection ") for event in self.view("events")]

    def until_final(self, ask, tries=12):
        for _ in range(tries):
            status, body = ask()
            if status not in (409, 429, 500, 503):
                return status, body
            time.sleep(1)
        return status, body


def moved_and_refused(case):
    case.order("k", 101)
    [connection] = case.living()
    for switch in ("available", "attach"):
        case.switch("POST", f"connections/{connection['connectionId']}/{switch}")
    case.switch("POST", f"parents/{PARENT}/lag", LAG)
    status, body = case.until_final(lambda: case.release("k"))
    yield "a refused release of a moved connection is refused", (status, body.get("code")) == (422, "RefusedByDirectConnect"), (status, body)
    yield "and the connection lives", len(case.living()) == 1 and "Released" not in case.told(), case.told()


def moved_and_unanswered(case):
    case.switch("POST", "faults", "apply-then-reset@AllocateHostedConnection\nserver-error-before@DescribeHostedConnections+always")
    first, _ = case.order("k", 101)
    case.switch("DELETE", "faults")
    case.switch("POST", f"parents/{PARENT}/lag", LAG)
    status, body = case.until_final(lambda: case.order("k", 101))
    yield "an unanswered call whose connection moved is found", (first, status) == (503, 201), (first, status, body)
    yield "and made once", (case.calls(), len(case.living())) == (1, 1), (case.calls(), case.living())
    case.switch("DELETE", f"parents/{PARENT}")
    status, body = case.until_final(lambda: case.release("k"))
    yield "a release on a parent that is gone comes to its end", status == 200 and not case.living(), (status, body)


def refused_after_it_was_done(case):
    case.switch("POST", "faults", "apply-then-client-exception@AllocateHostedConnection")
    first, _ = case.order("k")
    made = case.living()
    status, body = case.until_final(lambda: case.order("k"))
    yield "a refusal of what was done is no answer yet", first == 503, first
    yield "and then it is the order's own", status == 201 and case.living() == made and case.calls() == 1, (status, body, case.living())


def in_transition(case):
    case.switch("POST", f"parents/{PARENT}/state", "pending")
    statuses = {case.order("given", 101)[0], case.order("any")[0]}
    case.switch("POST", f"parents/{PARENT}/state", "available")
    after = [case.until_final(lambda key=key, vlan=vlan: case.order(key, vlan))[0] for key, vlan in (("given", 101), ("any", None))]
    yield "orders during a change wait", statuses == {503}, statuses
    yield "and go through after it", after == [201, 201] and len(case.living()) == 2, after


def page_tokens_expire(case):
    for vlan in range(1, 102):
        case.order(f"crowd-{vlan}", vlan)
    case.switch("POST", "faults", "expired-page-token@DescribeHostedConnections+always")
    first, _ = case.order("k")
    case.switch("DELETE", "faults")
    case.switch("POST", "faults", "expired-page-token@DescribeHostedConnections")
    status, body = case.until_final(lambda: case.order("k"))
    yield "a page token that expires ends no order", (first, status) == (503, 201), (first, status, body)


def members_left_out(case):
    status, body = case.order("k", 101)
    yield "what an answer leaves out is not wrong", status == 201, (status, body)
    status, body = case.until_final(lambda: case.release("k"))
    yield "and the connection can be released", status == 200 and not case.living(), (status, body)


def malformed(case):
    case.switch("POST", "faults", "error(400,ValidationException)@AllocateHostedConnection+always")
    first, _ = case.order("k", 101)
    time.sleep(4)
    for _ in range(20):
        case.track()
    sent = case.calls()
    case.switch("DELETE", "faults")
    status, body = case.until_final(lambda: case.order("k", 101))
    yield "a malformed request is our defect", first == 500, first
    yield "and not sent in every run for ever", sent < 21, sent
    yield "and the order goes through when it is mended", status == 201 and len(case.living()) == 1, (status, body)


class Blackhole:
    """Between a function and Direct Connect: reads the head of an allocation and then nothing, until it is told to."""

    def __init__(self, cloud):
        self.host, port = cloud.removeprefix("http://").split(":")
        self.port = int(port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.held = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with contextlib.suppress(OSError):
            # A small window: what is written stays with its sender.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            head = client.recv(65536, socket.MSG_PEEK)
            if b"AllocateHostedConnection" in head:
                self.held.append(client)
                return
            with socket.create_connection((self.host, self.port)) as upstream:
                threading.Thread(target=pump, args=(client, upstream), daemon=True).start()
                pump(upstream, client)

    def ends(self):
        """How each held connection ends for its far side, read now."""
        for client in self.held:
            client.settimeout(2)
            try:
                while client.recv(65536):
                    pass
                yield "end"
            except ConnectionResetError:
                yield "reset"
            except TimeoutError:
                yield "open"


def pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def nothing_is_sent_late(chosen, scratch):
    holes = []

    def through_a_hole(cloud):
        holes.append(Blackhole(cloud))
        return {"AWS_ENDPOINT_URL_DIRECT_CONNECT": holes[0].address, "AWS_LAMBDA_FUNCTION_TIMEOUT": "3"}

    with contextlib.ExitStack() as stack:
        case = Case(chosen, scratch, stack, variables=through_a_hole)
        status, body = case.order("k", 101)
        ends = list(holes[0].ends())
        yield "a call that was given up leaves no connection that could still send", ends == ["reset"], ends
        yield "and the order waits", status == 503, (status, body)
        yield "and nothing was made", not case.living(), case.living()


CASES = [
    (moved_and_refused, ()),
    (moved_and_unanswered, ()),
    (refused_after_it_was_done, ()),
    (in_transition, ()),
    (page_tokens_expire, ()),
    (members_left_out, ("--allocate-leaves-out", "vlan,ownerAccount,bandwidth,connectionState")),
    (malformed, ()),
]


def playing(case, options):
    return lambda chosen, scratch, stack: case(Case(chosen, scratch, stack, options))


if __name__ == "__main__":
    rie.play(*(playing(*case) for case in CASES), lambda chosen, scratch, _: nothing_is_sent_late(chosen, scratch))
