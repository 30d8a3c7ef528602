"""Loses the latest records of a table, makes them again from the events, and checks that no order is done twice.

What infra/runbook/restore-table.md tells an operator to do, done to the local cloud: orders are placed, one of them with
an automatic VLAN, one that was throttled before, one that is rejected. Then the table is put back to the moment when the
throttled one was waiting. `records-from-events.py` makes the records of what happened since. Now everything is ordered
again: each must be a replay of its first answer. Without the script there would be new connections and orders in doubt,
which is checked first.

Needs Python alone, and `local` (`cargo build`).
"""

import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOCAL = ROOT / "target/debug/local"
TABLE = "allocations"
ORDER = {
    "connectionId": "dxcon-ffabc123",
    "ownerAccount": "111122223333",
    "bandwidth": "100Mbps",
    "connectionName": "Größe 8",
    "tags": [{"key": "site", "value": "Köln"}, {"key": "contract"}],
}
# Keys, and what each asks for beside the above. The last one's VLAN is the first one's.
ORDERS = {"given": {"vlan": 101}, "automatic": {}, "throttled": {"vlan": 103}, "taken": {"vlan": 101}}


def main():
    if not LOCAL.is_file():
        sys.exit(f"{LOCAL} is not there: `cargo build` makes it")
    failures = 0
    for title, lines in (
        ("without their records, orders are done again or in doubt", without_records()),
        ("with records made from the events, every order is a replay", with_records()),
    ):
        print(f"{'ok  ' if not lines else 'FAIL'} {title}")
        for line in lines:
            print(f"         {line}")
        failures += bool(lines)
    print(f"{2 - failures} passed, {failures} failed")
    sys.exit(bool(failures))


def without_records():
    with cloud() as url:
        older = wait(url)
        place_all(url)
        restore(url, older)
        again = place_all(url)
        wrong = []
        if living(url) != 4:
            wrong.append(f"{living(url)} connections: the automatic order should have got a second one")
        for key in ("given", "throttled"):
            if again[key][0] != 503:
                wrong.append(f"{key} got {again[key]}")
        return wrong


def with_records():
    with cloud() as url:
        older = wait(url)
        first = place_all(url)
        said = events(url)
        restore(url, older)
        lines = "".join(json.dumps(event) + "\n" for event in said)
        script = ROOT / "infra/runbook/records-from-events.py"
        made = subprocess.run([sys.executable, script, TABLE], input=lines, capture_output=True, text=True, check=True)
        for write in made.stdout.splitlines():
            dynamodb(url, "TransactWriteItems", json.loads(write))
        report = json.loads(send(url, "/_local/track", "POST", b"")[1])
        again = place_all(url)
        wrong = [f"{key} got {again[key]}, and {first[key]} at first" for key in ORDERS if again[key] != first[key]]
        if living(url) != 3:
            wrong.append(f"{living(url)} connections instead of 3")
        if any(report[what] for what in ("orphans", "ghosts", "stuck", "unfinished")):
            wrong.append(f"tracking found {report}")
        ids = {event["detail"]["eventId"] for event in said}
        news = {event["detail"]["eventId"] for event in events(url)} - ids
        if news:
            wrong.append(f"something new was published: {news}")
        return wrong


@contextlib.contextmanager
def cloud():
    with tempfile.TemporaryDirectory() as scratch:
        arguments = [LOCAL, "serve", "--listen", "127.0.0.1:0", "--track-seconds", "0", "--json", "--data", scratch]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            try:
                yield json.loads(process.stdout.readline())["url"]
            finally:
                process.terminate()


def place_all(url):
    """Each order's status and body."""
    return {key: place(url, key) for key in ORDERS}


def place(url, key):
    """The order's status and body, the request's id left out."""
    headers = {"Idempotency-Key": key, "content-type": "application/json"}
    status, body = send(url, "/allocations", "POST", json.dumps(ORDER | ORDERS[key]).encode(), headers)
    return status, {name: value for name, value in json.loads(body).items() if name != "instance"}


def wait(url):
    """Has the throttled order wait, and gives the table as it is then."""
    send(url, "/_local/faults", "POST", b"throttle@AllocateHostedConnection")
    if place(url, "throttled")[0] != 429:
        raise RuntimeError("the order was not throttled")
    return items(url)


def restore(url, older):
    for item in items(url):
        dynamodb(url, "DeleteItem", {"TableName": TABLE, "Key": {"pk": item["pk"], "sk": item["sk"]}})
    for item in older:
        dynamodb(url, "PutItem", {"TableName": TABLE, "Item": item})


def items(url):
    return dynamodb(url, "Scan", {"TableName": TABLE})["Items"]


def living(url):
    connections = json.loads(send(url, "/_local/connections")[1])
    return sum(connection["connectionState"] not in ("deleted", "rejected") for connection in connections)


def events(url):
    return json.loads(send(url, "/_local/events")[1])


def dynamodb(url, operation, request):
    headers = {
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "content-type": "application/x-amz-json-1.0",
        "authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    }
    status, body = send(url, "/", "POST", json.dumps(request).encode(), headers)
    if status != 200:
        raise RuntimeError(f"{operation}: {status} {body}")
    return json.loads(body)


def send(url, path, method="GET", body=None, headers=None):
    request = urllib.request.Request(url + path, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


if __name__ == "__main__":
    main()
