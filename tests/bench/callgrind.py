"""Reads what callgrind writes, and sorts functions by the part of the program that they belong to."""

import re
import time
from collections import Counter

# Part of the program, and what the names of its functions look like. The first that fits.
PARTS = (
    ("logging", r"tracing|sharded_slab|matchers"),
    ("signing", r"sigv4|sha2|hmac|digest|crypto_common|aws_runtime::auth|http_request::"),
    ("entropy for TLS", r"jent_|keccak|xoshiro|^rol64|uint32rotl"),
    ("TLS", r"rustls|aws_lc|webpki|pki_types"),
    ("writing and reading JSON", r"serde|aws_smithy_json|json_deserializer|json_token|ryu|itoa|shape_|ser_|de_"),
    ("HTTP", r"hyper|httparse|^http|<http|http::|tower|http_body"),
    ("Lambda's runtime client", r"lambda_runtime"),
    ("async runtime", r"tokio|mio::|futures_|\bfuture"),
    ("the SDK's own", r"aws_smithy|aws_sdk|aws_runtime|aws_types|aws_credential|config_bag|type_erasure"),
    ("ours", r"\b(allocate|allocation|hosted_connection|doors|aws)::"),
    ("memory", r"malloc|calloc|realloc|\bfree\b|_int_free|memcpy|memmove|memset|memcmp|mem(chr|rchr)|rust_alloc|rust_dealloc|unlink_chunk"),
    ("standard library", r"core::|alloc::|std::|hashbrown|indexmap|bytes::"),
)
REST = "the rest"
# A function that has grown by less than this share of the whole is not worth a line.
WORTH_A_LINE = 0.003


def total(profile):
    with open(profile) as lines:
        for line in lines:
            if line.startswith(("totals:", "summary:")):
                last = int(line.split()[1])
    return last


def wait_for(profile):
    """Until the file is whole."""
    deadline = time.monotonic() + 60
    while not profile.exists() or b"\ntotals:" not in profile.read_bytes()[-1000:]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"valgrind does not write {profile}")
        time.sleep(0.05)


def by_function(profile):
    """Instructions executed in each function itself, not in what it calls."""
    names, counts = {}, Counter()
    function, of_a_call = None, False
    with open(profile, errors="replace") as lines:
        for line in lines:
            if line.startswith("fn="):
                number, _, name = line[3:].rstrip().partition(" ")
                function = names.setdefault(number, name)
            elif line.startswith(("cfn=", "cfi=", "cfl=", "cob=")):
                if line.startswith("cfn="):
                    number, _, name = line[4:].rstrip().partition(" ")
                    names.setdefault(number, name)
            elif line.startswith("calls="):
                of_a_call = True
            elif line[0] in "0123456789+-*":
                # The line after `calls=` is what the called function has used.
                if not of_a_call:
                    counts[function] += int(line.split()[1])
                of_a_call = False
    return counts


def part(function):
    return next((name for name, pattern in PARTS if re.search(pattern, function)), REST)


def parts(functions):
    """The same, by part of the program."""
    summed = {}
    for what, counts in functions.items():
        summed[what] = Counter()
        for function, count in counts.items():
            summed[what][part(function)] += count
        summed[what] = dict(summed[what].most_common())
    return summed


def table(functions, baseline=None):
    """Where the instructions are: by part of the program, and the functions with most of them."""
    lines = []
    for what, found in parts(functions).items():
        whole = sum(found.values())
        lines.append(f"\n{what}: {whole:,}")
        for name, count in found.items():
            before = (baseline or {}).get(what, {}).get(name)
            grown = f"{(count - before) / whole:+7.1%} of all since the baseline" if before is not None else ""
            lines.append(f"  {name:26} {count:12,} {count / whole:6.1%}  {grown}")
        for function, count in Counter(functions[what]).most_common(25):
            if count / whole >= WORTH_A_LINE:
                lines.append(f"      {count:12,} {count / whole:6.1%}  {function[:120]}")
    return "\n".join(lines)
