"""What becomes of orders, releases and questions that are sent to the deployed stack."""

import json

ALLOCATED, REJECTED = "Hosted Connection Allocated", "Hosted Connection Rejected"
RELEASED, CHANGED = "Hosted Connection Released", "Hosted Connection State Changed"


def ten_orders_of_one_batch_become_ten_connections_and_ten_events(stack):
    numbers = range(101, 111)
    stack.send(stack.orders, *(stack.order(number) for number in numbers))
    stack.until(lambda: len(stack.events(ALLOCATED)) == 10, "ten events")
    stack.until_empty(stack.orders)
    assert sorted(one["vlan"] for one in stack.connections()) == list(numbers), stack.connections()
    assert len({event["detail"]["eventId"] for event in stack.events(ALLOCATED)}) == 10
    (event,) = stack.events(ALLOCATED, "order-101")
    (connection,) = stack.connections(101)
    assert event["detail"]["connection"]["connectionId"] == connection["connectionId"], event
    assert event["detail"]["origin"]["queueArn"] == stack.attributes(stack.orders)["QueueArn"], event


def the_same_orders_again_make_no_connection_and_no_event(stack):
    before = stack.connections(), len(stack.events())
    stack.send(stack.orders, *(stack.order(number) for number in range(101, 111)))
    stack.until_empty(stack.orders)
    # What is published goes to the bus before the message is deleted, so by now it would be here.
    assert (stack.connections(), len(stack.events())) == before, stack.events()[before[1] :]


def a_bad_order_is_rejected_and_its_neighbours_are_not(stack):
    good = [stack.order(number) for number in (121, 122)]
    stack.send(stack.orders, good[0], stack.order(123, bandwidth="60Mbps"), "no JSON", good[1])
    stack.until(lambda: len(stack.events(REJECTED)) == 2, "two rejections")
    stack.until_empty(stack.orders)
    assert len(stack.connections(121)) == len(stack.connections(122)) == 1 and not stack.connections(123)
    (rejected,) = stack.events(REJECTED, "order-123")
    (violation,) = rejected["detail"]["rejection"]["violations"]
    assert violation["field"] == "/bandwidth", violation


def an_order_whose_answer_is_lost_has_one_connection_and_one_event(stack):
    stack.go_wrong("apply-then-reset@AllocateHostedConnection")
    stack.send(stack.orders, stack.order(131))
    stack.until(lambda: stack.events(ALLOCATED, "order-131"), "the event")
    stack.until_empty(stack.orders)
    assert len(stack.connections(131)) == 1 and len(stack.events(ALLOCATED, "order-131")) == 1
    assert stack.calls("AllocateHostedConnection", 131) == 1


def a_message_that_comes_back_is_a_dead_letter_after_five_receives_and_stays_in_a_fifo_queue(stack):
    stack.go_wrong("error(403,AccessDeniedException)@AllocateHostedConnection+always")
    stack.send(stack.orders, stack.order(141), stack.order(142))
    if stack.is_fifo:
        for number in (141, 142):
            stack.until(lambda number=number: stack.calls("AllocateHostedConnection", number) > 5, "a sixth receive")
            assert not stack.connections(number)
        assert stack.waiting(stack.dead_orders) == 0 and stack.waiting(stack.orders) == 2
        return
    stack.until(lambda: stack.waiting(stack.dead_orders) == 2, "two dead letters")
    received = stack.redrive_policy("OrdersQueue")["maxReceiveCount"]
    for number in (141, 142):
        assert stack.calls("AllocateHostedConnection", number) == int(received), number
        assert not stack.connections(number)
        assert not stack.events(key=f"order-{number}"), "our own defect was published as a rejection"
    assert stack.waiting(stack.orders) == 0


def once_the_cause_is_mended_it_is_allocated_exactly_once_by_itself_or_redriven(stack):
    stack.go_right()
    client = stack.account.client("sqs")
    # What StartMessageMoveTask does, which the emulator has not: take, send on, delete.
    while messages := client.receive_message(QueueUrl=stack.dead_orders, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            client.send_message(QueueUrl=stack.orders, MessageBody=message["Body"], **stack.group(stack.orders))
            client.delete_message(QueueUrl=stack.dead_orders, ReceiptHandle=message["ReceiptHandle"])
    for number in (141, 142):
        stack.until(lambda number=number: stack.events(ALLOCATED, f"order-{number}"), "the event")
    stack.until_empty(stack.orders)
    assert stack.waiting(stack.dead_orders) == 0
    for number in (141, 142):
        assert len(stack.connections(number)) == len(stack.events(ALLOCATED, f"order-{number}")) == 1, number


def a_queue_takes_nothing_that_does_not_come_over_tls(stack):
    client = stack.desk.client("sqs", over_tls=False)
    for queue, message in ((stack.orders, stack.order(145)), (stack.releases, {"action": "release", "idempotencyKey": "order-101"})):
        try:
            client.send_message(QueueUrl=queue, MessageBody=json.dumps(message), **stack.group(queue))
        except client.exceptions.ClientError as refusal:
            assert refusal.response["Error"]["Code"].endswith("AccessDenied"), refusal
        else:
            raise AssertionError(f"{queue} took it")


def the_api_is_closed_to_strangers_and_to_the_unsigned(stack):
    stranger = stack.account.somebody("stranger")
    order = stack.order(151)
    headers = {"Idempotency-Key": order.pop("idempotencyKey")}
    for answer in (
        stack.call("POST", "/allocations", order, headers, signed=False),
        stack.call("POST", "/allocations", order, headers, caller=stranger),
        stack.call("GET", "/parents/dxcon-ffabc123", caller=stranger),
        stack.call("DELETE", "/allocations/order-101", caller=stranger),
    ):
        assert answer[0] == 403, answer
    assert not stack.connections(151) and len(stack.connections(101)) == 1


def an_order_over_http_is_created_then_replayed_then_shown(stack):
    order = stack.order(161)
    headers = {"Idempotency-Key": order.pop("idempotencyKey")}
    status, answered, receipt = stack.call("POST", "/allocations", order, headers)
    assert status == 201 and answered["location"] == "/allocations/order-161", (status, answered, receipt)
    assert "idempotent-replayed" not in answered, answered
    again = stack.call("POST", "/allocations", order, headers)
    assert again[0] == 201 and again[1]["idempotent-replayed"] == "true" and again[2] == receipt, again
    status, _, shown = stack.call("GET", "/allocations/order-161")
    assert status == 200 and shown["connection"] == receipt["connection"], shown
    status, _, parent = stack.call("GET", "/parents/dxcon-ffabc123")
    assert status == 200 and not parent.get("orphans") and not parent.get("ghosts"), parent
    status, _, problem = stack.call("GET", "/allocations/order-nobody-knows")
    assert (status, problem["code"]) == (404, "NotFound"), problem


def a_direct_invocation_answers_with_the_receipt_or_fails_with_the_problem(stack):
    function = stack.deployment.outputs["FunctionName"]
    receipt, failed = stack.invoke(function, stack.order(171))
    assert not failed and receipt["connection"]["vlan"] == 171, receipt
    error, failed = stack.invoke(function, stack.order(172, vlan=5000))
    assert failed and error["errorType"] == "InvalidRequest", error


def a_release_over_http_deletes_the_connection_once(stack):
    status, _, receipt = stack.call("DELETE", "/allocations/order-161")
    assert status in (200, 202) and receipt["status"] in ("released", "releasing"), (status, receipt)
    stack.until(lambda: stack.events(RELEASED, "order-161"), "the release's event")
    again = stack.call("DELETE", "/allocations/order-161")
    assert again[0] == 200 and again[2]["status"] == "released", again
    assert not stack.connections(161) and len(stack.events(RELEASED, "order-161")) == 1


def a_release_over_the_queue_deletes_the_connection_once(stack):
    release = {"action": "release", "idempotencyKey": "order-102"}
    stack.send(stack.releases, release, release)
    stack.until(lambda: stack.events(RELEASED, "order-102"), "the release's event")
    stack.until_empty(stack.releases)
    assert not stack.connections(102) and len({e["detail"]["eventId"] for e in stack.events(RELEASED, "order-102")}) == 1


def what_the_customer_does_is_found_by_track_and_published(stack):
    (connection,) = stack.connections(103)
    stack.customer(connection["connectionId"], "confirm")
    event = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    report, failed = stack.invoke(stack.deployment.outputs["TrackFunctionName"], event)
    assert not failed and report["parents"] >= 1 and report["orphans"] == report["ghosts"] == 0, report
    stack.until(lambda: stack.events(CHANGED, "order-103"), "the change's event")
    (event,) = stack.events(CHANGED, "order-103")
    assert event["detail"]["previousState"] == "ordering", event


def an_event_on_the_bus_becomes_an_order_and_what_is_published_of_it_does_not(stack):
    if "OrdersRule" not in stack.deployment.ids:
        return  # a FIFO queue takes no events
    stack.put("com.example.shop", "Order Placed", stack.order(191))
    stack.put("com.example.shop", "Order Placed", stack.order(192, vlan=5000))
    stack.put("com.example.other", "Order Placed", stack.order(193))
    stack.until(lambda: stack.events(ALLOCATED, "order-191"), "the event")
    stack.until(lambda: stack.events(REJECTED, "order-192"), "the rejection")
    stack.until_empty(stack.orders)
    (allocated,), (rejected,) = stack.events(ALLOCATED, "order-191"), stack.events(REJECTED, "order-192")
    via = allocated["detail"]["origin"]["via"]["eventBridge"]
    assert (via["source"], via["detailType"]) == ("com.example.shop", "Order Placed"), via
    assert json.loads(rejected["detail"]["received"])["detail"]["vlan"] == 5000, rejected
    assert len(stack.connections(191)) == 1 and not stack.connections(193)
    # Everything that was published is on the same bus: the rule has not sent it back, or it would have been answered.
    assert not [event for event in stack.events(REJECTED) if event["detail"]["idempotencyKey"] is None and "via" in event["detail"]["origin"]]


def an_event_that_invokes_the_function_is_answered_for_nobody(stack):
    function = stack.deployment.outputs["FunctionName"]
    event = {"id": "event-1", "source": "com.example.shop", "detail-type": "Order Placed", "detail": stack.order(195)}
    answer, failed = stack.invoke(function, event)
    assert not failed and answer["outcomes"][0]["status"] == "allocated", answer
    (allocated,) = stack.events(ALLOCATED, "order-195")
    assert allocated["detail"]["origin"]["door"] == "eventbridge", allocated


def without_its_roles_rights_a_function_can_do_nothing(stack):
    """The emulator does look at the roles, so all that went before shows that they hold enough."""
    iam, role = stack.account.client("iam"), stack.deployment.ids["AllocateRole"]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    order = stack.order(181)
    headers = {"Idempotency-Key": order.pop("idempotencyKey")}
    status, _, problem = stack.call("POST", "/allocations", order, headers)
    assert (status, problem["code"]) == (500, "Internal") and not stack.connections(181), problem
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    status, _, receipt = stack.call("POST", "/allocations", order, headers)
    assert status == 201 and len(stack.connections(181)) == 1, receipt


CHECKS = [
    ten_orders_of_one_batch_become_ten_connections_and_ten_events,
    the_same_orders_again_make_no_connection_and_no_event,
    a_bad_order_is_rejected_and_its_neighbours_are_not,
    an_order_whose_answer_is_lost_has_one_connection_and_one_event,
    a_message_that_comes_back_is_a_dead_letter_after_five_receives_and_stays_in_a_fifo_queue,
    once_the_cause_is_mended_it_is_allocated_exactly_once_by_itself_or_redriven,
    a_queue_takes_nothing_that_does_not_come_over_tls,
    the_api_is_closed_to_strangers_and_to_the_unsigned,
    an_order_over_http_is_created_then_replayed_then_shown,
    a_direct_invocation_answers_with_the_receipt_or_fails_with_the_problem,
    a_release_over_http_deletes_the_connection_once,
    a_release_over_the_queue_deletes_the_connection_once,
    what_the_customer_does_is_found_by_track_and_published,
    an_event_on_the_bus_becomes_an_order_and_what_is_published_of_it_does_not,
    an_event_that_invokes_the_function_is_answered_for_nobody,
    without_its_roles_rights_a_function_can_do_nothing,
]
