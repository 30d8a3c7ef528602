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
import unicodedata

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


def spelt_out(text):
    """The description with the letters, numbers and separators of AWS's tag pattern as ranges: \\p{L}, \\p{N} and \\p{Z} are
    regular expressions to ECMA-262, which JSON Schema goes by, but not to Python, in which both tools are written."""
    ranges = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] in "LNZ":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    # YAML takes some separators for the end of a line.
    plain = {code: rf"\u{code:04x}" for code in (0xA0, 0x2028, 0x2029)}
    written = "".join("-".join(plain.get(end, chr(end)) for end in pair) for pair in ranges)
    pattern = r"\p{L}\p{Z}\p{N}"
    if pattern not in text:
        sys.exit(f"{OPENAPI} has no {pattern}: is this still needed?")
    return text.replace(pattern, written)


def main():
    chosen = arguments()
    environment = os.environ | {
        "PYTHONPATH": f"{chosen.tools}{os.pathsep}{ROOT / 'tests'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
    }
    failures = 0
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cloud = stack.enter_context(rie.local_cloud(chosen.local, scratch))
        openapi = scratch / "openapi.yaml"
        openapi.write_text(spelt_out(OPENAPI.read_text()))
        commands = {
            "infra/openapi.yaml is OpenAPI 3.1": [chosen.tools / "bin/openapi-spec-validator", "--schema", "3.1", openapi],
            "the API is as described": [
                *(chosen.tools / "bin/st", "--no-color", "--config-file", ROOT / "tests/schemathesis.toml"),
                *("run", openapi, "--url", cloud, *chosen.options),
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
