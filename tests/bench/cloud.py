"""The cloud that everything is measured against: one process, and what can be asked of it."""

import contextlib
import json
import subprocess
import urllib.error
import urllib.request

# Names that the parents begin with, one for each of those who order.
PARENTS = ("ordered", "python0", "calls", "crowd00")

# The Python peer's own table, as Powertools' documentation describes it.
IDEMPOTENCY_TABLE = "idempotency"


class Cloud:
    def __init__(self, welcome, pid):
        self.url, self.tls_url, self.pid = welcome["url"], welcome["tlsUrl"], pid
        self.environment = welcome["environment"] | {
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            # Lambda's credentials come with a token, which is signed and sent with every call.
            "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2Vj" + "EXAMPLETOKEN" * 60,
            "IDEMPOTENCY_TABLE": IDEMPOTENCY_TABLE,
        }
        self.create_idempotency_table()

    def create_idempotency_table(self):
        self.dynamodb(
            "CreateTable",
            {
                "TableName": IDEMPOTENCY_TABLE,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )

    def counts(self):
        """Requests since they were last forgotten, by operation."""
        return self.send("/counts")

    def calls(self):
        return sum(self.counts().values())

    def requests(self):
        """The newest requests, with their bodies."""
        return self.send("/requests")

    def units(self):
        """What DynamoDB bills for the requests since they were last forgotten: write units, read units."""
        billed = self.send("/units")
        return billed["writes"], billed["reads"]

    def confirm(self):
        """Has the owner of every connection accept it."""
        self.send("/confirm", b"")

    def forget(self):
        self.send("/forget", b"")

    @contextlib.contextmanager
    def latency(self, milliseconds):
        """Has each call take this long."""
        self.send("/latency", str(milliseconds).encode())
        try:
            yield
        finally:
            self.send("/latency", b"0")

    @contextlib.contextmanager
    def latencies(self, milliseconds):
        """Has each call of these operations take as long as said."""
        self.send("/latencies", json.dumps(milliseconds).encode())
        try:
            yield
        finally:
            self.send("/latencies", json.dumps(dict.fromkeys(milliseconds, 0)).encode())

    def go_wrong(self, faults):
        self.send("/faults", "\n".join(faults).encode())

    def outcome(self):
        """Connections, records and events, counted."""
        return self.send("/outcome")

    def fill(self, record, count):
        self.send("/records", json.dumps({"record": record, "count": count}).encode())

    def crowd(self, parent, lease, vlans):
        self.send("/crowd", json.dumps({"parent": parent, "lease": lease, "vlans": vlans}).encode())

    def item(self, pk, sk):
        """An item of the function's table."""
        table = self.environment["ALLOCATIONS_TABLE_NAME"]
        return self.dynamodb("GetItem", {"TableName": table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}})["Item"]

    def dynamodb(self, operation, body):
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"DynamoDB_20120810.{operation}",
            "authorization": "AWS4-HMAC-SHA256 Credential=local/20260102/us-east-1/dynamodb/aws4_request, "
            "SignedHeaders=host, Signature=0",
        }
        return self.send("/", json.dumps(body).encode(), headers)

    def send(self, path, body=None, headers=None):
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {})
        try:
            # A million records take minutes.
            with urllib.request.urlopen(request, timeout=3600) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"the cloud does not do {path}: {error.read().decode()}") from error


@contextlib.contextmanager
def running(bench, tls=True, parents=32, hosted=False):
    """A cloud of one's own, with as many parents of each name; `hosted` for connections without what only ports have."""
    command = [bench.programs["bench-cloud"], "--of-each", str(parents)]
    if hosted:
        command.append("--hosted")
    for name in PARENTS:
        command += ["--parents", f"dxcon-{name}"]
    if tls:
        command += ["--tls-certificates", bench.certificates.chain, "--tls-key", bench.certificates.key]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=bench.log("cloud"))
    try:
        yield Cloud(json.loads(process.stdout.readline()), process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
