"""How long an order takes where AWS is as far away as it is: from event to answer, of a thousand orders that come alone."""

import concurrent.futures
import contextlib
import time

import cloud
import rows
import subjects
from orders import Orders, order, sqs_event

# Direct Connect is a control plane; the others answer within the region. Seen from a Lambda function, about.
DIRECT_CONNECT_MS, OTHERS_MS = 60, 5
WAITS = dict.fromkeys(
    ("AllocateHostedConnection", "DescribeHostedConnections", "DescribeInterconnects", "DescribeLags"), DIRECT_CONNECT_MS
) | dict.fromkeys(
    ("BatchExecuteStatement", "BatchGetItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem", "PutEvents"),
    OTHERS_MS,
)

ORDERS = 1000
# Processes that wait at the same time. What they compute is a few percent of that.
LANES = 4
CROWD = 4000
# Orders on the crowded parent. By a look each takes seconds.
BY_MEMORY, BY_LOOK = 40, 5
MEMORY = {"VLAN_MEMORY_SECONDS": "86400"}


def measure(bench):
    who = subjects.all_of_them(bench.programs, bench.packages)
    count = 100 if bench.options.quick else ORDERS
    with cloud.running(bench, tls=False) as fake:
        ours = one_by_one(bench, fake, who["ours"], "ordered", count)
        python = one_by_one(bench, fake, who["python"], "python0", count)
        remembered, looked = on_a_crowded_parent(bench, fake, who["ours"])
    for name, percent in (("median", 50), ("99th percentile", 99)):
        beside = {"python": at(python, percent)}
        yield rows.plain(f"an order, {name} of {count:,}", "ms", at(ours, percent), **beside)
    crowded = f"an order without a VLAN, {CROWD:,} in use"
    yield rows.times_less(f"{crowded}, by memory", "ms", rows.Samples(remembered), "by a look", rows.Samples(looked))


def one_by_one(bench, fake, subject, parents, count):
    """Milliseconds of each order, in lanes; the first ones of each process are not counted."""
    orders = Orders(parents)
    with contextlib.ExitStack() as stack:
        lanes = [stack.enter_context(subjects.environment(bench, subject, fake)) for _ in range(LANES)]
        for lane in lanes:
            for event in orders.batches(20):
                lane.order(event)
        events = [[sqs_event(orders.next(1)) for _ in range(count // LANES)] for _ in lanes]
        with fake.latencies(WAITS), concurrent.futures.ThreadPoolExecutor(LANES) as threads:
            return [took for took in threads.map(timed, lanes, events) for took in took]


def on_a_crowded_parent(bench, fake, subject):
    lease = fake.item("parent#dxcon-ordered000", "vlan#0001")
    parent = "dxcon-crowd00000"
    fake.crowd(parent, lease, CROWD)
    found = []
    for name, more, count in (("memory", MEMORY, BY_MEMORY), ("look", None, BY_LOOK)):
        with subjects.environment(bench, subject, fake, more=more) as environment:
            events = [sqs_event([order(f"{name}-{n}", parent)]) for n in range(count + 1)]
            environment.order(events.pop())
            with fake.latencies(WAITS):
                found.append(timed(environment, events))
    return found


def timed(environment, events):
    took = []
    for event in events:
        started = time.perf_counter()
        environment.order(event)
        took.append((time.perf_counter() - started) * 1000)
    return took


def at(values, percent):
    values = sorted(values)
    return rows.Samples([values[min(len(values) - 1, len(values) * percent // 100)]])
