"""Whether the emulator behaves as is assumed of AWS: `operator conformance` against its table and bus, and our Direct Connect."""

import json
import os
import tempfile

import stack as stack_module

# The emulator takes an event whose detail is no JSON.
DOES_NOT_HOLD = ["putevents-partial"]


def conformance_finds_how_the_emulator_differs_and_leaves_nothing(stack):
    arguments = f"conformance --parent {stack_module.PARENT} --owner-account 111122223333 --vlans 4000-4009 --yes"
    with tempfile.TemporaryDirectory() as scratch:
        ended = stack.operate(*arguments.split(), folder=scratch)
        assert ended.returncode == 1, ended.stderr
        assert not os.listdir(scratch), os.listdir(scratch)
    report = json.loads(ended.stdout)
    differs = [probe["id"] for probe in report["probes"] if probe["verdict"] == "does not hold"]
    assert differs == DOES_NOT_HOLD, report
    verdicts = {probe["id"]: probe["verdict"] for probe in report["probes"]}
    assert verdicts["dynamodb-all-old"] == "holds", report
    assert not report["left"], report["left"]


CHECKS = [conformance_finds_how_the_emulator_differs_and_leaves_nothing]
