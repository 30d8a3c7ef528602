"""Cold starts: from the process's start to its first poll, and from the first event to the first answer."""

import time

import cloud
import process
import rows
import subjects
from orders import Orders


def measure(bench):
    who = subjects.all_of_them(bench.programs, bench.packages)
    samples = {}
    # A few hundredths of a second each, and as noisy as the machine.
    rounds = bench.rounds if bench.options.quick else 8 * bench.rounds
    with cloud.running(bench) as fake:
        orders = {"ours": Orders("ordered"), "bare": Orders("ordered"), "calls": Orders("calls"), "python": Orders("python0")}
        for turn in range(rounds):
            for tls in (False, True):
                for name in orders:
                    if name == "python" and turn >= bench.rounds:
                        continue  # A second each, and far from any bar.
                    for figure, value in start(bench, who[name], fake, tls, orders[name]).items():
                        samples.setdefault((figure, name, tls), rows.Samples()).add(value)
    return list(table(samples))


def start(bench, subject, fake, tls, orders):
    """One cold start with one order."""
    [event] = subject.events(orders, 1)
    with subjects.environment(bench, subject, fake, tls) as environment:
        fake_before, started = process.cpu_ms(fake.pid), time.perf_counter()
        environment.order(event)
        answered = time.perf_counter()
        return {
            "init": environment.init_ms(),
            "first": (answered - started) * 1000,
            "cpu": process.cpu_ms(environment.pid),
            "fake": process.cpu_ms(fake.pid) - fake_before,
            "memory": process.peak_memory_mb(environment.pid),
        }


def table(samples):
    def get(figure, name, tls):
        return samples[figure, name, tls]

    yield rows.times("init", "ms", get("init", "ours", False), "bare", get("init", "bare", False), 1.5)
    first = get("first", "ours", False), "python", get("first", "python", False)
    yield rows.times_less("cold start to first answer", "ms", *first, 50)
    fakes = get("fake", "ours", False), get("fake", "python", False)
    yield rows.plain("of it, the fake's own time", "ms", fakes[0], python=fakes[1])
    # What the emulator takes, and the least that any function does.
    yield rows.plain("the same for a function that does nothing", "ms", get("first", "bare", False))
    yield rows.plain("the same for a function that makes the calls and nothing else", "ms", get("first", "calls", False))
    yield rows.times("init, AWS behind TLS", "ms", get("init", "ours", True), "bare", get("init", "bare", True))
    first = get("first", "ours", True), "python", get("first", "python", True)
    yield rows.times_less("cold start to first answer, AWS behind TLS", "ms", *first)
    yield rows.plain("the same for a function that makes the calls and nothing else, AWS behind TLS", "ms", get("first", "calls", True))
    for tls, where in ((False, ""), (True, ", AWS behind TLS")):
        cpu = get("cpu", "ours", tls), "python", get("cpu", "python", tls)
        yield rows.times_less(f"CPU of the cold start and its order{where}", "ms", *cpu)
    memory = {name: get("memory", name, False) for name in ("bare", "python")}
    yield rows.plain("memory after the first order", "MB", get("memory", "ours", False), **memory)
