"""The cloud of one case: a `local serve` of its own, and what can be asked of it."""

import contextlib
import json
import subprocess
import time
import urllib.request

# Powertools' table as its documentation describes it. The plain function uses the same.
TABLE = "idempotency"


class Unstable(Exception):
    """Things did not happen in the order that the case is about, because this machine was too slow for it."""


@contextlib.contextmanager
def running(program, vlan_uniqueness, log):
    command = [program, "serve", "--json", "--listen", "127.0.0.1:0"]
    if not vlan_uniqueness:
        command.append("--no-vlan-uniqueness")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    try:
        cloud = Cloud(json.loads(process.stdout.readline()))
        cloud.create_table()
        yield cloud
    finally:
        process.kill()
        process.wait()


class Cloud:
    def __init__(self, welcome):
        self.url = welcome["url"]
        self.environment = welcome["environment"] | {"IDEMPOTENCY_TABLE": TABLE}

    def create_table(self):
        self._dynamodb(
            "CreateTable",
            {
                "TableName": TABLE,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )
        specification = {"AttributeName": "expiration", "Enabled": True}
        self._dynamodb("UpdateTimeToLive", {"TableName": TABLE, "TimeToLiveSpecification": specification})

    def go_wrong(self, *faults):
        if faults:
            self._send("/_local/faults", "\n".join(faults).encode())

    def connections(self):
        """Ids of the hosted connections that there are, whoever has made them."""
        return {connection["connectionId"] for connection in self._look("connections")}

    def events(self, detail_type):
        return [event["detail"] for event in self._look("events") if event["detail-type"] == detail_type]

    def hit(self, fault):
        """The requests that the fault has hit, as they are now."""
        return [request for request in self._look("requests") if request["fault"] == fault]

    def requests(self):
        """How many requests have arrived."""
        return len(self._look("requests"))

    def wait_until(self, condition, patience=60):
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                raise Unstable("what the case waits for did not happen")
            time.sleep(0.05)

    def _dynamodb(self, operation, body):
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"DynamoDB_20120810.{operation}",
            "authorization": "AWS4-HMAC-SHA256 Credential=local/20260102/us-east-1/dynamodb/aws4_request, "
            "SignedHeaders=host, Signature=0",
        }
        return self._send("/", json.dumps(body).encode(), headers)

    def _look(self, view):
        return self._send(f"/_local/{view}")

    def _send(self, path, body=None, headers=None):
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)
