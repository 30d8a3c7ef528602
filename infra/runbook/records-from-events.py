"""Makes records of a restored table from events that were published after the moment it was restored to.

Reads events on standard input, one JSON object a line: as EventBridge delivers them, or as the audit log has them. Writes
for each order a line that `aws dynamodb transact-write-items --cli-input-json` takes, and says on standard error what it
left out and why. It calls nothing itself. See restore-table.md.

A record made here says what the event said: the order is allocated, or rejected. So nothing is ever called for it again,
which is the point. The event of an allocation goes out once more, with the id that it had. That of a rejection does not:
it would have another id, as nobody knows any more when the key was claimed.
"""

import datetime
import hashlib
import json
import sys

ALLOCATED, REJECTED = "Hosted Connection Allocated", "Hosted Connection Rejected"
RETENTION_S = 90 * 24 * 60 * 60
# Rejections that have no record of their own: that of the order itself stays as it is.
NOT_RECORDED = ("IdempotencyKeyReused",)
# States of an order that was not finished at that moment, and of which the event knows the end.
OPEN = ("calling", "unresolved", "waiting")


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fingerprint(request):
    """SHA-256 of the request: members sorted by name, tags by key, nothing empty."""
    canonical = {name: request[name] for name in sorted(request) if request[name] != []}
    if "tags" in canonical:
        canonical["tags"] = sorted(canonical["tags"], key=lambda tag: tag["key"])
    return hashlib.sha256(text(canonical).encode()).hexdigest()


def shard(key):
    """Partition of the index of what is unfinished."""
    total = 0
    for byte in key.encode():
        total = (total * 31 + byte) % 2**32
    return f"unfinished#{total % 8}"


def mbps(bandwidth):
    return int(bandwidth.removesuffix("Gbps")) * 1000 if bandwidth.endswith("Gbps") else int(bandwidth.removesuffix("Mbps"))


def put(table, item, condition, **values):
    action = {"TableName": table, "Item": item, "ConditionExpression": condition}
    if values:
        action["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    return {"Put": action}


def actions(table, detail_type, detail):
    """The writes for one event."""
    key, request = detail["idempotencyKey"], detail["request"]
    occurred_at = datetime.datetime.fromisoformat(detail["occurredAt"].replace("Z", "+00:00"))
    at_ms = {"N": str(round(occurred_at.timestamp() * 1000))}
    state = "allocated" if detail_type == ALLOCATED else "rejected"
    record = {
        "pk": {"S": f"allocation#{key}"},
        "sk": {"S": "allocation"},
        "orderFingerprint": {"S": fingerprint(request)},
        "orderRequest": {"S": text(request)},
        "orderOrigin": {"S": text(detail["origin"])},
        "allocationState": {"S": state},
        "allocationOutcome": {"S": text(detail["connection" if state == "allocated" else "rejection"])},
        "occurredAtMs": at_ms,
        "claimToken": {"S": "restored"},
        "leaseExpiresAtMs": {"N": "0"},
        "callStartedAtMs": at_ms,
        "claimedAtMs": at_ms,
        "attemptCount": {"N": "1"},
        "parentConnectionId": {"S": request["connectionId"]},
        "unfinishedShard": {"S": shard(key)},
        "unfinishedAtMs": at_ms,
        "history": {"L": [{"M": {"atMs": at_ms, "what": {"S": "restored"}}}, {"M": {"atMs": at_ms, "what": {"S": state}}}]},
    }
    if state == "rejected":
        for owed in ("unfinishedShard", "unfinishedAtMs"):
            del record[owed]
        record["eventPublished"] = {"BOOL": True}
        record["expiresAt"] = {"N": str(int(occurred_at.timestamp()) + RETENTION_S)}
        return [put(table, record, "attribute_not_exists(pk)")]
    vlan = detail["connection"]["vlan"]
    record["vlan"] = {"N": str(vlan)}
    states = ", ".join(f":{name}" for name in OPEN)
    lease = {
        "pk": {"S": f"parent#{request['connectionId']}"},
        "sk": {"S": f"vlan#{vlan:04}"},
        "holder": {"S": key},
        "leasedAtMs": at_ms,
        "mbps": {"N": str(mbps(request["bandwidth"]))},
    }
    return [
        put(table, record, f"attribute_not_exists(pk) OR allocationState IN ({states})", **{name: {"S": name} for name in OPEN}),
        put(table, lease, "attribute_not_exists(pk) OR holder = :key", key={"S": key}),
    ]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: records-from-events.py TABLE < events.jsonl > writes.jsonl")
    written, left_out = set(), []
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        event = json.loads(line)
        detail_type, detail = event.get("detail-type"), event.get("detail", {})
        key = detail.get("idempotencyKey")
        if detail_type not in (ALLOCATED, REJECTED):
            continue
        if key is None or "request" not in detail or detail.get("rejection", {}).get("code") in NOT_RECORDED:
            left_out.append(f"line {number}: {key or 'an order without a key'} has no record of its own")
        elif key not in written:
            written.add(key)
            print(text({"TransactItems": actions(sys.argv[1], detail_type, detail)}))
    for line in left_out:
        print(line, file=sys.stderr)
    print(f"{len(written)} orders, {len(left_out)} left out", file=sys.stderr)


main()
