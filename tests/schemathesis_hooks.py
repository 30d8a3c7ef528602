"""Keeps to what no JSON Schema can say, and the description says in words: an integer is written without a fraction, and no
two tags have the same key. Loaded by schemathesis; see contracts.py."""

import schemathesis


def whole(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items()}
    return value


@schemathesis.hook
def map_body(context, body):
    return whole(body)


@schemathesis.hook
def filter_body(context, body):
    tags = body.get("tags") if isinstance(body, dict) else None
    keys = [str(tag.get("key")) for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    return len(keys) == len(set(keys))
