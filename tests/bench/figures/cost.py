"""What a million orders cost at list prices, ours and in Python: computed from what is measured here.

A function with 256 MB has a seventh of a processor, so its own time counts seven times; the waits for AWS, 20 ms a call,
do not. What both pay alike (queue, HTTP API, storage) is left out.
"""

import time

import cloud
import prices
import process
import rows
import subjects
from figures import batch
from orders import BATCH, Orders, sqs_event

# As in template.yaml.
MEMORY_MB = 256
ORDERS = 100


def measure(bench):
    walls = bench.once("walls", batch.walls)
    who = subjects.all_of_them(bench.programs, bench.packages)
    used = {
        name: usage(bench, who[name], parents, walls[name, "ten"].median, walls[name, "one"].median)
        for name, parents in (("ours", "ordered"), ("python", "python0"))
    }
    lines = {name: bill(used[name]) for name in used}
    result = []
    for line, unit in UNITS.items():
        ours, python = (rows.Samples([lines[name][line]]) for name in ("ours", "python"))
        if line.startswith("total"):
            result.append(rows.times(line, unit, ours, "python", python))
        else:
            result.append(rows.plain(line, unit, ours, python=python))
    return result


UNITS = {
    "billed for a batch of ten": "ms",
    "billed for one order": "ms",
    "billed for a cold start with its order": "ms",
    "DynamoDB write units per order": "",
    "DynamoDB read units per order": "",
    "events per order": "",
    "logs per order": "bytes",
    "per million orders in batches of ten: Lambda": "$",
    "per million orders: DynamoDB": "$",
    "per million orders: EventBridge": "$",
    "per million orders: logs": "$",
    "total per million orders in batches of ten": "$",
    "total per million orders one by one": "$",
}


def usage(bench, subject, parents, ten_ms, one_ms):
    """What orders take: time, DynamoDB's units, events, logs."""
    orders = Orders(parents)
    with cloud.running(bench, hosted=True) as fake:
        with subjects.environment(bench, subject, fake) as environment:
            with fake.latency(batch.LATENCY_MS):
                started = time.perf_counter()
                environment.order(sqs_event(orders.next(1)))
                cold_ms = (time.perf_counter() - started) * 1000
            cold_cpu_ms = process.cpu_ms(environment.pid)
            before, logged = process.cpu_ms(environment.pid), own_log(environment)
            fake.forget()
            for event in orders.batches(ORDERS):
                environment.order(event)
            cpu_ms = (process.cpu_ms(environment.pid) - before) / ORDERS
            logs = (own_log(environment) - logged) / ORDERS
        requests, (writes, reads) = fake.requests(), fake.units()
    events = sum(len(request["body"]["Entries"]) for request in requests if request["operation"] == "PutEvents")
    return {
        "ten": billed(ten_ms, cpu_ms * BATCH),
        "one": billed(one_ms, cpu_ms),
        "cold": billed(cold_ms, cold_cpu_ms),
        "writes": writes / ORDERS,
        "reads": reads / ORDERS,
        "events": events / ORDERS,
        "logs": logs,
    }


def billed(wall_ms, cpu_ms):
    """Milliseconds with the processor's share that comes with the memory."""
    return wall_ms + cpu_ms * (prices.MB_PER_VCPU / MEMORY_MB - 1)


def bill(used):
    gb = MEMORY_MB / 1024
    function = {
        "in batches": used["ten"] / BATCH / 1000 * gb * prices.LAMBDA_GB_SECOND + prices.LAMBDA_REQUEST / BATCH,
        "one by one": used["one"] / 1000 * gb * prices.LAMBDA_GB_SECOND + prices.LAMBDA_REQUEST,
    }
    table = used["writes"] * prices.DYNAMODB_WRITE_UNIT + used["reads"] * prices.DYNAMODB_READ_UNIT
    bus = used["events"] * prices.EVENTBRIDGE_EVENT
    logs = used["logs"] / 1e9 * prices.LOGS_GB
    million = 1e6
    return {
        "billed for a batch of ten": used["ten"],
        "billed for one order": used["one"],
        "billed for a cold start with its order": used["cold"],
        "DynamoDB write units per order": used["writes"],
        "DynamoDB read units per order": used["reads"],
        "events per order": used["events"],
        "logs per order": used["logs"],
        "per million orders in batches of ten: Lambda": function["in batches"] * million,
        "per million orders: DynamoDB": table * million,
        "per million orders: EventBridge": bus * million,
        "per million orders: logs": logs * million,
        "total per million orders in batches of ten": (function["in batches"] + table + bus + logs) * million,
        "total per million orders one by one": (function["one by one"] + table + bus + logs) * million,
    }


def own_log(environment):
    """Bytes that the function has logged: not the emulator's own lines."""
    lines = environment.log.read_bytes().splitlines(keepends=True)
    return sum(len(line) for line in lines if line.startswith(b"{"))
