"""What is uploaded: `bootstrap`, zipped as hard as zip can."""

import io
import zipfile

import rows


def measure(bench):
    return [rows.at_most("deployment package", "MB", rows.Samples([size_mb(bench.programs["allocate"])]), 4)]


def size_mb(program):
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(program, "bootstrap")
    return len(package.getvalue()) / 1e6
