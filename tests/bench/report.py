"""The tables, for a terminal and for docs/performance.md."""

BEGIN, END = "<!-- what `just bench` printed -->", "<!-- end of what it printed -->"

TITLES = {
    "cold": "Cold start",
    "warm": "A warm process",
    "calls": "Calls on AWS",
    "batch": "From event to answer, each call on AWS taking 20 ms",
    "waiting": "From event to answer, a call on Direct Connect taking 60 ms and any other 5 ms",
    "package": "Deployment package",
    "growth": "Growth",
    "load": "Load",
    "units": "What DynamoDB bills for each step",
    "cost": "Cost at list prices",
}
HEAD = ["figure", "ours", "beside it", "that is", "bar", "met"]


def cells(row):
    beside = ", ".join(f"{name} {samples.text()}" for name, samples in row.beside.items())
    verdict = {True: "yes", False: "NO", None: ""}[row.met]
    return [row.figure, f"{row.ours.text()} {row.unit}".rstrip(), beside, row.value_text, row.bar_text, verdict]


def text(groups):
    """Columns for a terminal, one table for each group."""
    tables = {name: [cells(row) for row in rows] for name, rows in groups.items()}
    everything = [HEAD, *(line for table in tables.values() for line in table)]
    widths = [max(len(line[column]) for line in everything) for column in range(len(HEAD))]

    def aligned(line):
        return "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()

    lines = [aligned(HEAD)]
    for name, table in tables.items():
        lines += ["", f"── {TITLES[name]} ".ljust(sum(widths) + 10, "─"), *map(aligned, table)]
    return "\n".join(lines) + "\n"


def footnote(machine, running):
    return (
        f"Medians (lowest–highest) of at least {running.rounds} rounds, in turns. {machine['cpu']}, {machine['cores']} cores, "
        f"load {machine['load']:.1f} at the start; {machine['rustc']}; Python {machine['python']}. Took {machine['seconds']} s."
    )


def markdown(groups, machine, running):
    parts = []
    for name, rows in groups.items():
        table = [HEAD, ["---"] * len(HEAD)]
        table += [[cell.replace("NO", "**no**") if column == 5 else cell for column, cell in enumerate(cells(row))] for row in rows]
        parts.append(f"### {TITLES[name]}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in table))
    return "\n\n".join([*parts, footnote(machine, running)])


def write(path, groups, machine, running):
    """Replaces what an earlier run has left between the marks."""
    document = path.read_text()
    before, rest = document.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    path.write_text(f"{before}{BEGIN}\n\n{markdown(groups, machine, running)}\n\n{END}{after}")
