"""Looks at what is deployed, after `cargo lambda build`: the size of each package, and what it asks of Lambda's machine.
With a folder as argument, writes the packages there, FUNCTION-MACHINE.zip each, the same bytes for the same program.

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


def zipped(program):
    entry = zipfile.ZipInfo("bootstrap")  # which is of 1980, whenever it is made
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o755 << 16
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(entry, program, compresslevel=9)
    return package.getvalue()


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
        package, glibc = zipped(program), newest_glibc(program)
        size = len(package) / 1e6
        over = size > MOST_MB.get(function, size)
        print(
            f"deployment package of {function}: {size:.2f} MB zipped, {machine}, "
            f"newest symbol GLIBC_{'.'.join(map(str, glibc))}" + (f" (over {MOST_MB[function]} MB)" if over else "")
        )
        if glibc > NEWEST_GLIBC:
            too_new.append(function)
        for folder in sys.argv[1:]:
            path = pathlib.Path(folder, f"{function}-{machine}.zip")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(package)
    if too_new:
        sys.exit(f"newer than Lambda's GLIBC_{'.'.join(map(str, NEWEST_GLIBC))}: {', '.join(too_new)}")


if __name__ == "__main__":
    main()
