"""Who is measured, and the process it is measured in: Lambda's Runtime Interface Emulator with the function in it."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import process
import rie
from orders import BATCH

HERE = Path(__file__).resolve().parent

# Lambda's limit for these invocations. Nothing here takes as long.
TIMEOUT_S = 60


@dataclass
class Subject:
    name: str
    # What `bootstrap` is: a program, or the text of a script.
    bootstrap: Path | str
    environment: dict = field(default_factory=dict)
    # What it takes: an SQS event, or the numbers of the orders.
    takes_numbers: bool = False
    # At AWS's own addresses it trusts Amazon's authorities alone.
    trusts_amazon_only: bool = False

    def events(self, orders, count):
        """`count` orders, ten to an event."""
        if not self.takes_numbers:
            return orders.batches(count)
        sizes = [min(BATCH, count - made) for made in range(0, count, BATCH)]
        return [{"first": orders.skip(size), "count": size} for size in sizes]


def all_of_them(programs, packages):
    peer = HERE.parent / "comparison"
    return {
        "ours": Subject("ours", programs["allocate"], {"PARENT_POLICIES": "enforced"}, trusts_amazon_only=True),
        # What becomes of an order later is theirs.
        "track": Subject("track", programs["track"]),
        "release": Subject("release", programs["release"]),
        "bare": Subject("bare", programs["bare"]),
        "calls": Subject("calls", programs["calls"], takes_numbers=True),
        "python": Subject(
            "python",
            # AWS's own runtime client for Python, as in Lambda's images. With bytecode, as there.
            f'#!/bin/sh\nexec "{sys.executable}" -m awslambdaric powertools_careful.lambda_handler\n',
            {"PYTHONPATH": f"{peer}:{packages}"},
        ),
    }


class Failed(Exception):
    """Something was measured that did not do its work."""


class Environment:
    """One execution environment of a function: cold until its first invocation, warm from then on."""

    def __init__(self, url, log, emulator):
        self.url, self.log, self.emulator = url, log, emulator
        self._pid = None

    def invoke(self, event):
        """The answer to an event; a failed invocation is an error of the benchmark."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        answer = rie.post(self.url, body, {"content-type": "application/json"})
        if not isinstance(answer, dict) or "errorMessage" in answer:
            raise Failed(f"an invocation failed: {answer}\n{self.log.read_text(errors='replace')[-3000:]}")
        return answer

    def order(self, event):
        """As `invoke`, for events all of whose orders have to be done."""
        answer = self.invoke(event)
        if answer.get("batchItemFailures") or answer.get("statusCode", 201) not in (200, 201):
            raise Failed(f"an order was not done: {answer}\n{self.log.read_text(errors='replace')[-3000:]}")
        return answer

    @property
    def pid(self):
        """The function's process, the same from the first invocation on."""
        if self._pid is None:
            self._pid = process.child(self.emulator.pid)
        return self._pid

    def init_ms(self):
        """How long the process took from its start until it asked for work, as the emulator reports it."""
        found = re.search(r"INIT REPORT\(durationMs: ([0-9.]+)\)", self.log.read_text(errors="replace"))
        if not found:
            raise Failed(f"no INIT REPORT in\n{self.log.read_text(errors='replace')[-3000:]}")
        return float(found[1])

    def logged_bytes(self):
        return self.log.stat().st_size


@contextlib.contextmanager
def environment(bench, subject, cloud, tls=False, more=None):
    """A fresh environment of the function, with the cloud's addresses, not invoked yet."""
    scratch = bench.scratch(subject.name)
    bootstrap = scratch / "bootstrap"
    if isinstance(subject.bootstrap, str):
        bootstrap.write_text(subject.bootstrap)
        bootstrap.chmod(0o755)
    else:
        shutil.copy2(subject.bootstrap, bootstrap)
    trusted = str(bench.certificates.amazons if subject.trusts_amazon_only else bench.certificates.trusted)
    variables = {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_FUNCTION_NAME": "allocate",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(TIMEOUT_S),
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_ENDPOINT_URL": cloud.tls_url if tls else cloud.url,
        "SSL_CERT_FILE": trusted,
        "AWS_CA_BUNDLE": trusted,
        **cloud.environment,
        **subject.environment,
        **(more or {}),
    }
    address, api = f"127.0.0.1:{rie.free_port()}", f"127.0.0.1:{rie.free_port()}"
    command = [bench.rie, "--runtime-interface-emulator-address", address, "--runtime-api-address", api, "./bootstrap"]
    path = scratch / "function.log"
    with open(path, "wb") as log:
        emulator = subprocess.Popen(command, cwd=scratch, env=variables, stdout=log, stderr=log)
        with rie.running(emulator, address, path):
            yield Environment(f"http://{address}/2015-03-31/functions/function/invocations", path, emulator)


class Caller:
    """The program that makes the calls of orders and nothing else."""

    def __init__(self, program, cloud, tls, bench):
        variables = {"AWS_ENDPOINT_URL": cloud.tls_url if tls else cloud.url, **cloud.environment}
        variables["SSL_CERT_FILE"] = str(bench.certificates.trusted)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": bench.log("calls")}
        self.process = subprocess.Popen([program], env=variables, text=True, bufsize=1, **pipes)
        self.pid = self.process.pid

    def call(self, how, count, first):
        """Has it make the calls of `count` orders, `one` after the other or of `ten` orders at once."""
        self.process.stdin.write(f"{how} {count} {first}\n")
        if self.process.stdout.readline() != "done\n":
            raise Failed("the bare SDK calls failed: see target/bench/logs/calls.log")


@contextlib.contextmanager
def caller(bench, cloud, tls=False):
    running = Caller(bench.programs["calls"], cloud, tls, bench)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()
        running.process.stdin.close()
        running.process.stdout.close()
