"""What an order costs a warm process: CPU time, and memory once there have been a thousand."""

import cloud
import process
import rows
import subjects
from orders import Orders


def measure(bench):
    plain, memory = rounds(bench, tls=False)
    behind_tls, _ = rounds(bench, tls=True)
    return [*table(plain, "", bars=True), *memory, *table(behind_tls, ", AWS behind TLS", bars=False)]


def rounds(bench, tls):
    """Samples by who and what, taken in turns; and the table's lines about memory."""
    who = subjects.all_of_them(bench.programs, bench.packages)
    samples = {}
    with (
        cloud.running(bench) as fake,
        subjects.environment(bench, who["ours"], fake, tls) as ours,
        subjects.environment(bench, who["python"], fake, tls) as python,
        subjects.environment(bench, who["calls"], fake, tls) as calls,
        subjects.caller(bench, fake, tls) as caller,
    ):
        orders = {"ours": Orders("ordered"), "python": Orders("python0"), "calls": Orders("calls")}
        workers = {
            "ours": (lambda: ours.pid, lambda count: deliver(ours, who["ours"].events(orders["ours"], count))),
            "function": (lambda: calls.pid, lambda count: deliver(calls, who["calls"].events(orders["calls"], count))),
            "one": (lambda: caller.pid, lambda count: caller.call("one", count, orders["calls"].skip(count))),
            "ten": (lambda: caller.pid, lambda count: caller.call("ten", count, orders["calls"].skip(count))),
            "python": (lambda: python.pid, lambda count: deliver(python, who["python"].events(orders["python"], count))),
        }
        for _, work in workers.values():
            work(20)  # Connections, caches, and code that runs once.
        for _ in range(bench.rounds):
            for name, (pid, work) in workers.items():
                fake.forget()
                before = process.cpu_ms(pid())
                work(bench.orders)
                spent = process.cpu_ms(pid()) - before
                samples.setdefault((name, "cpu"), rows.Samples()).add(spent / bench.orders)
                samples.setdefault((name, "calls"), rows.Samples()).add(fake.calls() / bench.orders)
        memory = [process.peak_memory_mb(environment.pid) for environment in (ours, python)]
    count = bench.rounds * bench.orders
    row = rows.at_most(f"peak memory after {count:,} orders", "MB", rows.Samples([memory[0]]), 16)
    row.beside["python"] = rows.Samples([memory[1]])
    return samples, [row]


def deliver(environment, events):
    for event in events:
        environment.order(event)


def table(samples, where, bars):
    ours, python = samples["ours", "cpu"], samples["python", "cpu"]
    for how, title in (("one", "one after the other"), ("ten", "ten orders at once")):
        # What the function's calls would cost at the price of a bare one.
        bare = samples[how, "cpu"]
        share = samples["ours", "calls"].median / samples[how, "calls"].median
        beside = rows.Samples(value * share for value in bare.values)
        yield rows.times(f"CPU per order, beside bare SDK calls {title}{where}", "ms", ours, "SDK", beside, 1.25 if bars else None)
    # The least that a function costs which sends each allocation on a connection of its own (ADR 2).
    least = samples["function", "cpu"]
    yield rows.times(f"CPU per order, beside a function that makes the calls and nothing else{where}", "ms", ours, "SDK", least)
    yield rows.times_less(f"CPU per order{where}", "ms", ours, "python", python, 7 if bars else None)
    yield rows.plain(
        f"CPU per call on AWS{where}",
        "ms",
        per_call(samples, "ours"),
        SDK=per_call(samples, "ten"),
        python=per_call(samples, "python"),
    )


def per_call(samples, name):
    calls = samples[name, "calls"].median
    return rows.Samples(value / calls for value in samples[name, "cpu"].values)
