"""Lambda's part: a process, and the Runtime API that it asks for work.

Not the Runtime Interface Emulator, because a case has to kill the process between two of its requests, and to have
two at once. The processes talk to it through AWS's own runtime clients.
"""

import json
import queue
import subprocess
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Seconds that an invocation may take. Starting the process is not part of it, as on Lambda.
TIMEOUT = 10

# A process that has not asked for work by then never will.
START = 120


class Invocation:
    def __init__(self, event):
        self.id = str(uuid.uuid4())
        self.event = json.dumps(event).encode()
        self.taken = threading.Event()
        self.ended = threading.Event()
        self.answer = None
        self.timed_out = False
        self.deadline = None


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Killed processes leave broken connections behind. What matters is seen in the invocation."""


class Sandbox:
    """One execution environment. It stays warm from one invocation to the next; a process that dies is replaced."""

    def __init__(self, command, environment, log):
        self.command, self.log = command, log
        self.waiting = queue.Queue()
        self.running = None
        self.ready = threading.Event()
        self.process = None
        self.server = Server(("127.0.0.1", 0), self._api())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.environment = environment | {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "allocate",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/allocate",
            "AWS_LAMBDA_LOG_STREAM_NAME": "comparison",
        }

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        self.server.shutdown()
        self.server.server_close()

    def start(self):
        self.ready.clear()
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL
        )
        if not self.ready.wait(START):
            raise RuntimeError(f"{self.command} does not ask for work")

    def kill(self):
        """SIGKILL: no clean-up, no last words."""
        self.process.kill()
        self.process.wait()

    def begin(self, event):
        """Starts an invocation and returns it while it goes on."""
        if self.process.poll() is not None:
            self.start()
        invocation = Invocation(event)
        self.waiting.put(invocation)
        if not invocation.taken.wait(START):
            raise RuntimeError(f"{self.command} does not take its work")
        return invocation

    def end(self, invocation):
        """Waits for the end of an invocation: its answer, or None if it failed, was killed, or took too long."""
        while not invocation.ended.wait(0.05):
            if self.process.poll() is not None:
                break
            if time.time() > invocation.deadline:
                invocation.timed_out = True
                self.kill()
                break
        return invocation.answer

    def _api(self):
        sandbox = self

        class RuntimeApi(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                process = sandbox.process
                sandbox.ready.set()
                while True:
                    try:
                        invocation = sandbox.waiting.get(timeout=0.2)
                        break
                    except queue.Empty:
                        if process is None or process.poll() is not None:
                            return  # Whoever asked is dead. Its successor asks for itself.
                invocation.deadline = time.time() + TIMEOUT
                sandbox.running = invocation
                self._reply(
                    200,
                    invocation.event,
                    {
                        "Lambda-Runtime-Aws-Request-Id": invocation.id,
                        "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
                        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:allocate",
                        "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
                    },
                )
                invocation.taken.set()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                if "chunked" in self.headers.get("transfer-encoding", ""):
                    body = self._chunks()
                invocation = sandbox.running
                if invocation and self.path.endswith(f"/{invocation.id}/response"):
                    invocation.answer = json.loads(body)
                self._reply(202, b"{}", {})
                if invocation:
                    invocation.ended.set()

            def _chunks(self):
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def _reply(self, status, body, headers):
                self.send_response(status)
                for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return RuntimeApi
