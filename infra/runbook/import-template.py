#!/usr/bin/env python3
"""Cuts a template down to some of its resources, for an import into a new stack (recreate-stack.md).

    python3 import-template.py AllocationsTable EventBus < template.yaml > import.yaml

CloudFormation imports with a template that has nothing but what is imported. Parameters and conditions stay as they are.
Works on the text, so that it needs no package: sections begin at the margin, resources two spaces from it.
"""

import re
import sys

SECTIONS = ("AWSTemplateFormatVersion", "Parameters", "Conditions", "Resources")


def sections(text):
    """Each section of the template by its name."""
    parts = re.split(r"(?m)^(?=[A-Za-z]\w*:)", text)
    return {part.split(":", 1)[0]: part for part in parts if re.match(r"[A-Za-z]", part)}


def resources(section):
    """Each resource by its logical id."""
    parts = re.split(r"(?m)^(?=  [A-Za-z]\w*:$)", section)
    return {part.strip().split(":", 1)[0]: part for part in parts[1:]}


def cut(text, wanted):
    found = sections(text)
    there = resources(found["Resources"])
    missing = [name for name in wanted if name not in there]
    if missing:
        sys.exit(f"the template has no {', '.join(missing)}")
    found["Resources"] = "Resources:\n" + "".join(there[name] for name in wanted)
    for name in wanted:
        if "DeletionPolicy:" not in there[name]:
            sys.exit(f"{name} has no DeletionPolicy, and is not imported without one")
    return "".join(found[name] for name in SECTIONS)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.stdout.write(cut(sys.stdin.read(), sys.argv[1:]))
