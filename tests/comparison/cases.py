"""The cases: what goes wrong, and what the queue does about it. Each is the same for every implementation."""

import contextlib
import time

from cloud import Unstable
from order_queue import Message
from sandbox import Sandbox

ALLOCATE = "AllocateHostedConnection"

ORDER = {
    "idempotencyKey": "order-1001",
    "connectionId": "dxcon-ffabc123",
    "ownerAccount": "111122223333",
    "bandwidth": "100Mbps",
    "connectionName": "Example Corp",
    "vlan": 101,
}


class Run:
    """One case with one implementation, on a cloud of its own."""

    def __init__(self, cloud, implementation, log, slowness):
        self.cloud, self.implementation, self.log, self.slowness = cloud, implementation, log, slowness
        self.environment = {}
        self.messages = []
        self.may_time_out = False

    def send(self, **changes):
        self.messages.append(Message(ORDER | changes))
        return self.messages[-1]

    def sandbox(self):
        environment = self.cloud.environment | self.implementation.environment | self.environment
        return Sandbox(self.implementation.command, environment, self.log)

    def deliver(self, sandbox, message):
        self.end(sandbox, message, sandbox.begin(message.receive()))

    def end(self, sandbox, message, invocation):
        answer = sandbox.end(invocation)
        if invocation.timed_out and not self.may_time_out:
            raise Unstable("an invocation took longer than its case allows for")
        message.settle(answer)

    def until_done(self, sandbox, message):
        """Delivers the message, again and again, until it is done or dead."""
        while not (message.done or message.dead):
            if message.receives:
                message.wait_until_visible()
            self.deliver(sandbox, message)

    def once_more(self, sandbox, message):
        """A message that is done comes again; one that is in the dead-letter queue does not."""
        if message.done:
            message.done, message.receives = False, 0
            self.until_done(sandbox, message)


def nothing(run):
    with run.sandbox() as sandbox:
        run.until_done(sandbox, run.send())


def fault(*faults):
    """The order meets these faults, one after the other, and is delivered until it is done."""

    def case(run):
        record = run.implementation.record
        hitting = [fault.format(record=record) for fault in faults if record or "{record}" not in fault]
        run.cloud.go_wrong(*hitting)
        nothing(run)
        for fault in hitting:
            if not run.cloud.hit(fault):
                raise RuntimeError(f"{fault} has hit nothing")

    return case


def killed_by(kind):
    """The process is killed while it waits for the answer of AllocateHostedConnection."""

    def case(run):
        fault = f"{kind}@{ALLOCATE}"
        run.cloud.go_wrong(fault)
        message = run.send()
        with run.sandbox() as sandbox:
            invocation = sandbox.begin(message.receive())
            applied = kind.startswith("apply")
            run.cloud.wait_until(lambda: any(r["applied"] == applied for r in run.cloud.hit(fault)))
            sandbox.kill()
            run.end(sandbox, message, invocation)
            run.until_done(sandbox, message)

    return case


def zombie(run):
    """The call takes effect and is answered with an error; the next thing that the attempt writes is under way for
    longer than the attempt may live, and lands when somebody else has finished the order. Then SQS, which delivers at
    least once, delivers once more."""
    under_way = 30 * run.slowness
    late = run.implementation.clean_up and f"delay({under_way * 1000}ms)@{run.implementation.clean_up}"
    run.cloud.go_wrong(f"apply-then-server-exception@{ALLOCATE}", *([late] if late else []))
    run.may_time_out = True
    message = run.send()
    with run.sandbox() as sandbox:
        run.until_done(sandbox, message)
        if late:
            [landing] = run.cloud.hit(late)
            if landing["applied"]:
                raise Unstable("the late write has overtaken the next attempt")
            run.cloud.wait_until(lambda: run.cloud.hit(late)[0]["applied"], patience=2 * under_way)
        run.once_more(sandbox, message)


def after_the_window(run):
    """The order is done. Its message comes once more when the window for repeats has passed."""
    if run.implementation.window:
        run.environment["EXPIRES_AFTER_SECONDS"] = "1"
    message = run.send()
    with run.sandbox() as sandbox:
        run.until_done(sandbox, message)
        time.sleep(3)  # Expiry is in whole seconds.
        run.once_more(sandbox, message)


def other_payload(run):
    """A second order under the same key asks for something else. One connection is right, and so is a no to the second."""
    with run.sandbox() as sandbox:
        run.until_done(sandbox, run.send())
        run.until_done(sandbox, run.send(vlan=102, bandwidth="200Mbps"))


def twice_at_once(run):
    """SQS delivers the message to a second environment while the first waits for Direct Connect."""
    fault = f"delay({4000 * run.slowness}ms)@{ALLOCATE}"
    run.cloud.go_wrong(fault)
    message = run.send()
    with contextlib.ExitStack() as stack:
        first, second = (stack.enter_context(run.sandbox()) for _ in range(2))
        event = message.receive()
        invocation = first.begin(event)
        run.cloud.wait_until(lambda: run.cloud.hit(fault))
        seen = run.cloud.requests()
        other = second.begin(event)
        run.cloud.wait_until(lambda: run.cloud.requests() > seen)
        if run.cloud.hit(fault)[0]["applied"]:
            raise Unstable("the first was done before the second began")
        run.end(first, message, invocation)
        run.end(second, message, other)
        run.until_done(first, message)


# Title, and what to run. {record} is the operation that an implementation completes its own record with.
CASES = {
    "nothing": ("nothing goes wrong", nothing),
    "twice": ("delivered twice at once", twice_at_once),
    "killed-before": ("killed before the call took effect", killed_by("hang-before")),
    "killed-after": ("killed after the call took effect", killed_by("apply-then-hang")),
    "raises": ("handler raises after the call", fault("error(403,AccessDeniedException)@PutEvents")),
    "record": ("completion write fails", fault("error(400,AccessDeniedException)@{record}")),
    "zombie": ("slow zombie's clean-up lands late", zombie),
    "window": ("redelivered after the window", after_the_window),
    "payload": ("same key, another payload", other_payload),
    "reset": ("answer lost: connection reset", fault(f"apply-then-reset@{ALLOCATE}")),
    "500": ("answer lost: 500", fault(f"apply-then-500@{ALLOCATE}")),
    "cut": ("answer lost: body cut off", fault(f"apply-then-cut-body@{ALLOCATE}")),
    "exception": ("answer lost: server exception", fault(f"apply-then-server-exception@{ALLOCATE}")),
}
