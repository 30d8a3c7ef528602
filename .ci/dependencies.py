"""Guards the arrow functions -> lifecycle -> allocation -> ledger -> aws -> hosted-connection, no circle of modules in any crate, and what the functions carry.

Reads the manifests, so that a broken rule is named by the line that broke it, and `cargo tree` for what comes along.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from circles import circles

# What each of our crates may use of ours. Tests stand beside and may use everything.
ALLOWED = {
    "hosted-connection": set(),
    "aws": {"hosted-connection"},
    "doors": {"hosted-connection"},
    "transitions": set(),
    "ledger": {"transitions", "aws", "hosted-connection"},
    "lambda": {"ledger", "aws", "hosted-connection"},
    "allocation": {"ledger", "aws", "hosted-connection"},
    "adoption": {"allocation", "ledger", "aws", "hosted-connection"},
    "lifecycle": {"allocation", "ledger", "aws", "hosted-connection"},
    "allocate": {"lambda", "doors", "allocation", "ledger", "aws", "hosted-connection"},
    "track": {"lambda", "doors", "lifecycle", "allocation", "ledger", "aws", "hosted-connection"},
    "inspect": {"lambda", "doors", "lifecycle", "allocation", "ledger", "aws", "hosted-connection"},
    "release": {"lambda", "doors", "lifecycle", "allocation", "ledger", "aws", "hosted-connection"},
    "assumptions": set(),
    "recording": set(),
    # Files and tests are made of it; what is deployed knows nothing of it.
    "contracts": {"hosted-connection"},
    # The fake knows nothing of the code it tests.
    "local-cloud": set(),
    "terminal": set(),
    "queues": {"aws"},
    "conformance": {"assumptions", "ledger", "aws", "hosted-connection"},
    "story": {"queues", "inspect", "lambda", "doors", "lifecycle", "allocation", "ledger", "aws", "hosted-connection"},
    "web-console": {
        "story", "queues", "local-cloud", "adoption",
        "inspect", "lambda", "doors", "lifecycle", "allocation", "ledger", "aws", "hosted-connection",
    },
    "operator": {
        "web-console", "assumptions", "conformance", "story", "queues", "recording", "terminal", "local-cloud", "adoption",
        "inspect", "lambda", "doors", "lifecycle", "allocation", "ledger", "aws", "hosted-connection",
    },
}
# Who sees which SDK. SQS's only `queues`, because the functions are not to carry it (ADR 19). `conformance` asks what no
# function asks, and needs the answers as they are.
SEES = {
    "aws": re.compile(r"aws-sdk-(directconnect|eventbridge)$"),
    "ledger": re.compile(r"aws-sdk-dynamodb$"),
    "queues": re.compile(r"aws-sdk-sqs$"),
    "conformance": re.compile(r"aws-sdk-(directconnect|dynamodb|eventbridge)$"),
}
# What is deployed. One HTTP stack and one TLS stack each; anything of the local cloud in one would be a mistake.
FUNCTIONS = ("allocate", "track", "inspect", "release")
NOT_IN_A_FUNCTION = re.compile(
    r"^(openssl|openssl-sys|native-tls|ring|reqwest|jsonschema|contracts|local|local-cloud|proof|dynoxide\S*|rusqlite|clap"
    r"|adoption|operator|story|web-console|axum|maud|queues|terminal|assumptions|recording|conformance|aws-sdk-sqs"
    r"|hyper v0\..*|h2 v0\.[0-3]\..*|http v0\..*|rustls v0\.([01]\d|2[0-2])\..*)( |$)"
)


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def tree(package):
    """What is linked into the package, one `name vX.Y.Z` each, itself left out."""
    lines = cargo("tree", "--locked", "-p", package, "-e", "normal", "--prefix", "none", "--no-dedupe").splitlines()
    return sorted({" ".join(line.split()[:2]) for line in lines[1:] if line})


def carried(function, ours):
    """Names what the deployed function must not carry, and says how much it does."""
    linked = tree(function)
    broken = [f"{function} carries {dependency}" for dependency in linked if NOT_IN_A_FUNCTION.match(dependency)]
    names = [dependency.split()[0] for dependency in linked]
    for stack in ("hyper", "h2", "rustls", "http"):
        if names.count(stack) > 1:
            broken.append(f"{function} carries {names.count(stack)} versions of {stack}")
    print(f"{function} links {len(linked)} crates, {len(set(names) & ours)} of them ours")
    return broken


def main():
    broken = []
    packages = json.loads(cargo("metadata", "--locked", "--no-deps", "--format-version", "1"))["packages"]
    ours = {package["name"] for package in packages}
    for package in packages:
        used = {dependency["name"] for dependency in package["dependencies"] if dependency["kind"] != "dev"}
        name = package["name"]
        if name in ALLOWED:
            broken += [f"{name} may not use {other}" for other in sorted((used & ours) - ALLOWED[name])]
        # A safeguard is broken from outside, on the wire (ADR 29): no code of ours can be built without one.
        if "sabotage" in package["features"]:
            broken.append(f"{name} has a feature `sabotage`: break the safeguard in tests/proof, on the wire")
        sdks = sorted(sdk for sdk in used if sdk.startswith("aws-sdk-"))
        broken += [
            f"{name} uses {sdk}: that SDK belongs to another crate (SEES)"
            for sdk in sdks
            if name not in SEES or not SEES[name].match(sdk)
        ]
    broken += [
        f"hosted-connection carries {dependency}: the domain knows no AWS, no Lambda and no runtime"
        for dependency in tree("hosted-connection")
        if re.match(r"(aws|lambda|tokio)", dependency)
    ]
    for package in packages:
        source = Path(package["manifest_path"]).parent / "src"
        broken += [f"{package['name']} has a circle of modules: {', '.join(group)}" for group in circles(source)]
    for function in FUNCTIONS:
        if function in ours:
            broken += carried(function, ours)
    for line in broken:
        print(f"    {line}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
