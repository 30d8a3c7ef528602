"""How long ten orders take when one takes as long as its calls: 20 ms each, as between a function and AWS."""

import time

import cloud
import rows
import subjects
from orders import BATCH, Orders, http_event, sqs_event

LATENCY_MS = 20


def measure(bench):
    samples = bench.once("walls", walls)
    return [
        rows.times("batch of ten, beside one order", "ms", samples["ours", "ten"], "one order", samples["ours", "one"], 1.3),
        rows.times("the same in Python", "ms", samples["python", "ten"], "one order", samples["python", "one"]),
        rows.plain("an order by HTTP", "ms", samples["ours", "http"], **{"by queue": samples["ours", "one"]}),
        rows.plain("a replay", "ms", samples["ours", "replay"], python=samples["python", "replay"]),
    ]


def walls(bench):
    """Milliseconds from event to answer, warm, by who and what."""
    who = subjects.all_of_them(bench.programs, bench.packages)
    samples = {}
    with (
        cloud.running(bench) as fake,
        subjects.environment(bench, who["ours"], fake) as ours,
        subjects.environment(bench, who["python"], fake) as python,
    ):
        workers = (("ours", ours, Orders("ordered")), ("python", python, Orders("python0")))
        for _, environment, orders in workers:
            for event in orders.batches(2 * BATCH):
                environment.order(event)
        with fake.latency(LATENCY_MS):
            for _ in range(2 * bench.rounds):
                for name, environment, orders in workers:
                    one = sqs_event(orders.next(1))
                    events = {"one": one, "ten": sqs_event(orders.next(BATCH)), "replay": one}
                    if name == "ours":
                        events["http"] = http_event(orders.next(1)[0])
                    for what, event in events.items():
                        started = time.perf_counter()
                        environment.order(event)
                        elapsed = (time.perf_counter() - started) * 1000
                        samples.setdefault((name, what), rows.Samples()).add(elapsed)
    return samples
