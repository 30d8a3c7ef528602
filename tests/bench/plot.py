"""The figures that a picture tells best, as an SVG for the README: small bar charts, each with a scale of its own."""

import html

# Group and beginning of the figure's name in the table, title, unit.
CHARTS = (
    ("cold", "init", "Init", "ms"),
    ("cold", "cold start to first answer", "Cold start to first answer", "ms"),
    ("warm", "CPU per order", "CPU time per order", "ms"),
    ("warm", "peak memory after", "Peak memory", "MB"),
    ("batch", "batch of ten", "Ten orders at once, 20 ms per call on AWS", "ms"),
    ("cost", "total per million orders in batches of ten", "A million orders: Lambda, DynamoDB, EventBridge, logs", "$"),
)
NAMES = {"bare": "bare function", "python": "Python", "SDK": "its SDK calls alone", "one order": "one order"}
WIDTH, COLUMN, LABEL, BAR = 880, 430, 140, 200
TITLE, LINE, GAP = 26, 22, 18

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.ours { fill: #0969da } .beside { fill: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #4493f8 } .beside { fill: #6e7681 } }
"""


def write(path, document):
    path.write_text(svg(document))


def svg(document):
    charts = [chart for chart in (chart_of(document, *chart) for chart in CHARTS) if chart]
    drawn, height = [], 0
    for first in range(0, len(charts), 2):
        pair = charts[first : first + 2]
        drawn += [draw(column * (WIDTH - COLUMN), height, *chart) for column, chart in enumerate(pair)]
        height += TITLE + LINE * max(len(bars) for _, _, bars in pair) + GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">'
    title = "<title>Ours beside a bare Lambda function, its SDK calls alone, and the same job in Python: medians of one run</title>"
    return "\n".join([head, title, f"<style>{STYLE}</style>", *drawn, "</svg>", ""])


def chart_of(document, group, figure, title, unit):
    """Title, unit, and (name, value) of each bar; everything that the table has beside the figure is a bar of it."""
    bars = {}
    for row in document["rows"]:
        name = row["figure"]
        if row["group"] == group and name.startswith(figure) and "behind TLS" not in name and "one after the other" not in name:
            bars.setdefault("ours", row["median"])
            bars.update({NAMES.get(name, name): value for name, value in row["medians"].items()})
    if group == "batch":
        in_python = [row for row in document["rows"] if row["figure"] == "the same in Python"]
        bars |= {"Python, ten": row["median"] for row in in_python}
        bars = {"ours, ten": bars.pop("ours"), "ours, one": bars.pop("one order")} | bars if bars else bars
    return (title, unit, sorted(bars.items(), key=lambda bar: bar[1])) if bars else None


def draw(x, y, title, unit, bars):
    longest = max(value for _, value in bars)
    lines = [f'<text class="title" x="{x}" y="{y + 16}">{html.escape(title)}</text>']
    for number, (name, value) in enumerate(bars):
        top = y + TITLE + LINE * number
        width = max(2, round(BAR * value / longest))
        kind = "ours" if name.startswith("ours") else "beside"
        lines += [
            f'<text x="{x + LABEL - 8}" y="{top + 13}" text-anchor="end">{html.escape(name)}</text>',
            f'<rect class="{kind}" x="{x + LABEL}" y="{top + 2}" width="{width}" height="14" rx="2"/>',
            f'<text x="{x + LABEL + width + 6}" y="{top + 13}">{shown(value, unit)}</text>',
        ]
    return "\n".join(lines)


def shown(value, unit):
    text = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return f"${value:.2f}" if unit == "$" else f"{text} {unit}"
