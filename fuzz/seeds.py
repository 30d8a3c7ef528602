"""Puts the example events, and the orders inside of them, where the fuzz targets begin."""

import base64
import json
import pathlib

HERE = pathlib.Path(__file__).parent


def bodies(event):
    """Every body in an event, as bytes; the event itself where it is the order."""
    for holder in event.get("Records", [event]):
        body = holder.get("body") if isinstance(holder, dict) else None
        if not isinstance(body, str):
            continue
        yield base64.b64decode(body) if holder.get("isBase64Encoded") else body.encode()
    if "connectionId" in event:
        yield json.dumps(event).encode()


def main():
    for target in ("request", "envelope"):
        (HERE / "corpus" / target).mkdir(parents=True, exist_ok=True)
    for path in sorted((HERE.parent / "tests/events").glob("*.json")):
        event = json.loads(path.read_text())
        # Without its white space, which would be most of what gets changed.
        (HERE / "corpus/envelope" / path.name).write_text(json.dumps(event, separators=(",", ":")))
        for number, body in enumerate(bodies(event)):
            (HERE / "corpus/request" / f"{path.stem}-{number}").write_bytes(body)


main()
