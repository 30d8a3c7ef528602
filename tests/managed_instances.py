"""Runs the deployed build of allocate as Lambda Managed Instances do: several invocations of one process at once.

The Runtime Interface Emulator gives out one event after the other, so the runtime API is played here: eight events are
handed out before the first answer is waited for, and every order is in two of them. Afterwards each order must have
exactly one connection, and each invocation an answer of its own.

Needs Python alone, allocate and `local`. Without arguments they are taken from where `just rie` puts them.
"""

import argparse
import collections
import contextlib
import http.server
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time

import rie

AT_ONCE = 8
ORDERS = 80
PARENT = "dxcon-ffabc123"
INVOCATION = "/2018-06-01/runtime/invocation/"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--functions", type=pathlib.Path, default=rie.ROOT / "target/lambda", help="where the programs are")
    parser.add_argument("--local", type=pathlib.Path, default=rie.ROOT / "target/debug/local")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cloud = stack.enter_context(rie.local_cloud(chosen.local, scratch))
        before = collections.Counter(rie.vlans(cloud, PARENT))
        api = RuntimeApi([(f"request-{number}", event(number % ORDERS)) for number in range(2 * ORDERS)])
        stack.callback(api.shutdown)
        log = scratch / "function.log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [chosen.functions / "allocate/bootstrap"], env=environment(cloud, api.address), stdout=output, stderr=output
            )
            stack.callback(process.kill)
            api.wait(process)
        made = collections.Counter(rie.vlans(cloud, PARENT)) - before
        handled = [json.loads(body) for body in api.answers.values()]
        # The second delivery of an order that the first one is still at is handed back; Lambda would bring it again.
        returned = [answer for answer in handled if answer != {"batchItemFailures": []}]
        checks = {
            f"{AT_ONCE} invocations were under way at once": api.most_at_once == AT_ONCE,
            "every invocation has one answer": len(api.answers) == 2 * ORDERS and not api.repeated,
            "no order was handed back twice": len(returned) <= ORDERS,
            "every order has one connection, on its own VLAN": made == collections.Counter(vlan(n) for n in range(ORDERS)),
        }
        for title, kept in checks.items():
            print(f"{'ok  ' if kept else 'FAIL'} {title}")
        if not all(checks.values()):
            print(log.read_text(errors="replace")[-5000:])
    print(f"{sum(checks.values())} passed, {len(checks) - sum(checks.values())} failed")
    sys.exit(0 if all(checks.values()) else 1)


def vlan(number):
    return 2000 + number


def event(number):
    body = {
        "idempotencyKey": f"order-{number}",
        "connectionId": PARENT,
        "ownerAccount": "123456789012",
        "bandwidth": "50Mbps",
        "connectionName": f"Customer {number}",
        "vlan": vlan(number),
    }
    record = {
        "messageId": f"message-{number}",
        "body": json.dumps(body),
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
    }
    return json.dumps({"Records": [record]}).encode()


def environment(cloud, runtime_api):
    return {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_LAMBDA_MAX_CONCURRENCY": str(AT_ONCE),
        "AWS_LAMBDA_FUNCTION_NAME": "allocate",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "2048",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL": cloud,
        "ALLOCATIONS_TABLE_NAME": "allocations",
        "EVENT_BUS_NAME": "hosted-connections",
    }


class RuntimeApi:
    """Hands out `events` to whoever asks, and collects the answers by request id."""

    def __init__(self, events):
        self.waiting = queue.SimpleQueue()
        for item in events:
            self.waiting.put(item)
        self.expected = len(events)
        self.answers, self.repeated = {}, []
        self.under_way, self.most_at_once = set(), 0
        self.lock = threading.Lock()
        # The first answers are held back until as many invocations as there may be are under way.
        self.full = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        request_id, body = self.waiting.get()
        with self.lock:
            self.under_way.add(request_id)
            self.most_at_once = max(self.most_at_once, len(self.under_way))
            if len(self.under_way) == AT_ONCE:
                self.full.set()
        return request_id, body

    def answered(self, request_id, body):
        self.full.wait(30)
        with self.lock:
            if request_id in self.answers:
                self.repeated.append(request_id)
            self.answers[request_id] = body
            self.under_way.discard(request_id)

    def wait(self, process):
        deadline = time.monotonic() + 60
        while len(self.answers) < self.expected and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)

    def shutdown(self):
        self.server.shutdown()


def handler(api):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            request_id, body = api.next()
            self.reply(
                200,
                body,
                {
                    "Lambda-Runtime-Aws-Request-Id": request_id,
                    "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 30_000),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:allocate",
                },
            )

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            request_id, _, kind = self.path.removeprefix(INVOCATION).partition("/")
            api.answered(request_id, body if kind == "response" else b'{"failed": true}')
            self.reply(202, b"", {})

        def reply(self, status, body, headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


if __name__ == "__main__":
    main()
