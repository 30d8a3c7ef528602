"""An AWS account on this machine: the emulator's process, clients for it, and people with rights of their own."""

import contextlib
import http.client
import json
import os
import subprocess
import sys

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions

import rie

REGION = "us-east-1"
# All that the template needs; the emulator has many more.
SERVICES = "apigateway,cloudformation,cloudwatch,dynamodb,events,iam,kms,lambda,logs,s3,sqs,sts"
# Who owns the emulated account.
ROOT = {"aws_access_key_id": "root", "aws_secret_access_key": "root"}


@contextlib.contextmanager
def running(packages, scratch, direct_connect):
    """The emulator, on a port of its own. Functions inherit its environment, so their Direct Connect is ours."""
    address = f"127.0.0.1:{rie.free_port()}"
    port = address.partition(":")[2]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(packages),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(scratch),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": port,
        "SERVICES": SERVICES,
        # Signatures are checked, and every call against the caller's policies: the functions' against their roles'.
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "false",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ROOT["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ROOT["aws_secret_access_key"],
        "AWS_ENDPOINT_URL": f"http://{address}",
        "AWS_ENDPOINT_URL_DIRECT_CONNECT": direct_connect,
    }
    path = scratch / "emulator.log"
    with open(path, "wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "ministack"], cwd=scratch, env=environment, stdout=log, stderr=log)
        with rie.running(process, address, path):
            yield Account(address, ROOT)


class Account:
    """The account as one of its identities sees it."""

    def __init__(self, address, keys):
        self.address, self.keys = address, keys

    def client(self, service, over_tls=True):
        settings = botocore.config.Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})
        client = boto3.client(
            service, region_name=REGION, endpoint_url=f"http://{self.address}", config=settings, **self.keys
        )
        if over_tls:
            client.meta.events.register("before-send", ended_tls)
        return client

    def number(self):
        return self.client("sts").get_caller_identity()["Account"]

    def somebody(self, name, *statements):
        """A new user who may do what the statements say, and nothing else."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
            iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=document)
        keys = iam.create_access_key(UserName=name)["AccessKey"]
        return Account(
            self.address, {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"]}
        )

    def knows_the_source_of_events(self):
        """Whether a condition on `events:source` can ever be met here."""
        condition = {"StringEquals": {"events:source": "probe"}}
        prober = self.somebody(
            "prober", {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*", "Condition": condition}
        )
        try:
            prober.client("events").put_events(Entries=[{"Source": "probe", "DetailType": "probe", "Detail": "{}"}])
        except botocore.exceptions.ClientError:
            return False
        return True

    def call_api(self, api, method, path, body=None, headers=None, signed=True):
        """A request to an HTTP API: status, headers in lower case, document."""
        host = f"{api}.execute-api.localhost:{self.address.partition(':')[2]}"
        request = botocore.awsrequest.AWSRequest(
            method, f"http://{host}{path}", data=json.dumps(body) if body is not None else None, headers=headers or {}
        )
        request.headers["host"] = host
        if body is not None:
            request.headers["content-type"] = "application/json"
        if signed:
            keys = botocore.credentials.Credentials(self.keys["aws_access_key_id"], self.keys["aws_secret_access_key"])
            botocore.auth.SigV4Auth(keys, "execute-api", REGION).add_auth(request)
        connection = http.client.HTTPConnection(self.address, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, request.data, dict(request.headers.items()))
            response = connection.getresponse()
            answer = response.read()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, as_json(answer)


def ended_tls(request, **_):
    """What a proxy that ends TLS in front of the emulator would add; policies look at it."""
    request.headers["x-forwarded-proto"] = "https"


def as_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text.decode(errors="replace")}
