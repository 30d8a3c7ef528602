"""Tries the HTTP API by its description: infra/openapi.yaml is judged by OpenAPI's own rules, and then schemathesis sends
what it makes of the description, valid and not, to the functions on the local cloud, and judges every answer.

Needs Python, `local` (the local cloud) and what `.ci/tools schemathesis` fetches. `just schemathesis` runs it.
"""

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

import rie

ROOT = rie.ROOT
OPENAPI = ROOT / "infra/openapi.yaml"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--local", type=pathlib.Path, default=ROOT / "target/debug/local")
    parser.add_argument("--tools", type=pathlib.Path, default=ROOT / "target/tools/schemathesis")
    parser.add_argument("options", nargs="*", help="more for `schemathesis run`, after --")
    chosen = parser.parse_args()
    for program in (chosen.local, chosen.tools / "bin/st"):
        if not program.is_file():
            sys.exit(f"{program} is not there: `just schemathesis` builds and fetches what this needs")
    return chosen


def main():
    chosen = arguments()
    environment = os.environ | {"PYTHONPATH": str(chosen.tools), "PYTHONDONTWRITEBYTECODE": "1"}
    failures = 0
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cloud = stack.enter_context(rie.local_cloud(chosen.local, scratch))
        commands = {
            "infra/openapi.yaml is OpenAPI 3.1": [chosen.tools / "bin/openapi-spec-validator", "--schema", "3.1", OPENAPI],
            "the API is as described": [
                *(chosen.tools / "bin/st", "--no-color", "--config-file", ROOT / "tests/schemathesis.toml"),
                *("run", OPENAPI, "--url", cloud, *chosen.options),
            ],
        }
        for title, command in commands.items():
            # In a directory of its own: what a tool finds beside it is not to matter.
            status = subprocess.run([sys.executable, *command], cwd=scratch, env=environment).returncode
            print(f"{'ok  ' if status == 0 else 'FAIL'} {title}", flush=True)
            failures += status != 0
    print(f"{len(commands) - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
