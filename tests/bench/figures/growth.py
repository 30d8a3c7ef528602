"""What an order costs when there are many others: records in the table, and VLANs in use on its parent.

The function's CPU time and its calls are what is held to be flat. The time on the wall is shown beside, with what of it
is the fake's: a real table does not get slower with its size, and an embedded one does.
"""

import contextlib
import time
from dataclasses import dataclass

import cloud
import process
import rows
import subjects
from orders import Orders, order, sqs_event

FLAT = 1.2
# VLANs that are in use when it begins. The rest is for what is measured.
IN_USE = (1, 100, 4000)
# Orders per round on a parent: with 4,000 VLANs in use there are 94 left.
FEW = 15
# Automatic VLANs by what tracking has noted of the parent, here however long ago.
MEMORY = {"VLAN_MEMORY_SECONDS": "86400"}
# As many to an event, of those that come together.
TOGETHER = 10


def measure(bench):
    return [*records(bench), *vlans(bench)]


@dataclass
class Cost:
    cpu: rows.Samples
    calls: rows.Samples
    wall: rows.Samples
    fake: rows.Samples

    @classmethod
    def none(cls):
        return cls(rows.Samples(), rows.Samples(), rows.Samples(), rows.Samples())

    def add(self, fake, environment, events, orders_each=1):
        """Runs events of so many orders each."""
        fake.forget()
        before = process.cpu_ms(environment.pid), process.cpu_ms(fake.pid), time.perf_counter()
        for event in events:
            environment.order(event)
        after = process.cpu_ms(environment.pid), process.cpu_ms(fake.pid), time.perf_counter()
        orders = len(events) * orders_each
        self.cpu.add((after[0] - before[0]) / orders)
        self.fake.add((after[1] - before[1]) / orders)
        self.wall.add((after[2] - before[2]) * 1000 / orders)
        self.calls.add(fake.calls() / orders)


def records(bench):
    """With this many records in the table; a table of its own for each, all of them measured in turns."""
    counts = sorted({10, 10_000, bench.options.records})
    ours = subjects.all_of_them(bench.programs, bench.packages)["ours"]
    costs = {count: Cost.none() for count in counts}
    with contextlib.ExitStack() as stack:
        workers = {}
        for count in counts:
            fake = stack.enter_context(cloud.running(bench))
            environment = stack.enter_context(subjects.environment(bench, ours, fake))
            orders = Orders("ordered")
            for event in orders.batches(20):
                environment.order(event)
            if count > orders.made:
                started = time.monotonic()
                fake.fill(fake.item("allocation#ordered-00000000", "allocation"), count - orders.made)
                bench.say(f"{count:,} records written in {time.monotonic() - started:.0f} s")
            workers[count] = fake, environment, orders
        for _ in range(bench.rounds):
            for count, (fake, environment, orders) in workers.items():
                events = [sqs_event([one]) for one in orders.next(bench.orders // 2)]
                costs[count].add(fake, environment, events)
    yield from table(costs, "records")


def vlans(bench):
    """On a parent with this many VLANs in use, named by the order or left to us."""
    ours = subjects.all_of_them(bench.programs, bench.packages)["ours"]
    named, automatic, together, remembered, remembered_together = ({count: Cost.none() for count in IN_USE} for _ in range(5))
    with (
        cloud.running(bench) as fake,
        subjects.environment(bench, ours, fake) as environment,
        subjects.environment(bench, ours, fake, more=MEMORY) as remembering,
    ):
        for event in Orders("ordered").batches(20):
            environment.order(event)
        lease = fake.item("parent#dxcon-ordered000", "vlan#0001")
        places = {}
        for number, count in enumerate(IN_USE):
            places[count] = [f"dxcon-crowd00{5 * number + which:03}" for which in range(5)]
            for parent in places[count]:
                fake.crowd(parent, lease, count)
                # What they learn of a parent the first time is not what the size of it costs.
                environment.order(sqs_event([order(f"first-{parent}", parent, 4094)]))
                remembering.order(sqs_event([order(f"second-{parent}", parent, 4093)]))
        for turn in range(bench.rounds):
            for count, (one, other, third, fourth, fifth) in places.items():
                tops = range(4092 - turn * FEW, 4092 - (turn + 1) * FEW, -1)
                events = [sqs_event([order(f"named-{count}-{vlan}", one, vlan)]) for vlan in tops]
                named[count].add(fake, environment, events)
                keys = (f"automatic-{count}-{turn}-{n}" for n in range(FEW))
                events = [sqs_event([order(key, other)]) for key in keys]
                automatic[count].add(fake, environment, events)
                batch = sqs_event([order(f"together-{count}-{turn}-{n}", third) for n in range(TOGETHER)])
                together[count].add(fake, environment, [batch], TOGETHER)
                events = [sqs_event([order(f"remembered-{count}-{turn}-{n}", fourth)]) for n in range(FEW)]
                remembered[count].add(fake, remembering, events)
                batch = sqs_event([order(f"all-remembered-{count}-{turn}-{n}", fifth) for n in range(TOGETHER)])
                remembered_together[count].add(fake, remembering, [batch], TOGETHER)
    yield from table(named, "VLANs in use")
    yield from table(automatic, "VLANs in use, the order's chosen by us")
    yield from table(together, "VLANs in use, the order's chosen by us, ten at once")
    for costs, how in ((remembered, "by memory"), (remembered_together, "by memory, ten at once")):
        what = f"VLANs in use, the order's chosen by us {how}"
        yield from table(costs, what)
        yield rows.at_most(f"calls per order with {IN_USE[-1]:,} {what}", "", costs[IN_USE[-1]].calls, 6)


def table(costs, what):
    least, *more = costs
    for count in more:
        name = f"{least:,}"
        title = f"with {count:,} {what}, beside {least:,}"
        yield rows.times(f"CPU per order {title}", "ms", costs[count].cpu, name, costs[least].cpu, FLAT)
        yield rows.times(f"calls per order {title}", "", costs[count].calls, name, costs[least].calls, FLAT)
    most = costs[more[-1]]
    yield rows.plain(f"time per order with {more[-1]:,} {what}", "ms", most.wall, fake=most.fake)
