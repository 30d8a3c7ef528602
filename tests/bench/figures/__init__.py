"""One module for each group of figures. Each has `measure(bench)`, which gives rows for the table.

In the order of the table.
"""

from figures import cold, warm, calls, batch, waiting, package, growth, load, units, cost

ALL = {
    "cold": cold.measure,
    "warm": warm.measure,
    "calls": calls.measure,
    "batch": batch.measure,
    "waiting": waiting.measure,
    "package": package.measure,
    "growth": growth.measure,
    "load": load.measure,
    "units": units.measure,
    "cost": cost.measure,
}
