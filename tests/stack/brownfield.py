"""Connections from before: adopted by `operator adopt`, then replayed, released and moved like those of orders."""

import collections
import pathlib
import tempfile

# A parent that no order of the other checks is on, which 200 connections fill, and one to move to.
OLD, NEW = "dxcon-ffabc456", "dxlag-ffabc789"
ADOPTED, MOVED, RELEASED = "Hosted Connection Adopted", "Hosted Connection Moved", "Hosted Connection Released"
NUMBERS = range(1001, 1201)
# The list's pages, twice: once to look, once more to be certain.
MOST_LISTS = 8


def two_hundred_connections_made_by_hand_are_adopted_with_few_calls_and_one_event_each(stack):
    partner = stack.partner()
    stack.by_hand = {
        number: partner.allocate_hosted_connection(
            connectionId=OLD,
            ownerAccount="111122223333",
            bandwidth="50Mbps",
            connectionName=f"Example Corp {number}",
            vlan=number,
        )["connectionId"]
        for number in NUMBERS
    }
    before = len(stack.requests())
    with tempfile.TemporaryDirectory() as scratch:
        keys = pathlib.Path(scratch) / "keys.csv"
        lines = [f"{connection},order-{number}" for number, connection in stack.by_hand.items()]
        keys.write_text("\n".join(["connectionId,idempotencyKey", *lines, ""]))
        for _ in ("adopts", "finds everything adopted"):
            ended = stack.operate("adopt", OLD, "--from", str(keys))
            assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr
    asked = collections.Counter(one["operation"] for one in stack.requests()[before:])
    lists = asked.pop("DescribeHostedConnections")
    assert lists <= MOST_LISTS, lists
    assert not {operation for operation in asked if not operation.startswith("Describe")}, asked
    expected = sorted(f"order-{number}" for number in NUMBERS)
    stack.until(lambda: len(stack.events(ADOPTED)) >= len(expected), "an event for each")
    assert sorted(event["detail"]["idempotencyKey"] for event in stack.events(ADOPTED)) == expected


def orders_with_their_keys_are_replays(stack):
    before = stack.connections()
    for number in NUMBERS[:5]:
        order = old_order(stack, number)
        headers = {"Idempotency-Key": order.pop("idempotencyKey")}
        status, answered, receipt = stack.call("POST", "/allocations", order, headers)
        assert (status, answered.get("idempotent-replayed")) == (201, "true"), receipt
        assert receipt["connection"]["connectionId"] == stack.by_hand[number], receipt
    stack.send(stack.orders, *(old_order(stack, number) for number in NUMBERS[:50]))
    stack.until_empty(stack.orders)
    assert stack.connections() == before
    # Like the orders before: none was published of, neither as allocated nor as rejected.
    keys = {f"order-{number}" for number in NUMBERS}
    assert not [event for event in stack.events() if event["detail-type"] != ADOPTED and event["detail"]["idempotencyKey"] in keys]


def one_of_them_is_released(stack):
    number = NUMBERS[0]
    status, _, receipt = stack.call("DELETE", f"/allocations/order-{number}")
    assert status in (200, 202), receipt
    stack.until(lambda: stack.events(RELEASED, f"order-{number}"), "the release's event")
    assert not stack.connections(number)


def one_is_moved_by_the_operator_and_one_by_hand_and_track_recognises_it(stack):
    on_purpose, by_hand = NUMBERS[1], NUMBERS[2]
    ended = stack.operate("move", f"order-{on_purpose}", "--to", NEW)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    stack.partner().associate_hosted_connection(connectionId=stack.by_hand[by_hand], parentConnectionId=NEW)
    event = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}

    def both_are_told_of():
        report, failed = stack.invoke(stack.deployment.outputs["TrackFunctionName"], event)
        assert not failed, report
        return all(stack.events(MOVED, f"order-{number}") for number in (on_purpose, by_hand))

    stack.until(both_are_told_of, "the events of both moves")
    for number in (on_purpose, by_hand):
        assert len({one["detail"]["eventId"] for one in stack.events(MOVED, f"order-{number}")}) == 1, number
        status, _, shown = stack.call("GET", f"/allocations/order-{number}")
        assert status == 200 and shown["connection"]["connectionId"] == stack.by_hand[number], shown
        assert shown["parentConnectionId"] == NEW, shown
    asked = [one["body"] for one in stack.requests() if one["operation"] == "AssociateHostedConnection"]
    assert sorted(body["connectionId"] for body in asked) == sorted(stack.by_hand[n] for n in (on_purpose, by_hand)), asked


def then_table_and_direct_connect_agree(stack):
    for parent in (OLD, NEW):
        ended = stack.operate("reconcile", parent)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len([one for one in stack.connections() if one["vlan"] in NUMBERS]) == len(NUMBERS) - 1


def old_order(stack, number):
    return stack.order(number, connectionId=OLD)


CHECKS = [
    two_hundred_connections_made_by_hand_are_adopted_with_few_calls_and_one_event_each,
    orders_with_their_keys_are_replays,
    one_of_them_is_released,
    one_is_moved_by_the_operator_and_one_by_hand_and_track_recognises_it,
    then_table_and_direct_connect_agree,
]
