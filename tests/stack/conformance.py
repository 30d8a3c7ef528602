"""Whether the emulator behaves as is assumed of AWS: `operator conformance` against its table and bus, and our Direct Connect."""

import json
import os
import subprocess
import tempfile

import account as account_module
import stack as stack_module

# The emulator takes an event whose detail is no JSON.
DOES_NOT_HOLD = ["putevents-partial"]


def conformance_finds_how_the_emulator_differs_and_leaves_nothing(stack):
    outputs = stack.deployment.outputs
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_REGION": account_module.REGION,
        "AWS_ACCESS_KEY_ID": stack.account.keys["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": stack.account.keys["aws_secret_access_key"],
        "ALLOCATIONS_TABLE_NAME": outputs["TableName"],
        "EVENT_BUS_NAME": outputs["EventBusName"],
        "AWS_ENDPOINT_URL": f"http://{stack.account.address}",
        "AWS_ENDPOINT_URL_DIRECT_CONNECT": stack.direct_connect,
    }
    arguments = f"conformance --parent {stack_module.PARENT} --owner-account 111122223333 --vlans 4000-4009 --yes --json"
    with tempfile.TemporaryDirectory() as scratch:
        ended = subprocess.run(
            [stack.operator, *arguments.split()], env=environment, cwd=scratch, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 1, ended.stderr
        assert not os.listdir(scratch), os.listdir(scratch)
    report = json.loads(ended.stdout)
    differs = [probe["id"] for probe in report["probes"] if probe["verdict"] == "does not hold"]
    assert differs == DOES_NOT_HOLD, report
    verdicts = {probe["id"]: probe["verdict"] for probe in report["probes"]}
    assert verdicts["dynamodb-all-old"] == "holds", report
    assert not report["left"], report["left"]


CHECKS = [conformance_finds_how_the_emulator_differs_and_leaves_nothing]
