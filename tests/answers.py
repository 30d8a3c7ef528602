"""Compares an answer of a function with the one that expected-answers.json has for the event.

The answer has to contain what is expected; members nobody asked about are not looked at. A string that begins with `~`
is a regular expression to be found in the answer's value.

By itself it is a filter: `sam local invoke … | python3 tests/answers.py tests/events/sqs-one-order.json`.
"""

import hashlib
import json
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parent
EXPECTED = json.loads((TESTS / "expected-answers.json").read_text())


EVENTS = TESTS / "events"


def events():
    """Every event file, in an order in which what is to be looked at or released was ordered before."""
    return [event for folder in (".", "inspect", "release", "track") for event in sorted((EVENTS / folder).glob("*.json"))]


def function(event):
    """The function that an event is for: its folder's name, or allocate."""
    folder = event.resolve().parent.name
    return "allocate" if folder == "events" else folder


def expected_of(event):
    name = event.stem if function(event) == "allocate" else f"{function(event)}/{event.stem}"
    return (EXPECTED["answers"] | EXPECTED["afterwards"]).get(name)


def differences(event, answer):
    """What is wrong with `answer`, as lines of text; none when all is as expected."""
    expected = expected_of(event)
    if expected is None:
        return [f"{event.name} has no entry in expected-answers.json"]
    found = list(damaged_checksums(event))
    found += missing(expected.get("answer") or expected.get("error"), answer, "")
    if "error" not in expected and isinstance(answer, dict) and "errorMessage" in answer:
        found.append(f"the invocation failed: {answer['errorMessage']}")
    document = answer
    if "statusCode" in expected.get("answer", {}):
        headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
        found += missing(expected["headers"], headers, "headers")
        document = as_json(answer.get("body"))
        found += missing(expected["body"], document, "body")
    elif "error" in expected:
        document = as_json(answer.get("errorMessage"))
    if "violations" in expected:
        seen = sorted([v.get("field"), v.get("code")] for v in (document or {}).get("violations", []))
        if seen != expected["violations"]:
            found.append(f"violations are {seen}, expected {expected['violations']}")
    return found


def missing(expected, actual, path):
    """Where `actual` does not contain `expected`."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{path or 'the answer'} is {actual!r}, expected an object"]
        return [line for key in expected for line in missing(expected[key], actual.get(key), f"{path}/{key}")]
    if isinstance(expected, str) and expected.startswith("~"):
        return [] if re.search(expected[1:], str(actual)) else [f"{path} is {actual!r}, expected /{expected[1:]}/"]
    return [] if expected == actual else [f"{path} is {actual!r}, expected {expected!r}"]


def damaged_checksums(event):
    """SQS clients verify `md5OfBody`; an event edited by hand should still be a real one."""
    for number, record in enumerate(json.loads(event.read_text()).get("Records", [])):
        if "md5OfBody" in record and hashlib.md5(record["body"].encode()).hexdigest() != record["md5OfBody"]:
            yield f"record {number} of {event.name} has a wrong md5OfBody"


def as_json(text):
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def main():
    event = pathlib.Path(sys.argv[1])
    text = sys.stdin.read().strip()
    found = differences(event, as_json(text)) if text else ["there is no answer"]
    for line in found:
        print(f"    {line}", file=sys.stderr)
    if found:
        print(f"    the answer was: {text}", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
