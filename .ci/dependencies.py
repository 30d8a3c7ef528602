"""Guards the arrow functions -> allocation -> aws -> hosted-connection, and what the deployed function carries.

Reads the manifests, so that a broken rule is named by the line that broke it, and `cargo tree` for what comes along.
"""

import json
import re
import subprocess
import sys

# What each of our crates may use of ours. Tests stand beside and may use everything.
ALLOWED = {
    "hosted-connection": set(),
    "aws": {"hosted-connection"},
    "allocation": {"aws", "hosted-connection"},
    "allocate": {"allocation", "aws", "hosted-connection"},
    # The fake knows nothing of the code it tests.
    "local-cloud": set(),
}
# The function is one HTTP stack and one TLS stack; anything of the local cloud in it would be a mistake.
NOT_IN_THE_FUNCTION = re.compile(
    r"^(openssl|openssl-sys|native-tls|ring|reqwest|local|local-cloud|proof|dynoxide\S*|rusqlite|clap"
    r"|hyper v0\..*|h2 v0\.[0-3]\..*|http v0\..*|rustls v0\.([01]\d|2[0-2])\..*)( |$)"
)


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def tree(package):
    """What is linked into the package, one `name vX.Y.Z` each, itself left out."""
    lines = cargo("tree", "--locked", "-p", package, "-e", "normal", "--prefix", "none", "--no-dedupe").splitlines()
    return sorted({" ".join(line.split()[:2]) for line in lines[1:] if line})


def main():
    broken = []
    packages = json.loads(cargo("metadata", "--locked", "--no-deps", "--format-version", "1"))["packages"]
    ours = {package["name"] for package in packages}
    for package in packages:
        used = {dependency["name"] for dependency in package["dependencies"] if dependency["kind"] != "dev"}
        name = package["name"]
        if name in ALLOWED:
            broken += [f"{name} may not use {other}" for other in sorted((used & ours) - ALLOWED[name])]
        if name != "aws":
            broken += [f"{name} uses {sdk}: only `aws` sees the SDKs" for sdk in sorted(used) if sdk.startswith("aws-sdk-")]
    broken += [
        f"hosted-connection carries {dependency}: the domain knows no AWS, no Lambda and no runtime"
        for dependency in tree("hosted-connection")
        if re.match(r"(aws|lambda|tokio)", dependency)
    ]
    function = tree("allocate")
    broken += [f"allocate carries {dependency}" for dependency in function if NOT_IN_THE_FUNCTION.match(dependency)]
    names = [dependency.split()[0] for dependency in function]
    for stack in ("hyper", "h2", "rustls", "http"):
        if names.count(stack) > 1:
            broken.append(f"allocate carries {names.count(stack)} versions of {stack}")
    features = cargo("tree", "--locked", "-p", "allocate", "-e", "normal", "--prefix", "none", "-f", "{p} {f}")
    if re.search(r"\bsabotage\b", features):
        broken.append("allocate is built with `sabotage`, which switches safeguards off")
    print(f"the deployed function links {len(function)} crates, {len(set(names) & ours)} of them ours")
    for line in broken:
        print(f"    {line}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
