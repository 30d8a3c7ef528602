"""What DynamoDB bills for each step of an order's life, in write units. The fake counts as DynamoDB does; what it counts is
held against docs/cost.md by a test (tests/guarantees/units.rs), whatever the build. Here the release builds do the steps.
"""

import copy
import json
import pathlib

import cloud
import rows
import subjects
from orders import BATCH, Orders, sqs_event

EVENTS = pathlib.Path(__file__).resolve().parents[2] / "events"
TRACK = json.loads((EVENTS / "track/scheduled.json").read_text())
RELEASE = json.loads((EVENTS / "release/http-v2-release.json").read_text())

# Write units of a step, at the most.
BARS = {
    "a fresh order alone": 9,
    "a fresh order in a batch of ten": 9,
    "a redelivery, which its queue announces": 3,
    "a replay that nothing announces": 3,
    "tracking's first look": 0,
    "a change of state, told": 8,
    "a release, told": 14,
}


def measure(bench):
    samples = steps(bench, subjects.all_of_them(bench.programs, bench.packages))
    for step, bar in BARS.items():
        yield rows.at_most(step, "", samples[step], bar)


def steps(bench, who):
    """Write units, by step."""
    samples = {}
    orders = Orders("ordered")

    def billed(step, environment, event, per=1):
        fake.forget()
        environment.order(event)
        samples.setdefault(step, rows.Samples()).add(fake.units()[0] / per)

    with (
        # Tracking reads every parent.
        cloud.running(bench, tls=False, parents=1, hosted=True) as fake,
        subjects.environment(bench, who["ours"], fake) as ours,
        subjects.environment(bench, who["ours"], fake) as stranger,
        subjects.environment(bench, who["track"], fake) as track,
        subjects.environment(bench, who["release"], fake) as release,
    ):
        # What a process or a parent needs once is not the order's.
        for environment in (ours, stranger):
            environment.order(sqs_event(orders.next(1)))
        track.order(TRACK)
        fake.confirm()
        track.order(TRACK)
        for _ in range(bench.rounds):
            fresh = orders.next(1)
            billed("a fresh order alone", ours, sqs_event(fresh))
            billed("a redelivery, which its queue announces", ours, redelivered(sqs_event(fresh)))
            billed("a replay that nothing announces", stranger, sqs_event(fresh))
            billed("tracking's first look", track, TRACK)
            fake.confirm()
            billed("a change of state, told", track, TRACK)
            billed("a release, told", release, released(fresh[0]["idempotencyKey"]))
        for event in orders.batches(bench.rounds * BATCH):
            billed("a fresh order in a batch of ten", ours, event, BATCH)
    return samples


def redelivered(event):
    """The same messages, delivered a second time."""
    event = copy.deepcopy(event)
    for message in event["Records"]:
        message["attributes"]["ApproximateReceiveCount"] = "2"
    return event


def released(key):
    event = copy.deepcopy(RELEASE)
    path = f"/allocations/{key}"
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["pathParameters"] = {"key": key}
    return event
