"""Writes what each deployed function is made of: target/sbom/FUNCTION.cdx.json, a CycloneDX document each.

Read from `cargo tree`, which is the one place that knows what the build of this very function links: `cargo metadata`
would add the features that the tests and the local cloud turn on. Checksums are Cargo.lock's, of the crates' archives.
Each document is checked against CycloneDX's own schema. Needs what `just sbom` fetches.
"""

import pathlib
import re
import subprocess
import sys
import tomllib
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "target/tools/sbom"))

from cyclonedx.contrib.license.factories import LicenseFactory  # noqa: E402
from cyclonedx.exception import MissingOptionalDependencyException  # noqa: E402
from cyclonedx.model import HashAlgorithm, HashType, Property  # noqa: E402
from cyclonedx.model.bom import Bom  # noqa: E402
from cyclonedx.model.component import Component, ComponentType  # noqa: E402
from cyclonedx.output.json import JsonV1Dot6  # noqa: E402
from cyclonedx.schema import SchemaVersion  # noqa: E402
from cyclonedx.validation.json import JsonStrictValidator  # noqa: E402
from packageurl import PackageURL  # noqa: E402

FUNCTIONS = ("allocate", "track", "inspect", "release")
# What Lambda runs; the two architectures link the same crates unless a document says otherwise.
TARGETS = ("aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu")
LICENCES = LicenseFactory()


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def edges(function, target):
    """(user, used) of every crate linked into the function, as (name, version, licence)."""
    lines = run(
        "cargo", "tree", "--locked", "-p", function, "-e", "normal", "--target", target, "--prefix", "depth", "-f", "|{p}|{l}"
    ).splitlines()  # fmt: skip
    path, found = [], []
    for line in lines:
        depth, package, licence = line.removesuffix(" (*)").split("|")
        name, version = re.match(r"(\S+) v(\S+)", package).groups()
        path[int(depth) :] = [(name, version, licence)]
        found.append((path[-2] if len(path) > 1 else None, path[-1]))
    return found


def component(crate, checksums, kind=ComponentType.LIBRARY):
    name, version, licence = crate
    checksum = checksums.get((name, version))
    # Ours are not on crates.io, and have no archive.
    purl = PackageURL("cargo", name=name, version=version) if checksum else None
    return Component(
        type=kind,
        name=name,
        version=version,
        bom_ref=f"{name}@{version}",
        purl=purl,
        licenses=[LICENCES.make_from_string(licence.replace("/", " OR "))] if licence else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
    )


def document(function, checksums):
    found = [edge for target in TARGETS for edge in edges(function, target)]
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"{function}{found}{sorted(checksums.items())}"))
    bom.metadata.timestamp = None
    made = {crate: component(crate, checksums) for _, crate in found}
    top = component(found[0][1], checksums, ComponentType.APPLICATION)
    top.properties.add(Property(name="compiler", value=run("rustc", "--version").strip()))
    made[found[0][1]] = bom.metadata.component = top
    for crate, one in made.items():
        if one is not top:
            bom.components.add(one)
        bom.register_dependency(one, [made[used] for user, used in found if user == crate])
    return bom


def main():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    checksums = {(p["name"], p["version"]): p["checksum"] for p in lock["package"] if "checksum" in p}
    folder = ROOT / "target/sbom"
    folder.mkdir(parents=True, exist_ok=True)
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    for function in FUNCTIONS:
        bom = document(function, checksums)
        text = JsonV1Dot6(bom).output_as_string(indent=2)
        try:
            wrong = validator.validate_str(text)
        except MissingOptionalDependencyException as missing:
            sys.exit(f"cannot be validated: {missing}")
        if wrong:
            sys.exit(f"the document of {function} is no CycloneDX: {wrong}")
        (folder / f"{function}.cdx.json").write_text(text + "\n")
        print(f"target/sbom/{function}.cdx.json: {len(bom.components)} components, valid CycloneDX 1.6")


if __name__ == "__main__":
    main()
