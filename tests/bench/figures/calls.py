"""Calls on AWS, counted where they arrive."""

import cloud
import rows
import subjects
from orders import BATCH, Orders, sqs_event


def measure(bench):
    who = subjects.all_of_them(bench.programs, bench.packages)
    counted = {name: count(bench, who[name], parents) for name, parents in (("ours", "ordered"), ("python", "python0"))}
    bars = {
        "calls for a fresh order": 5,
        "calls per order in a batch of ten": 3.2,
        "calls for a replay": 1,
    }
    result = []
    for figure, bar in bars.items():
        row = rows.at_most(figure, "", counted["ours"][figure], bar)
        row.beside["python"] = counted["python"][figure]
        result.append(row)
    first = "calls for the first order of a process"
    return result + [rows.plain(first, "", counted["ours"][first], python=counted["python"][first])]


def count(bench, subject, parents):
    orders = Orders(parents)
    found = {}

    def note(figure, event, per=1):
        fake.forget()
        environment.order(event)
        found.setdefault(figure, rows.Samples()).add(fake.calls() / per)

    with cloud.running(bench) as fake, subjects.environment(bench, subject, fake) as environment:
        note("calls for the first order of a process", sqs_event(orders.next(1)))
        for _ in range(bench.rounds):
            fresh = orders.next(1)
            note("calls for a fresh order", sqs_event(fresh))
            note("calls for a replay", sqs_event(fresh))
            note("calls per order in a batch of ten", sqs_event(orders.next(BATCH)), per=BATCH)
    return found
