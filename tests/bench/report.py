"""The table, for a terminal and for docs/performance.md."""

BEGIN, END = "<!-- what `just bench` printed -->", "<!-- end of what it printed -->"


def cells(row):
    beside = ", ".join(f"{name} {samples.text()}" for name, samples in row.beside.items())
    verdict = {True: "met", False: "MISSED", None: ""}[row.met]
    return [row.figure, f"{row.ours.text()} {row.unit}".rstrip(), beside, row.value_text, row.bar_text, verdict]


HEAD = ["figure", "ours", "beside it", "that is", "bar", ""]


def text(lines):
    """Columns for a terminal."""
    table = [HEAD] + [cells(row) for row in lines]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEAD))]
    table.insert(1, ["─" * width for width in widths])
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table)


def footnote(machine, running):
    return (
        f"Medians (lowest–highest) of {running.rounds} rounds or more, in turns. {machine['cpu']}, {machine['cores']} cores, "
        f"load {machine['load']:.1f} at the start; {machine['rustc']}; Python {machine['python']}. Took {machine['seconds']} s."
    )


def markdown(lines, machine, running):
    table = [HEAD[:5] + ["bar met"]] + [[cell.replace("MISSED", "**no**").replace("met", "yes") for cell in cells(row)] for row in lines]
    table.insert(1, ["---"] * len(HEAD))
    return "\n".join("| " + " | ".join(line) + " |" for line in table) + "\n\n" + footnote(machine, running)


def write(path, lines, machine, running):
    """Replaces what an earlier run has left between the marks."""
    document = path.read_text()
    before, rest = document.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    path.write_text(f"{before}{BEGIN}\n\n{markdown(lines, machine, running)}\n\n{END}{after}")
