"""Many orders through one warm process: duplicates, orders that are refused, and a fault every few batches.

Plays the queue: what is returned comes back later, until all is final. Then what there is must be exactly what was
ordered, and the process no larger than it was when it had warmed up.
"""

import random
import time
from collections import deque

import cloud
import process
import rows
import subjects
from orders import BATCH, Orders, message, order

# How long a returned message stays away: as long as an unanswered call takes to settle.
SETTLE_S = 1
BACK_AFTER_S = 1.2

FAULT_EVERY = 10

# What is read of a crowded parent after a lost answer comes and goes, so it is the peaks that are compared. With fewer
# orders, half of them do not fill a parent, and memory says nothing about growth.
GROWTH = 1.1
ENOUGH = 20_000
FAULTS = (
    "throttle@TransactWriteItems",
    "throttle@AllocateHostedConnection",
    "apply-then-reset@AllocateHostedConnection",
    "server-error-before@UpdateItem",
    "apply-then-500@AllocateHostedConnection",
    "apply-then-reset@TransactWriteItems",
    "partial-put-events(0,2)@PutEvents",
    "reset-before@AllocateHostedConnection",
    "apply-then-cut-body@AllocateHostedConnection",
    "apply-then-500@UpdateItem",
    "throttle@PutEvents",
    "server-exception-before@AllocateHostedConnection",
    "apply-then-server-exception@AllocateHostedConnection",
    "apply-then-reset@UpdateItem",
    "apply-then-500@PutEvents",
    "delay(100ms)@AllocateHostedConnection",
)


def measure(bench):
    count = bench.options.load
    ours = subjects.all_of_them(bench.programs, bench.packages)["ours"]
    more = {"SETTLE_SECONDS": str(SETTLE_S)}
    with cloud.running(bench) as fake, subjects.environment(bench, ours, fake, more=more) as environment:
        queue = Queue(count)
        started = time.monotonic()
        memory = run(bench, environment, fake, queue)
        took = time.monotonic() - started
        spent = process.cpu_ms(environment.pid)
        check(fake.outcome(), queue.wanted, environment)
    half = len(memory) // 2
    halves = rows.Samples([max(memory[:half])]), rows.Samples([max(memory[half:])])
    return [
        rows.plain("orders through one process, none lost, none twice", "", rows.Samples([queue.wanted["allocated"]])),
        rows.plain("messages, duplicates and redeliveries included", "", rows.Samples([queue.delivered])),
        rows.plain("faults", "", rows.Samples([queue.faults])),
        rows.times("most memory in the second half", "MB", halves[1], "in the first", halves[0], GROWTH if count >= ENOUGH else None),
        rows.plain("CPU per message", "ms", rows.Samples([spent / queue.delivered])),
        rows.plain("time taken", "s", rows.Samples([took])),
    ]


class Queue:
    """What is to be ordered, in an order that is the same every time."""

    def __init__(self, count):
        self.random = random.Random(7)
        self.orders, self.to_make = Orders("ordered"), count
        self.recent = deque(maxlen=500)
        self.returned = deque()
        self.wanted = {"allocated": 0, "refused": 0}
        self.delivered = self.faults = 0

    def done(self):
        return not self.to_make and not self.returned

    def batch(self):
        """The next messages; none while those that are away have not come back."""
        messages = []
        while self.returned and self.returned[0][0] <= time.monotonic() and len(messages) < BATCH:
            messages.append(self.returned.popleft()[1])
        while self.to_make and len(messages) < BATCH:
            messages.append(self._fresh())
            if self.random.random() < 0.1 and len(messages) < BATCH:
                messages.append(message(self.random.choice(self.recent)))
        self.delivered += len(messages)
        return messages

    def come_back(self, messages):
        due = time.monotonic() + BACK_AFTER_S
        self.returned.extend((due, message) for message in messages)

    def _fresh(self):
        self.to_make -= 1
        [wanted] = self.orders.next(1)
        number = self.orders.made
        if number % 100 == 0:
            # Not an order: refused, and told so.
            wanted["vlan"] = 5000
            self.wanted["refused"] += 1
            return message(wanted)
        if number % 50 == 1:
            # Any VLAN will do, on a parent where nobody names one.
            parent = f"dxcon-crowd00{number // 50 % 32:03}"
            wanted = order(wanted["idempotencyKey"], parent)
        self.wanted["allocated"] += 1
        self.recent.append(wanted)
        return message(wanted)


def run(bench, environment, fake, queue):
    """Delivers until nothing is left; the process's memory after each hundredth of it."""
    memory, step = [], max(1, queue.to_make // 100)
    due = queue.to_make - step
    batches = 0
    while not queue.done():
        messages = queue.batch()
        if not messages:
            time.sleep(0.05)
            continue
        batches += 1
        if batches % FAULT_EVERY == 0:
            fake.go_wrong([FAULTS[queue.faults % len(FAULTS)]])
            queue.faults += 1
        answer = environment.invoke({"Records": messages})
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        queue.come_back([message for message in messages if message["messageId"] in failed])
        while queue.to_make <= due:
            memory.append(process.memory_mb(environment.pid))
            due -= step
            if len(memory) % 10 == 0:
                bench.say(f"{queue.orders.made:,} orders, {memory[-1]:.1f} MB")
    return memory


def check(outcome, wanted, environment):
    """Nothing may be missing, and nothing may be there twice."""
    expected = {
        "connections": wanted["allocated"],
        "sharedVlans": 0,
        "told": wanted["allocated"],
        "facts": {
            "Hosted Connection Allocated": wanted["allocated"],
            "Hosted Connection Rejected": wanted["refused"],
        },
        "records": {"allocated": wanted["allocated"]},
        "unfinished": 0,
    }
    expected["facts"] = {name: count for name, count in expected["facts"].items() if count}
    wrong = [f"{name}: {outcome[name]}, expected {value}" for name, value in expected.items() if outcome[name] != value]
    with open(environment.log, errors="replace") as log:
        wrong += [line.strip() for line in log if '"level":"ERROR"' in line][:10]
    if wrong:
        raise subjects.Failed("after the load:\n" + "\n".join(wrong))
