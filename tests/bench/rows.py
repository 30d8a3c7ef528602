"""What a measurement comes to: samples, their median and spread, and the bar it is held against."""

import statistics
from dataclasses import asdict, dataclass, field


class Samples:
    def __init__(self, values=()):
        self.values = list(values)

    def add(self, value):
        self.values.append(value)

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def low(self):
        return min(self.values)

    @property
    def high(self):
        return max(self.values)

    def text(self):
        if len(self.values) == 1 or self.low == self.high:
            return number(self.median)
        return f"{number(self.median)} ({number(self.low)}–{number(self.high)})"


@dataclass
class Row:
    """One line of the table."""

    figure: str
    unit: str
    ours: Samples
    # What it is measured beside, by name.
    beside: dict = field(default_factory=dict)
    # What the bar is about.
    value: float | None = None
    value_text: str = ""
    bar_text: str = ""
    met: bool | None = None

    def document(self):
        document = asdict(self)
        document["ours"] = self.ours.values
        document["beside"] = {name: samples.values for name, samples in self.beside.items()}
        document["median"] = self.ours.median
        document["medians"] = {name: samples.median for name, samples in self.beside.items()}
        return document


def at_most(figure, unit, ours, bar):
    """Our own figure against a limit."""
    return Row(figure, unit, ours, {}, ours.median, number(ours.median), f"≤ {bar:g} {unit}".rstrip(), ours.median <= bar)


def times(figure, unit, ours, name, beside, bar=None):
    """How many times as much as `beside` ours takes."""
    ratio = ours.median / beside.median
    return Row(figure, unit, ours, {name: beside}, ratio, f"{ratio:.2f} ×", *_limit(bar and (ratio <= bar), f"≤ {bar} ×"))


def times_less(figure, unit, ours, name, beside, bar=None):
    """How many times less than `beside` ours takes."""
    ratio = beside.median / ours.median
    text = f"{ratio:.1f} × less" if ratio < 100 else f"{ratio:.0f} × less"
    return Row(figure, unit, ours, {name: beside}, ratio, text, *_limit(bar and (ratio >= bar), f"≥ {bar} × less"))


def plain(figure, unit, ours, **beside):
    """Shown without a bar."""
    return Row(figure, unit, ours, beside)


def _limit(met, text):
    return ("", None) if met is None else (text, bool(met))


def number(value):
    """With as many digits as a reader can use."""
    if value == 0:
        return "0"
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    if value >= 1:
        return f"{value:.2f}"
    return f"{value:.3f}"
