"""Keeps to what no JSON Schema can say, and the description says in words: an integer is written without a fraction, no
two tags have the same key, and an order is not kept apart from itself. Loaded by schemathesis; see contracts.py."""

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


@schemathesis.hook
def filter_case(context, case):
    placement = case.body.get("placement") if isinstance(case.body, dict) else None
    diverse_from = placement.get("diverseFrom") if isinstance(placement, dict) else None
    other = diverse_from.get("idempotencyKey") if isinstance(diverse_from, dict) else None
    headers = {str(name).lower(): value for name, value in (case.headers or {}).items()}
    # The header may be a quoted string of a structured field.
    return other is None or other != str(headers.get("idempotency-key")).strip().strip('"')
