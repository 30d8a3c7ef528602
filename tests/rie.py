"""Runs the deployed builds of the functions under Lambda's Runtime Interface Emulator, against the local cloud.

Every event in tests/events is sent twice to its function: first it has to be answered as expected-answers.json says,
then the same again as a replay. Afterwards Direct Connect must show exactly the connections that were ordered and not
released, one of each, and the bus each outcome under one event id, with nothing new said by the replays.

Needs Python alone, and the functions, `local` (the local cloud) and `aws-lambda-rie` (comes with the SAM CLI). Without
arguments they are taken from where `just rie` puts them.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import answers

ROOT = answers.TESTS.parent
FUNCTIONS = ("allocate", "track", "inspect", "release")
MACHINE = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine().lower()]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--functions", type=pathlib.Path, default=ROOT / "target/lambda", help="where their folders are")
    parser.add_argument("--local", type=pathlib.Path, default=ROOT / "target/debug/local")
    parser.add_argument(
        "--rie", type=pathlib.Path, default=ROOT / f"target/tools/sam/samcli/local/rapid/aws-lambda-rie-{MACHINE}"
    )
    parser.add_argument("events", nargs="*", type=pathlib.Path, help="event files, instead of all")
    chosen = parser.parse_args()
    for program in (*(chosen.functions / name / "bootstrap" for name in FUNCTIONS), chosen.local, chosen.rie):
        if not program.is_file():
            sys.exit(f"{program} is not there: `just rie` builds and fetches what this needs")
    return chosen


def main():
    chosen = arguments()
    events = chosen.events or answers.events()
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cloud = stack.enter_context(local_cloud(chosen.local, scratch))
        before = connections(cloud)
        running_functions = {name: stack.enter_context(emulator(chosen, name, cloud, scratch)) for name in FUNCTIONS}
        failures, facts = [], []
        for turn in ("first", "replay"):
            for event in events:
                started = time.monotonic()
                url, _ = running_functions[answers.function(event)]
                answer = invoke(url, event)
                found = answers.differences(event, answer) + replay_header(turn, event, answer)
                elapsed = (time.monotonic() - started) * 1000
                print(f"{'ok  ' if not found else 'FAIL'} {turn:6} {answers.function(event):8} {event.stem:30} {elapsed:7.1f} ms")
                for line in found:
                    print(f"         {line}")
                if found:
                    print(f"         the answer was: {json.dumps(answer)}")
                failures += found[:1]
            facts.append(published(cloud))
        checks = 2 * len(events)
        if not chosen.events:
            for title, found in (
                ("exactly the connections that were ordered and not released", wrong_connections(before, connections(cloud))),
                ("each outcome published under one event id", wrong_facts(*facts)),
            ):
                checks += 1
                print(f"{'ok  ' if not found else 'FAIL'} {title}")
                for line in found:
                    print(f"         {line}")
                failures += found[:1]
        for name, (_, log) in running_functions.items():
            text = log.read_text(errors="replace")
            for line in re.findall(r"INIT REPORT\([^)]*\)", text):
                print(f"{name:8} {line}")
            if failures:
                print(f"the log of {name}:\n{text[-20000:]}")
    print(f"{checks - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


def play(*cases):
    """Plays each case in a folder of its own, prints its checks as they end, and ends the process.

    A case takes the arguments, the folder and a stack for what it starts, and yields a title, whether that holds, and what was seen.
    """
    chosen = arguments()
    passed = failed = 0
    for case in cases:
        with contextlib.ExitStack() as stack:
            scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for title, holds, seen in case(chosen, scratch, stack):
                print(f"{'ok  ' if holds else 'FAIL'} {title}" + ("" if holds else f"\n         seen: {seen}"))
                passed, failed = passed + bool(holds), failed + (not holds)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


@contextlib.contextmanager
def local_cloud(program, scratch, *options):
    address = f"127.0.0.1:{free_port()}"
    with open(scratch / "cloud.log", "wb") as log:
        # The track function runs when its event says so, and at no other time.
        command = [program, "serve", "--listen", address, "--track-seconds", "0", *options]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        with running(process, address, scratch / "cloud.log"):
            yield f"http://{address}"


@contextlib.contextmanager
def emulator(chosen, name, cloud, scratch, **variables):
    """Yields the emulator's address and the path of its log, which is the function's too."""
    scratch = scratch / name
    scratch.mkdir()
    address, api = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    shutil.copy2(chosen.functions / name / "bootstrap", scratch / "bootstrap")
    rie = shutil.copy2(chosen.rie, scratch / "aws-lambda-rie")
    os.chmod(rie, 0o755)  # pip does not keep the bit
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL": cloud,
        "ALLOCATIONS_TABLE_NAME": "allocations",
        "EVENT_BUS_NAME": "hosted-connections",
        "PARENT_POLICIES": "enforced",
        **variables,
    }
    command = [rie, "--runtime-interface-emulator-address", address, "--runtime-api-address", api, "./bootstrap"]
    log_path = scratch / "function.log"
    with open(log_path, "wb") as log:
        process = subprocess.Popen(command, cwd=scratch, env=environment, stdout=log, stderr=log)
        with running(process, address, log_path):
            yield f"http://{address}/2015-03-31/functions/function/invocations", log_path


@contextlib.contextmanager
def running(process, address, log):
    """Waits until the process listens, and ends it afterwards."""
    try:
        host, port = address.split(":")
        deadline = time.monotonic() + 30
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{process.args[0]} does not listen on {address}:\n{log.read_text(errors='replace')}")
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                break
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def post(url, body, headers=None):
    request = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        return {"errorMessage": f"HTTP {error.code}: {text}"}


def invoke(url, event):
    return post(url, event.read_bytes(), {"content-type": "application/json"})


def replay_header(turn, event, answer):
    """A second answer to an order, or a release, says that it is one; the first must not."""
    status = answer.get("statusCode") if isinstance(answer, dict) else None
    if status != 201 and not (status == 200 and answers.function(event) == "release"):
        return []
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    said = headers.get("idempotent-replayed")
    expected = "true" if turn == "replay" else None
    return [] if said == expected else [f"Idempotent-Replayed is {said!r}, expected {expected!r}"]


def connections(cloud):
    """VLANs of the living hosted connections, by parent."""
    return {parent: vlans(cloud, parent) for parent in answers.EXPECTED["connections"]}


def vlans(cloud, parent):
    found, token = [], None
    while True:
        answer = post(
            cloud + "/",
            json.dumps({"connectionId": parent} | ({"nextToken": token} if token else {})).encode(),
            {
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": "OvertureService.DescribeHostedConnections",
                "authorization": "AWS4-HMAC-SHA256 Credential=local/20260102/us-east-1/directconnect/aws4_request, "
                "SignedHeaders=host, Signature=0",
            },
        )
        if "connections" not in answer:
            sys.exit(f"the local cloud does not describe {parent}: {answer}")
        found += [c["vlan"] for c in answer["connections"] if c["connectionState"] not in ("deleted", "rejected")]
        token = answer.get("nextToken")
        if not token:
            return sorted(found)


def wrong_connections(before, after):
    lines = []
    for parent, expected in answers.EXPECTED["connections"].items():
        released = answers.EXPECTED["released"].get(parent, [])
        expected = [vlan for vlan in expected if vlan not in released]
        new = list(after[parent])
        for vlan in before[parent]:
            new.remove(vlan)
        named = [vlan for vlan in expected if vlan != "automatic"]
        rest = [vlan for vlan in new if vlan not in named]
        if len(new) != len(expected) or len(set(new)) != len(new) or not set(named) <= set(new):
            lines.append(f"{parent} has got VLANs {new}, expected {expected}")
        elif not all(1 <= vlan <= 4094 for vlan in rest):
            lines.append(f"{parent} has got VLANs {rest} out of range")
    return lines


def published(cloud):
    """What the bus has been told: detail type, key and event id of each distinct fact."""
    with urllib.request.urlopen(f"{cloud}/_local/events", timeout=60) as response:
        return {
            (event["detail-type"], event["detail"]["idempotencyKey"], event["detail"]["eventId"])
            for event in json.load(response)
        }


def wrong_facts(first, replayed):
    """One `Allocated` per connection, and no fact that the first turn had not published already."""
    keys = [key for detail_type, key, _ in first if detail_type == "Hosted Connection Allocated"]
    ordered = sum(len(expected) for expected in answers.EXPECTED["connections"].values())
    lines = [f"the replays published {fact}" for fact in sorted(replayed - first, key=str)]
    if len(keys) != ordered or len(set(keys)) != ordered:
        lines.append(f"allocated according to the bus: {sorted(keys)}, expected {ordered} different keys")
    return lines


if __name__ == "__main__":
    main()
