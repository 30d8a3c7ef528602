"""Who is compared."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PACKAGES = ROOT / "target" / "tools" / "comparison"


@dataclass
class Implementation:
    title: str
    command: list
    environment: dict = field(default_factory=dict)
    # The operation that says in its own table that an order is done.
    record: str | None = None
    # The first operation that it writes to its own table with when the call has failed.
    clean_up: str | None = None
    # Whether its records have a window after which a repeat is a new order, and which a case may shorten.
    window: bool = False


def all_of_them(built):
    path = {"PATH": os.environ["PATH"]}
    return {
        "ours": Implementation(
            "ours",
            [built / "allocate"],
            path | {"AWS_LAMBDA_LOG_LEVEL": "DEBUG"},
            record="UpdateItem",
            clean_up="UpdateItem",
        ),
        "documented": Implementation(
            "Powertools",
            powertools("powertools_documented"),
            path | PYTHON,
            record="UpdateItem",
            clean_up="DeleteItem",
            window=True,
        ),
        "careful": Implementation(
            "Powertools, careful",
            powertools("powertools_careful"),
            path | PYTHON,
            record="UpdateItem",
            clean_up="DeleteItem",
        ),
        "put-if-absent": Implementation(
            "SDK, put-if-absent", [built / "examples" / "plain-sdk"], path, record="UpdateItem"
        ),
        "plain": Implementation(
            # Without the table's name it does not use one.
            "SDK alone", ["env", "-u", "IDEMPOTENCY_TABLE", built / "examples" / "plain-sdk"], path
        ),
    }


# As Lambda sets it, so that the handler's own directory and its packages are found.
PYTHON = {"PYTHONPATH": f"{HERE}:{PACKAGES}", "PYTHONDONTWRITEBYTECODE": "1"}


def powertools(module):
    """AWS's own runtime client for Python, as in Lambda's images."""
    return [sys.executable, "-m", "awslambdaric", f"{module}.lambda_handler"]
