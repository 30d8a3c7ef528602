"""Looks at what is deployed, after `cargo lambda build`: the size of each package, and what it asks of Lambda's machine.

Lambda's provided.al2023 has glibc 2.34. A symbol that is newer lets the build pass and every invocation fail.
"""

import io
import pathlib
import re
import sys
import zipfile

BUILT = pathlib.Path("target/lambda")
FUNCTIONS = ("allocate", "track", "inspect", "release")
NEWEST_GLIBC = (2, 34)
# A bar on what every cold start of an order loads; above it is said, and not yet refused.
MOST_MB = {"allocate": 4.0}
MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}


def zipped_mb(program):
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("bootstrap", program)
    return len(package.getvalue()) / 1e6


def newest_glibc(program):
    """The versions a program asks for stand in its dynamic string table, each ended by a zero."""
    asked = re.findall(rb"GLIBC_([0-9]+(?:\.[0-9]+)+)\0", program)
    return max(tuple(int(number) for number in version.split(b".")) for version in asked)


def main():
    too_new = []
    for function in FUNCTIONS:
        program = (BUILT / function / "bootstrap").read_bytes()
        if program[:4] != b"\x7fELF":
            sys.exit(f"the bootstrap of {function} is no Linux program")
        machine = MACHINES[int.from_bytes(program[18:20], "little")]
        size, glibc = zipped_mb(program), newest_glibc(program)
        over = size > MOST_MB.get(function, size)
        print(
            f"deployment package of {function}: {size:.2f} MB zipped, {machine}, "
            f"newest symbol GLIBC_{'.'.join(map(str, glibc))}" + (f" (over {MOST_MB[function]} MB)" if over else "")
        )
        if glibc > NEWEST_GLIBC:
            too_new.append(function)
    if too_new:
        sys.exit(f"newer than Lambda's GLIBC_{'.'.join(map(str, NEWEST_GLIBC))}: {', '.join(too_new)}")


if __name__ == "__main__":
    main()
